"""Checksums of every tensor of SmolLM2-135M-Instruct's GGUF as gguf.quants dequantises it, in Hugging Face's arrangement.

    RANKSCOPE_SMOLLM2=SmolLM2-135M-Instruct.Q4_1.gguf python test/oracles/smollm2_weights.py

writes test/oracles/smollm2/weights.json: {"file": SHA-256 of the file, "tensors": {name: [shape, SHA-256 of the float32
bytes]}, "rows": {name: first 8 values of rows 0, 1 and the last}}. Names, order and values are those of the model that
Transformers loads from the file; that gguf.quants gives the same values, whatever their order, is asserted.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from transformers import AutoModelForCausalLM


def main():
    path = Path(os.environ["RANKSCOPE_SMOLLM2"]).resolve()
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    ours = {name: value.detach().numpy() for name, value in model.named_parameters()}
    sums = {np.sort(dequantize(t.data, t.tensor_type).reshape(-1)).tobytes() for t in GGUFReader(path).tensors}
    assert all(np.sort(value.reshape(-1)).tobytes() in sums for value in ours.values())
    body = {
        "file": hashlib.sha256(path.read_bytes()).hexdigest(),
        "tensors": {
            name: [list(v.shape), hashlib.sha256(np.ascontiguousarray(v, "<f4").tobytes()).hexdigest()] for name, v in sorted(ours.items())
        },
        "rows": {
            name: [[float(x) for x in ours[name][row][:8]] for row in (0, 1, -1)]
            for name in sorted(ours)
            if name.startswith(("model.layers.0.", "model.embed")) and ours[name].ndim == 2
        },
    }
    out = Path(__file__).parent / "smollm2" / "weights.json"
    out.write_text(json.dumps(body, separators=(",", ":")) + "\n")
    print(len(ours), "tensors,", out.stat().st_size, "bytes")


main()
