"""How often the right paragraph is found, and how well the answer is read, on an XQuAD file: each paragraph a file.

In: a SQuAD-format JSON. Out: recall@1/3/5 of the question's paragraph by its best chunk; with --answers also exact match and
F1 (SQuAD normalisation) of `short`, a refusal counting 0, and of those that are given (Chinese gives one only for amounts,
dates, shares, places and organisations). Run: python training/measure_retrieval.py FILE [--answers]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from squad import exact, f1

from rag.config import Config
from rag.pipeline import Rag


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--answers", action="store_true", help="also ask the questions")
    options = parser.parse_args()
    paragraphs = [p for a in json.loads(options.file.read_text(encoding="utf-8"))["data"] for p in a["paragraphs"]]
    with tempfile.TemporaryDirectory() as temporary:
        docs = Path(temporary) / "docs"
        docs.mkdir()
        for number, paragraph in enumerate(paragraphs):
            (docs / f"{number:04}.txt").write_text(paragraph["context"], encoding="utf-8")
        ranks, hits, overlap, refused, given = [], [], [], [], []
        with Rag(Config(docs=docs, index_dir=Path(temporary) / "index")) as rag:
            rag.sync()
            for number, paragraph in enumerate(paragraphs):
                for qa in paragraph["qas"]:
                    files = list(dict.fromkeys(p.source for p in rag.retrieve(qa["question"], top_k=20)))
                    gold = f"{number:04}.txt"
                    ranks.append(files.index(gold) + 1 if gold in files else 10**6)
                    if options.answers:
                        answer, golds = rag.answer(qa["question"]), [a["text"] for a in qa["answers"]]
                        refused.append(not answer.answered)
                        given.append(bool(answer.short))
                        hits.append(any(exact(answer.short, g) for g in golds))
                        overlap.append(max(f1(answer.short, g) for g in golds))
    size = len(ranks)
    print(f"{options.file.name}: {size} questions, {len(paragraphs)} files")
    print("  " + "  ".join(f"recall@{k} {sum(r <= k for r in ranks) / size:.3f}" for k in (1, 3, 5)))
    if options.answers:
        shown = max(1, sum(given))
        print(f"  short given {sum(given)}  EM of those {sum(hits) / shown:.3f}  F1 {sum(overlap) / shown:.3f}")
        print(f"  EM {sum(hits) / size:.3f}  F1 {sum(overlap) / size:.3f}  refused {sum(refused) / size:.3f}")


if __name__ == "__main__":
    main()
