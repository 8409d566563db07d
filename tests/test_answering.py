"""Reading, weighing and answering over small made files, and the contract of every answer."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.adapters import EncoderEmbedding
from rag.answers import Passage
from rag.config import Config
from rag.corpus.documents import read_text
from rag.corpus.mirror import Mirror
from rag.corpus.words import LexicalIndex
from rag.errors import UsageError
from rag.models.reader import Reading, Span
from rag.pipeline import Rag
from rag.questions import Question
from rag.reading import verdict
from rag.reading.answering import (
    Candidate,
    considered,
    leads,
    read_alone,
    same_answer_key,
    span_candidates,
    supporting,
    widen,
    worth_reading,
)
from rag.reading.citing import Citer
from rag.reading.confidence import Calibration, calibration
from rag.reading.folder import Folder
from rag.reading.intents import Intent
from rag.reading.signs import MAX_LEAD
from rag.text.scripts import is_cjk
from rag.text.sentences import split_sentences
from tests.conftest import LIBRARY, check_receipts

QUESTIONS = [
    ("What is the harbour loan worth?", "300 million crowns ($41 million)", "loan.txt"),
    ("Which Wendle lantern festival was held, by number?", "12th", "festival.md"),
    ("How many employees did Oxley Looms have in Japan by the end of 2018?", "640", "looms.txt"),
    ("How long did the telephone call between the harbour masters last?", "1 hour and 35 minutes", "call.txt"),
    ("What share of its profit does the company pay to its weavers?", "24 percent", "looms.txt"),
]


def candidate(text: str, margin: float = 0.0, source: str = "a.txt", confidence: float = 0.5) -> Candidate:
    """A span that is all there is of its file."""
    passage = Passage(source, source, 0, len(text), text, 1.0)
    return Candidate(passage, 0, len(text), text, (0, len(text)), confidence, {}, margin)


@pytest.mark.parametrize(("question", "short", "source"), QUESTIONS)
def test_known_answers(library: Rag, question: str, short: str, source: str) -> None:
    answer = library.answer(question)
    assert answer.answered and answer.short == short
    assert answer.citations[0].source == source
    check_receipts(answer, LIBRARY)
    assert 0 < answer.confidence <= 1
    assert [stage.name for stage in answer.trace.stages] == ["embed", "search", "read", "check"]


def test_chinese_questions_get_the_sentence_and_the_figure(library: Rag) -> None:
    answer = library.answer("挪威2022年的鲑鱼出口增长了多少？")
    assert answer.short == "6.3%" and answer.citations[0].source == "鲑鱼.txt"
    assert answer.citations[0].quote == "2022年，挪威的鲑鱼出口增长了6.3%，出口额达120亿美元。"
    check_receipts(answer, LIBRARY)


def test_text_in_the_other_language_answers_with_its_own_words(library: Rag) -> None:
    for question, short, source in (
        ("By how much did Norway's salmon exports grow in 2022?", "6.3%", "鲑鱼.txt"),
        ("葡萄牙和挪威的港口贷款值多少？", "$41 million", "loan.txt"),
    ):
        answer = library.answer(question)
        assert short in answer.short and answer.citations[0].source == source, question
        assert answer.language == ("zh" if is_cjk(question) else "en")
        check_receipts(answer, LIBRARY)


def test_a_list_told_over_several_sentences_is_quoted_whole(library: Rag) -> None:
    with Rag(replace(library.config, min_confidence=0.2), models=library) as lenient:
        answer = lenient.answer("What three changes to the parade did Clara Vint describe?")
    changes = ("the route was made shorter", "candles gave way to lamps", "the drums were moved")
    assert all(change in answer.citations[0].quote for change in changes)
    assert len(answer.items) == 3 and all(change in item.text for change, item in zip(changes, answer.items))
    assert not answer.short
    check_receipts(answer, LIBRARY)


def test_a_list_after_a_colon_is_given_whole(library: Rag) -> None:
    answer = library.answer("What five fields of work did Portugal and Norway agree on?")
    assert answer.short.startswith("deep-sea fishing") and answer.short.endswith("bird counts")
    assert [item.text for item in answer.items][::4] == ["deep-sea fishing", "bird counts"] and len(answer.items) == 5
    check_receipts(answer, LIBRARY)


def test_yes_or_no_is_answered_by_the_sentence_that_says_so(library: Rag) -> None:
    answer = library.answer("Did Oxley Looms move its head office to Tokyo?")
    assert (
        answer.short == ""
        and answer.verdict == "no"
        and answer.text == "No. Oxley Looms did not move its head office to Tokyo. [1]"
    )


@pytest.mark.parametrize("question", ["What is the capital of Mongolia?", "蒙古的首都在哪里？"])
def test_what_the_documents_do_not_say_is_refused_with_a_reason(library: Rag, question: str) -> None:
    answer = library.answer(question)
    assert not answer.answered and not answer.citations and not answer.short
    assert answer.reason in answer.text
    assert answer.text.startswith("文档中没有答案。" if is_cjk(question) else "Not in the documents.")
    assert answer.trace.considered


def test_a_refusal_names_the_words_that_occur_nowhere(library: Rag) -> None:
    assert "No file contains: Mongolia" in library.answer("What is the capital of Mongolia?").reason


def test_yes_or_no_is_told_as_the_reader_has_it_unless_the_words_say_the_opposite(
    library: Rag, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Did Oxley Looms move its head office to Tokyo?"
    for as_read, told in (("no", "no"), ("", "no"), ("yes", "")):
        monkeypatch.setattr(verdict, "as_read", lambda readings, said=as_read: said)
        assert library.answer(question).verdict == told


def test_passages_far_behind_the_best_are_not_read(library: Rag) -> None:
    question = "How many employees did Oxley Looms have in Japan by the end of 2018?"
    found = library.retrieve(question)
    worth = worth_reading(found, library.config)
    assert found[: len(worth)] == worth and 1 <= len(worth) < library.config.read_k
    assert worth[-1].score >= library.config.read_share * found[0].score > found[len(worth)].score
    assert [c.read for c in library.answer(question).trace.considered].count(True) == len(worth)


def test_the_fact_of_another_country_is_refused_and_the_reason_says_so(library: Rag) -> None:
    assert library.answer("How large was Portugal's trade surplus with Norway?").short == "$18 million"
    answer = library.answer("How large was Portugal's trade surplus with Brazil?")
    assert not answer.answered and "No file contains: Brazil" in answer.reason
    assert [word.word for word in answer.gaps.unknown] == ["Brazil"]


def test_clutter_is_never_evidence(library: Rag) -> None:
    assert "Trade surplus of Portugal with Norway reaches $70 million" in library.text("loan.txt")
    answer = library.answer("How large was Portugal's trade surplus with Norway?")
    assert answer.answered and "$70" not in answer.text
    assert not any("$70" in considered.span for considered in answer.trace.considered)
    assert not any("Belmont" in passage.text for passage in library.retrieve("Who sold the lighthouse at Belmont Hall?", 50))


def test_a_follow_up_is_completed_from_the_history(library: Rag) -> None:
    first = library.answer("What is the harbour loan worth?")
    answer = library.answer("and in pounds?", [first])
    assert answer.short == "29 million pounds"
    assert answer.question == "and in pounds?" and "harbour loan" in answer.trace.question


def test_a_follow_up_is_not_answered_with_the_answer_before_it(library: Rag) -> None:
    first = library.answer("Who carved the festival's first drum?")
    assert first.short == "Oskar Lund"
    following = library.answer("And who else?", [first])
    assert following.short != first.short
    assert "Oskar Lund" not in [considered.span for considered in following.trace.considered]


def test_the_named_files_alone_are_asked(library: Rag) -> None:
    question, source = "What is the harbour loan worth?", "loan.txt"
    held = library.answer(question, sources=[source])
    assert held.answered and held.trace.sources == (source,)
    assert {c.source for c in held.trace.considered} == {source} and held.trace.searched == len(library.outline(source))
    assert {p.source for p in library.retrieve(question, 50, sources=[source])} == {source}
    other = library.answer(question, sources=["bakery.txt"])
    assert not other.answered and {c.source for c in other.trace.considered} == {"bakery.txt"}
    chinese = library.answer("挪威2022年的鲑鱼出口增长了多少？", sources=[source])
    assert not chinese.answered
    with pytest.raises(UsageError, match="not an indexed file"):
        library.answer(question, sources=["nowhere.txt"])


def test_the_dense_share_moves_the_ranking(library: Rag) -> None:
    by_words = library.retrieve("harbour loan", 30, dense_weight=0.0)
    by_meaning = library.retrieve("harbour loan", 30, dense_weight=1.0)
    assert [p.lexical for p in by_words] == sorted((p.lexical for p in by_words), reverse=True)
    near = [p.dense for p in by_meaning if p.dense]
    assert near == sorted(near, reverse=True) and len(near) > 5


def test_bad_questions_are_refused_politely(library: Rag) -> None:
    with pytest.raises(UsageError, match="empty"):
        library.answer("  ")
    with pytest.raises(UsageError, match="limit is 2,000"):
        library.answer("x" * 2001)
    assert not library.answer("?!").answered


def test_changed_file_is_never_quoted_from_memory(docs: Path, tmp_path: Path) -> None:
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        assert rag.answer("How high is the Elmet tower?").short == "48 metres"
        path = docs / "tower.md"
        path.write_text(path.read_text().replace("48", "52"))
        stale = rag.answer("How high is the Elmet tower?")
        assert not stale.answered or stale.citations[0].source != "tower.md"
        rag.sync()
        assert rag.answer("How high is the Elmet tower?").short.startswith("52 metres")
        assert [word.word for word in rag.answer("Which tower is 52 or 48 metres high?").gaps.unknown] == ["48"]
        path.unlink()
        rag.sync()
        assert all(c.source != "tower.md" for c in rag.answer("How high is the Elmet tower?").citations)


def test_retrieval_is_deterministic_and_scored(library: Rag) -> None:
    first, second = (library.retrieve("harbour loan", top_k=5) for _ in range(2))
    assert first == second and len(first) == 5
    assert [p.score for p in first] == sorted((p.score for p in first), reverse=True)
    assert all(read_text(LIBRARY / p.source)[p.start : p.end] == p.text for p in first)


def test_equal_texts_stay_distinct_passages(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text("The Elmet tower is 48 metres high.")
    with Rag(Config(docs=folder, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        assert [p.source for p in rag.retrieve("Elmet tower")] == ["a.txt", "b.txt"]
        assert [c.source for c in rag.answer("How high is the Elmet tower?").citations] == ["a.txt", "b.txt"]


def test_comparing_with_each_vector_answers_bit_for_bit_as_chroma_does(library: Rag, monkeypatch: pytest.MonkeyPatch) -> None:
    question = "How many employees did Oxley Looms have in Japan?"
    library.retrieve(question)
    monkeypatch.delattr(Mirror, "open")
    with Rag(library.config, models=library, brief=True) as brief:
        assert brief.retrieve(question) == library.retrieve(question)
        assert brief.answer(question).confidence == library.answer(question).confidence


def test_llama_index_can_search_it(library: Rag) -> None:
    question = "How many employees did Oxley Looms have in Japan?"
    nodes = library.as_retriever().retrieve(question)
    assert [node.node.node_id for node in nodes] == [passage.chunk_id for passage in library.retrieve(question)]
    embedding = EncoderEmbedding(library.indexer.embedding)
    assert embedding.get_query_embedding(question) == library.indexer.embedding.embed_question(question).tolist()
    assert embedding.get_text_embedding("A tower.") == library.indexer.embedding.embed(["A tower."])[0].tolist()


def test_llama_index_can_query_it(library: Rag) -> None:
    response = library.as_query_engine().query("How many employees did Oxley Looms have in Japan?")
    assert "640" in str(response)
    assert response.source_nodes[0].metadata["source"] == "looms.txt"


def test_contributions_add_up_to_the_confidence(library: Rag) -> None:
    answer = library.answer("What is the harbour loan worth?")
    log_odds = sum(answer.trace.contributions.values())
    assert answer.confidence == pytest.approx(1 / (1 + math.exp(-log_odds)))


def test_names_typed_without_capitals_are_held_against_the_evidence(library: Rag) -> None:
    answer = library.answer("how many employees did oxley looms have in japan by the end of 2018")
    assert answer.short == "640" and "Oxley" in answer.trace.question


def test_a_span_leads_the_best_one_that_says_something_else() -> None:
    said = [("48 metres", 5.0), ("about 48 metres", 4.5), ("1911", 3.0), ("Leeds", -20.0)]
    found = [candidate(text, margin, source=text) for text, margin in said]
    assert leads(found) == [2.0, 1.5, -2.0, -MAX_LEAD]
    assert leads(found[:1]) == [MAX_LEAD]


def test_spans_at_one_place_are_no_rivals() -> None:
    one, other = candidate("Hannah Reyes", 3.0), candidate("by Hannah Reyes", 3.0)
    assert leads([one, other]) == [MAX_LEAD, MAX_LEAD]
    assert leads([one, candidate("by Hannah Reyes", 3.0, source="b.txt")]) == [0.0, 0.0]


def test_what_stands_in_brackets_behind_a_span_belongs_to_it() -> None:
    text = "It cost 200 euros ($220) in 1911 (the year of the fire), not 90 euros (which it was worth)."
    passage = Passage("id", "a.txt", 5, 5 + len(text), text, 1.0, sentences=((5, 5 + len(text)),))
    margins = {"200 euros": 2.0, "$220": 3.0, "1911": 1.0, "90 euros": 0.5, "which it was": 0.1}
    spans = tuple(Span(5 + text.index(s), 5 + text.index(s) + len(s), s, margin) for s, margin in margins.items())
    found = span_candidates(
        Question.parse("What did it cost?"), [Reading(passage, spans)], LexicalIndex.build([text]), calibration()
    )
    told = {candidate.text: candidate.margin for candidate in found}
    assert told == {"200 euros ($220)": 3.0, "1911": 1.0, "90 euros": 0.5, "which it was": 0.1}
    assert all(passage.characters(c.start, c.end) == c.text for c in found)


def test_one_answer_written_in_two_ways_is_one_answer() -> None:
    for other in ("24%", "about 24 percent", "24 per cent", "approximately 24 percent"):
        assert same_answer_key(other) == same_answer_key("24 percent")
    assert same_answer_key("25 percent") != same_answer_key("24 percent") != same_answer_key("24")


def test_only_files_that_say_the_same_are_cited_beside_the_answer() -> None:
    best = candidate("24 percent", source="a.txt")
    same, again, other = candidate("24%", source="b.txt"), candidate("24 %", source="b.txt"), candidate("30%", source="c.txt")
    assert supporting(best, [best, other, same, again]) == [best, same]
    assert supporting(replace(best, text=""), [best, other, same]) == [replace(best, text="")]


def test_files_that_differ_are_told_side_by_side(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, metres in (("a", 48), ("b", 52), ("c", 48)):
        (folder / f"{name}.txt").write_text(f"The Elmet tower is {metres} metres high.")
    with Rag(Config(docs=folder, index_dir=tmp_path / "index")) as rag:
        answer = rag.answer("How high is the Elmet tower?")
    assert answer.short == "48 metres" and answer.text.startswith("3 files differ: 48 metres, 52 metres")
    assert [(r.short, r.numbers) for r in answer.readings] == [("48 metres", (1, 2)), ("52 metres", (3,))]
    assert [(c.source, c.quote) for c in answer.citations][2] == ("b.txt", "The Elmet tower is 52 metres high.")


def test_the_best_span_of_a_passage_is_the_one_that_is_shown() -> None:
    best, rest = candidate("48 metres", 5.0), candidate("1911", 3.0)
    (row,) = considered([best.passage], [best.passage], [best, replace(rest, passage=best.passage)])
    assert (row.span, row.margin, row.read) == ("48 metres", 5.0, True)


def quoted(question: str, text: str, sentence: str) -> str:
    """What is quoted for an answer that was found in `sentence`."""
    places = list(split_sentences(text, 0, len(text)))
    (at,) = (place for place in places if text[slice(*place)] == sentence)
    found = replace(candidate(text), sentence=at)
    return text[slice(*widen(Question.parse(question), found, places, text))]


def test_a_reason_that_only_points_back_is_quoted_with_what_it_points_at() -> None:
    text = "The bridge shook in every storm. It was therefore closed. The road is new."
    asked = "Why was the bridge closed?"
    assert quoted(asked, text, "It was therefore closed.") == "The bridge shook in every storm. It was therefore closed."
    assert quoted(asked, text, "The road is new.") == "The road is new."
    assert quoted("When was the bridge closed?", text, "It was therefore closed.") == "It was therefore closed."


def test_a_told_list_goes_on_over_two_asides_and_ends_at_the_third() -> None:
    first, second, third = "First, oil was found.", "Second, it was sold.", "Third, it ran out."
    text = f"{first} Men came. {second} Men sang. Men ate. Men left. {third}"
    assert quoted("What three things happened?", text, first) == f"{first} Men came. {second}"
    assert quoted("What three things happened?", text, second) == f"{first} Men came. {second}"
    assert quoted("Who sold it?", text, second) == second


def test_a_span_in_a_heading_of_the_text_is_no_answer() -> None:
    text = "Elmet tower, 48 metres\n\nIt is 52 metres high."
    heading = (0, text.index("\n"))
    passage = Passage("id", "a.txt", 0, len(text), text, 1.0, sentences=(heading, (heading[1] + 2, len(text))))
    spans = tuple(Span(at, at + 9, text[at : at + 9], 3.0) for at in (text.index("48"), text.index("52")))
    for unanswering, found in (((), ["48 metres", "52 metres"]), ((heading,), ["52 metres"])):
        reading = Reading(replace(passage, unanswering=unanswering), spans)
        candidates = span_candidates(Question.parse("How high is it?"), [reading], LexicalIndex.build([text]), calibration())
        assert sorted(candidate.text for candidate in candidates) == found


def test_marks_alone_are_no_answer() -> None:
    text = "Python: 3.10 ----- and later."
    passage = Passage("id", "a.txt", 0, len(text), text, 1.0, sentences=((0, len(text)),))
    spans = tuple(Span(text.index(said), text.index(said) + len(said), said, 3.0) for said in (":", "-----", "3.10"))
    candidates = span_candidates(
        Question.parse("Which Python is needed?"), [Reading(passage, spans)], LexicalIndex.build([text]), calibration()
    )
    assert [candidate.text for candidate in candidates] == ["3.10"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Which network hosts the Elmet channels?", ["Larch network"]),
        ("Is the network Elmet or Larch?", ["Elmet", "Larch network"]),
        ("Elmet 在哪个网络？", ["Larch network"]),
    ],
)
def test_words_of_the_question_answer_it_only_where_it_offers_a_choice(question: str, found: list[str]) -> None:
    text = "Elmet also has channels. They are hosted on the Larch network."
    passage = Passage("id", "a.txt", 0, len(text), text, 1.0, sentences=((0, 24), (25, len(text))))
    spans = tuple(Span(text.index(said), text.index(said) + len(said), said, 3.0) for said in ("Elmet", "Larch network"))
    candidates = span_candidates(Question.parse(question), [Reading(passage, spans)], LexicalIndex.build([text]), calibration())
    assert sorted(candidate.text for candidate in candidates) == found


def test_a_candidate_gains_by_what_is_found_in_its_sentence_alone() -> None:
    text = "The old tower is 48 metres high. The new tower is 52 metres high."
    places = ((10, 42), (43, 10 + len(text)))
    passage = Passage("id", "a.txt", 10, 10 + len(text), text, 1.0, context="Towers", sentences=places, dense=0.3)
    starts = [10 + text.index(said) for said in ("48", "52")]
    spans = tuple(Span(at, at + 9, passage.characters(at, at + 9), margin) for at, margin in zip(starts, (3.0, 2.0)))
    model = Calibration(0.0, {"margin": 1.0, "alone": 1.0}, 0.3, {})
    asked = Question.parse("How high is the new tower?")
    found = span_candidates(asked, [Reading(passage, spans)], LexicalIndex.build([text]), model)
    assert [candidate.text for candidate in found] == ["48 metres", "52 metres"]
    seen: list[Passage] = []

    def read(question: Question, sentences: Sequence[Passage]) -> list[Reading]:
        seen.extend(sentences)
        gained = zip(sentences, spans, (-20.0, 1.5))
        return [Reading(replace(s, dense=0.6), (replace(span, margin=span.margin + gain),)) for s, span, gain in gained]

    again = read_alone(asked, found, read, model)
    assert [(c.text, c.signs["alone"], c.signs["nearer"]) for c in again] == [("52 metres", 1.5, 0.5), ("48 metres", -8.0, 0.5)]
    assert again[0].confidence == model.probability({"margin": 2.0, "alone": 1.5})
    assert [(s.start, s.text, s.context) for s in seen] == [
        (start, text[start - 10 : end - 10], "Towers") for start, end in places
    ]
    assert read_alone(Question.parse("Why is the new tower so high?"), found, read, model) == found and len(seen) == 2


def test_a_sentence_has_its_own_cosine_with_the_question(library: Rag) -> None:
    asked = Question.parse("How high is the tower?")
    texts = ("The tower is 48 metres high.", "Bread is baked in the morning.")
    near, far = library.read_sentences(asked, [Passage("", "", 0, len(text), text, 1.0) for text in texts])
    vectors = library.indexer.embedding.embed(texts) @ library.indexer.embedding.embed_question(asked.text)
    assert (near.passage.dense, far.passage.dense) == (float(vectors[0]), float(vectors[1])) and vectors[0] > 0.4 > vectors[1]
    assert near.spans[0].text == "48 metres" and near.margin > far.margin
    assert library.read_sentences(asked, []) == []


def test_a_passage_brings_what_stands_above_it(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    text = "# Bakery\n\n## Prices\n\n| Bread | Price |\n|---|---|\n| Rye | 4.30 |\n| Oat | 5.10 |\n"
    (docs / "bread.md").write_text(text)
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        found = {passage.text: passage for passage in rag.retrieve("What does rye cost?", 9)}
    row = found["| Rye | 4.30 |"]
    assert row.context.split("\n") == ["Bakery · bread.md", "Prices", "| Bread | Price |"] and not row.unanswering
    assert [text[start:end] for start, end in row.context_spans] == ["Bakery", "Prices", "| Bread | Price |"]
    leads = {text[start:end] for passage in found.values() for start, end in passage.unanswering}
    assert leads == {"# Bakery", "## Prices"}


def test_more_passages_are_found_than_each_leg_proposes(library: Rag) -> None:
    with Rag(replace(library.config, candidates=1), models=library) as narrow:
        assert [len(narrow.retrieve("harbour loan", most)) for most in (1, 8)] == [1, 8]


def test_no_confidence_is_enough_where_all_of_it_is_asked_for(library: Rag) -> None:
    with Rag(replace(library.config, min_confidence=1.0), models=library) as strict:
        answer = strict.answer("What is the harbour loan worth?")
    assert not answer.answered and answer.gaps.closest[0].found == "300 million crowns ($41 million)"
    assert answer.trace.threshold == 1.0


def test_a_follow_up_says_how_it_was_read_and_can_be_asked_as_it_is_written(library: Rag) -> None:
    first = library.answer("What is the harbour loan worth?")
    leaning = library.answer("and in pounds?", [first])
    assert leaning.read_as and leaning.read_as != leaning.question and leaning.trace.question == leaning.read_as
    assert library.answer("and in pounds?", [first], standalone=True).read_as == "" == first.read_as
    assert library.answer("and in pounds?", ["What is the harbour loan worth?"]).short == leaning.short


def test_a_whole_question_takes_nothing_from_the_one_before(library: Rag) -> None:
    alone = library.answer("Which wine is served in Lisbon's airport?")
    after = library.answer("Which wine is served in Lisbon's airport?", ["What is the harbour loan worth?"])
    assert not alone.answered and not after.answered and after.read_as == ""


def test_an_ellipsis_about_something_else_is_refused(library: Rag) -> None:
    first = library.answer("What is the harbour loan worth?")
    assert first.answered
    assert not any(library.answer(other, [first]).answered for other in ("and the moon?", "Bitcoin?", "那股市呢？"))


def test_a_greeting_is_no_question_and_none_to_lean_on(library: Rag) -> None:
    first = library.answer("What is the harbour loan worth?")
    thanks = library.answer("thank you!", [first])
    assert thanks.kind == "none" and not thanks.answered
    assert library.answer("and in pounds?", [first, thanks]).short == "29 million pounds"


def test_no_turn_is_too_long(library: Rag) -> None:
    with pytest.raises(UsageError, match="limit is 2,000"):
        library.answer("and in pounds?", ["x" * 1_000_000])


def test_a_follow_up_that_led_nowhere_is_none_to_go_on_from(library: Rag) -> None:
    first = library.answer("What is the harbour loan worth?")
    moon = library.answer("and the moon?", [first])
    assert not moon.answered and "moon" in moon.read_as
    why = library.answer("Why?", [first, moon])
    assert "moon" not in why.read_as and "harbour loan" in why.read_as


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Callable[..., Rag]]:
    """Makes a folder of files by their texts, indexed."""
    opened: list[Rag] = []

    def made(**texts: str) -> Rag:
        docs = tmp_path / "docs"
        docs.mkdir()
        for name, text in texts.items():
            (docs / f"{name}.md").write_text(text, encoding="utf-8")
        rag = Rag(Config(docs=docs, index_dir=tmp_path / "index"))
        opened.append(rag)
        rag.sync()
        return rag

    yield made
    for rag in opened:
        rag.close()


def test_files_that_say_yes_and_no_settle_nothing(folder: Callable[..., Rag]) -> None:
    rag = folder(old="Dogs are allowed in the hall.", new="Dogs are not allowed in the hall.")
    both = rag.answer("Are dogs allowed in the hall?")
    assert both.answered and both.verdict == ""
    assert rag.answer("Are dogs allowed in the hall?", sources=["new.md"]).verdict == "no"


def test_a_figure_on_which_files_differ_is_neither_so_nor_not(folder: Callable[..., Rag]) -> None:
    rag = folder(fees_2023="The fee for the hall is 5 euros.", fees_2024="The fee for the hall is 7 euros.")
    answer = rag.answer("Is the fee for the hall 5 euros?")
    assert answer.verdict == "" and [reading.short for reading in answer.readings] == ["7 euros", "5 euros"]
    assert rag.answer("Is the fee for the hall 5 euros?", sources=["fees_2023.md"]).verdict == "yes"


def test_what_counts_other_things_than_files_is_asked_of_the_text(folder: Callable[..., Rag]) -> None:
    rag = folder(shop="The shop sells five wagons.", mill="The mill grinds rye and oats.")
    assert rag.answer("How many wagons are there?").kind == "text"
    assert rag.answer("How many documents are there?").short == "2"
    snapshot = rag.retriever.snapshot()
    folder_itself = Folder(snapshot, Citer(Path(rag.config.docs), snapshot, 1_000), lambda *_: [], (), "docs")
    asked = Question.parse("How many wagons are there?")
    assert folder_itself.answer(asked, Intent("count", 0.9, other=("wagons",))) is None
    assert folder_itself.answer(asked, Intent("count", 0.9)) is not None
