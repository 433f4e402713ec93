#!/usr/bin/env python3
"""Losses of fine-tuning SmolLM2-135M-Instruct by PyTorch, Transformers and PEFT, from starting adapters that are computed.

    python test/oracles/smollm2_training.py MODEL.gguf YARDSTICK [--steps 50] [--ranks 2,8,64] [--no-full] [--out FILE]

YARDSTICK is the folder of peft_sweep.py, pairs.jsonl and prompts.txt. Every A is drawn by a hash of its module's number and
the element's, uniform with standard deviation 1/r, and B is 0; test/shared/parity draws the same.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from safetensors.numpy import save_file

LAYERS, HIDDEN, KEYS = 30, 576, 192
RATE, BATCH = 2e-4, 8


def hashed(module, count):
    """Uniform in [0, 1), a multiple of 2^-24: MurmurHash3's finaliser of the element's number and the module's."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) ^ np.uint32((module + 1) * 0x9E3779B9 & 0xFFFFFFFF)
    x = (x ^ x >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    x = (x ^ x >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return ((x ^ x >> np.uint32(16)) >> np.uint32(8)).astype(np.float64) / 2**24


def adapter(rank, path):
    tensors = {}
    for i in range(LAYERS):
        for j, (name, out) in enumerate((("q_proj", HIDDEN), ("v_proj", KEYS))):
            key = f"base_model.model.model.layers.{i}.self_attn.{name}"
            a = (2 * hashed(2 * i + j, rank * HIDDEN) - 1) * (3**0.5 / rank)
            tensors[f"{key}.lora_A.weight"] = a.reshape(rank, HIDDEN).astype(np.float32)
            tensors[f"{key}.lora_B.weight"] = np.zeros((out, rank), np.float32)
    save_file(tensors, path)


def sweep(model, yardstick, extra):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        args = ["--model", model, "--train", f"{yardstick}/pairs.jsonl", "--prompts", f"{yardstick}/prompts.txt", "--batch", str(BATCH)]
        subprocess.run([sys.executable, f"{yardstick}/peft_sweep.py", *args, "--new-tokens", "1", "--out", out.name, *extra], check=True)
        return json.load(open(out.name))["arms"]


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("yardstick")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--ranks", default="2,8,64")
    parser.add_argument("--full", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--out", default=os.path.join(here, "smollm2", "training.json"))
    a = parser.parse_args()
    ranks = [int(r) for r in a.ranks.split(",") if r]
    arms = []
    with tempfile.TemporaryDirectory() as folder:
        for rank in ranks:
            adapter(rank, f"{folder}/{rank}.safetensors")
        which = ["--ranks", a.ranks, *(["--full"] if a.full else [])]
        common = ["--steps", str(a.steps), "--init", f"{folder}/{{rank}}.safetensors", "--lr", str(RATE)]
        for arm in sweep(a.model, a.yardstick, [*common, *which]):
            arms.append(dict(rank=arm["rank"], learningRate=RATE, losses=[float(f"{x:.8g}") for x in arm["losses"]]))
    with open(a.out, "w") as f:
        json.dump(dict(batchSize=BATCH, arms=arms), f, separators=(",", ":"))


if __name__ == "__main__":
    main()
