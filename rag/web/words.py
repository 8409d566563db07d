"""The page's own words, in English and Chinese; the browser's language chooses.

Labels of Gradio's components are chosen in the browser (`gr.I18n`), HTML made here by the request's Accept-Language.
"""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[..., str]
"""say(key, **values) → the words."""

WORDS: dict[str, tuple[str, str]] = {
    # frame
    "tab ask": ("Ask", "提问"),
    "tab search": ("Search test", "检索测试"),
    "tab documents": ("Documents", "文档"),
    "tab evaluation": ("Evaluation", "评测"),
    "promise": (
        "Ask the documents in {docs}. Every answer shows its exact place; what is not there is refused.",
        "向 {docs} 中的文档提问。每个答案都给出确切出处；文档里没有的，就说没有。",
    ),
    "theme": ("Light or dark", "浅色或深色"),
    "settings": ("Settings", "设置"),
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
    # ask
    "question": ("Your question", "您的问题"),
    "placeholder": ("What do you want to know?", "您想知道什么？"),
    "ask": ("Ask", "提问"),
    "which documents": ("Ask only these documents", "只问这些文档"),
    "none is all": ("None ticked: all are asked.", "不勾选则问全部文档。"),
    "find document": ("Find a document", "查找文档"),
    "uploaded": ("uploaded", "已上传"),
    "more documents": ("{count} more; find them by name above.", "另有 {count} 个；可在上方按名称查找。"),
    "changed": ("changed on disk", "磁盘上已修改"),
    "removed": ("deleted on disk", "磁盘上已删除"),
    "try": ("Try one of these", "试试这些问题"),
    "welcome": ("Ask anything that the documents may say.", "可以问文档中可能写到的任何内容。"),
    "empty index": (
        "There is nothing to ask yet. Add documents under “Documents”, or start the page on a folder: rag serve --docs DIR",
        "还没有可问的文档。请在“文档”页添加，或用 rag serve --docs DIR 打开一个文件夹。",
    ),
    "next": ("Ask next", "接着问"),
    "earlier": ("Earlier in this conversation", "此前的问答"),
    "new conversation": ("New conversation", "新对话"),
    "refused": ("not in the documents", "文档中没有"),
    "in English": ("Asked of English text as: {words}", "向英文文档检索时译为：{words}"),
    "read as": ("“{word}” is in no file; read as “{other}”.", "“{word}”不在任何文件中；按“{other}”理解。"),
    "in no file": ("In no file", "不在任何文件中"),
    "did you mean": ("did you mean {word}?", "是否指 {word}？"),
    "not searched": ("Not searched", "未检索的文件"),
    "being written": ("Being written, and checked sentence by sentence …", "正在生成，并逐句核对……"),
    "model wrote": ("What the model wrote", "语言模型所写的内容"),
    "engine": ("written by {engine}", "由 {engine} 撰写"),
    "receipt": ("Save the receipt", "保存凭据"),
    "how found": ("How it was found", "查找过程"),
    "worked": (
        "Searched {searched} passages for “{question}”, ranked {ranked}, read {read}, checked {checked} quotes against the files.",
        "为“{question}”检索了 {searched} 段，排出 {ranked} 段，阅读了 {read} 段，对照文件核对了 {checked} 处引文。",
    ),
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
    # evidence
    "evidence": ("Evidence", "证据"),
    "no evidence": ("The documents behind an answer are shown here.", "答案所依据的文档显示在这里。"),
    "closest": ("Closest passages", "最接近的段落"),
    "also found": ("Also found, not cited", "其他相关段落（未引用）"),
    "page": ("page", "第（页）"),
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
    "cut": (
        "Characters {first}–{last} of {size} are shown.",
        "全文 {size} 个字符，此处显示第 {first}–{last} 个。",
    ),
    # judging
    "right answer": ("✓ Right", "✓ 对"),
    "wrong answer": ("✗ Wrong", "✗ 不对"),
    "is right": ("This is right: keep it as a test case", "答得对：存为测试题"),
    "is wrong": ("This is wrong: say what is right", "答得不对：指出正确答案"),
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
    # search test
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
    # documents
    "add documents": ("Add documents", "添加文档"),
    "add note": (
        "Up to {files} files of {size} MB ({kinds}). Only this browser sees them; they are deleted {days} days after their last use.",
        "最多 {files} 个文件，每个不超过 {size} MB（{kinds}）。只有本浏览器可见；{days} 天不用即删除。",
    ),
    "reindex": ("Bring the index up to date", "更新索引"),
    "file": ("file", "文件"),
    "state": ("state", "状态"),
    "chunks": ("chunks", "片段"),
    "language": ("language", "语言"),
    "date": ("date", "日期"),
    "indexed at": ("indexed (UTC)", "索引时间（UTC）"),
    "on disk": ("on disk", "磁盘"),
    "as indexed": ("as indexed", "未变"),
    "new": ("new, not indexed", "新文件，未索引"),
    "indexed": ("indexed", "已索引"),
    "failed": ("failed", "失败"),
    "skipped": ("skipped", "跳过"),
    "the folder": ("The folder {docs}", "文件夹 {docs}"),
    "folder note": (
        "Files come and go there as you add and delete them; bring the index up to date afterwards.",
        "在该文件夹中增删文件后，请更新索引。",
    ),
    "your uploads": ("Your uploads", "您上传的文件"),
    "preview": ("Preview", "预览"),
    "remove": ("Remove", "移除"),
    "files shown": (
        "The first {shown} of {count} files are shown; rag status lists them all.",
        "显示 {count} 个文件中的前 {shown} 个；rag status 可列出全部。",
    ),
    "preview note": (
        "{count} chunks, outlined; where two overlap the ground is darker. What is grey is in no chunk and never evidence.",
        "{count} 个片段，以边框标出；重叠处底色较深。灰色部分不属于任何片段，从不作为证据。",
    ),
    "synced": ("{counts}; {chunks} chunks, {embedded} newly embedded.", "{counts}；{chunks} 个片段，新编码 {embedded} 个。"),
    "added": ("added", "新增"),
    "unchanged": ("unchanged", "未变"),
    "removed file": ("{name} is removed.", "已移除 {name}。"),
    "step scan": ("Looking for files", "查找文件"),
    "step read": ("Reading", "读取"),
    "step embed": ("Embedding", "编码"),
    "step commit": ("Saving", "保存"),
    "step store": ("Indexing", "写入索引"),
    "step applied": ("Indexing", "写入索引"),
    # evaluation
    "question set": ("Questions", "题目"),
    "shipped questions": ("The shipped questions about the seed articles", "随附的种子文章题目"),
    "cases folder": ("Your test cases about the folder ({count})", "您关于该文件夹的测试题（{count}）"),
    "cases uploads": ("Your test cases about your uploads ({count})", "您关于上传文件的测试题（{count}）"),
    "no cases": (
        "There are no test cases yet. Ask, and press ✓ or ✗ under the answer: each press writes one.",
        "还没有测试题。提问后在答案下按 ✓ 或 ✗，每次写入一道。",
    ),
    "cases file": (
        "Your test cases are kept in {path}. In a shell: rag eval --questions {path} --docs {docs}",
        "您的测试题保存在 {path}。命令行：rag eval --questions {path} --docs {docs}",
    ),
    "run": ("Run", "运行"),
    "each question": ("Each question, the worst first", "每道题，最差的在前"),
    "ask it": ("Ask it", "提问"),
    "right": ("right", "对"),
    "report": ("Report", "报告"),
    "needs extra": (
        "The evaluation needs packages that are not installed. Run: pip install 'chapter-verse[eval]'",
        "评测所需的软件包未安装。请运行：pip install 'chapter-verse[eval]'",
    ),
}

LOCALES = {"en": 0, "zh": 1, "zh-CN": 1, "zh-TW": 1}


def translations() -> dict[str, dict[str, str]]:
    """WORDS for `gr.I18n`: locale → key → words."""
    return {locale: {key: words[at] for key, words in WORDS.items()} for locale, at in LOCALES.items()}


def speaker(accept_language: str) -> Say:
    """Speaks the first language of an Accept-Language header that the page knows, or English."""
    asked = [part.split(";")[0].strip().lower() for part in accept_language.split(",")]
    at = next((1 if language.startswith("zh") else 0 for language in asked if language[:2] in ("en", "zh")), 0)
    return lambda key, **values: WORDS[key][at].format(**values) if values else WORDS[key][at]
