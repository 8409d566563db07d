"""What the blocks of a file make of a place: whole lists, rows with their header, labels; and what is worked out over a column."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answers import Answer
from rag.config import Config
from rag.formats.document import Document
from rag.formats.readers import parse
from rag.messages import Reason
from rag.pipeline import Rag
from rag.questions import Question
from rag.reading.computing import Computed, compute, figure
from rag.reading.structure import Shape, cells, shape
from rag.receipts import short_stands
from tests.conftest import check_receipts

NOTES = """# Boat trip

What to pack:

- oilskins
- a thermos
  - tea
  - lemon
- rope

## Leaving the harbour

1. Loosen the ropes.

   ```
   ahoy
   ```

2. Start the engine.
3. Hoist the flag.

The kit holds:

- flares, red and white, against fog
- a whistle

## Berths

| Berth | Keeper | Depth |
|---|---|---|
| Anchor | Ines Roth | 4 m |
| Buoy | Karl Benn | 6 m |

Telephone: 555 0142
"""
SHOPS = """Shop,Town,Sales,Rent,Staff
Alder,Riga,"1,200",€40,3
Birch,Oslo,"2,150",$50,14
Cedar,Riga,900,€60,5
Total,,"4,250",,22
"""
STORES = """# 仓库一览

| 仓库 | 卡车 | 城市 |
|---|---|---|
| 红松 | 14 | 昆明 |
| 白桦 | 22 | 大理 |
| 雪杉 | 31 | 昆明 |

入库步骤：

1. 出示通行证。
2. 领取号码。
"""


def document(text: str, name: str = "a.md") -> Document:
    return parse(Path(name), text.encode())


def shaped(question: str, span: str, text: str = NOTES) -> Shape | None:
    file = document(text)
    start = file.text.index(span)
    return shape(Question.parse(question), file, start, start + len(span))


def texts(places: tuple[tuple[int, int], ...], text: str) -> list[str]:
    return [text[slice(*place)] for place in places]


@pytest.mark.parametrize(
    ("question", "span", "items"),
    [
        ("What should I pack for the trip?", "oilskins", ["oilskins", "a thermos", "rope"]),
        ("Which things do I pack?", "What to pack:", ["oilskins", "a thermos", "rope"]),
        ("What else should be brought?", "tea\n  - lemon", ["tea", "lemon"]),
        ("How do I leave the harbour?", "Start the engine", ["Loosen the ropes.", "Start the engine.", "Hoist the flag."]),
        ("List the steps of leaving.", "Leaving the harbour", ["Loosen the ropes.", "Start the engine.", "Hoist the flag."]),
    ],
)
def test_a_list_is_given_whole_at_the_level_asked_for(question: str, span: str, items: list[str]) -> None:
    found = shaped(question, span)
    assert found and texts(found.items, NOTES) == items
    assert all(found.quote[0] <= start and end <= found.quote[1] for start, end in found.items)


def test_a_list_is_quoted_with_its_lead_in() -> None:
    found = shaped("What should I pack for the trip?", "rope")
    assert found and NOTES[slice(*found.quote)].startswith("What to pack:") and NOTES[slice(*found.quote)].endswith("rope")
    nested = shaped("What else should be brought?", "tea\n  - lemon")
    assert nested and NOTES[slice(*nested.quote)].startswith("- a thermos")


@pytest.mark.parametrize(
    ("question", "span"),
    [
        ("What is packed against fog?", "flares, red and white"),
        ("What are the flares against fog?", "red and white"),
        ("When do I start the engine?", "Start the engine"),
        ("What two things should I pack?", "oilskins"),
    ],
)
def test_an_item_that_answers_by_itself_stays_alone(question: str, span: str) -> None:
    found = shaped(question, span)
    assert found and not found.items and found.short and NOTES[slice(*found.short)] == span


def test_a_mark_is_no_part_of_an_answer() -> None:
    found = shaped("Who hoists it?", "3. Hoist the flag")
    assert found and found.short and NOTES[slice(*found.short)] == "Hoist the flag"


@pytest.mark.parametrize(
    ("question", "span", "short"),
    [
        ("Who keeps the Buoy?", "Karl", "Karl"),
        ("Who is the keeper of the Buoy?", "Buoy | Karl Benn", "Karl Benn"),
        ("What depth has the Buoy berth?", "Karl", "6 m"),
        ("Which berth does Ines Roth keep?", "4 m", "Anchor"),
    ],
)
def test_a_row_is_quoted_whole_with_its_header_and_answered_by_a_cell(question: str, span: str, short: str) -> None:
    found = shaped(question, span)
    assert found and found.short and found.header and NOTES[slice(*found.short)] == short
    assert NOTES[slice(*found.header)] == "| Berth | Keeper | Depth |"
    assert short in NOTES[slice(*found.quote)] and NOTES[slice(*found.quote)].endswith(" m |")


@pytest.mark.parametrize(
    ("question", "short"), [("Who is the keeper with 31 boats?", "Benn"), ("How many lost lamps has Benn?", "2")]
)
def test_a_column_is_named_by_the_lower_header_row_and_by_the_upper_one_where_that_is_empty(question: str, short: str) -> None:
    file = document("Keeper,Lamps,,Boats\n,lit,lost,seen\nRoth,4,1,24\nBenn,6,2,31\n", "a.csv")
    start = file.text.index("Benn")
    found = shape(Question.parse(question), file, start, start + len("Benn | 6 | 2 | 31"))
    assert found and found.short and file.text[slice(*found.short)] == short


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("| a | b |  |", ["a", "b", ""]),
        ("|a|b|", ["a", "b"]),
        (r"| a \| b | c |", [r"a \| b", "c"]),
        ("a |  | c", ["a", "", "c"]),
        ("| b | c", ["", "b", "c"]),
        ("a|b", ["a", "b"]),
        ("a\tb c", ["a", "b c"]),
        ("a  b c   d", ["a", "b c", "d"]),
    ],
)
def test_cells_are_told_by_what_separates_them(row: str, told: list[str]) -> None:
    assert texts(cells(row, (0, len(row))), row) == told


@pytest.mark.parametrize(
    ("line", "span", "short"),
    [
        ("Telephone: 555 0142", "Telephone: 555", "555 0142"),
        ("Telephone: 555 0142", "555", "555 0142"),
        ("Keepers: Ines Roth, Karl Benn", "Karl Benn", "Karl Benn"),
        ("电话：555 0142", "电话：555 0142", "555 0142"),
    ],
)
def test_the_value_of_a_label_answers(line: str, span: str, short: str) -> None:
    text = f"# Kiosk\n\n{line}\n"
    found = shaped("What is it?", span, text)
    assert found and found.short and text[slice(*found.short)] == short and text[slice(*found.quote)] == line


def test_prose_has_no_shape() -> None:
    assert shaped("What does the sea do?", "rises", "# Sea\n\nThe sea rises. It falls.\n") is None


@pytest.mark.parametrize(
    ("cell", "amount", "unit"),
    [("1,200", "1200", ""), ("1850", "1850", ""), ("-5[a]", "-5", ""), ("$5.5", "5.5", "USD"), ("24%", "24", "%"), ("3 km", "3", "km"), ("1280人", "1280", "人")],
)  # fmt: skip
def test_a_cell_states_an_amount_in_a_unit(cell: str, amount: str, unit: str) -> None:
    found = figure(cell)
    assert found and (str(found.amount), found.unit) == (amount, unit)


@pytest.mark.parametrize("cell", ["", "n/a", "40 (2)", "5–7", "~7", "2-1", "School 12", "12 May 1999", "5e30"])
def test_other_cells_state_none(cell: str) -> None:
    assert figure(cell) is None


def computed(question: str, text: str = SHOPS, name: str = "shops.csv", about: str = "shops") -> Computed | Reason | None:
    file = document(text, name)
    at = max(number for number, block in enumerate(file.blocks) if block.kind == "row")
    return compute(Question.parse(question), file, at, about, name)


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("Which shop has the highest sales?", "Birch"),
        ("Which town has the least staff?", "Riga"),
        ("What are the highest sales?", "2,150"),
        ("What is the average staff of the shops in Riga?", "4"),
        ("How many staff are there in all?", "22"),
    ],
)
def test_it_computes_over_the_column_that_the_question_names(question: str, short: str) -> None:
    found = computed(question)
    assert isinstance(found, Computed) and found.short == short


@pytest.mark.parametrize("name", ["Everything", "Average"])
def test_rows_of_totals_and_averages_are_left_out(name: str) -> None:
    last = "9000,,9" if name == "Average" else "4250,,22"
    found = computed("Which shop has the highest sales?", f"{SHOPS.rsplit('Total', 1)[0]}{name},,{last}\n")
    assert isinstance(found, Computed) and found.short == "Birch"


def test_rows_are_counted_where_no_total_stands_among_them() -> None:
    without = SHOPS.rsplit("Total", 1)[0]
    for question, short in [("How many shops are there?", "3"), ("How many shops are in Riga?", "2")]:
        found = computed(question, without)
        assert isinstance(found, Computed) and found.short == short
    assert computed("How many shops are in Riga?") is None


@pytest.mark.parametrize(
    "question",
    [
        "Which shop has the highest profit?",
        "Which shop has the second highest sales?",
        "What are the total sales of Denver?",
        "How many staff does Alder have?",
        "Which shop has the highest sales in 1999?",
    ],
)
def test_what_the_table_does_not_name_is_not_computed(question: str) -> None:
    assert computed(question) is None


def test_why_it_does_not_compute_is_said() -> None:
    rent = computed("What is the total rent?")
    assert isinstance(rent, Reason) and rent.code == "units differ" and "“Rent”" in rent.told("en") and "Rent" in rent.told("zh")
    odd = computed("What are the total sales?", SHOPS.replace("900", "unknown"))
    assert isinstance(odd, Reason) and odd.code == "no figures" and "unknown" in odd.told("en")
    two = computed("Which shop has the most staff?", SHOPS.replace("Rent", "Staff abroad").replace("$", "€"))
    assert isinstance(two, Computed)
    tied = computed("Which shop has the most staff?", SHOPS.replace("Sales", "Staff 1").replace("Staff\n", "Staff 2\n"))
    assert isinstance(tied, Reason) and tied.code == "several columns"


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rag]:
    docs = tmp_path_factory.mktemp("docs")
    rows = "".join(f"Crate {name},{number * number}\n" for number, name in enumerate("ABCDEFGHIJKL", start=3))
    for name, text in {"notes.md": NOTES, "shops.csv": SHOPS, "仓库.md": STORES, "crates.csv": f"Crate,Weight\n{rows}"}.items():
        (docs / name).write_text(text, encoding="utf-8")
    with Rag(Config(docs=docs, index_dir=tmp_path_factory.mktemp("index"))) as rag:
        rag.sync()
        yield rag


def asked(rag: Rag, question: str) -> Answer:
    answer = rag.answer(question)
    assert answer.answered, answer.reason
    check_receipts(answer, Path(rag.config.docs))
    return answer


def test_answers_show_rows_below_their_header(harbour: Rag) -> None:
    answer = asked(harbour, "Who is the keeper of the Buoy berth?")
    assert answer.short == "Karl Benn" and answer.text.splitlines()[2:] == [
        "| Berth | Keeper | Depth | [2]",
        "| Buoy | Karl Benn | 6 m | [1]",
    ]


def test_lists_and_steps_are_answered_item_by_item(harbour: Rag) -> None:
    steps = asked(harbour, "What are the steps for leaving the harbour?")
    assert [item.text for item in steps.items] == ["Loosen the ropes.", "Start the engine.", "Hoist the flag."]
    assert [item.text for item in asked(harbour, "入库的步骤有哪些？").items] == ["出示通行证。", "领取号码。"]


def test_the_most_is_answered_by_its_row_and_says_how(harbour: Rag) -> None:
    answer = asked(harbour, "Which shop has the highest sales?")
    assert answer.short == "Birch" and [c.quote.split(" | ")[0] for c in answer.citations] == ["Birch", "Shop"]
    assert answer.text.endswith("The highest of 3 rows in “Sales”: 2,150")


def test_a_sum_says_that_it_is_computed_and_cites_its_cells(harbour: Rag) -> None:
    answer = asked(harbour, "仓库一共有多少辆卡车？")
    assert answer.short == "67" and [citation.quote for citation in answer.citations] == ["14", "22", "31"]
    assert answer.text == "由“卡车”一列 3 行相加得出：67 [1][2][3]"
    assert short_stands(answer.to_dict()) and not short_stands({**answer.to_dict(), "computed": None})
    many = asked(harbour, "What is the total weight of the crates?")
    assert many.short == "1,010" and [citation.quote for citation in many.citations] == ["Weight"] and "12 rows" in many.text


def test_the_question_may_be_meant_for_another_table(harbour: Rag) -> None:
    (Path(harbour.config.docs) / "kiosks.csv").write_text(SHOPS.replace("Alder", "Elm"), encoding="utf-8")
    harbour.sync()
    answer = harbour.answer("Which shop has the highest sales?")
    assert [reason.code for reason in answer.reasons] == ["several tables"] and "kiosks.csv" in answer.reason
    assert harbour.answer("Which shop has the highest sales?", sources=["kiosks.csv"]).short == "Birch"


def test_no_figure_is_given_below_the_least_confidence(harbour: Rag) -> None:
    with Rag(replace(harbour.config, min_confidence=0.99), models=harbour) as strict:
        assert not strict.answer("仓库一共有多少辆卡车？").answered
