from pathlib import Path

import pytest
from llama_index.core.schema import MetadataMode, TextNode

from rag.corpus.chunks import MAX_CHARS, SentenceWindows
from rag.corpus.documents import load
from rag.formats.plain import read_plain
from rag.formats.readers import parse
from rag.models.encoder import Encoder
from rag.text.sentences import split_sentences
from tests.conftest import SEEDS


@pytest.fixture(scope="module")
def chunker(embedding: Encoder) -> SentenceWindows:
    return SentenceWindows(embedding.model.tokenizer, chunk_tokens=160, overlap_tokens=40, context_tokens=90)


def chunk(chunker: SentenceWindows, text: str) -> list[TextNode]:
    document = load("x.txt", read_plain(text.encode("utf-8", "surrogatepass")))
    return [node for node in chunker([document]) if isinstance(node, TextNode)]


def sentences(text: str) -> list[str]:
    return [text[s:e] for s, e in split_sentences(text, 0, len(text))]


@pytest.mark.parametrize(
    "whole",
    [
        "It is held on Nov. 30 and Dec. 1 in Rm. 1106 of 493 Yingwu Ave. Hanyang District.",
        "The economy reached $5.45 trillion, said Dr. J. K. Smith of the U.S. Senate.",
        "He works for Acme Inc. in Leeds, e.g. as a clerk at No. 5.",
        '"Is it over?" she asked.',
        "他说：“今天是7.4%的增长”，然后走了。",
    ],
)
def test_abbreviations_and_figures_do_not_end_a_sentence(whole: str) -> None:
    assert sentences(whole) == [whole]


def test_marks_of_notes_belong_to_the_sentence_before_them() -> None:
    assert sentences("The tower is 41 metres high.[2] It was built in 1911.[3][a] See the plan [4].") == [
        "The tower is 41 metres high.[2]",
        "It was built in 1911.[3][a]",
        "See the plan [4].",
    ]


def test_sentences_end_where_they_end() -> None:
    assert sentences("He left the U.S. The rest stayed. Why? No one knows!") == ["He left the U.S.", "The rest stayed.", "Why?", "No one knows!"]  # fmt: skip
    assert sentences("他说：“你好。”然后走了。真的吗？是；不是！") == [
        "他说：“你好。”",
        "然后走了。",
        "真的吗？",
        "是；",
        "不是！",
    ]
    assert sentences("“We agree.” They signed.") == ["“We agree.”", "They signed."]


def test_a_row_of_dots_is_one_end() -> None:
    assert sentences("The boats . . . . . . . . . . . . 17 The nets . . . . . . . . . . 21") == [
        "The boats . . . . . . . . . . . .",
        "17 The nets . . . . . . . . . .",
        "21",
    ]


@pytest.mark.parametrize("seed", sorted(SEEDS.iterdir()), ids=lambda path: path.name[:3])
def test_chunks_are_exact_whole_and_never_too_long(chunker: SentenceWindows, embedding: Encoder, seed: Path) -> None:
    text = seed.read_bytes().decode()
    nodes = chunk(chunker, text)
    document = load("x.txt", read_plain(text.encode()))
    covered: set[int] = set()
    for node in nodes:
        assert node.start_char_idx is not None and node.end_char_idx is not None
        assert text[node.start_char_idx : node.end_char_idx] == node.text
        assert len(embedding.model.tokenizer.encode(node.get_content(MetadataMode.EMBED)).ids) <= 256
        covered.update(range(node.start_char_idx, node.end_char_idx))
    body = {i for block in document.metadata["body"] for i in range(block.start, block.end)}
    assert all(not text[i].strip() for i in body - covered), "nothing of the body is lost"
    assert all(not text[i].strip() for i in covered - body), "clutter is never in a chunk"


def test_repeated_text_keeps_its_own_offsets(chunker: SentenceWindows) -> None:
    text = "The same sentence stands here again and again. " * 60
    nodes = chunk(chunker, text)
    starts = [node.start_char_idx or 0 for node in nodes]
    assert starts == sorted(set(starts))
    assert all(text[n.start_char_idx : n.end_char_idx] == n.text for n in nodes)


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "汉" * 100_000, "." * 100_000, "x\n" * 50_000 + "y", "word " * 50_000], ids=["a", "han", "dots", "lines", "words"]
)  # fmt: skip
def test_hostile_text_is_cut_without_loss(chunker: SentenceWindows, text: str) -> None:
    nodes = chunk(chunker, text)
    covered = sorted((n.start_char_idx or 0, n.end_char_idx or 0) for n in nodes)
    assert all(end - start <= MAX_CHARS for start, end in covered)
    at = 0
    for start, end in covered:
        assert not text[at:start].strip()
        at = max(at, end)
    assert not text[at:].strip()


def test_heading_is_embedded_but_not_quoted(chunker: SentenceWindows) -> None:
    prose = "The bridge was opened in 1832, and it spans the river at a place where the ferry used to cross it. " * 2
    node = chunk(chunker, f"The Marlow bridge\n\nPublished: 2020-01-02\n\n{prose}")[-1]
    assert node.get_content(MetadataMode.EMBED).startswith("The Marlow bridge · 2020-01-02\n")
    assert node.text == node.get_content(MetadataMode.NONE)


def table_of(chunker: SentenceWindows, name: str, text: str) -> list[TextNode]:
    content = text.encode()
    nodes = chunker([load(name, parse(Path(name), content))])
    return [node for node in nodes if isinstance(node, TextNode)]


def test_a_row_stands_alone_with_its_header_row_before_it(chunker: SentenceWindows) -> None:
    nodes = table_of(
        chunker,
        "stock.md",
        "# Stock\n\nWhat we have.\n\n| Item | Price |\n|---|---|\n| Lamp | 12. Net. |\n| Rope | 4 |\n\nThat is all.\n",
    )
    assert [node.text for node in nodes] == ["# Stock\n\nWhat we have.\n\n| Item | Price |", "| Lamp | 12. Net. |", "| Rope | 4 |", "That is all."]  # fmt: skip
    assert [node.metadata["context"] for node in nodes] == ["Stock", *["Stock\n| Item | Price |"] * 2, "Stock"]
    assert nodes[1].metadata["sentences"] == [(nodes[1].start_char_idx, nodes[1].end_char_idx)]


def test_a_window_that_begins_within_a_list_has_its_lead_in_before_it(chunker: SentenceWindows) -> None:
    items = "".join(f"- item {n} is a thing. It has {n} parts and must be carried by hand up to the house\n" for n in range(20))
    nodes = table_of(chunker, "list.md", f"Bring to the house:\n\n{items}")
    assert nodes[0].metadata["context"] == "list"
    assert len(nodes) > 2
    assert all(node.metadata["context"] == "list\nBring to the house:" for node in nodes[1:])
    assert all(node.text.startswith("- item") for node in nodes[1:]), "an item is never cut"


def test_code_is_cut_between_lines(chunker: SentenceWindows) -> None:
    code = "".join(f"value_{n} = compute({n}, 'a. B')\n" for n in range(60))
    nodes = table_of(chunker, "a.py", code)
    assert len(nodes) > 1
    assert all(node.text.startswith("value_") and node.text.endswith(")") for node in nodes)


LONG = "The keeper of the light writes down each day how much oil the lamp has burnt and from where the wind blew. " * 9


def test_the_context_is_document_headings_and_header_row_and_its_spans_are_the_files(chunker: SentenceWindows) -> None:
    text = (
        f"# Lights\n\n## Oil\n\n### Duties\n\n{LONG}\n\n## Prices\n\nPer barrel:\n\n| Oil | Price |\n|---|---|\n| Rape | 12 |\n"
    )
    nodes = table_of(chunker, "2023/report.md", text)
    assert nodes[1].metadata["context"].split("\n") == ["Lights · 2023/report.md", "Oil", "Duties"]
    assert nodes[-1].metadata["context"].split("\n") == ["Lights · 2023/report.md", "Prices", "Per barrel:", "| Oil | Price |"]
    spans = nodes[-1].metadata["context_spans"]
    assert [text[start:end] for start, end in spans] == ["Lights", "Prices", "Per barrel:", "| Oil | Price |"]
    assert nodes[0].text.startswith("# Lights\n\n## Oil\n\n### Duties")
    assert "Duties" not in nodes[0].metadata["context"], "a heading that stands in the chunk is not repeated"


def test_what_is_nearest_stays_where_the_context_is_short(embedding: Encoder) -> None:
    tokenizer = embedding.model.tokenizer
    chunker = SentenceWindows(tokenizer, chunk_tokens=160, overlap_tokens=40, context_tokens=16)
    nodes = table_of(chunker, "deep/x.md", f"# The lights of the northern coast and their keepers\n\n## Oil and wicks\n\n### Duties\n\n#### By day\n\n{LONG}")  # fmt: skip
    kept = [node.metadata["context"] for node in nodes[1:]]
    assert all(context.endswith("Oil and wicks\nDuties\nBy day") and context.startswith("The lights of") for context in kept)
    assert all(len(tokenizer.encode(context, add_special_tokens=False).ids) <= 16 for context in kept)
    assert not any("keepers" in context or "deep" in context for context in kept), "the document is cut first"


def test_sections_that_can_stand_alone_share_no_window_and_tiny_ones_do(chunker: SentenceWindows) -> None:
    body = (
        "The boats go out at five in the morning, and those that are not back by nine in the evening are looked for with lanterns. "
        * 2
    )
    nodes = table_of(chunker, "a.md", f"# A\n\n## One\n\n{body}\n\n## Two\n\n{body}\n\n## Three\n\nClosed.\n\n## Four\n\nOpen.\n")
    assert [node.metadata["unanswering"] for node in nodes] == [
        [(node.start_char_idx + node.text.index(h), node.start_char_idx + node.text.index(h) + len(h)) for h in headings]  # type: ignore[operator]
        for node, headings in zip(nodes, (["# A", "## One"], ["## Two"], ["## Three", "## Four"]))
    ]


def test_a_question_stays_with_its_answer_and_is_the_context_of_the_rest(chunker: SentenceWindows) -> None:
    nodes = chunk(chunker, f"Questions of visitors\n\nWho keeps the light?\n\n{LONG}\n\nMay one climb up? Is it high?\n\nNo.\n")
    first = next(node for node in nodes if "Who keeps" in node.text)
    assert "The keeper" in first.text
    later = nodes[nodes.index(first) + 1]
    assert later.metadata["context"].endswith("\nWho keeps the light?")
    assert nodes[-1].text == "May one climb up? Is it high?\n\nNo."
    start = nodes[-1].start_char_idx or 0
    assert nodes[-1].metadata["unanswering"] == [(start, start + len("May one climb up? Is it high?"))]


@pytest.mark.parametrize(
    "text", ['"Who goes there?"', "of the wall, is it not?", "Is it far? It is not."], ids=["speech", "tail", "answered"]
)
def test_speech_and_ends_of_sentences_are_no_questions(chunker: SentenceWindows, text: str) -> None:
    nodes = chunk(chunker, f"{text}\n\nThe keeper lit the second lamp and went down to the boats again.")
    assert not any(node.metadata["unanswering"] for node in nodes)


def test_a_list_with_its_lead_in_is_not_parted_where_it_fits(chunker: SentenceWindows) -> None:
    before = "The keeper writes down the wind and the oil of each night in a book that lies in the lower room. " * 4
    items = "".join(f"- thing {n} of those that are carried by hand up to the house\n" for n in range(6))
    nodes = table_of(chunker, "list.md", f"{before}\n\nBring to the house:\n\n{items}")
    assert f"Bring to the house:\n\n{items.rstrip()}" in nodes[-1].text


def test_a_nested_item_has_the_item_above_it_as_context(chunker: SentenceWindows) -> None:
    inner = "".join(f"  - part {n} is carried by hand up to the house and put under the stairs by two men\n" for n in range(14))
    nodes = table_of(chunker, "list.md", f"Bring:\n\n- the lamp\n{inner}")
    assert all(node.metadata["context"] == "list\nBring:\n- the lamp" for node in nodes[1:]) and len(nodes) > 1


def test_the_text_of_a_fence_counts(chunker: SentenceWindows, embedding: Encoder) -> None:
    code = "".join(f"```python\nv{n} = go({n})\n```\n\n" for n in range(60))
    for node in table_of(chunker, "a.md", code):
        assert len(embedding.model.tokenizer.encode(node.text, add_special_tokens=False).ids) <= 160
