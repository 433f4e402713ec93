"""Files written by the reference implementation of safetensors, with their values.

    python test/oracles/safetensors_files.py

writes test/oracles/safetensors.json: {"file" (base64), "tensors": {name: {"shape", "storage", "values" (float32 base64)}},
"narrowed": {"values", "bits"}} where `narrowed` are float32 values and PyTorch's float16 of them.
"""

import base64
import json
from pathlib import Path

import torch
from safetensors.torch import save

STORAGE = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}


def encode(tensor):
    return base64.b64encode(tensor.contiguous().numpy().tobytes()).decode()


def main():
    g = torch.Generator().manual_seed(3)
    tensors = {
        "a.weight": torch.randn(3, 5, generator=g),
        "b.weight": torch.randn(7, generator=g).half(),
        "c.weight": (torch.randn(2, 3, 2, generator=g) * 1e-30).bfloat16(),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 4),
        "subnormal": torch.tensor([1e-7, -6e-8, 65504.0, -0.0]).half(),
    }
    half = torch.randn(400, generator=g) * torch.pow(2.0, torch.randint(-27, 17, (400,), generator=g).float())
    ties = torch.tensor([1 + 2**-11, 1 + 3 * 2**-11, 2**-25, 3 * 2**-25, 65519.0, 65519.996, 65520.0, 2**-14 - 2**-25, 0.0, -0.0])
    narrowed = torch.cat([half, ties])
    body = {
        "file": base64.b64encode(save(tensors, {"format": "pt", "note": "é"})).decode(),
        "tensors": {
            name: {"shape": list(t.shape), "storage": STORAGE[t.dtype], "values": encode(t.float())} for name, t in tensors.items()
        },
        "narrowed": {"values": encode(narrowed), "bits": encode(narrowed.half().view(torch.int16))},
    }
    path = Path(__file__).parent / "safetensors.json"
    path.write_text(json.dumps(body, indent=1) + "\n")
    print(path.stat().st_size, "bytes")


main()
