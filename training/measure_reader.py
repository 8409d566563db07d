"""How well a reader finds the answer in the right paragraph, and tells the right paragraph from others, on an XQuAD file.

In: a SQuAD-format JSON and one or more folders, each with an int8 reader and its tokenizer. Out, for each: exact match and F1
(SQuAD normalisation) of the best span in the gold paragraph, and the area under the ROC curve of the margin between the gold
paragraph and the best BM25 paragraph that lacks the answer. Run: python training/measure_reader.py FILE READER …
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from eval.metrics import answer_f1, exact_match
from rag.answers import Passage
from rag.corpus.words import LexicalIndex
from rag.models.reader import Reader


def passage(text: str) -> Passage:
    return Passage("", "", 0, len(text), text, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("readers", type=Path, nargs="+", metavar="READER")
    options = parser.parse_args()
    paragraphs = [p for a in json.loads(options.file.read_text(encoding="utf-8"))["data"] for p in a["paragraphs"]]
    texts = [p["context"] for p in paragraphs]
    lexical = LexicalIndex.build(texts)
    questions = []
    for number, paragraph in enumerate(paragraphs):
        for qa in paragraph["qas"]:
            golds = [answer["text"] for answer in qa["answers"]]
            ranked = [int(i) for i in lexical.scores(qa["question"]).argsort()[::-1]]
            wrong = next(i for i in ranked if i != number and not any(gold.lower() in texts[i].lower() for gold in golds))
            questions.append((qa["question"], golds, number, wrong))
    for folder in options.readers:
        reader = Reader(folder)
        hits, overlap, gold_margins, wrong_margins = [], [], [], []
        for question, golds, right, wrong in questions:
            gold, other = reader.read(question, [passage(texts[right]), passage(texts[wrong])], spans=1)
            given = gold.spans[0].text if gold.spans else ""
            hits.append(exact_match(given, golds))
            overlap.append(answer_f1(given, golds))
            gold_margins.append(gold.margin)
            wrong_margins.append(other.margin)
        a, b = np.array(gold_margins), np.array(wrong_margins)
        auc = float((a[:, None] > b[None, :]).mean())
        pairs = float((a > b).mean())
        print(
            f"{folder}: {len(questions)} questions  EM {np.mean(hits):.3f}  F1 {np.mean(overlap):.3f}  AUC {auc:.3f}  pairs {pairs:.3f}"
        )


if __name__ == "__main__":
    main()
