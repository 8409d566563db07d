"""Tables and boxes of labelled values → examples whose passage is rows as plain text and whose context is the title and header.

In: IM-TQA, HiTab and WikiTableQuestions with their answer cells, and InfoTabS' boxes. Rows are written as the product may present
them (`LAYOUTS`): `| a | b |`, `a,b`, tab separated, or `header: value; header: value`. Beside each answer stand its negatives, the
same question with the answer's row or column taken out, or with the answer's label, or asked of another box.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from name_swaps import look
from reader_data import TRIES
from set_examples import ContextExample, made_lines, size_language, surface, trimmed

LAYOUTS = {"markdown": 0.3, "labels": 0.15, "csv": 0.3, "tabs": 0.25}
ROWS = (1, 11)
"""Rows of a passage, drawn evenly; the answer's row is among them unless it is taken out."""
CHARACTERS = {"zh": 300, "en": 680}
"""The most of a passage of rows."""
HEADER_CHARACTERS = {"zh": 160, "en": 320}
KINDS = {"cell": 0.42, "other row": 0.16, "absent row": 0.2, "absent column": 0.1, "absent name": 0.12}
"""How often each is tried: the cell asked for, the same of another row, the row or column taken out, the row's name replaced by one of another table."""
HELD_OUT = 0.04
TABLES = {"im_tqa_train": 4.0, "hitab_train": 2.5, "wtq_train": 2.0}
_NUMERIC = re.compile(r"[-−+$€£¥(]*\d[\d,.%) ]*$|[-–—]$")
_TERM = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class TableQuestion:
    """A question that one cell answers. `table` is rows of cells; `cell` the row and column."""

    question: str
    title: str
    table: tuple[tuple[str, ...], ...]
    cell: tuple[int, int]
    language: str

    @property
    def answer(self) -> str:
        return self.table[self.cell[0]][self.cell[1]]


@dataclass(frozen=True)
class Box:
    """A thing and its labelled values."""

    title: str
    lines: tuple[tuple[str, str], ...]


def clean(cell: str) -> str:
    return " ".join(cell.replace("|", "/").split())


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_questions(questions: Path, tables: Path | None = None) -> list[TableQuestion]:
    """The questions of a set with exactly one answer cell; `tables` holds the tables where the questions only name them."""
    named = {raw["table_id"]: raw for raw in read_lines(tables)} if tables else {}
    found = []
    for raw in read_lines(questions):
        if len(raw["cells"] or ()) != 1 or raw["kind"] not in ("single", "single_cell", "unique", "arbitrary_cells"):
            continue
        source = named.get(raw.get("table_id"), raw)
        if "table" not in source:
            continue
        table = tuple(tuple(clean(cell) for cell in row) for row in source["table"])
        row, column = raw["cells"][0]
        if row < len(table) and column < len(table[row]) and table[row][column]:
            found.append(TableQuestion(raw["question"], clean(source.get("title") or ""), table, (row, column), raw["lang"]))
    return found


def header_rows(table: Sequence[Sequence[str]], answer_row: int) -> int:
    """How many rows on top are a header: those before the first with figures, at most three, never the answer's row."""
    for number, row in enumerate(table[:3]):
        cells = [cell for cell in row[1:] if cell]
        if number and cells and 2 * sum(bool(_NUMERIC.match(cell)) for cell in cells) >= len(cells):
            return min(number, answer_row)
    return min(1, answer_row)


def column_names(table: Sequence[Sequence[str]], headers: int) -> list[str]:
    """One name for each column out of the header rows, a repeated cell once."""
    width = max(map(len, table))
    names = []
    for column in range(width):
        parts = [row[column] for row in table[:headers] if column < len(row) and row[column]]
        names.append(" ".join(dict.fromkeys(parts)))
    return names


def written(cells: Sequence[str], names: Sequence[str], layout: str) -> list[tuple[str, int]]:
    """One row as pieces of text, each with its column (−1 for what stands between cells)."""
    pieces: list[tuple[str, int]] = []
    if layout == "labels":
        for column, cell in enumerate(cells):
            if cell:
                name = names[column] if column < len(names) else ""
                pieces += [("; " if pieces else "", -1), (f"{name}: " if name else "", -1), (cell, column)]
        return pieces
    between = {"markdown": " | ", "csv": ",", "tabs": "\t"}[layout]
    pieces.append(("| " if layout == "markdown" else "", -1))
    for column, cell in enumerate(cells):
        if column:
            pieces.append((between, -1))
        quoted = layout == "csv" and "," in cell
        pieces += [('"' if quoted else "", -1), (cell, column), ('"' if quoted else "", -1)]
    pieces.append((" |" if layout == "markdown" else "", -1))
    return pieces


def as_text(pieces: Sequence[tuple[str, int]]) -> str:
    return "".join(text for text, _ in pieces)


def row_name(asked: TableQuestion) -> tuple[int, str]:
    """The column and the text of the one cell of the answer's row that stands in the question word for word; (-1, "") where it is not one."""
    row = asked.table[asked.cell[0]]
    found = [(c, cell) for c, cell in enumerate(row) if c != asked.cell[1] and len(cell) > 1 and asked.question.count(cell) == 1]
    return found[0] if len(found) == 1 else (-1, "")


def other_row(asked: TableQuestion, rng: random.Random) -> TableQuestion | None:
    """The same asked of another row of the table, whose cell then answers; None where the rows are not told apart by one column."""
    column, name = row_name(asked)
    if column < 0:
        return None
    top = header_rows(asked.table, asked.cell[0])
    names = [row[column] if column < len(row) else "" for row in asked.table]
    ways = [
        n for n in range(top, len(names))
        if n != asked.cell[0] and names[n] and names.count(names[n]) == 1 and asked.cell[1] < len(asked.table[n])
        and asked.table[n][asked.cell[1]] and names[n] not in asked.question and name not in names[n]
    ]  # fmt: skip
    if not ways or names.count(name) > 1:
        return None
    row = rng.choice(ways)
    return replace(asked, question=asked.question.replace(name, names[row]), cell=(row, asked.cell[1]))


def named_in_question(asked: TableQuestion) -> bool:
    """Whether another cell of the answer's row is in the question, so that without this row nothing answers it."""
    question = asked.question.lower()
    terms = set(_TERM.findall(question))
    for column, cell in enumerate(asked.table[asked.cell[0]]):
        lower = cell.lower()
        if column == asked.cell[1] or len(lower) < 2:
            continue
        words = set(_TERM.findall(lower))
        if lower in question or (words and len(words & terms) >= 0.75 * len(words) and max(map(len, words)) > 3):
            return True
    return False


def present(
    asked: TableQuestion, layout: str, rows: Sequence[int], dropped_column: int = -1, titled: bool = True
) -> ContextExample:
    """The question over `rows` of its table; without answer where its row is not among them or its column is dropped."""
    headers = header_rows(asked.table, asked.cell[0])
    keep = [c for c in range(max(map(len, asked.table))) if c != dropped_column]
    names = column_names(asked.table, headers)
    shown_names = [names[c] for c in keep]
    size = size_language(asked.question)
    context = [asked.title] if titled and asked.title else []
    if layout != "labels" and any(shown_names) and headers:
        context += [as_text(written([_cell(row, c) for c in keep], [], layout)) for row in asked.table[:headers]]
    text, start, end = "", 0, 0
    for number in rows:
        if number < headers:
            continue
        line = ""
        for piece, column in written([_cell(asked.table[number], c) for c in keep], shown_names, layout):
            if number == asked.cell[0] and column >= 0 and keep[column] == asked.cell[1]:
                start, end = len(text) + len(line), len(text) + len(line) + len(piece)
            line += piece
        text += line + "\n"
    text = text.rstrip("\n")
    context_text = "\n".join(context)[: HEADER_CHARACTERS[size]]
    answers = (text[start:end],) if end else ()
    return ContextExample(
        asked.question, text, start, end, "cell" if end else "absent row", answers, context_text, asked.language
    )


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def chosen_rows(asked: TableQuestion, rng: random.Random, most: int) -> list[int]:
    """Rows in a row around the answer's whose text stays within `CHARACTERS`."""
    first = last = asked.cell[0]
    top = header_rows(asked.table, asked.cell[0])
    budget = CHARACTERS[size_language(" ".join(map(" ".join, asked.table[: last + 1])))]
    spent = sum(map(len, asked.table[first]))
    while last - first + 1 < most:
        ways = [n for n in (first - 1, last + 1) if top <= n < len(asked.table)]
        if not ways:
            break
        taken = rng.choice(ways)
        spent += sum(map(len, asked.table[taken])) + 2 * len(asked.table[taken])
        if spent > budget:
            break
        first, last = min(first, taken), max(last, taken)
    return list(range(first, last + 1))


class TableData:
    """The tables and boxes of a folder; draws one example at a time."""

    def __init__(self, folder: Path) -> None:
        self.training: dict[str, list[TableQuestion]] = {}
        self.held_out: dict[str, list[TableQuestion]] = {}
        for name in TABLES:
            tables = folder / f"{name.removesuffix('_train')}_tables.jsonl.gz"
            questions = read_questions(folder / f"{name}.jsonl.gz", tables if tables.exists() else None)
            keys = sorted({(q.title, q.table[0]) for q in questions})
            random.Random(name).shuffle(keys)
            aside = set(keys[: int(len(keys) * HELD_OUT)])
            self.training[name] = [q for q in questions if (q.title, q.table[0]) not in aside]
            self.held_out[name] = [q for q in questions if (q.title, q.table[0]) in aside]
        named = sorted({row_name(q)[1] for questions in self.training.values() for q in questions} - {""})
        self._row_names = {language: [n for n in named if size_language(n) == language] for language in ("en", "zh")}
        self.boxes = read_boxes(folder / "infotabs_tables.jsonl.gz")

    def draw(self, rng: random.Random) -> ContextExample:
        name = rng.choices(list(TABLES), list(TABLES.values()))[0]
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        for asked in rng.choices(self.training[name], k=TRIES):
            made = self.example(asked, rng, kind)
            if made.kind == kind:
                break
        return made

    def example(self, asked: TableQuestion, rng: random.Random, kind: str) -> ContextExample:
        """An example of `kind`; the cell asked for where the question does not give it."""
        layout = rng.choices(list(LAYOUTS), list(LAYOUTS.values()))[0]
        most = rng.randint(*ROWS)
        other = other_row(asked, rng) if kind == "other row" else None
        asked = other or asked
        rows = chosen_rows(asked, rng, most + (kind == "absent row"))
        titled = rng.random() < 0.7
        made = present(asked, layout, rows, titled=titled)
        row = asked.table[asked.cell[0]]
        if kind == "absent row" and named_in_question(asked) and len(rows) > 1:
            made = present(asked, layout, [n for n in rows if n != asked.cell[0]], titled=titled)
        elif kind == "absent column" and row.count(asked.answer) == 1 and sum(map(bool, row)) > 2:
            made = replace(present(asked, layout, rows, asked.cell[1], titled), kind="absent column")
        elif kind == "absent name" and (name := row_name(asked)[1]):
            alike = [n for n in rng.sample(self._row_names[size_language(name)], 40) if look(n) == look(name)]
            if absent := next((n for n in alike if n not in made.passage and n not in made.question), ""):
                question = made.question.replace(name, absent)
                made = replace(made, question=question, start=0, end=0, kind="absent name", answers=())
        if other and made.end:
            made = replace(made, kind=kind)
        if rng.random() < 0.25:
            size = size_language(asked.question)
            lines = [line for line in made_lines(asked.title or asked.table[0][0], size, rng) if asked.answer not in line]
            made = replace(made, context="\n".join([*lines[:1], made.context]).strip("\n"))
        return replace(made, question=surface(made.question, rng))

    def draw_box(self, rng: random.Random) -> ContextExample:
        return box_example(rng.choice(self.boxes), rng.choice(self.boxes), rng)


def read_boxes(path: Path) -> list[Box]:
    found = []
    for raw in read_lines(path):
        rows = [tuple(clean(cell.replace(" | ", ", ")) for cell in row) for row in raw["table"]]
        lines = tuple(
            (row[0], row[1]) for row in rows[1:] if len(row) == 2 and all(row) and len(row[1]) < 160 and len(row[0]) < 40
        )
        if rows and rows[0][0] == "title" and len(lines) > 2:
            found.append(Box(rows[0][1], lines))
    return found


_ASK = (
    "What is the {label} of {title}?", "What is {title}'s {label}?", "{title} {label}", "{label} of {title}", "What does it say for {label}?",
    "What is given as {label} for {title}?", "What is the {label}?", "{label}?", "Which {label} does {title} have?", "Tell me the {label} of {title}",
)  # fmt: skip
_ASK_VERB = (
    "{title}: {label} whom or what?",
    "What was {title} {label}?",
    "Who or what was {title} {label}?",
    "{title} {label}",
    "{label}?",
)
_ASK_ZH = (
    "{title}的{label}是什么？", "{title}的{label}？", "{label}是什么", "{title} {label}", "请问{title}的{label}", "{title}的{label}是多少？",
    "关于{title}，{label}一栏写的是什么？", "{label}是？",
)  # fmt: skip
_LABELS_ZH = {
    "released": "发行日期", "genre": "类型", "length": "时长", "label": "唱片公司", "producer": "制作人", "directed by": "导演", "produced by": "监制",
    "starring": "主演", "written by": "编剧", "music by": "配乐", "cinematography": "摄影", "edited by": "剪辑", "running time": "片长", "country": "国家",
    "language": "语言", "budget": "预算", "box office": "票房", "born": "出生", "died": "去世", "occupation": "职业", "spouse": "配偶", "spouse(s)": "配偶",
    "children": "子女", "nationality": "国籍", "education": "学历", "alma mater": "母校", "population": "人口", "area": "面积", "elevation": "海拔",
    "founded": "成立时间", "headquarters": "总部", "founder": "创始人", "industry": "行业", "products": "产品", "revenue": "营业收入", "website": "网站",
    "height": "身高", "weight": "体重", "location": "地点", "capacity": "容量", "opened": "开放时间", "owner": "所有者", "architect": "建筑师",
    "sport": "运动项目", "publisher": "出版社", "author": "作者", "release date": "上映日期", "publication date": "出版日期", "pages": "页数",
    "time zone": "时区", "mayor": "市长", "type": "类型", "years active": "活跃年代", "instruments": "乐器", "known for": "因何闻名", "parent(s)": "父母",
    "recorded": "录制时间", "origin": "起源地", "formula": "分子式", "density": "密度", "melting point": "熔点", "boiling point": "沸点", "medium": "媒介",
    "dimensions": "尺寸", "year": "年份", "artist": "艺术家", "country of origin": "原产国", "main ingredients": "主要原料", "alternative names": "别名",
    "religion": "宗教", "residence": "居住地", "awards": "奖项", "political party": "政党", "frequency": "出版周期", "circulation": "发行量",
    "operator": "运营方", "opening": "开幕", "venue": "场馆", "date": "日期", "color": "颜色", "weight class": "级别", "trainer": "驯马师",
}  # fmt: skip
"""Common labels of the boxes, for Chinese questions over English values and boxes put into Chinese."""


def box_question(label: str, title: str, language: str, rng: random.Random) -> str:
    """A question for a label's value."""
    if language == "zh":
        return rng.choice(_ASK_ZH).format(label=_LABELS_ZH[label.lower()], title=title)
    lower = label if label.isupper() else label[:1].lower() + label[1:]
    ways = _ASK_VERB if lower.endswith((" by", "ed")) else _ASK
    if lower in ("released", "born", "died", "founded", "opened", "recorded") and rng.random() < 0.6:
        return rng.choice(("When was {title} {label}?", "{title} {label} when", "when {title} {label}")).format(
            title=title, label=lower
        )
    return rng.choice(ways).format(label=lower, title=title)


def box_example(box: Box, other: Box, rng: random.Random, kind: str = "") -> ContextExample:
    """A label's value, or the same asked where the label is taken out or of another thing than the box's."""
    kind = kind or rng.choices(("label", "absent label", "other thing"), (0.62, 0.26, 0.12))[0]
    label, value = rng.choice(box.lines)
    chinese = [line for line in box.lines if line[0].lower() in _LABELS_ZH]
    language, written_language = "en", "en"
    if chinese and rng.random() < 0.4:
        label, value = rng.choice(chinese)
        language = "zh"
        written_language = rng.choice(("en", "zh"))
    first = rng.randrange(len(box.lines))
    lines = list(box.lines[first:] if rng.random() < 0.3 else box.lines)
    lines = [line for line in lines if line[0] != label]
    lines = rng.sample(lines, min(len(lines), rng.randint(1, 9)))
    question = box_question(label, box.title, language, rng)
    title = box.title
    if kind == "other thing" and box.title in question and other.title != box.title:
        title = other.title
    elif kind == "other thing":
        kind = "absent label"
    if kind != "absent label":
        lines.insert(rng.randint(0, len(lines)), (label, value))
    if not lines:
        lines = [("Title", title)]
    mark = rng.choice((": ", ": ", "： " if written_language == "zh" else ": ", " = ", "\t", " - "))
    passage, start, end = "", 0, 0
    for name, text in lines:
        name_shown = _LABELS_ZH.get(name.lower(), name) if written_language == "zh" else name
        passage += ("\n" if passage else "") + name_shown + mark
        if name == label and kind == "label":
            start, end = len(passage), len(passage) + len(text)
        passage += text
    if end:
        start, end = trimmed(passage, start, end)
    answers = (passage[start:end],) if end else ()
    context = rng.choice((title, f"# {title}", f"{title}\nFacts", f"notes/{title}.txt"))
    if any(answer.lower() in context.lower() for answer in answers):
        context = ""
    return ContextExample(surface(question, rng), passage, start, end, kind, answers, context, written_language)
