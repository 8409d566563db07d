"""What a model wrote stands only with its figures, dates, names and denials in exact places of the passages."""

import pytest

from rag.answers import Passage
from rag.text.sentences import split_sentences
from rag.writing.verification import Checked, check, statements

SWAP = (
    "On October 26 the two central banks signed a currency swap deal worth 200 billion yuan ($29 billion). "
    "It will run for the next three years. Observers had not expected the deal."
)
TRADE = "South Korea's exports decreased 7.4 percent in 2023. Its trade deficit with China was $18 billion, said Xiang Haoyu."


def passage(name: str, text: str, date: str = "") -> Passage:
    return Passage(name, f"{name}.txt", 100, 100 + len(text), text, 1.0, date=date, sentences=tuple(
        (100 + start, 100 + end) for start, end in split_sentences(text, 0, len(text))
    ))  # fmt: skip


PASSAGES = (passage("swap", SWAP), passage("trade", TRADE, "2024-05-17"))


def held(said: str, *cited: int) -> Checked:
    return check(said, cited, PASSAGES, lambda _: 1.0)


def told(checked: Checked) -> str:
    return checked.why.told("en")


def test_text_is_cut_into_statements_with_their_numbers() -> None:
    text = "- It fell by 7.4 percent [2].\n2) The deal is worth $29 billion. [1][2] It runs on.\n\nBoth [1-2]\n[3]"
    assert list(statements(text)) == [
        ("It fell by 7.4 percent.", (2,)),
        ("The deal is worth $29 billion.", (1, 2)),
        ("It runs on.", ()),
        ("Both", (1, 2)),
    ]
    assert list(statements("互换规模为2000亿元[1]。出口下降7.4%【2】。")) == [
        ("互换规模为2000亿元。", (1,)),
        ("出口下降7.4%。", (2,)),
    ]


@pytest.mark.parametrize(
    ("said", "cited", "quote"),
    [
        ("The two central banks signed a currency swap deal worth 200 billion yuan.", 1, SWAP.split(". ")[0] + "."),
        ("On 26 October the central banks signed a swap deal worth $29 billion.", 1, SWAP.split(". ")[0] + "."),
        ("It will run for the next 3 years.", 1, "It will run for the next three years."),
        ("South Korean exports decreased by 7.4% in 2023.", 2, "South Korea's exports decreased 7.4 percent in 2023."),
        ("The deal was not expected by observers.", 1, "Observers had not expected the deal."),
    ],
)
def test_what_the_passages_say_stands_with_its_exact_place(said: str, cited: int, quote: str) -> None:
    found = held(said, cited)
    assert found.stands, told(found)
    (support,) = found.support
    assert support.passage.characters(support.start, support.end) == quote


def test_a_statement_from_two_places_is_stitched() -> None:
    found = held("The swap deal worth $29 billion was signed on October 26 and runs for three years.", 1)
    assert found.stands and len(found.support) == 2 and "several places" in told(found)


def test_a_wrong_number_is_put_right_when_another_passage_says_so() -> None:
    found = held("South Korea's exports decreased 7.4 percent.", 1)
    assert found.stands and "another passage than cited" in told(found) and found.support[0].passage.source == "trade.txt"
    assert held("South Korea's exports decreased 7.4 percent in 2023.", 99).stands
    assert held("South Korea's exports decreased 7.4 percent in 2023.").stands


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("South Korea's exports decreased 7.5 percent in 2023.", "7.5 percent"),
        ("South Korea's exports decreased 7.4 percent in 2022.", "2022"),
        ("The currency swap deal is worth 200 billion dollars.", "200 billion dollars"),
        ("The currency swap deal is worth 200 million yuan.", "200 million yuan"),
        ("On October 27 the two central banks signed a currency swap deal.", "October 27"),
        ("Evelyn Ashdown signed the currency swap deal worth 200 billion yuan.", "Evelyn"),
        ("India's trade deficit with China was $18 billion.", "India"),
        ("The two central banks did not sign a currency swap deal worth $29 billion.", "does not deny"),
        ("Observers had expected the deal.", "the passage denies it"),
        ("It is not true that observers had not expected the deal.", "does not deny"),
        ("Penguins eat fish and krill in the southern oceans.", "no passage says so"),
        (
            "The two central banks signed a currency swap deal worth 200 billion yuan ($29 billion), delighting exporters and investors everywhere.",
            "says more",
        ),
    ],
)
def test_what_the_passages_do_not_say_is_struck_out_with_the_reason(said: str, why: str) -> None:
    for cited in (1, 2, 99):
        found = held(said, cited)
        assert not found.stands and not found.support
    assert why in told(held(said, 1 if "deal" in said or "banks" in said else 2))


def test_a_range_of_numbers_is_each_of_them_and_none_is_cited_twice() -> None:
    assert list(statements("It fell [1-3]. It rose [2][2].")) == [("It fell.", (1, 2, 3)), ("It rose.", (2,))]


def test_the_date_of_a_document_is_a_date_of_what_it_says() -> None:
    assert held("In 2024 South Korea's trade deficit with China was $18 billion, said Xiang Haoyu.", 2).stands
    assert not held("In 2021 South Korea's trade deficit with China was $18 billion, said Xiang Haoyu.", 2).stands


def test_number_nought_cites_no_passage() -> None:
    assert "another passage than cited" in told(held("South Korea's exports decreased 7.4 percent in 2023.", 0))


def test_an_address_that_the_passage_lacks_strikes_a_statement_out() -> None:
    found = held("Observers had not expected the deal, see https://deals.example/1.", 1)
    assert not found.stands and "https://deals.example/1" in told(found)


def test_what_a_model_says_of_its_source_is_no_part_of_the_statement() -> None:
    said = "The answer to your question is: observers had not expected the deal."
    assert held(said, 1).stands and held(said, 1).text == said


def test_a_pronoun_stands_for_the_name_in_the_sentence_before() -> None:
    mill = passage("mill", "The Ashby mill stands on the river. It was finished in 1911 by a guild.")
    weight = {"ashbi": 0.05, "mill": 0.05}
    found = check("The Ashby mill was finished in 1911 by a guild.", (1,), [mill], lambda term: weight.get(term, 1.0))
    assert found.stands and [mill.characters(s.start, s.end) for s in found.support] == ["It was finished in 1911 by a guild."]
    assert not check("The Wenlock mill was finished in 1911 by a guild.", (1,), [mill], lambda term: weight.get(term, 1.0)).stands


def test_what_is_cited_and_not_there_is_said() -> None:
    assert "cites [99], and there are 2 passages" in told(held("Penguins eat fish.", 99))
    assert "cites nothing" in told(held("Penguins eat fish."))


TOWER = passage(
    "tower",
    "The Elmet tower is 48 metres high. It was finished in 1911. The Elmet tower overlooks a quiet harbour, mills and a market square.",
)


@pytest.mark.parametrize(
    ("enough", "too_little"),
    [
        ("The Elmet tower overlooks a harbour today.", "The Elmet tower collapsed yesterday."),
        ("The tower was finished in 1911.", "In 1911 penguins danced."),
        ("The Elmet tower is 48 metres high and was painted in 1911.", "The Elmet tower is 48 metres high, freshly painted in 1911."),
        ("The lovely Elmet tower overlooks a quiet harbour, mills and a market square today.",
         "The lovely Elmet tower overlooks a quiet harbour, valleys, mills and a market square today."),
    ],
    ids=["words alone", "with a figure", "from two sentences", "words that are lacking"],
)  # fmt: skip
def test_a_statement_needs_most_of_its_words_in_the_passage(enough: str, too_little: str) -> None:
    assert check(enough, (1,), [TOWER], lambda _: 1.0).stands
    found = check(too_little, (1,), [TOWER], lambda _: 1.0)
    assert not found.stands and found.why.code in ("no passage says so", "says more")
