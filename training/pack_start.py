"""A reader to start from and the words that are needed → one file for `train_reader`, small enough to carry to another machine.

Run: python training/pack_start.py WEIGHTS READER OUT ROUNDS.npz …
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from e5_weights import read_weights
from examples import Examples
from span_reader import load_weights, new_reader, write_start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="e5-small-q4.bin")
    parser.add_argument("reader", type=Path, help="a reader to start from: .safetensors, .pt, or an int8 .onnx")
    parser.add_argument("out", type=Path)
    parser.add_argument("rounds", type=Path, nargs="+", help="Examples whose words are kept")
    options = parser.parse_args()
    weights = read_weights(options.weights).cut()
    reader = new_reader(weights)
    load_weights(reader, options.reader, mean=True)
    words = np.unique(np.concatenate([np.unique(Examples.load(path).ids) for path in options.rounds]))
    write_start(options.out, reader, weights, map(int, words))
    print(f"{options.out}: {len(words):,} words, {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
