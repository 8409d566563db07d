"""All words for people, in English and Chinese: what the page and the shell show, and the sentences of reasons.

In: a key of WORDS, or a `Reason` (a code of WORDS with values), and a language. Out: words. What is decided elsewhere travels as a
`Reason` and is put into words where it is shown: what belongs to an answer in its question's language, the page's own words in the
browser's, the shell's in English. Imports nothing of the product.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Say = Callable[..., str]
"""say(key, **values), or say(reason) → the words in one language."""


@dataclass(frozen=True)
class Reason:
    """Why something is so, as data: `code` is a key of WORDS, and `values` (numbers, strings, reasons, lists of them) fill its words."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def told(self, language: str) -> str:
        """The sentence, in "en" or "zh"."""
        return say_in(language)(self)

    def to_dict(self, language: str) -> dict[str, Any]:
        """Plain JSON data: code, values, and the words for them."""
        values = {name: _plain(value, language) for name, value in self.values.items()}
        return {"code": self.code, "values": values, "words": self.told(language)}


def _plain(value: Any, language: str) -> Any:
    if isinstance(value, Reason):
        return value.to_dict(language)
    return [_plain(each, language) for each in value] if isinstance(value, (list, tuple)) else value


# A list of names is joined by what stands after the colon ("{nearest: or }"), else by commas; ":3" shows its first three and how many
# more there are.
WORDS: dict[str, tuple[str, str]] = {
    # an answer
    "read as": ("“{word}” is in no file; read as “{other}”.", "“{word}”不在任何文件中；按“{other}”理解。"),
    "sure": ("{confidence:.0%} sure ({band})", "把握 {confidence:.0%}（{band}）"),
    "worth": (
        "In tests on other documents {right:.0%} of the answers that were called {band} were right.",
        "在其他文档的测试中，标为“{band}”的答案有 {right:.0%} 是对的。",
    ),
    "hedge fair": ("Probably:", "很可能是："),
    "hedge weak": ("Perhaps:", "也许是："),
    "strong": ("strong", "强"),
    "fair": ("fair", "中"),
    "weak": ("weak", "弱"),
    "computed most": (
        "The highest of {count} rows in “{column}”: {figure}",
        "“{column}”一列 {count} 行中最高：{figure}",
    ),
    "computed least": (
        "The lowest of {count} rows in “{column}”: {figure}",
        "“{column}”一列 {count} 行中最低：{figure}",
    ),
    "computed sum": (
        "Computed from {count} rows of “{column}”, their sum: {figure}",
        "由“{column}”一列 {count} 行相加得出：{figure}",
    ),
    "computed average": (
        "Computed from {count} rows of “{column}”, their average: {figure}",
        "由“{column}”一列 {count} 行平均得出：{figure}",
    ),
    "computed count": ("Counted in “{column}”: {figure} rows", "按“{column}”一列计数得出：{figure} 行"),
    "yes": ("Yes", "是"),
    "no": ("No", "否"),
    "taken for": ("Read as: {question}", "理解为：{question}"),
    "as written": ("ask as written", "按原话提问"),
    "dated": ("dated {date}", "日期 {date}"),
    "indexed on": ("indexed {date}", "{date} 建入索引"),
    "as of": ("As of {date}", "截至 {date}"),
    "as of span": ("Sources from {oldest} to {newest}", "资料日期：{oldest} 至 {newest}"),
    "old source": (
        "The newest of these documents is of {date}; it may no longer be so.",
        "其中最新的文件日期为 {date}，情况可能已有变化。",
    ),
    "left out": (
        "Answered without {servers: and }: in the files there, words alone were searched.",
        "回答时缺少{servers: 和 }；其中的文件只按词语检索。",
    ),
    "may lie there": (
        "The answer may be in files of {servers: and }: there, words alone were searched.",
        "答案可能在以下服务器的文件中，而那里只按词语检索：{servers: 和 }。",
    ),
    "server down": ("vector server {number} of {of}, {address} (unreachable)", "向量服务器 {number}/{of}，{address}（无法连接）"),
    "server silent": (
        "vector server {number} of {of}, {address} (no answer within {seconds:g} s)",
        "向量服务器 {number}/{of}，{address}（{seconds:g} 秒内没有回答）",
    ),
    "server emptied": (
        "vector server {number} of {of}, {address} (its vectors are gone; run rag sync)",
        "向量服务器 {number}/{of}，{address}（向量已丢失；请运行 rag sync）",
    ),
    "server behind": (
        "vector server {number} of {of}, {address} (not up to date; run rag sync)",
        "向量服务器 {number}/{of}，{address}（尚未更新；请运行 rag sync）",
    ),
    "files differ": ("{count} files differ: {values}", "{count} 个文件说法不一：{values}"),
    "when was that": ("When was that?", "那是什么时候？"),
    "ask cell": ("What is the {column} of {row}?", "{row}的{column}是什么？"),
    "ask label": ("What is the {label}?", "{label}是什么？"),
    "ask mentions": ("Which documents mention {name}?", "哪些文档提到{name}？"),
    "ask what is": ("What is {name}?", "{name}是什么？"),
    "ask who or what": ("Who or what is {name}?", "{name}是什么？"),
    "when was it published": ("When was “{title}” published?", "《{title}》是什么时候发布的？"),
    # about the folder itself
    "asked count": ("Documents: {count}.", "共有 {count} 个文档。"),
    "asked list": ("Documents: {count}.", "共有 {count} 个文档。"),
    "asked newest": ("The newest of {count} by its date.", "{count} 个文档中日期最新的。"),
    "asked oldest": ("The oldest of {count} by its date.", "{count} 个文档中日期最早的。"),
    "asked longest": ("The longest of {count}.", "{count} 个文档中最长的。"),
    "of which": ("Only “{of}”:", "限于“{of}”："),
    "characters long": ("It has {count:,} characters.", "共 {count:,} 个字符。"),
    "files undated": ("{count} of the others tell no date.", "其余有 {count} 个没有日期。"),
    "no dated file": ("None of these documents tells a date.", "这些文档都没有日期。"),
    "no such file": ("There is no such document.", "没有这样的文档。"),
    "files mention": ("Documents that mention “{topic}”: {count}.", "提到“{topic}”的文档有 {count} 个："),
    "files perhaps mention": (
        "No document has the words “{topic}”; these may be about it:",
        "没有文档出现“{topic}”一词；以下文档可能与之有关：",
    ),
    "others perhaps": ("The last {count} only by their meaning, perhaps.", "最后 {count} 个仅按语义判断，可能有关。"),
    "perhaps": ("perhaps", "可能"),
    "no file mentions": ("No document mentions “{topic}”.", "没有文档提到“{topic}”。"),
    "more of them": ("{count} more are not shown.", "另有 {count} 个未列出。"),
    "asked contents": ("Documents: {count}.", "共有 {count} 个文档。"),
    "of types": ("By type: {types}.", "按类型：{types}。"),
    "of languages": ("By language: {languages}.", "按语言：{languages}。"),
    "of dates": ("Dated {first} to {last}.", "日期自 {first} 至 {last}。"),
    "file author": ("“{title}” is by {author}.", "《{title}》的作者：{author}。"),
    "file date": ("“{title}” is dated {date}.", "《{title}》的日期：{date}。"),
    "carrying of one": ("The sentences that carry “{title}”, as they stand in it:", "《{title}》中最能代表全文的原句："),
    "carrying of all": (
        "The sentences that carry each of {count} documents, as they stand there, the newest first:",
        "{count} 个文档中各自最有代表性的原句，由新到旧：",
    ),
    "of the first sentences": (
        "Of {source} the first {count} of {of} sentences were weighed.",
        "{source} 只比较了 {of} 句中的前 {count} 句。",
    ),
    "nothing to sum up": ("There are no sentences to sum it up with.", "其中没有可用来概括的句子。"),
    "files by date": ("Dated documents, the oldest first: {count}.", "有日期的文档，从旧到新：{count} 份。"),
    "dated sentences": (
        "Dated statements about “{topic}”: {count}, in order of time.",
        "关于“{topic}”的带日期的原句共 {count} 条，按时间排列：",
    ),
    "no dated sentence": ("No document gives a date for “{topic}”.", "没有文档写明“{topic}”的日期。"),
    "chat said": (
        "This answers questions about the {count} documents in {docs}. Try: “{try}”",
        "这里回答关于 {docs} 中 {count} 个文档的问题。可以问：“{try}”",
    ),
    "command said": (
        "This only answers questions; it does nothing else. Ask about the {count} documents in {docs}. Try: “{try}”",
        "这里只回答问题，不做别的事。请就 {docs} 中的 {count} 个文档提问，例如：“{try}”",
    ),
    "what is here": ("What is in this folder?", "这个文件夹里有什么？"),
    # types of files and languages as people call them, the name that is shown first
    "type .pdf": ("PDF", "PDF 文件"),
    "type .docx": ("Word document", "Word 文档"),
    "type .pptx": ("PowerPoint presentation / slides", "PPT 演示文稿 / PowerPoint 幻灯片"),
    "type .odt": ("OpenDocument", "OpenDocument 文档"),
    "type .xlsx": ("Excel spreadsheet / workbook", "Excel 电子表格 / 工作簿"),
    "type .csv": ("CSV table", "CSV 表格"),
    "type .html": ("web page / HTML", "网页 / HTML"),
    "type .md": ("Markdown", "Markdown 文件"),
    "type .txt": ("text / plain text", "文本 / 纯文本"),
    "type .eml": ("e-mail / email message", "电子邮件"),
    "type .epub": ("e-book / ebook", "电子书"),
    "type .tex": ("LaTeX", "LaTeX 文件"),
    "type .ipynb": ("notebook", "笔记本"),
    "language en": ("English", "英文 / 英语"),
    "language zh": ("Chinese", "中文 / 汉语"),
    "language ja": ("Japanese", "日文 / 日语"),
    "language ko": ("Korean", "韩文 / 韩语"),
    # a refusal
    "no answer": ("Not in the documents.", "文档中没有答案。"),
    "words in no file": ("No file contains: {words}.", "这些词不在任何文件中：{words}。"),
    "near spelling": ("Did you mean {nearest: or } instead of {word}?", "“{word}”是否应为 {nearest: 或 }？"),
    "closest lacks": ("The closest passage does not mention: {names}.", "最接近的段落没有提到：{names}。"),
    "closest is not about": ("The closest sentence is not about: {names}.", "最接近的句子说的不是：{names}。"),
    "held back": (
        "The closest candidate is “{found}” in {source}, right with a probability of {confidence:.0%}; answers below {threshold:.0%} are held back.",
        "最接近的是“{found}”（{source}），把握 {confidence:.0%}，低于 {threshold:.0%} 的界限。",
    ),
    "closest does not answer": ("The closest passages do not answer it.", "最接近的段落也没有回答这个问题。"),
    "one not read": ("1 file was not read, so not searched: {files}.", "1 个文件没有读取，因而未检索：{files}。"),
    "some not read": (
        "{count} files were not read, so not searched: {files:8}.",
        "{count} 个文件没有读取，因而未检索：{files:8}。",
    ),
    "of a kind": ("{count} {kind}", "{count} 个 {kind}"),
    "more of a kind": ("{count} more {kind}", "另有 {count} 个 {kind}"),
    # nothing is indexed
    "nothing to ask": ("There is nothing to ask.", "没有可问的文档。"),
    "nothing indexed": ("{docs} holds no document that is read.", "{docs} 中没有可读取的文档。"),
    "no file there": ("There are no files in it.", "其中没有文件。"),
    "passed over": ("Passed over: {kinds:5}.", "跳过的文件：{kinds:5}。"),
    "of a kind, why": ("{count} {kind} ({why})", "{count} 个 {kind}（{why}）"),
    "kinds read": (
        "These kinds are read: {kinds}; also rich text, subtitles, JSON, XML, source code and other text.",
        "可读取的类型：{kinds}，以及 RTF、字幕、JSON、XML、源代码等文本。",
    ),
    "nothing shared": ("No passage shares a word with the question.", "没有段落与问题有共同的词。"),
    "units differ": (
        "Not worked out: the cells of “{column}” in {source} are in different units or currencies.",
        "没有计算：{source} 中“{column}”一列的单位或币种不同。",
    ),
    "no figures": (
        "Not worked out: cells of “{column}” in {source} are no figures ({cells:3}).",
        "没有计算：{source} 中“{column}”一列有的单元格不是数字（{cells:3}）。",
    ),
    "several columns": (
        "Not worked out: several columns of {source} may be meant ({columns}).",
        "没有计算：{source} 中可能指多列（{columns}）。",
    ),
    "several tables": (
        "Not worked out: several tables may be meant ({files:3}). Ask one document alone, or say which.",
        "没有计算：可能指多个表格（{files:3}）。请只问一个文档，或说明是哪一个。",
    ),
    "stale": (
        "The files that answer have changed since they were indexed ({files}). Run: rag sync {docs}",
        "含有答案的文件在索引之后有改动（{files}）。请运行：rag sync {docs}",
    ),
    "no longer indexed": ("The file is no longer in the index.", "该文件已不在索引中。"),
    "and more": (" and {count} more", "，另有 {count} 个"),
    # what became of a language model's statement
    "quoted": ("quoted", "原文引用"),
    "found": ("found", "有依据"),
    "stitched": ("put together from several places", "由多处拼合而成"),
    "in another passage": ("{how}, in another passage than cited", "{how}，但不在所标的段落，而在另一段落中"),
    "in an uncited passage": ("{how}, in a passage that it does not cite", "{how}，但没有标出所在的段落"),
    "cites no such passage": (
        "cites {numbers}, and there are {count} passages; {why}",
        "引用了 {numbers}，而段落只有 {count} 个；{why}",
    ),
    "cites nothing": ("cites nothing; {why}", "没有标明出处；{why}"),
    "no passage says so": ("no passage says so", "没有段落这样说"),
    "not in the passages": ("not in the passages: {missing}", "段落中没有：{missing}"),
    "does not deny": ("the passage does not deny it", "段落中并没有否定"),
    "denies": ("the passage denies it", "段落中是否定的"),
    "says more": ("says more than the passage", "说的比段落中的多"),
    "cut off": ("cut off", "没有写完"),
    "its file changed": ("its file has changed since it was indexed", "所在的文件在索引之后有改动"),
    # why the reader answers in the language model's place
    "model failed": ("{why}; this is the reader's answer.", "{why}；以下是阅读模型的回答。"),
    "model refused": (
        "The model finds no answer in the passages; this is the reader's.",
        "语言模型在段落中没有找到答案；以下是阅读模型的回答。",
    ),
    "nothing stands": (
        "Nothing that the model wrote is in the documents; this is the reader's answer.",
        "语言模型所写的内容在文档中都找不到依据；以下是阅读模型的回答。",
    ),
    "unlikely": (
        "What the model wrote stands in the documents, but is not likely to answer the question.",
        "语言模型所写的内容见于文档，但不大可能是该问题的答案。",
    ),
    "differs": ("The reader finds “{short}” instead ({sure:.0%} sure).", "阅读模型的答案是“{short}”（把握 {sure:.0%}）。"),
    "not finished": ("The model did not finish in time", "语言模型没有按时写完"),
    "not begun": ("The model did not begin within {seconds:g} seconds", "语言模型在 {seconds:g} 秒内没有开始"),
    "went silent": ("The model wrote nothing for {seconds:g} seconds", "语言模型有 {seconds:g} 秒没有写出内容"),
    "wrote too much": ("The model wrote more than {limit:,} characters", "语言模型写了超过 {limit:,} 个字符"),
    "wrote nothing": ("The model wrote nothing", "语言模型什么也没有写"),
    "server answered": ("The model's server answered with {status}", "语言模型的服务器返回 {status}"),
    "server unreachable": ("The model's server cannot be reached", "无法连接语言模型的服务器"),
    "server failed": ("The model's server failed ({error})", "语言模型的服务器出错（{error}）"),
    # why a file is not indexed
    "cannot be read": ("cannot be read ({error})", "无法读取（{error}）"),
    "folder cannot be read": ("folder cannot be read ({error})", "文件夹无法读取（{error}）"),
    "link inside": ("a link inside the folder, where it is read already", "链接，指向本文件夹中已读取的内容"),
    "link outside": ("a link out of the folder", "链接，指向文件夹之外"),
    "not a plain file": ("not a plain file", "不是普通文件"),
    "bad name": ("its name is not valid Unicode; rename it", "文件名不是有效的 Unicode；请改名"),
    "type not read": ("type {suffix} is not read", "不读取 {suffix} 类型"),
    "too large": ("too large ({size:,} bytes; the limit is {limit:,})", "太大（{size:,} 字节；上限为 {limit:,}）"),
    "empty": ("empty", "空文件"),
    "binary": ("binary", "二进制文件"),
    "unknown encoding": (
        "binary, or text in an unknown encoding; save it as UTF-8",
        "二进制文件，或编码无法识别的文本；请存为 UTF-8",
    ),
    "damaged": ("starts like {encoding} but is damaged at byte {byte:,}", "开头像 {encoding}，但在第 {byte:,} 字节处损坏"),
    "bad PDF": ("PDF cannot be read ({error})", "PDF 无法读取（{error}）"),
    "PDF without text": (
        "PDF without text, perhaps scanned; run OCR on it first",
        "PDF 中没有文字，可能是扫描件；请先做文字识别（OCR）",
    ),
    "no such page": ("there is no page {page}", "没有第 {page} 页"),
    "page not drawn": ("page {page} takes too long to draw", "第 {page} 页绘制时间过长"),
    "PDF too long": ("the PDF has more than {limit:,} pages", "PDF 超过 {limit:,} 页"),
    "too slow": ("takes longer than {seconds:g} seconds to read", "读取超过 {seconds:g} 秒"),
    "reader died": (
        "each process that read it died; it may be damaged so that a library fails, or need more memory than there is",
        "读取它的进程每次都意外终止；文件可能损坏以致程序库出错，或所需内存不足",
    ),
    "PDF too slow": ("the PDF takes longer than {seconds:g} seconds to read", "读取 PDF 超过 {seconds:g} 秒"),
    "password": ("protected with a password", "有密码保护"),
    "copy protection": ("protected against copying", "有防复制保护"),
    "save as": ("{suffix} is not read; save it as {other}", "不读取 {suffix} 类型；请另存为 {other}"),
    "link loop": ("a link that leads back to itself", "链接指向自身"),
    "without end": ("too large (more than {limit:,} bytes came out of it)", "太大（读出超过 {limit:,} 字节）"),
    "package missing": (
        "a package that reads such files is not there, or does not fit ({error}); install this product anew",
        "读取此类文件的软件包缺失或不匹配（{error}）；请重新安装本产品",
    ),
    "bad file": ("damaged, or of a kind that is not known ({error})", "已损坏，或类型不明（{error}）"),
    "bad archive": ("damaged: it is no zip archive", "已损坏：不是 zip 文件"),
    "bad part": ("damaged at {part}", "{part} 处已损坏"),
    "part missing": ("damaged: {part} is missing", "已损坏：缺少 {part}"),
    "unpacks too large": ("unpacks to more than {limit:,} bytes", "解压后超过 {limit:,} 字节"),
    "too many parts": ("unpacks to more than {limit:,} files", "解压后超过 {limit:,} 个文件"),
    "XML entities": ("its XML defines entities, which can grow without bound", "其 XML 定义了可无限展开的实体"),
    "bad XML": ("its XML is damaged ({error})", "其 XML 已损坏（{error}）"),
    "bad JSON": ("its JSON is damaged at line {line:,}", "其 JSON 在第 {line:,} 行损坏"),
    "too much text": ("it holds more than {limit:,} characters of text", "文字超过 {limit:,} 个字符"),
    "too many lines": ("it holds more than {limit:,} lines or rows", "超过 {limit:,} 行"),
    "too many cells": ("a sheet of it spans more than {limit:,} cells", "有工作表超过 {limit:,} 个单元格"),
    "not of its type": ("it is no {kind}, whatever its name says", "名不副实：并非 {kind}"),
    "no page": ("no web page was found in it", "其中没有网页"),
    "page without text": (
        "the page holds no text; a script may make it in the browser",
        "网页中没有文字；可能由浏览器中的脚本生成",
    ),
    # a receipt, and what became of its quotes
    "made with": ("Made with", "生成信息"),
    "quote verbatim": ("verbatim", "与原文一致"),
    "quote moved": ("moved", "位置有变"),
    "quote changed": ("changed", "已被修改"),
    "quote unreadable": ("unreadable", "无法读取"),
    "file unchanged": ("the file is unchanged", "文件没有改动"),
    "file edited elsewhere": ("the file was edited elsewhere", "文件的其他地方有改动"),
    "now at": ("now at {start}–{end}", "现在位于 {start}–{end}"),
    "no longer there": ("the file no longer holds it", "文件中已没有这段文字"),
    "short not quoted": ("The short answer is not in the quote.", "引文中没有这个简短答案。"),
    "nothing to check": ("The answer has no quotes to check.", "该答案没有可核对的引文。"),
    # bringing an index up to date: the steps, and how many files came out how
    "step start": ("Starting", "开始"),
    "step scan": ("Looking for files", "查找文件"),
    "step read": ("Reading", "读取"),
    "step embed": ("Embedding", "编码"),
    "step commit": ("Saving", "保存"),
    "step words": ("Indexing", "写入索引"),
    "step store": ("Indexing", "写入索引"),
    "step applied": ("Indexing", "写入索引"),
    "count added": ("{count} added", "新增 {count} 个"),
    "count changed": ("{count} changed", "更新 {count} 个"),
    "count unchanged": ("{count} unchanged", "未变 {count} 个"),
    "count removed": ("{count} removed", "移除 {count} 个"),
    "count skipped": ("{count} skipped", "跳过 {count} 个"),
    "count failed": ("{count} failed", "失败 {count} 个"),
    # one question asked of each file
    "step ask": ("Asking", "提问"),
    "answer": ("answer", "答案"),
    "quote": ("quote", "引文"),
    "confidence": ("confidence", "把握"),
    "closest is": ("closest: “{found}”", "最接近的是“{found}”"),
    # the shell
    "stopped": (
        "stopped; nothing is lost, run the command again to go on.",
        "已停止；没有丢失任何内容，再次运行该命令即可继续。",
    ),
    "stopped with files left": (
        "stopped; {left} of {count} files were not asked.",
        "已停止；{count} 个文件中有 {left} 个未提问。",
    ),
    "as it was": (
        "answered from the index as it was last whole: {why}",
        "按索引最近一次完整的状态回答：{why}",
    ),
    "files unreadable": (
        "{count} file(s) could not be read; see: rag status --docs {docs}",
        "有 {count} 个文件无法读取；请看：rag status --docs {docs}",
    ),
    "documents": ("documents", "文档"),
    "files": ("files", "文件"),
    "size": ("size", "大小"),
    "last indexed": ("last indexed", "最近索引"),
    "rooms": ("rooms", "房间"),
    "rooms kept": ("{count}, {size}", "{count} 个，{size}"),
    "gone": ("gone", "已不在"),
    "not indexed": ("not indexed", "未索引"),
    "index unreadable": ("its index cannot be read", "索引无法读取"),
    "lies indexes": ("Indexes", "索引"),
    "lies rooms": ("Rooms of the page's visitors", "页面访客的房间"),
    "lies evaluations": ("Evaluations", "评测"),
    "kept of": ("Kept of {docs}:", "{docs} 的保存内容："),
    "kept index": (
        "  index: {files} files, {chunks} chunks, {size}, in {index}",
        "  索引：{files} 个文件，{chunks} 个片段，{size}，位于 {index}",
    ),
    "kept in rooms": (
        "  rooms: {count} with {talks} conversations, {uploads} uploaded files and {cases} test cases, {size}, in {rooms}",
        "  房间：{count} 个，含对话 {talks} 个、上传文件 {uploads} 个、测试题 {cases} 道，{size}，位于 {rooms}",
    ),
    "delete it": ("Delete all of it? The documents themselves stay. [y/N] ", "全部删除吗？文档本身不会删除。[y/N] "),
    "kept all": ("Nothing was deleted.", "没有删除任何内容。"),
    "forgotten": ("Deleted. {docs} itself was not touched.", "已删除。{docs} 本身未改动。"),
    "another port": ("port {taken} is taken; the page will be at {address}", "端口 {taken} 已被占用；网页地址为 {address}"),
    "following": ("following the changes of {docs}; Ctrl-C ends it.", "正在跟随 {docs} 的变化；按 Ctrl-C 结束。"),
    "followed": (
        "{time} {what}; {chunks} chunks, {embedded} embedded, {seconds:.1f} s",
        "{time} {what}；{chunks} 个片段，编码 {embedded} 个，{seconds:.1f} 秒",
    ),
    "followed added": ("added", "新增"),
    "followed changed": ("changed", "更新"),
    "followed removed": ("removed", "移除"),
    "followed failed": ("failed", "失败"),
    "followed skipped": ("skipped", "跳过"),
    "not indexed yet": ("{docs} is not indexed yet. Run: rag sync {docs}", "{docs} 还没有索引。请运行：rag sync {docs}"),
    "demo done": (
        'These are the articles in {docs}. To ask a folder of yours: rag ask "…" --docs DIR',
        '以上答案出自 {docs} 中的文章。要问您自己的文件夹：rag ask "…" --docs 文件夹',
    ),
    "no files": ("no files", "没有文件"),
    "sync report": (
        "{counts}; {chunks} chunks, {embedded} embedded, {seconds:.1f} s",
        "{counts}；{chunks} 个片段，编码 {embedded} 个，{seconds:.1f} 秒",
    ),
    "note": ("note: {note}", "注意：{note}"),
    "more files": ("{state}: {count} more; see: rag status", "{state}：另有 {count} 个；请看：rag status"),
    "title": ("title", "标题"),
    "part": ("what", "部分"),
    "more": ("more", "说明"),
    "ok": ("ok", "正常"),
    "broken": ("broken", "故障"),
    "what confidence is made of": ("What the confidence is made of", "把握由何而来"),
    "sign": ("sign", "迹象"),
    "log-odds": ("log-odds", "对数几率"),
    "sum": ("sum", "合计"),
    "sum is": ("{sum:+.2f}, that is {confidence:.0%}", "{sum:+.2f}，即 {confidence:.0%}"),
    "talk": (
        "{docs}: {count} document(s). A question may lean on the ones before; Ctrl-C stops an answer, /quit or Ctrl-D ends.",
        "{docs}：{count} 个文档。可以接着前面的问题问；Ctrl-C 停止回答，/quit 或 Ctrl-D 结束。",
    ),
    "page at": ("The page is at {address} (Ctrl-C ends it).", "页面地址：{address}（Ctrl-C 结束）。"),
    "sample asked": (
        "no folder is named (--docs DIR, or RAG_DOCS): the five sample articles are asked.",
        "未指定文件夹（--docs 文件夹，或 RAG_DOCS）：将在五篇示例文章中查找。",
    ),
    "held against": ("held against the files in {docs}", "与 {docs} 中的文件比对"),
    "no command": (
        "{command} is no command here; /quit ends, and anything else is a question.",
        "{command} 不是这里的命令；/quit 结束，其余输入都作为问题。",
    ),
    "not text": ("that is no UTF-8; write it once more.", "输入不是有效的 UTF-8；请重新输入。"),
    "answer stopped": ("stopped; ask on.", "已停止；可以继续提问。"),
    # the page: its frame
    "tab ask": ("Ask", "提问"),
    "tab each": ("Every document", "逐个文档"),
    "tab search": ("Search test", "检索测试"),
    "tab documents": ("Documents", "文档"),
    "tab evaluation": ("Evaluation", "评测"),
    "promise": (
        "Ask the documents in {docs}. Every answer shows its exact place; what is not there is refused.",
        "向 {docs} 中的文档提问。每个答案都给出确切出处；文档里没有的，就说没有。",
    ),
    "theme": ("Light or dark", "浅色或深色"),
    "settings": ("Settings", "设置"),
    "keys": ("Keys", "快捷键"),
    "key ask": ("write a question", "输入问题"),
    "key send": ("ask it", "提问"),
    "key recall": ("earlier questions, while you write", "输入时调出此前的问题"),
    "key citations": ("previous and next piece of evidence", "上一处、下一处证据"),
    "key close": ("close what is open", "关闭已打开的内容"),
    "key help": ("these keys", "显示快捷键"),
    "setting docs": ("Folder", "文件夹"),
    "setting index": ("Index", "索引"),
    "setting encoder": ("Encoder", "编码模型"),
    "setting reader": ("Answers by", "回答方式"),
    "setting threshold": ("Held back below", "低于此值不答"),
    "setting version": ("Version", "版本"),
    "reader and model": (
        "{engine}, checked against the documents; the reader {reader} where it fails",
        "{engine}，逐句与文档核对；不行时用阅读模型 {reader}",
    ),
    "reader alone": ("the reader {reader}; no language model", "阅读模型 {reader}；不用语言模型"),
    # the page: asking
    "question": ("Your question", "您的问题"),
    "placeholder": ("What do you want to know?", "您想知道什么？"),
    "ask": ("Ask", "提问"),
    "which documents": ("Ask only these documents", "只问这些文档"),
    "none is all": ("None ticked: all are asked.", "不勾选则问全部文档。"),
    "find document": ("Find a document", "查找文档"),
    "uploaded": ("uploaded", "已上传"),
    "whole folder": ("{name}/ (all {count})", "{name}/（全部 {count} 个）"),
    "more documents": (
        "{count} more; find them above by name, title or folder.",
        "另有 {count} 个；可在上方按名称、标题或文件夹查找。",
    ),
    "changed": ("changed on disk", "磁盘上已修改"),
    "removed": ("deleted on disk", "磁盘上已删除"),
    "try": ("Try one of these", "试试这些问题"),
    "being indexed": (
        "The documents are being indexed. Ask already: the question is kept, and answered once that is done.",
        "正在为文档建立索引。现在就可以提问：问题会保留，索引完成后回答。",
    ),
    "indexed so far": ("{step}: {done} of {total}", "{step}：{total} 中的 {done}"),
    "welcome": ("Ask anything that the documents may say.", "可以问文档中可能写到的任何内容。"),
    "empty index": (
        "There is nothing to ask yet. Add documents under “Documents”, or start the page on a folder: rag serve --docs DIR",
        "还没有可问的文档。请在“文档”页添加，或用 rag serve --docs DIR 打开一个文件夹。",
    ),
    "next": ("Ask next", "接着问"),
    "earlier": ("Earlier in this conversation", "此前的问答"),
    "new conversation": ("New conversation", "新对话"),
    "conversations": ("Conversations", "对话"),
    "find conversation": ("Find a conversation", "查找对话"),
    "no conversation": (
        "That conversation is not in this browser, or was deleted.",
        "本浏览器中没有这段对话，或者它已被删除。",
    ),
    "rename": ("Rename", "重命名"),
    "new name": ("Name of the conversation:", "对话名称："),
    "delete": ("Delete", "删除"),
    "delete conversation": ("Delete “{name}” with all its answers?", "删除“{name}”及其全部回答？"),
    "notebook": ("Notebook ({count})", "笔记本（{count}）"),
    "take note": ("Keep", "收藏"),
    "noted": ("✓ Kept", "✓ 已收藏"),
    "what a note is": ("Keep this answer in the notebook, or take it out again", "把此回答收入笔记本，或从中移除"),
    "forget all": ("Forget everything", "清除全部记录"),
    "forget it all": (
        "Delete all conversations, uploaded files and test cases of this browser? This cannot be undone.",
        "删除本浏览器的全部对话、上传的文件和测试题？此操作无法撤销。",
    ),
    "in the queue": ("Waiting for its turn …", "排队等候中……"),
    "being read": ("Searching and reading the documents …", "正在检索并阅读文档……"),
    "you stopped": ("You stopped this question.", "您停止了这个问题。"),
    "ask again": ("Ask it again", "再问一次"),
    "went wrong": ("Something went wrong while this was answered; the server's log has more.", "回答时出错；详情见服务器日志。"),
    "refused": ("not in the documents", "文档中没有"),
    "not searched": ("Not searched", "未检索的文件"),
    "being written": ("Being written, and checked sentence by sentence …", "正在生成，并逐句核对……"),
    "model wrote": ("What the model wrote", "语言模型所写的内容"),
    "engine": ("written by {engine}", "由 {engine} 撰写"),
    "take answer": ("Save as", "另存为"),
    "take conversation": ("Save the conversation", "保存整个对话"),
    "copy answer": ("Copy", "复制"),
    "receipts kept here": ("Receipts, for rag verify", "凭据（供 rag verify 核对）"),
    "how found": ("How it was found", "查找过程"),
    "worked": (
        "Searched {searched} passages for “{question}”, ranked {ranked}, read {read}, checked {checked} quotes against the files.",
        "为“{question}”检索了 {searched} 段，排出 {ranked} 段，阅读了 {read} 段，对照文件核对了 {checked} 处引文。",
    ),
    "embed": ("embed", "编码"),
    "search": ("search", "检索"),
    "read": ("read", "阅读"),
    "check": ("check", "核对"),
    "write": ("write", "撰写"),
    "verify": ("verify", "逐句核对"),
    "passage": ("passage", "段落"),
    "score": ("score", "得分"),
    "meaning": ("meaning", "语义"),
    "words": ("words", "词语"),
    "found in it": ("found in it", "其中所见"),
    "not read": ("not read", "未读"),
    # the page: every document
    "question each": ("Ask each document by itself", "对每个文档单独提问"),
    "each note": (
        "What does each document say? Tick two of them to see them side by side.",
        "每个文档各怎么说？勾选两个文档可并排对照。",
    ),
    "ask each": ("Ask each", "逐个提问"),
    "stop": ("Stop", "停止"),
    "each asked": ("{done} of {total}", "{total} 个中的 {done} 个"),
    "each done": ("{total} documents asked, {answered} with an answer.", "已问 {total} 个文档，{answered} 个有答案。"),
    "each stopped": (
        "Stopped: {done} of {total} documents asked, {answered} with an answer.",
        "已停止：{total} 个文档中已问 {done} 个，{answered} 个有答案。",
    ),
    "answered only": ("Answered only", "只看有答案的"),
    "filter": ("Show rows with", "筛选"),
    "save as CSV": ("Save as CSV", "存为 CSV"),
    "save as JSON": ("Save as JSON", "存为 JSON"),
    "open a row": ("Open a row to see its evidence.", "点开一行可看其证据。"),
    "no row left": ("No row fits the filter.", "没有符合筛选条件的行。"),
    "answered": ("answered", "有答案"),
    "no answer in it": ("no answer", "无答案"),
    # the page: evidence
    "evidence": ("Evidence", "证据"),
    "no evidence": ("The documents behind an answer are shown here.", "答案所依据的文档显示在这里。"),
    "closest": ("Closest passages", "最接近的段落"),
    "also found": ("Also found, not cited", "其他相关段落（未引用）"),
    "place page": ("page {value}", "第 {value} 页"),
    "place slide": ("slide {value}", "第 {value} 张幻灯片"),
    "place sheet": ("sheet {value}", "工作表 {value}"),
    "place row": ("row {value}", "第 {value} 行"),
    "place chapter": ("chapter {value}", "第 {value} 章"),
    "place message": ("message {value}", "第 {value} 封邮件"),
    "place attachment": ("attachment {value}", "附件 {value}"),
    "place time": ("at {value}", "{value} 处"),
    "place cell": ("cell {value}", "第 {value} 个单元"),
    "place record": ("record {value}", "记录 {value}"),
    "place element": ("element {value}", "元素 {value}"),
    "characters": ("characters", "字符"),
    "verbatim": ("verbatim ✓", "与原文一致 ✓"),
    "edited": ("edited since it was quoted", "引用后文件已修改"),
    "deleted": ("deleted since it was quoted", "引用后文件已删除"),
    "probability": ("right with a probability of {value}", "正确的概率 {value}"),
    "does not mention": ("does not mention {words}", "没有提到 {words}"),
    "is not about": ("is not about {words}", "说的不是 {words}"),
    "copy quote": ("Copy quote", "复制引文"),
    "copy citation": ("Copy citation", "复制出处"),
    "whole document": ("Whole document", "全文"),
    "view": ("View", "显示方式"),
    "pages view": ("Pages", "页面"),
    "text view": ("Text", "文字"),
    "pages of": ("Pages of {source}", "{source} 的页面"),
    "page of": ("Page {page} of {count}", "第 {page} 页，共 {count} 页"),
    "find in document": ("Search in this document", "在此文档中查找"),
    "mark before": ("Previous mark", "上一处"),
    "next mark": ("Next mark", "下一处"),
    "open original": ("Save the original", "下载原文件"),
    "quote not placed": (
        "Where on these pages the quote stands cannot be told for certain, so it is not marked here; it is marked in the text.",
        "无法确定引文在页面上的位置，因此这里没有标出；请在文字视图中查看。",
    ),
    "edited meanwhile": (
        "The file was edited after the answer was given; the quote is not marked here.",
        "文件在回答之后被修改过，因此这里没有标出引文。",
    ),
    "cut": (
        "Characters {first}–{last} of {size} are shown.",
        "全文 {size} 个字符，此处显示第 {first}–{last} 个。",
    ),
    # the page: judging
    "right answer": ("✓ Right", "✓ 对"),
    "wrong answer": ("✗ Wrong", "✗ 不对"),
    "is right": ("This is right: keep it as a test case", "答得对：存为测试题"),
    "is wrong": ("This is wrong: say what is right", "答得不对：指出正确答案"),
    "take back": ("Take it back", "撤回"),
    "case dropped": ("Taken back; test cases kept: {count}.", "已撤回；现有测试题 {count} 道。"),
    "what is right": (
        "What is right? Select it in a document (under “Whole document”, or in the Documents tab), or say that the documents do not answer.",
        "正确答案是什么？请在文档中选中它（展开“全文”，或在“文档”页预览），或说明文档没有回答。",
    ),
    "selected text": ("The selected text is right", "所选文字是正确答案"),
    "not answered there": ("The documents do not answer it", "文档没有回答"),
    "cancel": ("Cancel", "取消"),
    "case saved": ("Test case {count} is saved; run it under “Evaluation”.", "已保存第 {count} 道测试题；可在“评测”页运行。"),
    "nothing selected": (
        "No text of a document is selected. Unfold a document, mark the answer with the mouse or Shift and the arrow keys, and press again.",
        "还没有选中文档中的文字。请展开文档，用鼠标或 Shift 加方向键选中答案，再按一次。",
    ),
    "not in that file": (
        "The selected text is not in {source} as it is now; reload the page.",
        "{source} 中没有所选文字；请刷新页面。",
    ),
    "other place": (
        "That document is not among those that answered; ask again with it ticked.",
        "所选文档不在作答的文档之列；请勾选它再问一次。",
    ),
    # the page: search test
    "query": ("Search for", "检索内容"),
    "known quote": ("Where does this quote rank? (optional)", "这段引文排第几？（可选）"),
    "weight": ("Share of meaning in the fused score", "语义在综合得分中的比重"),
    "do search": ("Search", "检索"),
    "by meaning": ("By meaning", "按语义"),
    "by words": ("By words", "按词语"),
    "fused": ("Both, fused", "综合"),
    "quote ranks": (
        "The quote stands in {source}, {start}–{end}. Rank by meaning {meaning}, by words {words}, fused {fused}.",
        "引文在 {source}，{start}–{end}。语义排第 {meaning}，词语排第 {words}，综合排第 {fused}。",
    ),
    "quote nowhere": ("None of the {count} passages found holds this quote.", "找到的 {count} 段中没有一段含有这段引文。"),
    "nothing found": ("No passage shares anything with this.", "没有相关的段落。"),
    # the page: who may ask for what
    "other page": ("This was sent by another page than this one, so it is not done.", "这是由其他网页发出的请求，未予执行。"),
    "unknown button": ("This page has no such button, or no longer; reload it.", "本页没有这个按钮，或已不存在；请刷新。"),
    "not from the page": ("This is nothing that the page sends; reload it.", "这不是本页发出的内容；请刷新。"),
    "no cookies": (
        "This browser sends no cookies, so it cannot be told from others; allow them for this page, and reload it.",
        "此浏览器不发送 Cookie，无法与其他浏览器区分；请允许本页使用 Cookie 后刷新。",
    ),
    "no upload": ("This is no upload of files.", "这不是文件上传。"),
    "too many files": ("More than {count} files at once; add fewer.", "一次超过 {count} 个文件，请分批添加。"),
    "file too large": ("A file is too large; the limit is {size} MB.", "有文件过大，上限为 {size} MB。"),
    "room full": (
        "Your uploads may take {size} MB in all; remove some, or add fewer.",
        "您上传的文件总共不得超过 {size} MB；请先移除一些，或少添加一些。",
    ),
    "uploads wait": ("Too many uploads wait to be taken in; come back in an hour.", "等待处理的上传过多，请一小时后再来。"),
    "body too large": ("The request is too large; the limit is {size} MB.", "请求过大，上限为 {size} MB。"),
    "user name": ("Name", "用户名"),
    "the password": ("Password", "密码"),
    "log in": ("Log in", "登录"),
    "log out": ("Log out", "退出登录"),
    "wrong password": ("The name or the password is wrong.", "用户名或密码不正确。"),
    "wait to log in": (
        "Too many wrong passwords. Wait {seconds} s, then try again.",
        "密码错误次数过多，请等待 {seconds} 秒后再试。",
    ),
    "not logged in": ("Log in first.", "请先登录。"),
    "metrics closed": (
        "Metrics are told on this machine alone, without a proxy before it, or behind a log-in (--auth).",
        "指标只在本机（前面没有代理）或登录后（--auth）提供。",
    ),
    # the page: documents
    "add documents": ("Add documents", "添加文档"),
    "add note": (
        "Up to {files} files of {size} MB, {all} MB in all. Only this browser sees them; they are deleted {days} days after their last use.",
        "最多 {files} 个文件，每个不超过 {size} MB，共 {all} MB。只有本浏览器可见；{days} 天不用即删除。",
    ),
    "types read": ("Types that are read", "可读取的类型"),
    "add folder": ("Add a whole folder", "添加整个文件夹"),
    "nothing read in folder": ("No file in that folder is of a type that is read.", "该文件夹中没有可读取类型的文件。"),
    "reindex": ("Bring the index up to date", "更新索引"),
    "file": ("file", "文件"),
    "state": ("state", "状态"),
    "chunks": ("chunks", "片段"),
    "hidden words": ("hidden words", "隐去的词"),
    "show hidden": (
        "Words in no chunk, as menus, and heads and feet of pages: show them in the preview",
        "不属于任何片段的词（菜单、页眉页脚等）：在预览中查看",
    ),
    "language": ("language", "语言"),
    "date": ("date", "日期"),
    "indexed at": ("indexed (UTC)", "索引时间（UTC）"),
    "no such files": ("No file has these words in its path, title or author.", "没有文件的路径、标题或作者含有这些词。"),
    "close": ("Close", "关闭"),
    "on disk": ("on disk", "磁盘"),
    "as indexed": ("as indexed", "未变"),
    "new": ("new, not indexed", "新文件，未索引"),
    "indexed": ("indexed", "已索引"),
    "failed": ("failed", "失败"),
    "skipped": ("skipped", "跳过"),
    "the folder": ("The folder {docs}", "文件夹 {docs}"),
    "folder note": (
        "Files come and go there as you add and delete them; the index follows, at the latest when you bring it up to date.",
        "在该文件夹中增删文件后，索引会随之更新，最迟在您点击更新时。",
    ),
    "your uploads": ("Your uploads", "您上传的文件"),
    "preview": ("Preview", "预览"),
    "remove": ("Remove", "移除"),
    "files shown": (
        "The first {shown} of {count} files are shown; rag status lists them all.",
        "显示 {count} 个文件中的前 {shown} 个；rag status 可列出全部。",
    ),
    "keep": ("Search all of it", "全文都搜索"),
    "keep how": (
        "To have them searched, name the file in a file .ragkeep beside the documents, as in .gitignore.",
        "若要搜索它们，请在文档文件夹中的 .ragkeep 文件里写上该文件名（语法同 .gitignore）。",
    ),
    "keep in uploads": (
        "To have them searched, press “Search all of it” beside the file.",
        "若要搜索它们，请在该文件旁点击“全文都搜索”。",
    ),
    "keep no longer": ("Leave out menus again", "恢复略去菜单等"),
    "keep note": (
        "The grey words look like menus, or heads and feet of pages.",
        "灰色的词看起来是菜单或页眉页脚。",
    ),
    "kept whole": ("All of {name} is searched now.", "{name} 现在全文都搜索。"),
    "not kept whole": ("Menus and the like of {name} are left out again.", "{name} 的菜单等又略去了。"),
    "preview note": (
        "{count} chunks, outlined; where two overlap the ground is darker. What is grey is in no chunk and never evidence.",
        "{count} 个片段，以边框标出；重叠处底色较深。灰色部分不属于任何片段，从不作为证据。",
    ),
    "synced": ("{counts}; {chunks} chunks, {embedded} newly embedded.", "{counts}；{chunks} 个片段，新编码 {embedded} 个。"),
    "removed file": ("{name} is removed.", "已移除 {name}。"),
    # the page: evaluation
    "question set": ("Questions", "题目"),
    "shipped questions": ("The shipped questions about the seed articles", "随附的种子文章题目"),
    "cases folder": ("Your test cases about the folder ({count})", "您关于该文件夹的测试题（{count}）"),
    "cases uploads": ("Your test cases about your uploads ({count})", "您关于上传文件的测试题（{count}）"),
    "no cases": (
        "There are no test cases yet. Ask, and press ✓ or ✗ under the answer: each press writes one.",
        "还没有测试题。提问后在答案下按 ✓ 或 ✗，每次写入一道。",
    ),
    "where cases are": (
        "Your test cases are kept in {path}. In a shell: rag eval --questions {path} --docs {docs}",
        "您的测试题保存在 {path}。命令行：rag eval --questions {path} --docs {docs}",
    ),
    "run": ("Run", "运行"),
    "each question": ("Each question, the worst first", "每道题，最差的在前"),
    "ask it": ("Ask it", "提问"),
    "right": ("right", "对"),
    "report": ("Report", "报告"),
}

LOCALES = {"en": 0, "zh": 1, "zh-CN": 1, "zh-TW": 1}


class _Filler(string.Formatter):
    """Fills words with values; a list is shown as the format after the colon says, a reason as its sentence."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Reason):
            return self._say(value)
        if isinstance(value, (list, tuple)):
            return self._listed(value, format_spec)
        return str(super().format_field(value, format_spec))

    def _listed(self, listed: Sequence[str | Reason], how: str) -> str:
        names = [self._say(each) if isinstance(each, Reason) else each for each in listed]
        if not how.isdigit():
            return (how or ", ").join(names)
        shown, more = names[: int(how)], len(names) - int(how)
        return ", ".join(shown) + (self._say("and more", count=more) if more > 0 else "")


def say_in(language: str) -> Say:
    """Speaks "en" or "zh"."""
    at = LOCALES[language]

    def say(what: str | Reason, /, **values: Any) -> str:
        if isinstance(what, Reason):
            return say(what.code, **what.values)
        return filler.format(WORDS[what][at], **values)

    filler = _Filler(say)
    return say


def speaker(accept_language: str) -> Say:
    """Speaks the first language of an Accept-Language header that is known here, or English."""
    return say_in(language_of(accept_language))


def language_of(accept_language: str) -> str:
    asked = [part.split(";")[0].strip().lower()[:2] for part in accept_language.split(",")]
    return next((language for language in asked if language in ("en", "zh")), "en")


def translations() -> dict[str, dict[str, str]]:
    """WORDS for `gr.I18n`: locale → key → words."""
    return {locale: {key: words[at] for key, words in WORDS.items()} for locale, at in LOCALES.items()}
