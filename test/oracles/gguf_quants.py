"""Blocks of every supported GGUF storage type and the float32 values that gguf.quants makes of them.

    python test/oracles/gguf_quants.py

writes test/oracles/gguf/quants.json: {type: {"bytes", "values"}}, both base64, values little-endian float32. The blocks
are random bits with finite scales, negative and subnormal ones among them, so that every bit of every field is used.
(Not named gguf.py: that would hide the package.)
"""

import base64
import json
from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as T
from gguf.quants import dequantize

# Byte offsets of the float16 fields within a block.
HALVES = {T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208]}
ELEMENTS = 768


def scales(rng, n):
    values = rng.choice([-1, 1], n) * rng.uniform(0.5, 2, n) * 2.0 ** rng.integers(-26, 3, n)
    return values.astype(np.float16)


def blocks(rng, kind):
    if kind == T.F32:
        return rng.standard_normal(ELEMENTS).astype(np.float32).view(np.uint8).reshape(1, -1)
    if kind == T.F16:
        return np.concatenate([scales(rng, ELEMENTS - 2), np.array([np.inf, -0.0], np.float16)]).view(np.uint8).reshape(1, -1)
    if kind == T.BF16:
        bits = (rng.standard_normal(ELEMENTS) * 2.0 ** rng.integers(-40, 40, ELEMENTS)).astype(np.float32).view(np.uint32) >> 16
        return bits.astype(np.uint16).view(np.uint8).reshape(1, -1)
    size, width = GGML_QUANT_SIZES[kind]
    count = ELEMENTS // size
    data = rng.integers(0, 256, (count, width), dtype=np.uint8)
    for at in HALVES[kind]:
        data[:, at : at + 2] = scales(rng, count).view(np.uint8).reshape(count, 2)
    return data.reshape(1, -1)


def main():
    rng = np.random.default_rng(7)
    out = {}
    for kind in [T.F32, T.F16, T.BF16, *HALVES]:
        data = blocks(rng, kind)
        values = dequantize(data, kind).astype("<f4")
        out[kind.name] = {
            "bytes": base64.b64encode(data.tobytes()).decode(),
            "values": base64.b64encode(values.tobytes()).decode(),
        }
    path = Path(__file__).parent / "gguf" / "quants.json"
    path.write_text(json.dumps(out, indent=1) + "\n")
    print(len(out), "types,", path.stat().st_size, "bytes")


main()
