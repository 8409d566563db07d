"""Templates in English and Chinese → pairs of examples, one answerable and one not, for faults that ordinary sets do not show.

In: random numbers and, as filling, real sentences of the training sets. Out: `Pair`s of `ContextExample`. Question and text may be in
different languages. Kinds:

  fact        the same fact of several companies, people, places, years, roles, part or order numbers, in sentences or in lines;
              the other example asks for one that is not there, an identifier that differs by a character, the other role
  negation    what did not happen, or was not done by whom
  exception   a rule, and a group for which another holds
  plan        what was planned against what was done
  unit        two amounts in one sentence, told apart by their unit
  bound       "at least 30 days", "−7 °C": bounds and signs belong to the answer
  repeated    headings, captions and questions of the text that repeat the question; the answer is not in them
  statute     articles with their number (第三十条 is no duration) and a period
  settings    lines of configuration and logs
  mail        head lines and a text; a date of the letter is not the date asked for
  steps       numbered steps
  dated       a date in the context, another in the passage or none

In a template `{e}` is the thing asked about and `⟦…⟧` encloses the answer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from made_words import (
    FRAMES,
    Frame,
    company,
    day,
    decorated,
    document,
    duration,
    identifier,
    near_identifier,
    nonsense,
    number_word,
    person,
    place,
    thing,
    value,
    year,
)
from set_examples import CONTEXT_CHARACTERS, ContextExample, holds_answer, made_lines, surface

Both = Mapping[str, str]
"""The same thing in "en" and "zh"."""
Ways = Mapping[str, Sequence[str]]
"""Ways to say it in "en" and "zh"."""
LANGUAGES = ("en", "zh")
CROSSED = 0.22
"""Share of the pairs whose question and text are in different languages."""
WITH_CONTEXT = 0.5
FILLED = 0.55
"""Share of the pairs with real sentences around what is made."""
_MARKED = re.compile("⟦(.+?)⟧", re.DOTALL)


@dataclass(frozen=True)
class Pair:
    """The same or a like question, answered by one passage and not by the other."""

    answered: ContextExample
    unanswered: ContextExample


@dataclass(frozen=True)
class Draft:
    """What a generator makes: two questions in the language asked in, two passages in the other, the first with ⟦answer⟧."""

    kind: str
    question: str
    passage: str
    other_question: str
    other_passage: str
    context: str = ""


@dataclass(frozen=True)
class Case:
    """Sentences that tell it, with `{v}`, sentences that leave it out, and questions for it."""

    told: Ways
    asked: Ways
    untold: Ways = field(default_factory=dict)
    topic: Both = field(default_factory=dict)


Generator = Callable[[random.Random, str, str], Draft]


def either(rng: random.Random, language: str, **ways: Sequence[str]) -> str:
    return rng.choice(ways[language])


def unmarked(text: str) -> tuple[str, int, int]:
    """The text without the marks, and where the answer is; (0, 0) where nothing is marked."""
    found = _MARKED.search(text)
    if not found:
        return text, 0, 0
    plain = text[: found.start()] + found[1] + text[found.end() :]
    return plain, found.start(), found.start() + len(found[1])


def space(language: str) -> str:
    return " " if language == "en" else ""


# --- facts ---------------------------------------------------------------------------------------------------------------


def facts(rng: random.Random, asked: str, written: str) -> Draft:
    """Several things with the same attribute; the other question asks for one that is near but not there."""
    frame = rng.choice(FRAMES)
    things = entities(frame, rng)
    values = [value(frame.value, rng) for _ in things]
    while len({v["en"] for v in values}) < len(values):
        values = [value(frame.value, rng) for _ in things]
    if rng.random() < 0.25:
        values = [decorated(v, rng) if frame.value in ("money", "duration", "count", "weight", "length") else v for v in values]
    last = len(things) - 1
    chosen, missing = rng.randrange(last), last  # the last one is never written
    told = list(range(last))
    form = rng.choice(frame.sentences[written])
    lines = layout(frame, rng, written)

    def text(marked: int, left_out: int) -> str:
        parts = []
        for i in told:
            if i == left_out:
                continue
            shown = f"⟦{values[i][written]}⟧" if i == marked else values[i][written]
            form_here = form if lines or rng.random() < 0.6 else rng.choice(frame.sentences[written])
            said = lines(things[i][written], shown) if lines else form_here.format(e=things[i][written], v=shown)
            parts.append(said[0].upper() + said[1:])
        return ("\n" if lines else space(written)).join(parts)

    way = rng.choice(frame.questions[asked])
    passage = text(chosen, -1)
    heading = frame.name[written] if lines and rng.random() < 0.7 else ""
    if len(told) > 1 and rng.random() < 0.4:
        question = _ask(way, things[chosen], asked, written, rng)
        return Draft("fact", question, passage, question, text(-1, chosen), heading)
    question = _ask(way, things[chosen], asked, written, rng)
    return Draft("fact", question, passage, _ask(way, things[missing], asked, written, rng), text(-1, -1), heading)


def _ask(way: str, named: Both, asked: str, written: str, rng: random.Random) -> str:
    """Across languages a name is often left as the text writes it."""
    return way.format(e=named[written] if asked != written and rng.random() < 0.3 else named[asked])


def entities(frame: Frame, rng: random.Random) -> list[Both]:
    """Two to six different things of a frame's kind; the last is the one that will be missing."""
    if frame.roles:
        return [dict(role) for role in rng.sample(frame.roles, min(len(frame.roles), rng.randint(2, 3)))]
    makers: Mapping[str, Callable[[random.Random], Both]] = {
        "company": company, "person": person, "place": place, "year": year, "identifier": identifier, "thing": thing, "document": document,
    }  # fmt: skip
    count = rng.randint(2, 6)
    found: list[Both] = []
    while len(found) < count:
        new = (
            near_identifier(found[0], rng)
            if frame.entity == "identifier" and found and rng.random() < 0.7
            else makers[frame.entity](rng)
        )
        if all(new["en"] != other["en"] and new["zh"] != other["zh"] for other in found):
            found.append(new)
    if frame.entity == "identifier":
        rng.shuffle(found)
    return found


def layout(frame: Frame, rng: random.Random, language: str) -> Callable[[str, str], str] | None:
    """None for sentences, else one line a thing."""
    if rng.random() < 0.6:
        return None
    name = frame.name[language]
    ways: list[Callable[[str, str], str]] = [
        lambda e, v: f"- {e}: {v}",
        lambda e, v: f"{e}\t{v}",
        lambda e, v: f"| {e} | {v} |",
        lambda e, v: f"{e} ({name}: {v})",
        lambda e, v: f"{e} – {name} {v}",
        lambda e, v: f"* {e} | {name} = {v}",
        lambda e, v: f"{e},{v}" if "," not in v else f'{e},"{v}"',
    ]
    return rng.choice(ways)


# --- what is not, what was meant to be ---------------------------------------------------------------------------------------


def exceptions(rng: random.Random, asked: str, written: str) -> Draft:
    """A rule with its amount, and a group for which another holds."""
    group, other, rule, special = _rule(rng)
    sentence = either(
        rng, written,
        en=("{rule} applies to everyone: {v}. Only {group} are an exception: for them it is ⟦{s}⟧.",
            "Everyone pays {v}, except {group}, who pay ⟦{s}⟧.", "The {rule} is {v}. This does not hold for {group} (⟦{s}⟧).",
            "With the exception of {group}, for whom it is ⟦{s}⟧, the {rule} is {v}."),
        zh=("{rule}一律为{v}，但{group}除外，{group}为⟦{s}⟧。", "除{group}为⟦{s}⟧外，{rule}均为{v}。", "{rule}是{v}。{group}不适用上述规定，按⟦{s}⟧执行。"),
    )  # fmt: skip
    plain = either(rng, written, en=("The {rule} is {v}. It does not apply to {group}.", "{group} do not pay the {rule} of {v}."),
                   zh=("{rule}为{v}。{group}不适用。", "{rule}为{v}，{group}除外。"))  # fmt: skip
    question = either(rng, asked, en=("What is the {rule} for {group}?", "How much is the {rule} for {group}?", "{rule} {group}"),
                      zh=("{group}的{rule}是多少？", "对{group}来说，{rule}是多少？", "{group} {rule}"))  # fmt: skip
    fill = {"rule": rule, "group": group, "v": other, "s": special}
    said = question.format(**{k: v[asked] for k, v in fill.items()})
    in_text = {k: v[written] for k, v in fill.items()}
    return Draft("exception", said, sentence.format(**in_text), said, plain.format(**in_text))


def negation(rng: random.Random, asked: str, written: str) -> Draft:
    what, right, wrong = thing(rng), year(rng), year(rng)
    person_a, person_b = person(rng), person(rng)
    verbs = rng.choice(_DEEDS)
    fill_text = {"x": what[written], "r": right[written], "w": wrong[written], "p": person_a[written], "o": person_b[written]}
    fill_text |= {name: forms[written] for name, forms in verbs.items()}
    fill_asked = {"x": what[asked], "p": person_a[asked], "o": person_b[asked]} | {
        name: forms[asked] for name, forms in verbs.items()
    }
    if rng.random() < 0.55:
        passage = either(rng, written, en=("The {x} was not {did} in {w}, as often said, but in ⟦{r}⟧.", "In {w} the {x} was still not {did}; that happened in ⟦{r}⟧.",
                                           "It was ⟦{r}⟧, not {w}, when the {x} was {did}."),
                         zh=("{x}并不是{w}{did}的，而是⟦{r}⟧{did}的。", "{w}{x}仍未{did}，直到⟦{r}⟧才{did}。"))  # fmt: skip
        other = either(rng, written, en=("The {x} was not {did} in {w}.", "In {w} the {x} had still not been {did}, and nothing more is known.", "By {w} nobody had {did} the {x}."),
                       zh=("{w}{x}没有{did}。", "截至{w}，{x}仍未{did}。", "{x}在{w}并未{did}，此后情况不明。"))  # fmt: skip
        said = either(rng, asked, en=("When was the {x} {did}?", "In what year was the {x} {did}?", "{x} {did} when"),
                      zh=("{x}是哪一年{did}的？", "{x}何时{did}？", "{x}什么时候{did}"))  # fmt: skip
    else:
        passage = either(rng, written, en=("The {x} was {did} not by {o} but by ⟦{p}⟧.", "{o} had no part in it: the {x} was {did} by ⟦{p}⟧."),
                         zh=("{x}不是由{o}，而是由⟦{p}⟧{did}的。", "{x}由⟦{p}⟧{did}，与{o}无关。"))  # fmt: skip
        other = either(
            rng,
            written,
            en=("The {x} was not {did} by {o}.", "{o} denies having {did} the {x}."),
            zh=("{x}不是由{o}{did}的。", "{o}否认曾{did}{x}。"),
        )
        said = either(
            rng, asked, en=("Who {did} the {x}?", "By whom was the {x} {did}?"), zh=("{x}是谁{did}的？", "谁{did}了{x}？")
        )
    return Draft(
        "negation", said.format(**fill_asked), passage.format(**fill_text), said.format(**fill_asked), other.format(**fill_text)
    )


_DEEDS: tuple[Mapping[str, Both], ...] = tuple(
    {"did": {"en": en, "zh": zh}}
    for en, zh in (
        ("sold", "出售"), ("repaired", "修复"), ("tested", "测试"), ("approved", "批准"), ("painted", "粉刷"), ("inspected", "检查"),
        ("replaced", "更换"), ("licensed", "授权"), ("registered", "登记"), ("insured", "投保"), ("moved", "搬迁"), ("cancelled", "取消"),
    )
)  # fmt: skip
_GROUPS: tuple[Both, ...] = tuple(
    {"en": en, "zh": zh}
    for en, zh in (
        ("pensioners", "退休人员"), ("apprentices", "学徒"), ("night-shift workers", "夜班职工"), ("part-time staff", "兼职人员"), ("volunteers", "志愿者"),
        ("foreign guests", "外籍来宾"), ("families with children", "有孩子的家庭"), ("bulk customers", "批发客户"), ("cyclists", "骑行者"),
        ("subcontractors", "分包商"), ("honorary members", "荣誉会员"), ("residents", "本地居民"), ("first-year students", "一年级学生"),
    )
)  # fmt: skip
_RULES: tuple[Both, ...] = tuple(
    {"en": en, "zh": zh}
    for en, zh in (
        ("entry fee", "入场费"), ("annual contribution", "年费"), ("parking charge", "停车费"), ("deposit", "押金"), ("hourly rate", "小时费率"),
        ("late fee", "滞纳金"), ("handling charge", "手续费"), ("meal allowance", "餐补"), ("transport allowance", "交通补贴"),
    )
)  # fmt: skip


def _rule(rng: random.Random) -> tuple[Both, Both, Both, Both]:
    first, second = value("money", rng), value("money", rng)
    return rng.choice(_GROUPS), first, rng.choice(_RULES), second


def plans(rng: random.Random, asked: str, written: str) -> Draft:
    who, meant, done = company(rng), value("count", rng), value("count", rng)
    when = year(rng)
    deed = rng.choice(_PLANS)
    fill = {
        "c": who[written],
        "m": meant[written],
        "d": done[written],
        "y": when[written],
        **{k: v[written] for k, v in deed.items()},
    }
    planned = either(rng, written, en=("{c} planned to {do} {m} {things} in {y}.", "For {y}, {c} had set itself the aim to {do} {m} {things}.", "The budget of {c} for {y} allowed it to {do} {m} {things}.",
                                       "{c} expects to {do} {m} {things} in {y}."),
                     zh=("{c}计划在{y}{do}{m}{things}。", "按照预算，{c}{y}拟{do}{m}{things}。", "{c}预计{y}将{do}{m}{things}。", "{c}{y}的目标是{do}{m}{things}。"))  # fmt: skip
    actual = either(rng, written, en=("In fact it {did} {d} {things}.", "By the end of the year {c} had {did} {d} {things}.", "{d} {things} were {did} in the end.", "What it {did} was {d} {things}."),
                    zh=("实际{do}了{d}{things}。", "截至年底，{c}共{do}{d}{things}。", "到年末实际完成{do}{d}{things}。"))  # fmt: skip
    ask_actual = either(rng, asked, en=("How many {things} did {c} actually {do} in {y}?", "How many {things} were {did} by {c} in {y}?", "how many {things} has {c} {did}"),
                        zh=("{c}{y}实际{do}了多少{things}？", "{y}{c}最终{do}了多少{things}？", "{c}{do}了多少{things}"))  # fmt: skip
    ask_plan = either(rng, asked, en=("How many {things} did {c} plan to {do} in {y}?", "What number of {things} did {c} mean to {do} in {y}?"),
                      zh=("{c}{y}计划{do}多少{things}？", "{c}原本打算在{y}{do}多少{things}？"))  # fmt: skip
    names = {"c": who[asked], "y": when[asked], **{k: v[asked] for k, v in deed.items()}}
    gap = space(written)
    if rng.random() < 0.55:
        marked = f"{planned}{gap}{actual.replace('{d}', '⟦{d}⟧')}"
        return Draft(
            "plan", ask_actual.format(**names), marked.format(**fill), ask_actual.format(**names), planned.format(**fill)
        )
    marked = f"{planned.replace('{m}', '⟦{m}⟧')}{gap}{actual}"
    alone = either(rng, written, en=("In {y}, {c} {did} {d} {things}.",), zh=("{y}，{c}{do}了{d}{things}。",))
    return Draft("plan", ask_plan.format(**names), marked.format(**fill), ask_plan.format(**names), alone.format(**fill))


_PLANS: tuple[Mapping[str, Both], ...] = tuple(
    {"do": {"en": do, "zh": zh}, "did": {"en": did, "zh": zh}, "things": {"en": things, "zh": things_zh}}
    for do, did, zh, things, things_zh in (
        ("open", "opened", "开设", "branches", "家分店"), ("build", "built", "建设", "charging points", "个充电桩"), ("hire", "hired", "招聘", "fitters", "名装配工"),
        ("plant", "planted", "种植", "saplings", "棵树苗"), ("deliver", "delivered", "交付", "trams", "辆电车"), ("train", "trained", "培训", "nurses", "名护士"),
        ("print", "printed", "印制", "leaflets", "份传单"), ("close", "closed", "关闭", "counters", "个柜台"), ("renovate", "renovated", "翻修", "flats", "套公寓"),
        ("install", "installed", "安装", "meters", "块电表"), ("buy", "bought", "采购", "tablets", "台平板"), ("drill", "drilled", "钻探", "wells", "口井"),
    )
)  # fmt: skip


def units(rng: random.Random, asked: str, written: str) -> Draft:
    """Two amounts in a sentence; the question's unit tells which. Without the one asked for, nothing answers."""
    what = thing(rng)
    first, second = rng.sample(list(_MEASURES), 2)
    a, b = value(first, rng), value(second, rng)
    fill = {"x": what[written], "a": a[written], "b": b[written]}
    both = either(rng, written, en=("The {x} has {na} of ⟦{a}⟧ and {nb} of {b}.", "{Nb} of the {x}: {b}. {Na}: ⟦{a}⟧.", "With {nb} of {b}, the {x} has {na} of ⟦{a}⟧."),
                  zh=("{x}的{na}为⟦{a}⟧，{nb}为{b}。", "{x}：{nb}{b}，{na}⟦{a}⟧。", "该{x}{nb}达{b}，{na}则为⟦{a}⟧。"))  # fmt: skip
    one = either(
        rng, written, en=("The {x} has {nb} of {b}.", "{Nb} of the {x}: {b}."), zh=("{x}的{nb}为{b}。", "该{x}{nb}达{b}。")
    )
    names = {"na": _MEASURES[first][0][written], "nb": _MEASURES[second][0][written]}
    names |= {"Na": names["na"].removeprefix("a ").capitalize(), "Nb": names["nb"].removeprefix("a ").capitalize()}
    question = rng.choice(_MEASURES[first][1][asked]).format(x=what[asked])
    return Draft("unit", question, both.format(**fill, **names), question, one.format(**fill, **names))


_MEASURES: Mapping[str, tuple[Both, Mapping[str, Sequence[str]]]] = {
    "days": ({"en": "a delivery time", "zh": "交货期"}, {"en": ("How many days does delivery of the {x} take?", "How long does it take to deliver the {x}?", "delivery time of the {x} in days"), "zh": ("{x}多少天能交货？", "{x}的交货期是几天？")}),
    "years": ({"en": "a guarantee", "zh": "保修期"}, {"en": ("For how many years is the {x} guaranteed?", "How long is the guarantee of the {x}?"), "zh": ("{x}保修多少年？", "{x}的保修期有多长？")}),
    "weight": ({"en": "a weight", "zh": "重量"}, {"en": ("How heavy is the {x}?", "What does the {x} weigh?"), "zh": ("{x}有多重？", "{x}的重量是多少？")}),
    "length": ({"en": "a length", "zh": "长度"}, {"en": ("How long is the {x} from end to end?", "What is the length of the {x}?"), "zh": ("{x}有多长？", "{x}的长度是多少？")}),
    "money": ({"en": "a price", "zh": "价格"}, {"en": ("How much does the {x} cost?", "What is the price of the {x}?"), "zh": ("{x}多少钱？", "{x}的价格是多少？")}),
    "percent": ({"en": "a share of recycled material", "zh": "再生材料占比"}, {"en": ("What percentage of the {x} is recycled material?", "How much of the {x} is recycled?"), "zh": ("{x}的再生材料占百分之几？", "{x}的再生材料占比是多少？")}),
    "temperature": ({"en": "a storage temperature", "zh": "储存温度"}, {"en": ("At what temperature is the {x} stored?", "storage temperature {x}"), "zh": ("{x}要在什么温度下储存？", "{x}的储存温度是多少？")}),
}  # fmt: skip


def bounds(rng: random.Random, asked: str, written: str) -> Draft:
    """A bound or sign belongs to the amount; the other passage bounds something else."""
    what, other = thing(rng), thing(rng)
    while other["en"] == what["en"]:
        other = thing(rng)
    kind = rng.choice(("duration", "money", "weight", "length", "count", "temperature", "percent"))
    amount = value(kind, rng)
    amount = amount if kind == "temperature" else decorated(amount, rng)
    topic = rng.choice(_BOUNDED)
    sentence = rng.choice(topic.told[written])
    question = rng.choice(topic.asked[asked]).format(x=what[asked])
    marked = sentence.format(x=what[written], v=f"⟦{amount[written]}⟧")
    return Draft("bound", question, marked, question, sentence.format(x=other[written], v=amount[written]))


_BOUNDED: tuple[Case, ...] = (
    Case(told={"en": ("The limit set for the {x} is {v}.", "For the {x}, {v} is prescribed.", "{v}: that is the requirement for the {x}."), "zh": ("对{x}的限定值为{v}。", "{x}按规定为{v}。")},
     asked={"en": ("What is the limit for the {x}?", "What is prescribed for the {x}?", "limit {x}"), "zh": ("{x}的限定值是多少？", "{x}有什么限值？", "对{x}的规定是多少")}),
    Case(told={"en": ("When measured, the {x} showed {v}.", "The reading of the {x} was {v}.", "{x} reading: {v}"), "zh": ("测得{x}的读数为{v}。", "{x}读数：{v}", "{x}的测量结果是{v}。")},
     asked={"en": ("What did the {x} show?", "What was the reading of the {x}?"), "zh": ("{x}的读数是多少？", "{x}测得多少？")}),
)  # fmt: skip


# --- text that repeats the question, statutes, files -------------------------------------------------------------------------


def repeated(rng: random.Random, asked: str, written: str) -> Draft:
    """The question as a heading, a question of the text, or a caption."""
    frame = rng.choice([f for f in FRAMES if not f.roles])
    named, other = entities(frame, rng)[:2]
    amount = value(frame.value, rng)
    heading = rng.choice(frame.questions[written]).format(e=named[written])
    another = rng.choice(frame.questions[written]).format(e=other[written])
    sentence = rng.choice(frame.sentences[written]).format(e=named[written], v=f"⟦{amount[written]}⟧")
    short = f"⟦{amount[written]}⟧" + ("." if written == "en" else "。")
    empty = either(rng, written,
        en=("This is explained on another page.", "Please ask at the front desk.", "We are often asked this. The answer depends on your contract.", "See the leaflet that came with it.", "No figure has been published.", "To be added.", "(see chart)"),
        zh=("详见另页说明。", "请咨询前台。", "这个问题经常有人问，答案视合同而定。", "请参阅随附的手册。", "尚未公布。", "待补充。", "（见图）"))  # fmt: skip
    form = rng.choice(
        (
            "{q}\n{a}",
            "Q: {q}\nA: {a}",
            "## {q}\n\n{a}",
            "问：{q}\n答：{a}",
            "**{q}** {a}",
            "{n}. {q} {a}",
            "Fig. {n}: {q}\n{a}",
            "图{n} {q}\n{a}",
        )
    )
    number = rng.randint(1, 20)
    answer = short if rng.random() < 0.5 else sentence
    after = form.format(q=another, a=empty, n=number + 1) if rng.random() < 0.4 else ""
    marked = form.format(q=heading, a=answer, n=number) + ("\n" + after if after else "")
    bare = form.format(q=heading, a=empty, n=number)
    question = rng.choice(frame.questions[asked]).format(e=named[asked])
    if asked == written and rng.random() < 0.5:
        question = heading
    context = heading if rng.random() < 0.2 else ""
    return Draft("repeated", question, marked, question, bare, context)


def statutes(rng: random.Random, asked: str, written: str) -> Draft:
    first, second = rng.randint(3, 90), rng.randint(91, 160)
    case = rng.choice(_STATUTES)
    period = duration(rng, ("days", "months", "years"))
    article, later = (
        {"en": rng.choice(("Article {}", "Section {}", "§ {}")).format(n), "zh": f"第{number_word(n)}条"} for n in (first, second)
    )
    own = f"{article[written]} {rng.choice(case.told[written])}"
    without = f"{article[written]} {rng.choice(case.untold[written])}"
    extra = f"{later[written]} {rng.choice(rng.choice(_STATUTES).untold[written])}"
    gap = "\n" if rng.random() < 0.6 else space(written)
    if rng.random() < 0.25:
        question = either(
            rng,
            asked,
            en=("Which article deals with {t}?", "Where is {t} regulated?", "In which section stands {t}?"),
            zh=("第几条规定了{t}？", "哪一条规定{t}？", "{t}见于第几条"),
        )
        topic = {"t": case.topic[asked]}
        marked = own.replace(article[written], f"⟦{article[written]}⟧", 1).format(v=period[written])
        return Draft(
            "statute",
            question.format(**topic),
            f"{marked}{gap}{extra}",
            question.format(**topic),
            _other_statute(case, later, rng, written),
        )
    question = rng.choice(case.asked[asked])
    passages = [own.format(v=f"⟦{period[written]}⟧"), extra]
    return Draft("statute", question, gap.join(passages), question, f"{without}{gap}{extra}")


def _other_statute(case: Case, article: Both, rng: random.Random, language: str) -> str:
    other = rng.choice([c for c in _STATUTES if c is not case])
    return f"{article[language]} {rng.choice(other.untold[language])}"


_STATUTES: tuple[Case, ...] = (
    Case(topic={"en": "objections", "zh": "异议的提出"},
     told={"en": ("Whoever disagrees with the decision may object within {v} of its delivery.", "An objection shall be filed within {v}."), "zh": ("当事人对决定不服的，可以自送达之日起{v}内提出异议。", "异议应当在{v}内以书面形式提出。")},
     untold={"en": ("Whoever disagrees with the decision may object in writing, giving reasons.",), "zh": ("当事人对决定不服的，可以书面提出异议，并说明理由。",)},
     asked={"en": ("Within what time must an objection be filed?", "How long is there to object to a decision?"), "zh": ("对决定不服，多长时间内可以提出异议？", "提出异议的期限是多久？")}),
    Case(topic={"en": "the keeping of records", "zh": "记录的保存"},
     told={"en": ("Operators shall keep their records for {v}.", "Records are destroyed after {v}."), "zh": ("经营者应当将记录保存{v}。", "有关记录的保存期限为{v}。")},
     untold={"en": ("Operators shall keep complete and truthful records.",), "zh": ("经营者应当如实、完整地作出记录并妥善保存。",)},
     asked={"en": ("How long must records be kept?", "For what period are records to be kept?"), "zh": ("记录要保存多久？", "经营者的记录保存期限是多长？")}),
    Case(topic={"en": "the trial period", "zh": "试用期"},
     told={"en": ("The trial period of a caretaker is {v}.", "A trial period may not exceed {v}."), "zh": ("看护人员的试用期为{v}。", "试用期不得超过{v}。")},
     untold={"en": ("A trial period may be agreed once only.",), "zh": ("试用期只能约定一次。",)},
     asked={"en": ("How long may the trial period be?", "What is the length of the trial period?"), "zh": ("试用期最长多久？", "试用期是多长时间？")}),
    Case(topic={"en": "the licence's renewal", "zh": "许可证的延续"},
     told={"en": ("A renewal of the licence shall be applied for {v} before it expires.", "The licence is valid for {v}."), "zh": ("需要延续许可的，应当在有效期届满{v}前提出申请。", "许可证有效期为{v}。")},
     untold={"en": ("A renewal of the licence is granted on application.",), "zh": ("需要延续许可的，应当向原机关提出申请。",)},
     asked={"en": ("How long before it expires must the licence be renewed, or how long is it valid?", "What period holds for the licence?"), "zh": ("许可证的期限是多久？", "延续许可要提前多长时间？")}),
    Case(topic={"en": "found property", "zh": "拾得物"},
     told={"en": ("Found property that nobody claims within {v} passes to the municipality.",), "zh": ("拾得物自公告之日起{v}内无人认领的，归集体所有。",)},
     untold={"en": ("Whoever finds property shall hand it in at once.",), "zh": ("拾得他人物品的，应当及时送交有关部门。",)},
     asked={"en": ("After what time does unclaimed found property pass to the municipality?",), "zh": ("拾得物多久无人认领归集体所有？",)}),
    Case(topic={"en": "the warranty of buildings", "zh": "工程保修"},
     told={"en": ("The contractor answers for defects of the roof for {v}.",), "zh": ("屋面防水工程的保修期为{v}。",)},
     untold={"en": ("The contractor answers for defects of the roof.",), "zh": ("施工单位对屋面防水工程承担保修责任。",)},
     asked={"en": ("For how long does the contractor answer for defects of the roof?",), "zh": ("屋面防水的保修期是多久？",)}),
)  # fmt: skip


def settings(rng: random.Random, asked: str, written: str) -> Draft:
    """Lines of a configuration or a log, with keys alike."""
    roots = [
        "cache",
        "worker",
        "upload",
        "session",
        "retry",
        "socket",
        "queue",
        "backup",
        "mirror",
        "render",
        "index",
        "proxy",
        "mail",
        "audit",
    ]
    ends = ["timeout", "size", "limit", "path", "interval", "retries", "level", "port", "host", "ttl", "threads", "mode"]
    joint = rng.choice("_.-")
    keys = list(dict.fromkeys(f"{rng.choice(roots)}{joint}{rng.choice(ends)}" for _ in range(9)))
    asked_key, missing, told = keys[0], keys[-1], keys[:-1]
    rng.shuffle(told)

    def setting(key: str) -> str:
        end = key.rsplit(joint, 1)[1]
        if end == "path":
            return f"/srv/{nonsense(rng)}/{nonsense(rng)}"
        if end == "host":
            return f"{nonsense(rng)}.internal"
        if end in ("level", "mode"):
            return rng.choice("warn strict lazy debug silent eager verbose".split())
        return f"{rng.randint(1, 9000)}{rng.choice(('', 's', 'ms', 'm', ' MB', 'k'))}"

    form = rng.choice(("{k} = {v}", "{k}: {v}", "{k}={v}", "  {k}: {v}", "set {k} {v}", '"{k}": "{v}",', "export {k}={v}"))
    stamp = f"2{rng.randint(0, 9)}:{rng.randint(10, 59)}"
    if rng.random() < 0.3:
        form = f"[{stamp}] INFO {nonsense(rng)}: {{k}} changed to {{v}}"
    values = {key: setting(key) for key in told}

    def text(marked: str, left: str) -> str:
        return "\n".join(form.format(k=k, v=f"⟦{values[k]}⟧" if k == marked else values[k]) for k in told if k != left)

    question = either(rng, asked, en=("What is {k} set to?", "value of {k}", "Which value does {k} have?", "{k}", "What is the {k}?"),
                      zh=("{k}的值是多少？", "{k}设为多少？", "{k} 是什么", "{k}配置成了什么？"))  # fmt: skip
    if rng.random() < 0.5:
        return Draft(
            "settings", question.format(k=asked_key), text(asked_key, ""), question.format(k=asked_key), text("", asked_key)
        )
    return Draft("settings", question.format(k=asked_key), text(asked_key, ""), question.format(k=missing), text("", ""))


def mail(rng: random.Random, asked: str, written: str) -> Draft:
    sender, receiver, copied = person(rng), person(rng), person(rng)
    sent, meant = day(rng), day(rng)
    what = thing(rng)
    lines = either(rng, written, en=("From: {s}\nTo: {r}\nCc: {c}\nDate: {d}\nSubject: {x}", "From: {s}\nSent: {d}\nTo: {r}\nSubject: {x}\nCc: {c}"),
                   zh=("发件人：{s}\n收件人：{r}\n抄送：{c}\n日期：{d}\n主题：{x}", "主题：{x}\n发件人：{s}\n时间：{d}\n收件人：{r}，{c}（抄送）"))  # fmt: skip
    fill = {
        "s": sender[written],
        "r": receiver[written],
        "c": copied[written],
        "d": sent[written],
        "x": what[written],
        "m": meant[written],
    }
    inspection = either(rng, written, en=("The {x} will be collected on {m}.", "Could you send the {x} back? We need it by {m}.", "We agreed to hand over the {x} on {m}."),
                        zh=("{x}将于{m}取走。", "请把{x}寄回，我们{m}前要用。", "我们商定{m}交接{x}。"))  # fmt: skip
    nothing = either(rng, written, en=("The {x} has not been collected. When will you come?", "Thank you for the {x}. More about the hand-over later."),
                     zh=("{x}还没有取走，你们什么时候来？", "谢谢寄来的{x}，交接的事以后再说。"))  # fmt: skip
    if rng.random() < 0.55:
        question = either(rng, asked, en=("On what day is the {x} due?", "When is the {x} to be handed over or collected?", "date for the {x}"),
                          zh=("{x}哪天交接？", "{x}什么时候取走或交接？", "哪天之前要用{x}"))  # fmt: skip
        said = question.format(x=what[asked])
        marked = f"{lines}\n\n{inspection.replace('{m}', '⟦{m}⟧')}".format(**fill)
        return Draft("mail", said, marked, said, f"{lines}\n\n{nothing}".format(**fill))
    role, ways = rng.choice(_MAIL_ROLES)
    without = "\n".join(line for line in lines.split("\n") if "{" + role + "}" not in line)
    return Draft("mail", rng.choice(ways[asked]).format(x=what[asked]), f"{lines.replace('{' + role + '}', '⟦{' + role + '}⟧')}\n\n{nothing}".format(**fill),
                 rng.choice(ways[asked]).format(x=what[asked]), f"{without}\n\n{nothing}".format(**fill))  # fmt: skip


_MAIL_ROLES: tuple[tuple[str, Mapping[str, Sequence[str]]], ...] = (
    ("s", {"en": ("Who wrote the mail about the {x}?", "Who sent the message about the {x}?"), "zh": ("关于{x}的邮件是谁写的？", "谁发的关于{x}的邮件？")}),
    ("r", {"en": ("Who was the mail about the {x} addressed to?",), "zh": ("关于{x}的邮件是写给谁的？", "{x}那封邮件的收件人是谁？")}),
    ("c", {"en": ("Who got a copy of the mail about the {x}?", "Who is in copy of the message about the {x}?"), "zh": ("关于{x}的邮件抄送给了谁？",)}),
    ("d", {"en": ("When was the mail about the {x} sent?",), "zh": ("关于{x}的邮件是什么时候发的？",)}),
)  # fmt: skip


def steps(rng: random.Random, asked: str, written: str) -> Draft:
    doings = rng.sample(_STEPS, rng.randint(4, 7))
    count = len(doings) - 1
    chosen = rng.randrange(count)
    form = either(
        rng,
        written,
        en=("{n}. {t}", "Step {n}: {t}", "({n}) {t}", "Step {n} – {t}"),
        zh=("{n}. {t}", "第{w}步：{t}", "（{w}）{t}", "步骤{n}：{t}"),
    )

    def text(marked: int) -> str:
        return "\n".join(
            form.format(n=i + 1, w=number_word(i + 1), t=f"⟦{d[written]}⟧" if i == marked else d[written])
            for i, d in enumerate(doings[:count])
        )

    question = either(
        rng,
        asked,
        en=("What is step {n}?", "What is to be done in step {n}?", "step {n}"),
        zh=("第{w}步是什么？", "第{w}步要做什么？", "步骤{n}"),
    )
    ask = [question.format(n=n, w=number_word(n)) for n in (chosen + 1, count + rng.randint(1, 3))]
    return Draft("steps", ask[0], text(chosen), ask[1], text(-1))


_STEPS: tuple[Both, ...] = tuple(
    {"en": en, "zh": zh}
    for en, zh in (
        ("Loosen the four outer nuts", "松开外侧四颗螺母"), ("Wipe the groove with a dry cloth", "用干布擦净凹槽"), ("Turn the tap to the left", "把阀门向左旋"),
        ("Pour in the resin slowly", "慢慢倒入树脂"), ("Wait until the lamp stops blinking", "等指示灯停止闪烁"), ("Weigh the empty bowl", "称量空碗"),
        ("Fold the cloth twice", "把布对折两次"), ("Lift the lid with both hands", "双手掀起盖子"), ("Write down the reading", "记下读数"),
        ("Press the pedal until it clicks", "踩下踏板直到发出咔嗒声"), ("Rinse the sieve in cold water", "用冷水冲洗筛网"), ("Hang the belt over the upper wheel", "把皮带挂到上轮"),
        ("Seal the bag with tape", "用胶带封好袋口"), ("Count the labels again", "再清点一遍标签"), ("Let the dough rest", "让面团静置"), ("Unplug the heater", "拔下加热器插头"),
    )
)  # fmt: skip


def dated(rng: random.Random, asked: str, written: str) -> Draft:
    """The context carries the document's date; only a date in the passage answers."""
    what, when, of_file = thing(rng), day(rng), day(rng)
    deed = rng.choice(_EVENTS)
    sentence = rng.choice(deed.told[written])
    bare = rng.choice(deed.untold[written])
    question = rng.choice(deed.asked[asked]).format(x=what[asked])
    context = either(
        rng,
        written,
        en=("Date: {d}", "{x}\nLast changed {d}", "Minutes of {d}", "{d} > {x}"),
        zh=("日期：{d}", "{x}\n更新于{d}", "{d}会议纪要", "{d} > {x}"),
    )
    fill = {"x": what[written], "d": of_file[written]}
    return Draft(
        "dated",
        question,
        sentence.format(x=what[written], v=f"⟦{when[written]}⟧"),
        question,
        bare.format(x=what[written]),
        context.format(**fill),
    )


_EVENTS: tuple[Case, ...] = (
    Case(told={"en": ("The {x} was handed over on {v}.", "On {v} the {x} was handed over."), "zh": ("{x}于{v}移交。", "{v}，{x}完成移交。")},
     untold={"en": ("The {x} was handed over without remarks.", "The {x} has been handed over."), "zh": ("{x}已移交，无异议。",)},
     asked={"en": ("When was the {x} handed over?", "On which day was the {x} handed over?"), "zh": ("{x}是哪天移交的？", "{x}什么时候移交")}),
    Case(told={"en": ("The next check of the {x} is on {v}.", "The {x} is to be checked again on {v}."), "zh": ("{x}下次检查定于{v}。", "{v}再次检查{x}。")},
     untold={"en": ("The {x} has to be checked again before long.",), "zh": ("{x}需尽快再次检查。",)},
     asked={"en": ("When is the {x} checked next?", "What is the date of the next check of the {x}?"), "zh": ("{x}下次检查是什么时候？", "{x}下一次检查的日期？")}),
    Case(told={"en": ("Orders for the {x} are taken until {v}.",), "zh": ("{x}的订购截止到{v}。",)},
     untold={"en": ("Orders for the {x} are taken by telephone.",), "zh": ("{x}可以电话订购。",)},
     asked={"en": ("Until when can the {x} be ordered?",), "zh": ("{x}最晚什么时候订？", "{x}的订购截止日期是哪天？")}),
)  # fmt: skip

GENERATORS: Mapping[str, tuple[Generator, float]] = {
    "fact": (facts, 6.0), "negation": (negation, 0.9), "exception": (exceptions, 0.7), "plan": (plans, 1.0), "unit": (units, 1.2), "bound": (bounds, 1.2), "repeated": (repeated, 2.0),
    "statute": (statutes, 1.0), "settings": (settings, 1.0), "mail": (mail, 0.8), "steps": (steps, 0.7), "dated": (dated, 1.0),
}  # fmt: skip


class MadeData:
    """Draws pairs; `sentences` are real ones, by language, to stand around what is made."""

    def __init__(self, sentences: Mapping[str, Sequence[str]]) -> None:
        self.sentences = sentences

    def draw(self, rng: random.Random) -> tuple[ContextExample, ContextExample]:
        pair = self.pair(rng)
        return pair.answered, pair.unanswered

    def pair(self, rng: random.Random, kind: str = "", asked: str = "", written: str = "") -> Pair:
        """A pair of `kind` in the languages given, each drawn where it is not."""
        written = written or rng.choice(LANGUAGES)
        asked = asked or (LANGUAGES[written == "en"] if rng.random() < CROSSED else written)
        kind = kind or rng.choices(list(GENERATORS), [weight for _, weight in GENERATORS.values()])[0]
        draft = GENERATORS[kind][0](rng, asked, written)
        before, after = (self._filling(rng, written, draft) for _ in range(2))
        ways = [(draft.question, draft.passage), (draft.other_question, draft.other_passage)]
        joint = "\n" if "\n" in draft.passage else rng.choice((space(written), "\n"))
        number = str(rng.getrandbits(40))
        made = []
        for question, passage in ways:
            text, start, end = unmarked("".join((before, joint if before else "", passage, joint if after else "", after)))
            answers = (text[start:end],) if end else ()
            made.append(ContextExample(surface(question, rng), text, start, end, draft.kind, answers, "", written, number))
        context = self._context(rng, written, draft, made[0])
        answered, unanswered = (ContextExample(**{**vars(example), "context": context}) for example in made)
        return Pair(answered, unanswered)

    def _filling(self, rng: random.Random, language: str, draft: Draft) -> str:
        """Up to two real sentences, which do not hold what is asked for."""
        if not self.sentences.get(language) or rng.random() > FILLED:
            return ""
        answer = unmarked(draft.passage)
        held = answer[0][answer[1] : answer[2]]
        chosen = [s for s in rng.choices(self.sentences[language], k=rng.randint(1, 2)) if held not in s]
        return space(language).join(chosen)

    def _context(self, rng: random.Random, language: str, draft: Draft, made: ContextExample) -> str:
        lines = [draft.context] if draft.context else []
        if rng.random() < WITH_CONTEXT:
            topic = rng.choice((thing, company, document))(rng)[language]
            lines = [*made_lines(topic, language, rng), *lines]
        kept = [line for line in lines if not holds_answer(line, made)]
        return "\n".join(kept) if sum(map(len, kept)) <= CONTEXT_CHARACTERS[language] else ""
