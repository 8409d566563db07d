import random
from collections import Counter
from math import log
from pathlib import Path

import numpy as np
import pytest

from rag.corpus.words import LexicalIndex
from rag.search.fusion import fuse, near
from rag.text.terms import normalise, tokens


def test_tokens_are_stemmed_folded_and_paired() -> None:
    assert tokens("The Cooperation's cafés, 1,600 times") == ["the", "cooper", "cafe", "1600", "time"]
    assert tokens("韩国 RCEP") == ["韩", "国", "韩国", "rcep"]
    assert tokens("１６th") == tokens("16th")
    assert tokens("_ … !") == []


def test_answers_are_compared_without_articles_punctuation_and_case() -> None:
    assert normalise("The  Elmet-Tower, a clock’s!") == "elmet tower clocks" and normalise("$29 & 24 %") == "$29 24 %"


def test_the_matching_text_scores_highest() -> None:
    index = LexicalIndex.build(["the bridge in Leeds", "a tower in York", "韩国的出口下降"])
    assert int(np.argmax(index.scores("bridges"))) == 0
    assert int(np.argmax(index.scores("出口"))) == 2
    assert not index.scores("zebra").any()
    assert index.weight("zebra") > index.weight("in")


def test_scores_are_bm25() -> None:
    texts = ["the bridge in Leeds", "a tower in York, a tower", "a tower in Leeds"]
    index, split = LexicalIndex.build(texts), [tokens(text) for text in texts]
    mean = sum(map(len, split)) / len(split)
    for query in ("tower", "tower in Leeds", "tower tower zebra"):
        wanted = [0.0] * len(texts)
        for term in tokens(query):
            holding = sum(term in text for text in split)
            for i, text in enumerate(split):
                count = Counter(text)[term]
                weight = log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
                wanted[i] += weight * count / (count + 1.5 * (1 - 0.75 + 0.75 * len(text) / mean))
        assert index.scores(query).tolist() == pytest.approx(wanted, rel=1e-6)


TEXTS = {f"{number:032x}": text for number, text in enumerate(
    f"{first} {'tower ' * (number % 4)}{second} {'鲑鱼出口' if number % 5 == 0 else ''} of {first}"
    for number, (first, second) in enumerate((a, b) for a in "Leeds York Otley Ripon Hull".split() for b in "bridge mill quay pier inn".split())
)}  # fmt: skip
QUERIES = ("the tower of York", "鲑鱼", "mill quay of Hull", "Hull Hull")


def answers(index: LexicalIndex) -> object:
    """Everything that an index tells."""
    terms = index.beginning("")
    return (
        [index.of(index.scores(query), list(TEXTS)) for query in QUERIES],
        [index.best(index.scores(query), 6) for query in QUERIES],
        [index.best(index.scores(query), 6, among=list(TEXTS)[::2]) for query in QUERIES],
        [(term, index.weight(term), index.holding(term, 3)) for term in terms],
        (index.size, index.knows("otley"), index.knows("nowher"), index.beginning("t"), index.most(["tower", "otley"])),
    )


def test_an_index_tells_the_same_whatever_came_and_went_before(tmp_path: Path) -> None:
    rng = random.Random(0)
    for _ in range(5):
        index, held, pieces = LexicalIndex([]), set[str](), 0
        for _ in range(30):
            gone = set(rng.sample(sorted(held), min(len(held), rng.randint(0, 4))))
            new = set(rng.sample(sorted(TEXTS), rng.randint(0, 5)))
            held = held - gone | new
            index = index.grown(gone | new, [(chunk_id, TEXTS[chunk_id]) for chunk_id in new]).saved(tmp_path)
            pieces = max(pieces, len(index.segments))
            whole = LexicalIndex([]).grown((), [(chunk_id, TEXTS[chunk_id]) for chunk_id in sorted(held)])
            assert answers(index) == answers(whole)
            assert answers(LexicalIndex.load(tmp_path, [segment.name for segment in index.segments])) == answers(whole)
        assert pieces > 1


def test_few_segments_are_kept_and_none_of_what_is_gone() -> None:
    index = LexicalIndex([]).grown((), [(f"{i:032x}", f"the mill number {i}") for i in range(1000)])
    sizes = []
    for i in range(1000):
        index = index.grown([f"{i:032x}"], [(f"{i + 1000:032x}", f"the mill number {i + 1000}")])
        sizes.append(len(index.segments))
    assert max(sizes) <= 6 and index.size == 1000 and sum(segment.size for segment in index.segments) < 2000


def test_a_file_that_is_not_as_it_was_written_is_told(tmp_path: Path) -> None:
    [segment] = LexicalIndex.build(["the bridge in Leeds", "a tower in York"]).saved(tmp_path).segments
    path = tmp_path / segment.name
    content = path.read_bytes()
    for damaged in (content[:-1], content[:200] + b"x" + content[201:], b""):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="damaged"):
            LexicalIndex.load(tmp_path, [segment.name])
    path.unlink()
    with pytest.raises(OSError):
        LexicalIndex.load(tmp_path, [segment.name])


def test_the_first_texts_that_hold_a_term_are_told() -> None:
    index = LexicalIndex.build(["the bridge in Leeds", "a tower in York", "a tower in Leeds"])
    first, second = f"{1:032}", f"{2:032}"
    assert (
        index.holding("tower", 5) == [first, second] and index.holding("tower", 1) == [first] and index.holding("zebra", 5) == []
    )
    assert index.beginning("l") == ["leed"] and index.beginning("z") == []


def test_texts_without_words_are_no_error() -> None:
    assert LexicalIndex.build(["…", "!"]).scores("tower").tolist() == [0, 0]
    assert LexicalIndex.build([]).scores("tower").shape == (0,)


def test_fusion_is_a_weighted_sum_of_scaled_scores() -> None:
    assert [near(cosine) for cosine in (-0.2, 0.0, 0.3, 0.6, 0.9)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert fuse({"a": 0.6, "b": 0.3}, {"a": 0.0, "b": 8.0}, 16.0, 0.75) == {"a": 0.75, "b": 0.5}
    assert fuse({"a": 0.6, "b": 0.0}, {"a": 0.0, "b": 8.0}, 4.0, 0.0) == {"a": 0.0, "b": 1.0}
    assert fuse({"a": 0.6}, {"a": 0.0}, 0.0, 0.75) == {"a": 0.75}


def test_a_score_does_not_depend_on_the_other_passages() -> None:
    alone = fuse({"a": 0.4}, {"a": 3.0}, 9.0, 0.7)["a"]
    assert alone == fuse({"a": 0.4, "b": 0.9, "c": -0.5}, {"a": 3.0, "b": 9.0, "c": 0.0}, 9.0, 0.7)["a"]


def test_the_most_that_words_can_give_is_not_reached() -> None:
    index = LexicalIndex.build(["the bridge in Leeds", "tower tower tower tower", "a tower in Leeds"])
    terms = ["tower", "zebra"]
    assert 0 < index.scores("tower zebra").max() < index.most(["tower"]) < index.most(terms)
