"""The mean vector of each language's questions and passages → `rag/models/files/centres.json`, for the encoder to take away.

A sentence encoder's vectors hold which language a text is in beside what it says, so that a Chinese question is nearer to every Chinese
text than to the English one that answers it. Taking the language's mean away leaves what it says (Libovický, Rosa and Fraser, Findings of
EMNLP 2020, "On the Language Neutrality of Pre-trained Multilingual Representations"). The texts are training data: SQuAD's 13 articles,
NQ oracle, AfriQA (en); CMRC 2018 train, DRCD simplified and traditional (zh).

Run: make centres DATA=DIR, after the encoder is made
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
from outputs import write_checksums
from set_examples import SetData

from rag.models.encoder import CENTRES, Encoder
from rag.models.runtime import MODELS, FloatArray

SETS = {"en": ("squad_train_part", "nq_oracle", "afriqa_en"), "zh": ("cmrc2018_train", "drcd_simplified", "drcd")}
EACH = 120
"""Passages, and as many questions, of each set."""
CHARACTERS = {"en": 700, "zh": 240}


def mean(vectors: FloatArray) -> list[float]:
    return [round(float(value), 5) for value in np.mean(vectors, axis=0)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the training data")
    options = parser.parse_args()
    embedding = Encoder()
    found: dict[str, dict[str, list[float]]] = {"query": {}, "passage": {}}
    for language, names in SETS.items():
        data, rng = SetData(options.data, names), random.Random(0)
        passages = [p.text[: CHARACTERS[language]] for name in names for p in rng.sample(data.paragraphs[name], EACH)]
        questions = [q.question for name in names for q in rng.sample(data.training[name], EACH)]
        found["passage"][language] = mean(embedding.as_it_is("passage", passages))
        found["query"][language] = mean(embedding.as_it_is("query", questions))
    (MODELS / CENTRES).write_text(json.dumps(found) + "\n", encoding="utf-8")
    write_checksums(MODELS)


if __name__ == "__main__":
    main()
