import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.corpus.documents import find_files, keep_whole, load, page_of, read_bytes, read_text
from rag.errors import FileFailed, FileSkipped, UsageError
from rag.formats.encodings import decode
from rag.formats.readers import parse
from rag.messages import Reason

ENGLISH = "The café on the corner opened in 1998 and its owner, Señor Núñez, still serves crème brûlée every day. " * 5
CHINESE = "中国和日本签署了货币互换协议，金额为两千亿元人民币。双方同意加强经济合作，扩大贸易和投资。" * 5
JAPANESE = "日本と中国は通貨スワップ協定を締結しました。両国は経済協力を強化することで合意しました。" * 5


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ENGLISH, "utf-8"),
        (ENGLISH, "utf-8-sig"),
        (ENGLISH, "utf-16"),
        (ENGLISH, "utf-16-le"),
        (ENGLISH, "utf-32"),
        (ENGLISH, "latin-1"),
        (CHINESE, "gb18030"),
        (CHINESE.replace("国", "國").replace("签", "簽"), "utf-16-be"),
        ("中國和日本簽署了貨幣互換協議，金額為兩千億元人民幣。雙方同意加強經濟合作，擴大貿易和投資。" * 5, "big5"),
        (JAPANESE, "shift_jis"),
    ],
)
def test_text_is_decoded_exactly(text: str, encoding: str) -> None:
    raw = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding)
    decoded, found = decode(raw)
    assert decoded.lstrip("\ufeff") == text
    assert raw.decode(found) == decoded


@pytest.mark.parametrize(
    "raw", [bytes(range(256)) * 20, b"\x00\x01\x02" * 500, os.urandom(4000), b"\x89PNG\r\n\x1a\n" + b"\0" * 50]
)
def test_binary_is_skipped(raw: bytes) -> None:
    with pytest.raises((FileSkipped, FileFailed)):
        decode(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Café, crème, naïve, Señor, and ".encode() + b"na\xefve \x80 5", "Café, crème, naïve, Señor, and naïve € 5"),
        ("Der Fluß und die Brücke".encode() + "ü".encode()[:1], "Der Fluß und die Brücke"),
        ("日本の橋は古い。".encode("iso2022_jp"), "日本の橋は古い。"),
        (
            "氏名,年齢,住所\r\n佐藤,30,東京\r\n髙橋,35,名古屋\r\n".encode("cp932"),
            "氏名,年齢,住所\r\n佐藤,30,東京\r\n髙橋,35,名古屋\r\n",
        ),
    ],
)
def test_damaged_and_japanese_text_is_read(raw: bytes, text: str) -> None:
    assert decode(raw)[0] == text


def test_a_damaged_file_says_where() -> None:
    with pytest.raises(FileFailed, match="damaged at byte 5"):
        decode(b"\xef\xbb\xbfab\xffcd")


def test_every_odd_file_has_its_reason(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "good.txt").write_text("Good text.")
    (root / "empty.txt").write_text(" \n\t\n")
    (root / "photo.png").write_bytes(b"\x89PNG")
    (root / "big.txt").write_text("x" * 5000)
    (root / ".hidden.txt").write_text("hidden")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "out.txt").symlink_to(tmp_path / "secret.txt")
    (root / "in.txt").symlink_to(root / "good.txt")
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe.txt")
    found = {file.source: file for file in find_files(root, 4000)}
    assert sorted(found) == ["big.txt", "empty.txt", "good.txt", "in.txt", "loop", "out.txt", "photo.png", "pipe.txt"]
    assert not found["good.txt"].skipped
    assert found["big.txt"].skipped == Reason("too large", {"size": 5000, "limit": 4000})
    assert found["out.txt"].skipped == Reason("link outside")
    assert found["in.txt"].skipped == found["loop"].skipped == Reason("link inside")
    assert found["pipe.txt"].skipped == Reason("not a plain file")
    assert found["photo.png"].skipped == Reason("type not read", {"suffix": ".png"})
    with pytest.raises(FileSkipped, match="empty"):
        read_text(root / "empty.txt")
    with pytest.raises(FileSkipped, match="plain file"):
        read_bytes(root, "pipe.txt")
    with pytest.raises(FileFailed, match="cannot be read"):
        read_bytes(root, "gone.txt")
    with pytest.raises(UsageError, match="--docs"):
        list(find_files(tmp_path / "nowhere", 4000))


def test_what_is_ignored_is_not_looked_at(tmp_path: Path) -> None:
    for name in ("a.txt", "old/b.txt", "old/keep.txt", "c.bak.txt", "node_modules/d.txt", "env/e.txt", "env/pyvenv.cfg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Text.")
    (tmp_path / ".ragignore").write_text("*.bak.txt\n/old/*\n!keep.txt\n")
    assert [file.source for file in find_files(tmp_path, 4000)] == ["a.txt", "old/keep.txt"]


@pytest.mark.parametrize("name", [".ragignore", ".ragkeep"])
@pytest.mark.parametrize("damaged", [b"[z-a]", b"\xff"])
def test_patterns_that_cannot_be_used_are_told(tmp_path: Path, name: str, damaged: bytes) -> None:
    (tmp_path / name).write_bytes(damaged)
    with pytest.raises(UsageError, match=f"{name} cannot be used"):
        list(find_files(tmp_path, 4000))


def test_files_are_kept_whole_by_any_name_and_by_patterns(tmp_path: Path) -> None:
    names = [
        "a b.txt",
        "a*.txt",
        "[x]!.txt",
        "#1.txt",
        "!2.txt",
        "trail.txt ",
        "plain.txt",
        "old/plain.txt",
        "back\\.txt",
    ]
    (tmp_path / "old").mkdir()
    for name in names:
        (tmp_path / name).write_text("Text.")
    for name in [*names[:6], "old/plain.txt"]:
        assert not {file.source: file.whole for file in find_files(tmp_path, 4000)}[name]
        keep_whole(tmp_path, name, True)
        keep_whole(tmp_path, name, True)
        assert [file.source for file in find_files(tmp_path, 4000) if file.whole] == [name]
        keep_whole(tmp_path, name, False)
    with pytest.raises(UsageError, match="line break"):
        keep_whole(tmp_path, "new\nline.txt", True)
    (tmp_path / ".ragkeep").write_text("*.txt\n!/plain.txt\n")
    keep_whole(tmp_path, "trail.txt ", True)
    whole = {file.source for file in find_files(tmp_path, 4000) if file.whole}
    assert {"old/plain.txt", "a b.txt", "trail.txt "} <= whole and "plain.txt" not in whole


def test_a_loop_of_links_is_skipped_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "good.txt").write_text("Text.")
    found = {file.source: file for file in find_files(tmp_path, 4000)}
    assert found["a.txt"].skipped or found["a.txt"].failed
    assert not found["good.txt"].skipped


def test_a_link_that_takes_a_file_s_or_a_folder_s_place_is_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root / "sub", outside):
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(f"In {folder.name}.")
    assert read_bytes(root, "sub/a.txt") == b"In sub."
    (root / "sub" / "a.txt").unlink()
    (root / "sub" / "a.txt").symlink_to(outside / "a.txt")
    with pytest.raises(FileSkipped, match="plain file"):
        read_bytes(root, "sub/a.txt")
    shutil.rmtree(root / "sub")
    (root / "sub").symlink_to(outside)
    with pytest.raises(FileSkipped, match="plain file"):
        read_bytes(root, "sub/a.txt")
    for source in ("../outside/a.txt", str(outside / "a.txt"), ""):
        with pytest.raises(FileFailed, match="not below"):
            read_bytes(root, source)
    assert read_bytes(root / "sub", "a.txt") == b"In outside."  # the folder itself may be a link


def test_the_size_limit_holds_for_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 100)
    assert read_bytes(tmp_path, "a.txt", 100) == b"x" * 100
    with pytest.raises(FileSkipped, match="more than 99 bytes"):
        read_bytes(tmp_path, "a.txt", 99)


def test_special_files_have_their_reason_and_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.txt"))
        assert {file.source: file.skipped for file in find_files(tmp_path, 4000)} == {
            "pipe.txt": Reason("not a plain file"),
            "socket.txt": Reason("not a plain file"),
        }
        for source in ("pipe.txt", "socket.txt"):
            with pytest.raises((FileSkipped, FileFailed)):
                read_bytes(tmp_path, source)


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Callable[[str, int], None]]:
    """Makes a file `a.txt` in so many folders of a name, one in the other; they are removed by what goes as deep."""

    def make(name: str, levels: int) -> None:
        with contextlib.chdir(tmp_path):
            for _ in range(levels):
                Path(name).mkdir()
                os.chdir(name)
            Path("a.txt").write_text("Deep.")

    yield make
    subprocess.run(["rm", "-rf", str(tmp_path)], check=True)


def test_a_path_that_is_too_long_is_one_file_s_reason(tmp_path: Path, deep: Callable[[str, int], None]) -> None:
    (tmp_path / "good.txt").write_text("Good.")
    deep("d" * 200, 25)
    found = {file.source[:9]: file for file in find_files(tmp_path, 4000)}
    assert not found["good.txt"].failed and len(found) == 2
    failed = found["d" * 9].failed
    assert failed and "too long" in failed.told("en")


def test_a_thousand_folders_deep_is_read(tmp_path: Path, deep: Callable[[str, int], None]) -> None:
    deep("d", 1200)
    [file] = find_files(tmp_path, 4000)
    assert read_bytes(tmp_path, file.source) == b"Deep."


def test_nothing_is_stripped_or_normalised(tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    raw = "\ufeff  Two\r\nlines\u00a0here.\x0c\n\n".encode()
    path.write_bytes(raw)
    assert read_text(path).encode() == raw


def test_html_gives_its_article(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<html><head><title>A tower</title><meta name='date' content='2021-03-04'></head><body><nav><a href='/'>Home</a></nav>"
        "<article><h1>A tower</h1>" + "<p>The Elmet tower is 48 metres high and was finished in 1911 by its builders.</p>" * 3
        + "</article><footer>All rights reserved</footer></body></html>"
    )  # fmt: skip
    content = path.read_bytes()
    document = load("page.html", parse(path, content))
    assert "48 metres" in document.text
    assert document.metadata["title"] == "A tower"
    assert document.metadata["date"] == "2021-03-04"


def test_pdf_pages_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "two.pdf"
    path.write_bytes(_pdf(["First page text.", "Second page text."]))
    parsed = parse(path, path.read_bytes())
    assert page_of(parsed.page_starts, parsed.text.index("First")) == 1
    assert page_of(parsed.page_starts, parsed.text.index("Second")) == 2
    assert page_of((), 5) is None
    path.write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(FileFailed, match="PDF"):
        parse(path, path.read_bytes())


def _pdf(pages: list[str]) -> bytes:
    """A minimal PDF with one line of Helvetica a page."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {5 + 2 * i} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()
