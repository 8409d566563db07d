"""Builds the page: its zones and tabs, and what each event does. The HTML comes from the modules beside this one and `templates/`."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import gradio as gr

from rag.config import VERSION
from rag.errors import RagError, UsageError
from rag.messages import Say, say_in, speaker, translations
from rag.pipeline import Rag
from rag.reports import Progress
from rag.web.checklist import Entry, found, listed, still, tree
from rag.web.conversations import NOTEBOOK, Exchange, Title
from rag.web.desk import Desk, Work
from rag.web.documents import Order, documents_html, preview_html, synced_text
from rag.web.each import Run, each_html, kept, opened_html, progress_html
from rag.web.evaluation import drop_case, keep_case, question_sets, report_html, run, verdict
from rag.web.evidence import answer_html, evidence_html, writing_html
from rag.web.following import FirstIndex
from rag.web.pressed import Pressed, whole_number
from rag.web.rendering import render
from rag.web.rooms import COOKIE, KEPT_DAYS, MAX_FILES, MAX_ROOM_BYTES, MAX_UPLOAD_BYTES, Room, Rooms, Turn, is_read
from rag.web.search import search_html
from rag.web.taking import taken

HERE = Path(__file__).parent
CSS = "".join((HERE / name).read_text(encoding="utf-8") for name in ("page.css", "papers.css"))
SCRIPT = "() => { " + "".join(f"({(HERE / name).read_text(encoding='utf-8')})();" for name in ("page.js", "papers.js")) + " }"
MAX_EXAMPLES = 5
MANY = 12
"""Documents above which the checklist can be searched."""
MAX_WAITING = 40
"""Requests that wait for their turn; further ones are told to come back."""
AT_ONCE = 2
"""Requests of one kind that are worked on at the same time."""
_DELEGATE = """element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-do]');
  const data = button && !['copy', 'take'].includes(button.dataset.do) && window.asked(button);
  if (data) trigger('click', data);
});"""
"""Hands the data of a button in a piece of HTML to the piece's `click` event."""
LISTED_EVERY = 2.0
"""Seconds between two looks at whether the documents that are shown are still those of the index."""
_DRAWN_EVERY = 0.15
"""Seconds between two drawings of a text that is being written."""
_DRAWN_A_ROW = 0.005
"""Seconds more for each row of a table that grows, so that a large one is not sent over and over."""
_HERE = "() => Object.fromEntries(new URLSearchParams(location.search))"
_TAKE = "(question, where, chosen) => [takeQuestion(question), here(), chosen]"
_DRAWN = "(at) => drawn(at)"
_OFFERED = "() => offered()"
_BELL = "window.%s = (data) => trigger('click', data);"
"""Lets the page's script tell the server something."""
_FILTER = "(words, only) => filterEach(words, only)"
_SAVE = "(file) => saveFile(file)"
_SHOW_OPENED = "() => showOpened()"
_SHOW_PREVIEW = "() => showPreview()"
_JUDGING = ("right", "wrong", "gold", "unanswerable", "cancel", "unjudge")
_KEYS = (("/", "ask"), ("Enter", "send"), ("↑ ↓", "recall"), ("← →", "citations"), ("Esc", "close"), ("?", "help"))
"""What the page's script does at which key; the words for it begin with "key"."""
_SHOWN = 7
"""Pieces that the ask tab consists of."""
t = gr.I18n(**translations())


@dataclass(frozen=True)
class Where:
    """What a browser's tab says that it shows: nothing of it is believed but by the room of its cookie."""

    key: str = ""
    """Of the conversation; "" where none is open."""
    fresh: str = ""
    """Of the conversation that a question begins where none is open."""
    turn: int = 0
    """The number of the open question; 0 where it waits."""
    waits: tuple[int, ...] = ()
    """Which questions waited when it was drawn."""
    seen: str = ""
    """What was drawn of those."""

    @staticmethod
    def of(data: object) -> Where:
        data = data if isinstance(data, dict) else {}
        waits = data.get("w") if isinstance(data.get("w"), list) else []
        numbers = tuple(number for number in waits or () if isinstance(number, int))
        texts = {
            name: value if isinstance(value := data.get(of), str) else ""
            for name, of in (("key", "c"), ("fresh", "fresh"), ("seen", "v"))
        }
        return Where(turn=whole_number(data.get("t")) or 0, waits=numbers, **texts)


class _Blocks(gr.Blocks):  # type: ignore[misc]
    """Hands handlers what they can count on: a page sends all it should, and of the right kind; others may send anything."""

    async def preprocess_data(self, block_fn: Any, *args: Any) -> list[Any]:
        try:
            values = await super().preprocess_data(block_fn, *args)
        except Exception as error:
            told = error.message if isinstance(error, gr.Error) else say_in("en")("not from the page")
            raise gr.Error(told, print_exception=False) from error
        empty = {gr.Textbox: "", gr.CheckboxGroup: []}
        return [empty.get(type(part)) if value is None else value for part, value in zip(block_fn.inputs, values, strict=True)]

    async def call_function(
        self, block_fn: Any, given: list[Any], iterator: Any, request: Any, event_id: Any, event: gr.EventData | None, *more: Any
    ) -> dict[str, Any]:
        if event is not None:
            event._data = Pressed(event._data)
        try:
            return dict(await super().call_function(block_fn, given, iterator, request, event_id, event, *more))
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from error


class Page:
    """The page over `rooms`; `build` gives the Blocks. `first` makes the folder's index where there is none; `log_out` is where a browser
    logs out, "" where there is no log-in."""

    def __init__(self, rooms: Rooms, first: FirstIndex, log_out: str = "") -> None:
        self.rooms = rooms
        self.first = first
        self.log_out = log_out
        self.desk = Desk(AT_ONCE, MAX_WAITING, first.wait)
        self._examples: tuple[int, list[str]] = (-1, [])

    def build(self, *, tools: bool = False) -> gr.Blocks:
        """The page; with `tools`, search is a public endpoint too."""
        with _Blocks(title="Chapter & Verse", analytics_enabled=False, delete_cache=(3600, 3600)) as page:
            head = gr.HTML(elem_id="head")
            with gr.Tabs() as tabs:
                with gr.Tab(t("tab ask"), id="ask") as ask_tab:
                    ask = self._ask_tab()
                with gr.Tab(t("tab each"), id="each") as each_tab:
                    each_note, each_documents = self._each_tab()
                with gr.Tab(t("tab search"), id="search") as search_tab:
                    self._search_tab()
                with gr.Tab(t("tab documents"), id="documents") as documents_tab:
                    add_note, files, order = self._documents_tab(ask["checklist"])
                with gr.Tab(t("tab evaluation"), id="evaluation") as evaluation_tab:
                    sets, where = self._evaluation_tab(tabs, ask)
            first = [head, *ask["shown"], ask["checklist"], ask["find"], each_note]
            opened = page.load(self.open, ask["where"], first, js=_HERE, show_progress="hidden", **_PRIVATE)
            opened.then(None, ask["where"], js=_DRAWN)
            each_tab.select(self.list_each, each_documents, each_documents, show_progress="hidden", **_PRIVATE)
            documents_tab.select(self.list_documents, order, [add_note, files], **_PRIVATE)
            others = [ask_tab, each_tab, search_tab, evaluation_tab]
            self._keep_listing(documents_tab, others, files, order, ask["checklist"])
            evaluation_tab.select(self.list_sets, None, [sets, where], **_PRIVATE)
            gr.api(self.ask, api_name="ask")
            gr.api(self.search, api_name="search", api_visibility="public" if tools else "private")
        page.queue(max_size=MAX_WAITING, default_concurrency_limit=AT_ONCE)
        return page

    # the tabs

    def _ask_tab(self) -> dict[str, Any]:
        where = gr.JSON(visible=False)
        with gr.Row(elem_id="zones"):
            with gr.Column(scale=2, min_width=220, elem_id="left"):
                titles = gr.HTML(elem_id="talks", js_on_load=_DELEGATE)
                find, checklist = _documents_to_tick("checklist")
            with gr.Column(scale=5, min_width=320, elem_id="middle"):
                with gr.Row(equal_height=True):
                    question = gr.Textbox(
                        label=t("question"), placeholder=t("placeholder"), scale=8, min_width=200, autofocus=True, elem_id="question",
                        max_length=self.rooms.shared.config.max_question_chars,
                    )  # fmt: skip
                    button = gr.Button(t("ask"), variant="primary", scale=1, min_width=80)
                working = gr.HTML(elem_id="working", js_on_load=_DELEGATE)
                said = gr.HTML(elem_id="answer", js_on_load=_DELEGATE)
                ask_next = gr.HTML(elem_id="ask-next", js_on_load=_DELEGATE)
                earlier = gr.HTML(elem_id="earlier", js_on_load=_DELEGATE)
            with gr.Column(scale=5, min_width=320, elem_id="right"):
                evidence = gr.HTML(elem_id="evidence", js_on_load=_DELEGATE)
        bell = gr.HTML(elem_id="bell", elem_classes="bell", js_on_load=_BELL % "ring")
        taking = gr.HTML(elem_id="taking", elem_classes="bell", js_on_load=_BELL % "take")
        indexed = gr.HTML(elem_id="indexed", elem_classes="bell", js_on_load=_BELL % "ringIndexed")
        follows = gr.HTML(elem_id="follows", elem_classes="bell", js_on_load=_BELL % "ringNext")
        shown = [working, said, ask_next, earlier, evidence, titles, where]
        asking = [question.submit, button.click]
        asked = gr.on(asking, self.ask_in_box, [question, where, checklist], shown, js=_TAKE, **_AT_ONCE)
        clicks = [piece.click for piece in (titles, working, said, ask_next, earlier, evidence, bell)]
        acted = gr.on(clicks, self.act, checklist, shown, **_AT_ONCE)
        for event in (asked, acted):
            event.then(None, where, js=_DRAWN)
        offered = follows.click(self.follow, None, ask_next, trigger_mode="multiple", show_progress="hidden", **_PRIVATE)
        offered.then(None, js=_OFFERED)
        indexed.click(self.list_each, [find, checklist], [find, checklist], show_progress="hidden", **_PRIVATE)
        file = gr.JSON(visible=False)
        taking.click(self.take, None, file, show_progress="hidden", **_PRIVATE).success(None, file, js=_SAVE)
        find.change(
            self.list_checked, [find, checklist], checklist, show_progress="hidden", trigger_mode="always_last", **_PRIVATE
        )
        return {"shown": shown, "where": where, "checklist": checklist, "find": find}

    def _each_tab(self) -> tuple[gr.HTML, list[gr.Textbox | gr.CheckboxGroup]]:
        run = gr.State(Run())
        with gr.Row(elem_id="each-zones"):
            with gr.Column(scale=2, min_width=220, elem_id="each-left"):
                find, checklist = _documents_to_tick("each-checklist")
            with gr.Column(scale=10, min_width=320, elem_id="each-middle"):
                with gr.Row(equal_height=True):
                    question = gr.Textbox(
                        label=t("question each"), placeholder=t("placeholder"), scale=8, min_width=200, elem_id="each-question",
                        max_length=self.rooms.shared.config.max_question_chars,
                    )  # fmt: skip
                    button = gr.Button(t("ask each"), variant="primary", scale=1, min_width=80)
                    stop = gr.Button(t("stop"), interactive=False, scale=1, min_width=80)
                progress = gr.HTML(elem_id="each-progress")
                with gr.Row(visible=False, elem_id="each-tools") as tools:
                    with gr.Row(scale=7, elem_id="each-filters") as filters:
                        words = gr.Textbox(label=t("filter"), scale=4, min_width=180, max_length=200)
                        only = gr.Checkbox(label=t("answered only"), container=False, scale=2, min_width=160)
                    as_csv = gr.Button(t("save as CSV"), size="md", scale=1, min_width=140)
                    as_json = gr.Button(t("save as JSON"), size="md", scale=1, min_width=140)
                table = gr.HTML(elem_id="each", js_on_load=_DELEGATE)
                opened = gr.HTML(elem_id="each-evidence")
        shown = [run, progress, table, opened, tools, filters, stop]
        gr.on([question.submit, button.click], self.ask_each, [question, checklist], shown, show_progress="hidden", **_PRIVATE)
        stop.click(self.stop_each, run, stop, show_progress="hidden", **_PRIVATE)
        table.click(self.open_one, run, opened, **_PRIVATE).then(None, js=_SHOW_OPENED)
        gr.on([words.change, only.change], None, [words, only], js=_FILTER)
        file = gr.JSON(visible=False)
        for button, save in ((as_csv, self.save_csv), (as_json, self.save_json)):
            button.click(save, run, file, show_progress="hidden", **_PRIVATE).then(None, file, js=_SAVE)
        find.change(
            self.list_checked, [find, checklist], checklist, show_progress="hidden", trigger_mode="always_last", **_PRIVATE
        )
        return progress, [find, checklist]

    def _search_tab(self) -> None:
        with gr.Row(equal_height=True):
            query = gr.Textbox(label=t("query"), scale=4, max_length=self.rooms.shared.config.max_question_chars)
            quote = gr.Textbox(label=t("known quote"), scale=4, max_length=2_000)
            button = gr.Button(t("do search"), scale=1, min_width=80)
        weight = gr.Slider(0, 1, self.rooms.shared.config.dense_weight, step=0.05, label=t("weight"))
        found = gr.HTML(elem_id="rankings")
        events = [query.submit, quote.submit, button.click, weight.release]
        gr.on(events, self.rank, [query, quote, weight], found, **_PRIVATE)

    def _documents_tab(self, checklist: gr.CheckboxGroup) -> tuple[gr.HTML, gr.HTML, gr.State]:
        note = gr.HTML(elem_id="add-note")
        upload = gr.File(
            label=t("add documents"), file_count="multiple", file_types=list(Rag.suffixes), height=120, elem_id="upload"
        )
        with gr.Row(elem_id="files-tools"):
            find = gr.Textbox(label=t("find document"), max_length=200, elem_id="find-file", scale=8, min_width=180)
            whole = gr.UploadButton(t("add folder"), file_count="directory", size="md", scale=1, elem_id="upload-folder")
            reindex = gr.Button(t("reindex"), size="md", scale=1, elem_id="reindex")
        status, order = gr.HTML(elem_id="document-status"), gr.State(Order())
        with gr.Row(elem_id="files-zones"):
            with gr.Column(scale=7, min_width=320, elem_id="files-left"):
                files = gr.HTML(elem_id="files", js_on_load=_DELEGATE)
            with gr.Column(scale=5, min_width=320, elem_id="files-right"):
                preview = gr.HTML(elem_id="preview")
        changed, known = [status, files, checklist], [order, checklist]
        upload.upload(self.add, [upload, *known], [upload, *changed], show_progress_on=status, **_PRIVATE)
        whole.upload(self.add_folder, [whole, *known], [whole, *changed], show_progress_on=status, **_PRIVATE)
        reindex.click(self.sync, known, changed, show_progress_on=status, **_PRIVATE)
        acted = files.click(self.act_on_file, known, [*changed, order, preview], show_progress_on=status, **_PRIVATE)
        acted.then(None, js=_SHOW_PREVIEW)
        find.change(
            self.find_files, [find, order], [order, files], show_progress="hidden", trigger_mode="always_last", **_PRIVATE
        )
        return note, files, order

    def _keep_listing(
        self, tab: gr.Tab, others: Sequence[gr.Tab], files: gr.HTML, order: gr.State, checklist: gr.CheckboxGroup
    ) -> None:
        """While the tab of the documents is open, it shows what becomes of them."""
        timer, listed = gr.Timer(LISTED_EVERY, active=False), gr.State(-1)
        tab.select(lambda: (gr.Timer(active=True), self.generation), None, [timer, listed], show_progress="hidden", **_PRIVATE)
        gr.on([other.select for other in others], lambda: gr.Timer(active=False), None, timer, show_progress="hidden", **_PRIVATE)
        shown = [listed, files, checklist]
        timer.tick(self.list_changed, [listed, order, checklist], shown, show_progress="hidden", queue=False, **_PRIVATE)

    def _evaluation_tab(self, tabs: gr.Tabs, ask: dict[str, Any]) -> tuple[gr.Radio, gr.HTML]:
        sets = gr.Radio([], label=t("question set"))
        where = gr.HTML(elem_id="where")
        button = gr.Button(t("run"), variant="primary")
        report = gr.HTML(elem_id="report", js_on_load=_DELEGATE, min_height=60)
        button.click(self.evaluate, sets, report, **_PRIVATE)
        again = report.click(self.ask_again, ask["checklist"], [tabs, *ask["shown"]], **_AT_ONCE)
        again.then(None, ask["where"], js=_DRAWN)
        return sets, where

    # asking

    def open(self, where: dict[str, Any] | None, request: gr.Request) -> list[Any]:
        """What a browser sees first: the answer that the page's address names, or a new conversation."""
        say = _say(request)
        with _Told(say) as told:
            room = self._room(request)
            entries = tree(room, say)
            many = gr.Textbox(visible=len(entries) > MANY)
            checklist = _checklist(entries, [], say)
            note = _notes_html("welcome", say("each note"))
            return [_head_html(room, say, self.log_out), *self._opened(room, Where.of(where), say), checklist, many, note]
        return ["", *_failed(told), gr.skip(), gr.skip(), gr.skip()]

    def ask_in_box(self, question: str, where: dict[str, Any], chosen: list[str], request: gr.Request) -> list[Any]:
        """Take a question of the box; an empty box asks nothing."""
        if not question.strip():
            return [gr.skip()] * _SHOWN
        return self._ask(question, Where.of(where), chosen, request)

    def act(self, event: gr.EventData, chosen: list[str], request: gr.Request) -> list[Any]:
        """What a button of the conversation, or the page's own script, asks for."""
        data: Pressed = event._data
        where, do, say = Where.of(data), data.get("do"), _say(request)
        if do in ("ask", "alone"):
            return self._ask(data["question"], where, chosen, request, standalone=do == "alone")
        with _Told(say) as told:
            room = self._room(request)
            if do == "forget":
                self.desk.forget(room)
                return [*self._begun(room, say)[:-1], {**self._at("", 0, []), "forgotten": True}]
            if do == "note":
                self.desk.conversations(room).note(self._turn(room, where))
                if where.key == NOTEBOOK:
                    return self._opened(room, replace(where, turn=0), say)
                said, titles = self._said_html(room, where.key, where.turn, say), self._titles_html(room, where.key, say)
                return [gr.skip(), said, gr.skip(), gr.skip(), gr.skip(), titles, gr.skip()]
            if do == "watch":
                return self._watched(room, where, say)
            if do in _JUDGING:
                correcting, note = self._judged(data, where, room, say)
                said = self._said_html(room, where.key, where.turn, say, correcting=correcting, note=note)
                return [gr.skip(), said, *[gr.skip()] * (_SHOWN - 2)]
            return self._opened(room, self._changed(data, where, room, say), say)
        return _failed(told)

    def take(self, event: gr.EventData, request: gr.Request) -> dict[str, str]:
        """The open answer, or the whole conversation, as a file to save."""
        data: Pressed = event._data
        where, room = Where.of(data), self._room(request)
        there = self.desk.conversations(room).read(where.key)
        turns = [each.turn for number, each in there.items() if each.turn and (data["whole"] or number == where.turn)]
        return taken([(turn.answer, room.rag(turn.place).made_with()) for turn in turns], data["kind"])

    def follow(self, event: gr.EventData, request: gr.Request) -> Any:
        """Work out what can be asked next, once the answer is shown; of a new conversation, examples."""
        where, say = Where.of(event._data), _say(request)
        with contextlib.suppress(RagError):
            room = self._room(request)
            if where.key == NOTEBOOK or self.first.progress:
                return gr.skip()
            if not where.key:
                return _offered_html(say("try"), self._examples_of(room), where)
            there = self.desk.conversations(room).read(where.key)
            turns = [exchange.turn for exchange in there.values() if exchange.turn]
            if turns and turns[-1] == there[max(there)].turn:
                answers = [turn.answer for turn in turns if turn.place == turns[-1].place]
                return _offered_html(say("next"), room.rag(turns[-1].place).follow_ups(answers), where)
        return gr.skip()

    def list_checked(self, text: str, chosen: list[str], request: gr.Request) -> Any:
        """The checklist with the documents that have the words of `text` in their path, title or author, and the ticked ones."""
        say = _say(request)
        entries = tree(self._room(request), say)
        return _checklist(_found(entries, text, chosen), chosen, say)

    def ask_again(self, event: gr.EventData, chosen: list[str], request: gr.Request) -> list[Any]:
        """Ask a question of the evaluation in the first tab."""
        shown = self._ask(str(event._data["question"]), Where.of(event._data), chosen, request)
        return [gr.Tabs(selected="ask"), *shown]

    def _ask(self, question: str, where: Where, chosen: list[str], request: gr.Request, *, standalone: bool = False) -> list[Any]:
        """Take a question, which is answered in its turn. `standalone` asks it as it is written."""
        say = _say(request)
        with _Told(say) as told:
            room, key = self._room(request), where.fresh if where.key in ("", NOTEBOOK) else where.key
            places = tuple((place, source) for place, source in map(json.loads, chosen))
            self.desk.ask(room, key, Exchange(question, places, standalone), say)
            return self._shown(room, key, 0, say)
        return _failed(told)

    def _watched(self, room: Room, where: Where, say: Say) -> list[Any]:
        """What came of the questions that wait: the answer to the last that is answered, and how far the others have come."""
        waiting = self.desk.waiting(room, where.key)
        answered = set(where.waits) - {work.number for work in waiting}
        if answered:
            return self._shown(room, where.key, max(answered), say)
        if _progress(waiting) == where.seen:
            return [gr.skip()] * _SHOWN
        at = self._at(where.key, where.turn, waiting)
        return [writing_html(waiting, say), *[gr.skip()] * (_SHOWN - 2), at]

    def _changed(self, data: Pressed, where: Where, room: Room, say: Say) -> Where:
        """What to open once a button has done what it does to the conversations."""
        do, key, conversations = data.get("do"), str(data.get("key")), self.desk.conversations(room)
        if do == "show":
            return replace(where, turn=whole_number(data.get("turn")) or 0)
        if do == "clear":
            return Where()
        if do == "stop":
            self.desk.stop(room, where.key, [whole_number(data.get("turn")) or 0])
            return replace(where, turn=whole_number(data.get("turn")) or 0)
        if do == "rename":
            conversations.rename(key, str(data.get("text")))
        elif do == "delete":
            self.desk.forget(room, key)
            return Where() if key == where.key else where
        return where

    def _judged(self, data: Pressed, where: Where, room: Room, say: Say) -> tuple[bool, str]:
        """Whether the user is asked what is right, and what is told of a judgement."""
        what = data["do"]
        if what in ("wrong", "cancel"):
            return what == "wrong", ""
        turn, gold = self._turn(room, where), None
        earlier = self._earlier(room, where.key, where.turn)
        if what == "unjudge":
            return False, say("case dropped", count=drop_case(room, turn, earlier))
        if what == "gold":
            if not data.get("text"):
                return True, say("nothing selected")
            if data["place"] != turn.place:
                return True, say("other place")
            gold = (data["source"], _in_file(room.rag(turn.place).text(data["source"]), data["text"]))
            if not gold[1]:
                return True, say("not in that file", source=data["source"])
        return False, say("case saved", count=keep_case(room, turn, earlier, gold, right=what == "right"))

    def _earlier(self, room: Room, key: str, number: int) -> list[str]:
        """The questions that one of a conversation may lean on."""
        there = self.desk.conversations(room).read(key)
        if number not in there or there[number].standalone:
            return []
        return [each.question for before, each in there.items() if before < number and each.turn]

    def _turn(self, room: Room, where: Where) -> Turn:
        exchange = self.desk.conversations(room).read(where.key).get(where.turn)
        if not exchange or not exchange.turn:
            raise UsageError("that answer is not there any more; reload the page.")
        return exchange.turn

    def _opened(self, room: Room, where: Where, say: Say) -> list[Any]:
        """A conversation as the page's address names it, at its last answer where that names none; what it waits for is taken up."""
        there = self.desk.conversations(room).read(where.key)
        if not there:
            return self._begun(room, say, "" if where.key in ("", NOTEBOOK) else say("no conversation"))
        self.desk.resume(room, where.key, say)
        done = [number for number, exchange in there.items() if not exchange.waits]
        return self._shown(room, where.key, where.turn if where.turn in done else max(done, default=0), say)

    def _begun(self, room: Room, say: Say, note: str = "") -> list[Any]:
        """A new conversation; above it a `note`."""
        progress, failed = self.first.progress, self.first.failed
        if progress:
            so_far = say("indexed so far", step=say(f"step {progress[0]}"), done=progress[1], total=progress[2])
            welcome = [f"{say('being indexed')} {so_far}"]
        elif failed:
            welcome = [failed.told(say)]
        elif room.is_empty():
            welcome = [say("empty index"), *map(say, room.shared.lacking())]
        else:
            welcome = [say("welcome")]
        said = _notes_html("told", *filter(None, [note])) + _notes_html("welcome", *welcome)
        evidence = _notes_html("welcome", say("no evidence"))
        return ["", said, "", "", evidence, self._titles_html(room, "", say), self._at("", 0, [])]

    def _shown(self, room: Room, key: str, number: int, say: Say) -> list[Any]:
        """What waits, the open answer, room for what can be asked next, the other answers, the evidence, and all conversations."""
        there, waiting = self.desk.conversations(room).read(key), self.desk.waiting(room, key)
        if not there:
            return self._begun(room, say)
        exchange = there.get(number)
        turn = exchange.turn if exchange else None
        evidence = evidence_html(turn.answer, room.rag(turn.place), turn.place, say) if turn else ""
        done = {each: exchange for each, exchange in there.items() if not exchange.waits}
        return [
            writing_html(waiting, say), self._said_html(room, key, number, say), "",
            _earlier_html(done, number, say), evidence, self._titles_html(room, key, say), self._at(key, number, waiting),
        ]  # fmt: skip

    def _at(self, key: str, number: int, waiting: Sequence[Work]) -> dict[str, Any]:
        """What the page's script is told of what is shown, as `Where.of` reads it, and whether the folder's index is still being made."""
        shown = {"c": key, "t": number, "w": [work.number for work in waiting], "v": _progress(waiting), "n": next(_drawings)}
        return {**shown, "soon": self.first.progress is not None}

    def _said_html(self, room: Room, key: str, number: int, say: Say, *, correcting: bool = False, note: str = "") -> str:
        exchange = self.desk.conversations(room).read(key).get(number)
        if exchange is None:
            return ""
        if exchange.turn is None:
            return _ended_html(exchange, say)
        judged, noted = key != NOTEBOOK, bool(self.desk.conversations(room).noted(exchange.turn))
        said = verdict(room, exchange.turn, self._earlier(room, key, number)) if judged else ""
        return answer_html(
            exchange.turn.answer, room.rag(exchange.turn.place), say,
            correcting=correcting, judged=judged, verdict=said, noted=noted, note=note,
        )  # fmt: skip

    def _titles_html(self, room: Room, key: str, say: Say) -> str:
        return _conversations_html(self.desk.conversations(room).titles(), key, say, forgettable=room.path.exists())

    def _examples_of(self, room: Room) -> list[str]:
        generation = room.shared.indexer.catalog.generation
        if self._examples[0] != generation:
            self._examples = (generation, room.shared.examples(MAX_EXAMPLES))
        return self._examples[1]

    # asking every document

    def list_each(self, text: str | None, chosen: list[str], request: gr.Request) -> list[Any]:
        """The documents as they are now, those that are ticked still so."""
        say = _say(request)
        with _Told(say):
            entries = tree(self._room(request), say)
            return [gr.Textbox(visible=len(entries) > MANY), _checklist(_found(entries, text or "", chosen), chosen, say)]
        return [gr.skip(), gr.skip()]

    def ask_each(self, question: str, chosen: list[str], request: gr.Request) -> Iterator[list[Any]]:
        """What each document answers, drawn as it comes."""
        if not question.strip():
            yield [gr.skip()] * 7
            return
        say = _say(request)
        with _Told(say) as told:
            room = self._room(request)
            total, answers = room.ask_each(question, [(place, source) for place, source in map(json.loads, chosen)])
            run = Run(question, total, room=room.path)
            yield self._each(run, room, say)
            drawn = time.monotonic()
            for asked in answers:
                run = replace(run, asked=(*run.asked, asked))
                ended = run.ended
                if ended or time.monotonic() - drawn > _DRAWN_EVERY + _DRAWN_A_ROW * len(run.asked):
                    yield self._each(run, room, say)
                    drawn = time.monotonic()
                if ended:
                    return
        if told.html:
            yield [Run(), told.html, "", "", gr.Row(visible=False), gr.skip(), gr.Button(interactive=False)]

    def stop_each(self, run: Run, request: gr.Request) -> gr.Button:
        """Let a run end after the document that is being read."""
        run.of(self._room(request)).stop.told = True
        return gr.Button(interactive=False)

    def open_one(self, event: gr.EventData, run: Run, request: gr.Request) -> Any:
        """The evidence of a row."""
        say = _say(request)
        with _Told(say) as told:
            room = self._room(request)
            run = run.of(room)
            return opened_html(run, event._data.number("row", len(run.asked)), room, say)
        return told.html

    def save_csv(self, run: Run, request: gr.Request) -> dict[str, str]:
        """The answers as a table to save."""
        return kept(run.of(room := self._room(request)), room, "csv")

    def save_json(self, run: Run, request: gr.Request) -> dict[str, str]:
        """Their receipts to save."""
        return kept(run.of(room := self._room(request)), room, "json")

    def _each(self, run: Run, room: Room, say: Say) -> list[Any]:
        """All that is shown of a run; the evidence of a row stays open until another question is asked."""
        return [
            run,
            progress_html(run, say),
            each_html(run, room, say),
            gr.skip() if run.asked else "",
            gr.Row(visible=bool(run.asked)),
            gr.Row(visible=not run.side_by_side),
            gr.Button(interactive=not run.ended),
        ]

    # searching, documents, evaluation

    def rank(self, query: str, quote: str, weight: float, request: gr.Request) -> str:
        """The three rankings of the folder's passages."""
        with _Told(_say(request)) as told:
            shared = self.rooms.shared
            passages, left_out = shared.retrieve_told(query, shared.config.candidates, dense_weight=weight)
            return search_html(passages, quote, _say(request), left_out)
        return told.html

    def list_documents(self, order: Order, request: gr.Request) -> list[str]:
        """What may be added, and what there is."""
        say, (size, total) = _say(request), (limit // 1_000_000 for limit in (MAX_UPLOAD_BYTES, MAX_ROOM_BYTES))
        limits = say("add note", files=MAX_FILES, size=size, all=total, days=KEPT_DAYS)
        note = _adding_html(limits, " ".join(Rag.suffixes), say)
        with _Told(say) as told:
            return [note, documents_html(self._room(request), say, order)]
        return [note, told.html]

    def list_changed(self, listed: int, order: Order, chosen: list[str], request: gr.Request) -> list[Any]:
        """The generation, the files and the checklist, where the folder's index is not of the generation `listed` any more."""
        with contextlib.suppress(RagError):
            if (now := self.generation) != listed:
                room, say = self._room(request), _say(request)
                return [now, documents_html(room, say, order), _checklist(tree(room, say), chosen, say)]
        return [gr.skip(), gr.skip(), gr.skip()]

    @property
    def generation(self) -> int:
        """Of the folder's index; grows with every change of it."""
        return self.rooms.shared.indexer.catalog.generation

    def find_files(self, words: str, order: Order, request: gr.Request) -> list[Any]:
        """The files that have the words in their path, title or author."""
        say = _say(request)
        with _Told(say) as told:
            order = replace(order, words=words)
            return [order, documents_html(self._room(request), say, order)]
        return [order, told.html]

    def add(
        self,
        uploaded: list[str],
        order: Order,
        chosen: list[str],
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> list[Any]:
        """Take uploaded files into the room, and index them."""
        paths = [Path(path) for path in uploaded or ()]
        try:
            with _Told(_say(request)) as told:
                room = self._room(request)
                room.add(paths)
                return [None, *self._synced(room, _say(request), progress, order, chosen)]
            return [None, told.html, gr.skip(), gr.skip()]
        finally:
            for path in paths:
                path.unlink(missing_ok=True)

    def add_folder(
        self,
        uploaded: list[str],
        order: Order,
        chosen: list[str],
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> list[Any]:
        """As `add`, of what is read among all files of a folder."""
        read = [path for path in uploaded or () if is_read(Path(path).name)]
        for left in set(uploaded or ()) - set(read):
            Path(left).unlink(missing_ok=True)
        if not read:
            return [None, _failure_html(_say(request)("nothing read in folder")), gr.skip(), gr.skip()]
        return self.add(read, order, chosen, request, progress)

    def sync(
        self,
        order: Order,
        chosen: list[str],
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> list[Any]:
        with _Told(_say(request)) as told:
            return self._synced(self._room(request), _say(request), progress, order, chosen)
        return [told.html, gr.skip(), gr.skip()]

    def act_on_file(
        self,
        event: gr.EventData,
        order: Order,
        chosen: list[str],
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> list[Any]:
        """Preview a file, or sort them; remove an uploaded one, or have it searched whole."""
        data, say = event._data, _say(request)
        with _Told(say) as told:
            room = self._room(request)
            if data["do"] == "remove":
                room.remove(data["source"])
                note = say("removed file", name=data["source"])
                return [*self._synced(room, say, progress, order, chosen, note), gr.skip(), ""]
            if data["do"] == "keep":
                whole = data["whole"] == "yes"
                room.keep_whole(data["source"], whole)
                note = say("kept whole" if whole else "not kept whole", name=data["source"])
                return [*self._synced(room, say, progress, order, chosen, note), gr.skip(), ""]
            if data["do"] == "sort":
                order = order.by(data["column"])
                return [gr.skip(), documents_html(room, say, order), gr.skip(), order, gr.skip()]
            rag = room.rag(data["place"])
            shown = preview_html(rag.file(data["source"]), rag.outline(data["source"]), data["place"], say, data.get("show", ""))
            return [gr.skip(), gr.skip(), gr.skip(), gr.skip(), shown]
        return [told.html, gr.skip(), gr.skip(), gr.skip(), gr.skip()]

    def _synced(self, room: Room, say: Say, progress: gr.Progress, order: Order, chosen: list[str], note: str = "") -> list[Any]:
        reports = room.sync(_shown_on(progress, say))
        told = synced_text(reports, say)
        notes = [each for report in reports.values() for each in report.notes]
        checklist = _checklist(tree(room, say), chosen, say)
        return [_notes_html("told", f"{note} {told}", *notes), documents_html(room, say, order), checklist]

    def list_sets(self, request: gr.Request) -> list[Any]:
        """The question sets that can be run, and where this browser's own are kept."""
        say = _say(request)
        with _Told(say) as told:
            room = self._room(request)
            sets = question_sets(room, say)
            lines = [
                say("where cases are", path=room.questions(place), docs=room.rag(place).config.docs)
                for place in room.places()
                if room.questions(place).exists()
            ]
            note = _notes_html("meta", *(lines or [say("no cases")]))
            return [gr.Radio(sets, value=sets[0][1] if sets else None), note]
        return [gr.skip(), told.html]

    def evaluate(self, name: str | None, request: gr.Request, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        """Run a question set and show its report."""
        say = _say(request)
        if name is None:
            return _failure_html(say("no cases"))
        with _Told(say) as told:
            return report_html(*run(self._room(request), name, lambda what, done, total: progress((done, total), desc=what)), say)
        return told.html

    # for programs

    def ask(self, question: str, sources: list[str] | None = None) -> dict[str, Any]:
        """Answer a question from the documents with receipts: answered, short, text, confidence, citations (source, start, end, quote,
        sha256), reason and gaps of a refusal. `sources` names the files to ask; all where it is empty."""
        try:
            self.first.wait()
            with self.rooms.metrics.question() as answered:
                answer = self.rooms.shared.answer(question, sources=() if sources is None else sources)
                answered(answer)
            return answer.to_dict()
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def search(self, query: str, top_k: int = 10) -> list[dict[str, Any]]:
        """The passages of the documents that fit a query best: source, start, end, text, score, title, date; left_out where vector servers
        could not be asked."""
        names = ("source", "start", "end", "text", "score", "title", "date")
        try:
            passages, left_out = self.rooms.shared.retrieve_told(query, top_k)
            lacks = {"left_out": left_out.told("en")} if left_out else {}
            return [{name: getattr(p, name) for name in names} | lacks for p in passages]
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def _room(self, request: gr.Request) -> Room:
        return self.rooms.enter(request.cookies.get(COOKIE, ""))


_PRIVATE: dict[str, Any] = {"api_visibility": "private"}
_AT_ONCE: dict[str, Any] = {**_PRIVATE, "queue": False, "trigger_mode": "multiple", "show_progress": "hidden"}
"""Of events that take no time and of which none may be lost."""


def _say(request: gr.Request) -> Say:
    return speaker(request.headers.get("accept-language", ""))


class _Told:
    """Catches a RagError; `html` is then its message."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.html = ""

    def __enter__(self) -> _Told:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if isinstance(error, RagError):
            self.html = _failure_html(error.told(self._say))
            return True
        return False


def _failure_html(text: str) -> str:
    return render("failure.html.j2", text=text)


def _adding_html(note: str, kinds: str, say: Say) -> str:
    return render("adding.html.j2", note=note, kinds=kinds, say=say)


def _ended_html(exchange: Exchange, say: Say) -> str:
    return render("ended.html.j2", asked=exchange, say=say)


def _notes_html(kind: str, *lines: str) -> str:
    return render("notes.html.j2", kind=kind, lines=lines)


def _documents_to_tick(name: str) -> tuple[gr.Textbox, gr.CheckboxGroup]:
    """A checklist of documents, and the box above it that finds some of them."""
    find = gr.Textbox(label=t("find document"), visible=False, max_length=200)
    checklist = gr.CheckboxGroup([], label=t("which documents"), info=t("none is all"), elem_id=name, elem_classes="checklist")
    return find, checklist


def _found(entries: Sequence[Entry], text: str, chosen: Collection[str]) -> list[Entry]:
    """Those that the words of the text find, and the ticked ones."""
    kept = {entry.value for entry in found(entries, text)} | set(chosen)
    return [entry for entry in entries if entry.value in kept]


def _checklist(entries: Sequence[Entry], chosen: list[str], say: Say) -> gr.CheckboxGroup:
    """As many as are listed of the documents, the ticked ones among them."""
    shown = listed(entries, chosen)
    left = sum(not entry.is_folder for entry in entries) - sum(not entry.is_folder for entry in shown)
    info = say("none is all") + (f" {say('more documents', count=left)}" if left else "")
    return gr.CheckboxGroup([(entry.label, entry.value) for entry in shown], value=still(shown, chosen), info=info)


def _shown_on(progress: gr.Progress, say: Say) -> Progress:
    return lambda step, done, total: progress((done, total), desc=say(f"step {step}"))


def _opening(exchange: Exchange, say: Say) -> str:
    if exchange.turn is None:
        return exchange.ended
    answer = exchange.turn.answer
    if answer.readings:
        return answer.differing
    if answer.short or answer.citations:
        return answer.short or answer.citations[0].quote[:80]
    return say("refused") if answer.kind == "text" else answer.text.partition("\n")[0]


def _failed(told: _Told) -> list[Any]:
    return [gr.skip(), told.html, "", gr.skip(), "", gr.skip(), gr.skip()]


_drawings = itertools.count()
"""Numbers what is drawn, so that the page's script tells a new drawing from the one before."""


def _progress(waiting: Sequence[Work]) -> str:
    return " ".join(f"{work.number}:{work.begun:d}:{len(work.checked)}:{len(work.text)}" for work in waiting)


def _in_file(text: str, selected: str) -> str:
    """`selected` as the file has it, whose line ends a browser shows otherwise; "" where it has not."""
    found = re.search(re.escape(selected).replace("\\\n", "\r?\n"), text)
    return found[0] if found else ""


def _offered_html(title: str, questions: Sequence[str], where: Where) -> str:
    return render("offered.html.j2", title=title, questions=questions, where=where)


def _earlier_html(done: Mapping[int, Exchange], shown: int, say: Say) -> str:
    """The questions that are not open, the latest first."""
    asked = [(number, f"{each.question} — {_opening(each, say)}") for number, each in done.items() if number != shown]
    return render("earlier.html.j2", turns=asked[::-1], say=say)


def _conversations_html(titles: Sequence[Title], key: str, say: Say, *, forgettable: bool) -> str:
    """The notebook and all conversations, of which `key` is open; `forgettable` is whether anything is kept."""
    notes = sum(len(title.questions) for title in titles if title.key == NOTEBOOK)
    others = [title for title in titles if title.key != NOTEBOOK]
    return render(
        "conversations.html.j2", titles=others, notes=notes, notebook=NOTEBOOK, key=key, forgettable=forgettable, say=say
    )


def _head_html(room: Room, say: Say, log_out: str = "") -> str:
    """Name, folder, and the settings that answers are made with."""
    shared = room.shared
    made = shared.made_with()
    settings = {
        "setting docs": made["docs"],
        "setting index": shared.indexer.folder,
        "setting encoder": f"{shared.indexer.embedding.name} {made['encoder']}",
        "setting reader": say(
            "reader alone" if shared.engine == "reader" else "reader and model", engine=shared.engine, reader=made["reader"]
        ),
        "setting threshold": f"{shared.threshold:.0%}",
        "setting version": VERSION,
    }
    keys = [(key, say(f"key {does}")) for key, does in _KEYS]
    return render("head.html.j2", docs=shared.config.docs, settings=settings, keys=keys, log_out=log_out, say=say)
