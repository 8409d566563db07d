"""A file's suffix → the reader that turns its bytes into a document; whatever a reader raises becomes the file's reason."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from rag.errors import FileFailed, FileSkipped
from rag.formats.data import read_json, read_json_lines, read_xml
from rag.formats.delimited import read_delimited
from rag.formats.document import Document, check_blocks
from rag.formats.docx import read_docx
from rag.formats.epub import read_epub
from rag.formats.html import read_html
from rag.formats.latex import read_latex
from rag.formats.mail import read_eml, read_mbox, read_mhtml
from rag.formats.markup import read_asciidoc, read_code, read_man, read_markdown, read_org, read_rest, read_settings, read_text
from rag.formats.notebook import read_notebook
from rag.formats.opendocument import read_opendocument
from rag.formats.outlook import read_msg
from rag.formats.pdf import read_pdf
from rag.formats.plain import read_log
from rag.formats.pptx import read_pptx
from rag.formats.rtf import read_rtf
from rag.formats.spreadsheets import read_spreadsheet
from rag.formats.subtitles import read_subtitles


def parse(path: Path, content: bytes) -> Document:
    """The reader for the file's suffix, applied to its bytes. Raises FileSkipped or FileFailed, and nothing else."""
    suffix = path.suffix.lower()
    if suffix in SAVE_AS:
        raise FileSkipped("save as", suffix=suffix, other=SAVE_AS[suffix])
    if not content.strip():
        raise FileSkipped("empty")
    try:
        document = READERS[suffix](content)
    except (FileSkipped, FileFailed, KeyboardInterrupt, SystemExit):
        raise
    except ImportError as error:
        raise FileFailed("package missing", error=str(error).partition("\n")[0]) from error
    except BaseException as error:  # whatever a library raises, the panic of one written in Rust included
        raise FileFailed("bad file", error=type(error).__name__) from error
    check_blocks(len(document.blocks))
    if not document.text.strip("\ufeff \t\r\n\f\v\u00a0\u3000"):
        raise FileSkipped("empty")
    return document


def _attached(name: str, content: bytes) -> Document:
    """An attachment as the file that it is; mail in mail is left to the mail's own parts."""
    suffix = Path(name).suffix.lower()
    if suffix not in READERS or suffix in _MAIL or not suffix:
        raise FileSkipped("type not read", suffix=suffix or name)
    return parse(Path(name), content)


_PLAIN = (".txt", ".text", "")
_CODE = (
    ".py", ".pyi", ".js", ".mjs", ".jsx", ".ts", ".tsx", ".java", ".kt", ".scala", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".go",
    ".rs", ".rb", ".php", ".pl", ".lua", ".r", ".jl", ".swift", ".m", ".sh", ".bash", ".zsh", ".ps1", ".bat", ".sql", ".css", ".scss",
    ".vue", ".dart", ".ex", ".exs", ".erl", ".hs", ".clj", ".lisp", ".el", ".vim", ".tf", ".proto", ".graphql", ".cmake", ".gradle",
    ".diff", ".patch",
)  # fmt: skip
_MAIL = (".eml", ".mbox", ".msg")
SAVE_AS = {".doc": ".docx", ".ppt": ".pptx"}
"""Types that are not read, and what they can be saved as."""
READERS: dict[str, Callable[[bytes], Document]] = {
    **dict.fromkeys(_PLAIN, read_text),
    **dict.fromkeys((".md", ".markdown"), read_markdown),
    ".rst": read_rest,
    **dict.fromkeys((".adoc", ".asciidoc"), read_asciidoc),
    ".org": read_org,
    ".tex": read_latex,
    ".log": read_log,
    **dict.fromkeys((f".{number}" for number in range(1, 10)), read_man),
    **dict.fromkeys(_CODE, read_code),
    **dict.fromkeys((".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".properties"), read_settings),
    **dict.fromkeys((".html", ".htm", ".xhtml"), read_html),
    **dict.fromkeys((".mhtml", ".mht"), read_mhtml),
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".pptx": read_pptx,
    **dict.fromkeys((".odt", ".odp"), read_opendocument),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), read_spreadsheet),
    **dict.fromkeys((".csv", ".tsv"), read_delimited),
    ".json": read_json,
    **dict.fromkeys((".ndjson", ".jsonl"), read_json_lines),
    **dict.fromkeys((".xml", ".rss", ".atom"), read_xml),
    ".ipynb": read_notebook,
    ".epub": read_epub,
    ".rtf": read_rtf,
    **dict.fromkeys((".srt", ".vtt"), read_subtitles),
    ".eml": partial(read_eml, attached=_attached),
    ".mbox": partial(read_mbox, attached=_attached),
    ".msg": partial(read_msg, attached=_attached),
}
"""The reader of each file suffix."""
