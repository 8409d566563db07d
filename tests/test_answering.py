"""Reading, confidence and answering over the seeds, and the contract of every answer."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answers import Answer
from rag.corpus.documents import read_text
from rag.errors import UsageError
from rag.pipeline import Rag
from rag.questions import Question
from rag.reading.answering import worth_reading
from rag.text.scripts import is_cjk
from tests.conftest import SEEDS

QUESTIONS = [
    ("What is the swap amount?", "200 billon yuan ($29 billion)", "000"),
    ("Which edition of the Beijing-Tokyo Forum was it?", "16th", "001"),
    ("How many employees did Huawei have in Japan by the end of 2019?", "950", "001"),
    ("How long did the phone conversation between the ministers last?", "1 hour and 20 minutes", "003"),
    ("What share of global GDP do the three countries account for?", "24 percent", "004"),
]


def check_receipts(answer: Answer) -> None:
    for citation in answer.citations:
        assert read_text(SEEDS / citation.source)[citation.start : citation.end] == citation.quote
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    if answer.short:
        assert answer.short in answer.citations[0].quote
    for item in answer.items:
        source = answer.citations[item.number - 1].source
        assert read_text(SEEDS / source)[item.start : item.end] == item.text


@pytest.mark.parametrize(("question", "short", "source"), QUESTIONS)
def test_known_answers(seeds: Rag, question: str, short: str, source: str) -> None:
    answer = seeds.answer(question)
    assert answer.answered
    assert short in answer.short
    assert answer.citations[0].source.startswith(source)
    check_receipts(answer)
    assert 0 < answer.confidence <= 1
    assert [stage.name for stage in answer.trace.stages] == ["search", "read", "check"]


def test_chinese_questions_get_the_sentence_and_the_figure(seeds: Rag) -> None:
    answer = seeds.answer("韩国2023年的出口下降了多少？")
    assert answer.short == "7.4%" and answer.citations[0].source.startswith("002")
    check_receipts(answer)


def test_a_list_told_over_several_sentences_is_quoted_whole(seeds: Rag) -> None:
    answer = seeds.answer("What three changes did Cheng Yonghua describe?")
    quote = answer.citations[0].quote
    changes = ("change of power", "change of pattern", "change of social productive forces")
    assert all(change in quote for change in changes)
    assert len(answer.items) == 3 and all(change in item.text for change, item in zip(changes, answer.items))
    check_receipts(answer)


def test_a_list_after_a_colon_is_given_whole(seeds: Rag) -> None:
    answer = seeds.answer("What six areas of cooperation did the leaders agree on?")
    assert answer.short.startswith("cultural exchange") and answer.short.endswith("disaster relief")
    assert [item.text for item in answer.items][::5] == ["cultural exchange", "disaster relief"] and len(answer.items) == 6
    check_receipts(answer)


@pytest.mark.parametrize(
    "question", ["What is the capital of Mongolia?", "How long should rice noodles be boiled?", "蒙古的首都在哪里？"]
)
def test_what_the_documents_do_not_say_is_refused_with_a_reason(seeds: Rag, question: str) -> None:
    answer = seeds.answer(question)
    assert not answer.answered and not answer.citations and not answer.short
    assert answer.reason in answer.text
    assert answer.trace.considered


def test_a_refusal_names_the_words_that_occur_nowhere(seeds: Rag) -> None:
    assert "Mongolia" in seeds.answer("What is the capital of Mongolia?").reason


def test_passages_far_behind_the_best_are_not_read(seeds: Rag) -> None:
    question = "How many employees did Huawei have in Japan by the end of 2019?"
    found = seeds.retrieve(question)
    worth = worth_reading(Question.parse(question), found, seeds.config)
    assert found[: len(worth)] == worth and 1 <= len(worth) < seeds.config.read_k
    assert worth[-1].score >= seeds.config.read_share * found[0].score > found[len(worth)].score
    assert [c.read for c in seeds.answer(question).trace.considered].count(True) == len(worth)


def test_each_question_reads_text_in_its_language(seeds: Rag) -> None:
    everything = replace(seeds.config, read_share=0.0)
    found = seeds.retrieve("South Korea Japan China cooperation", top_k=30)
    assert any(is_cjk(p.text) for p in found)
    assert not any(is_cjk(p.text) for p in worth_reading(Question.parse("Who cooperates?"), found, everything))
    chinese = [p for p in found if is_cjk(p.text)]
    assert worth_reading(Question.parse("谁在合作？"), found, seeds.config) == chinese[: seeds.config.read_k]


def test_the_fact_of_another_country_is_refused_and_the_reason_says_so(seeds: Rag) -> None:
    assert seeds.answer("How large was South Korea's trade deficit with China?").short == "$18 billion"
    answer = seeds.answer("How large was South Korea's trade deficit with the United States?")
    assert not answer.answered and "not about: United States" in answer.reason
    assert answer.gaps.closest[0].not_about == ("United States",)


def test_clutter_is_never_evidence(seeds: Rag) -> None:
    for question in (
        "How large is the credit line to FAW Group?",
        "What is the hotline's number?",
        "In which building is the office?",
    ):
        for citation in seeds.answer(question).citations:
            assert not any(piece in citation.quote for piece in ("FAW", "010-85061466", "Hengdabinjiang"))


def test_a_follow_up_is_completed_from_the_history(seeds: Rag) -> None:
    first = seeds.answer("How large is the currency swap?")
    answer = seeds.answer("and in yen?", [first])
    assert "3.4 trillion" in answer.short
    assert answer.question == "and in yen?" and "currency swap" in answer.trace.question


def test_the_named_files_alone_are_asked(seeds: Rag) -> None:
    question, source = "What is the swap amount?", "000_b3e07ac0b9db7940.txt"
    held = seeds.answer(question, sources=[source])
    assert held.answered and held.trace.sources == (source,)
    assert {c.source for c in held.trace.considered} == {source} and held.trace.searched == 5
    assert {p.source for p in seeds.retrieve(question, 50, sources=[source])} == {source}
    other = seeds.answer(question, sources=["001_94b5f37b355229ad.txt"])
    assert not other.answered and {c.source for c in other.trace.considered} == {"001_94b5f37b355229ad.txt"}
    chinese = seeds.answer("韩国2023年的出口下降了多少？", sources=[source])
    assert not chinese.answered
    with pytest.raises(UsageError, match="not an indexed file"):
        seeds.answer(question, sources=["nowhere.txt"])


def test_the_dense_share_moves_the_ranking(seeds: Rag) -> None:
    by_words = seeds.retrieve("currency swap", 30, dense_weight=0.0)
    by_meaning = seeds.retrieve("currency swap", 30, dense_weight=1.0)
    assert [p.lexical for p in by_words] == sorted((p.lexical for p in by_words), reverse=True)
    near = [p.dense for p in by_meaning if p.dense]
    assert near == sorted(near, reverse=True) and len(near) > 5


def test_bad_questions_are_refused_politely(seeds: Rag) -> None:
    with pytest.raises(UsageError, match="empty"):
        seeds.answer("  ")
    with pytest.raises(UsageError, match="limit is 2,000"):
        seeds.answer("x" * 2001)
    assert not seeds.answer("?!").answered


def test_changed_file_is_never_quoted_from_memory(docs: Path, tmp_path: Path) -> None:
    from rag.config import Config

    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        assert rag.answer("How high is the Elmet tower?").short == "48 metres"
        path = docs / "tower.md"
        path.write_text(path.read_text().replace("48", "52"))
        stale = rag.answer("How high is the Elmet tower?")
        assert not stale.answered or stale.citations[0].source != "tower.md"
        rag.sync()
        assert rag.answer("How high is the Elmet tower?").short == "52 metres"
        path.unlink()
        rag.sync()
        assert all(c.source != "tower.md" for c in rag.answer("How high is the Elmet tower?").citations)


def test_retrieval_is_deterministic_and_scored(seeds: Rag) -> None:
    first, second = (seeds.retrieve("currency swap", top_k=5) for _ in range(2))
    assert first == second and len(first) == 5
    assert [p.score for p in first] == sorted((p.score for p in first), reverse=True)
    assert all(read_text(SEEDS / p.source)[p.start : p.end] == p.text for p in first)


def test_equal_texts_stay_distinct_passages(tmp_path: Path) -> None:
    from rag.config import Config

    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text("The Elmet tower is 48 metres high.")
    with Rag(Config(docs=folder, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        assert [p.source for p in rag.retrieve("Elmet tower")] == ["a.txt", "b.txt"]
        assert [c.source for c in rag.answer("How high is the Elmet tower?").citations] == ["a.txt", "b.txt"]


def test_llama_index_can_query_it(seeds: Rag) -> None:
    response = seeds.as_query_engine().query("How many employees did Huawei have in Japan?")
    assert "950" in str(response)
    assert response.source_nodes[0].metadata["source"].startswith("001")


def test_contributions_add_up_to_the_confidence(seeds: Rag) -> None:
    answer = seeds.answer("What is the swap amount?")
    log_odds = sum(answer.trace.contributions.values())
    assert answer.confidence == pytest.approx(1 / (1 + math.exp(-log_odds)))


def test_names_typed_without_capitals_are_held_against_the_evidence(seeds: Rag) -> None:
    answer = seeds.answer("how many employees did huawei have in japan by the end of 2019")
    assert answer.short == "950" and "Huawei" in answer.trace.question
