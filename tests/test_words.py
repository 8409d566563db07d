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


def test_saved_index_scores_the_same(tmp_path: Path) -> None:
    index = LexicalIndex.build(["the bridge in Leeds", "a tower in York"])
    index.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical", 2)
    assert np.allclose(index.scores("tower in York"), loaded.scores("tower in York"))
    with pytest.raises(OSError):
        LexicalIndex.load(tmp_path / "none", 2)


def test_the_first_texts_that_hold_a_term_are_told() -> None:
    index = LexicalIndex.build(["the bridge in Leeds", "a tower in York", "a tower in Leeds"])
    assert index.holding("tower", 5) == [1, 2] and index.holding("tower", 1) == [1] and index.holding("zebra", 5) == []


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
