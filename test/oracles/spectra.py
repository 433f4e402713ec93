#!/usr/bin/env python3
"""Singular values of what the adapters of training.py change, and of one of models.py changed in full: number i of
each of its tensors, in the order of the file, plus 0.1 sin(i * i), rounded to float32.

NumPy's dense SVD, float64, of the whole matrices dW = scale B A (or W' - W), W and W + dW: the singular values, the rank
that holds 90 % of their squares, and of each leading left singular vector of W + dW the greatest |cosine| with one of W
(arXiv 2410.21228). PyTorch's truncated SVD of dW, as what a shrunk adapter must amount to.
Writes test/oracles/spectra.json.

Run: python test/oracles/spectra.py     (numpy, torch 2.13, safetensors)
"""
import json
import os

import numpy as np
import torch
from safetensors.numpy import load_file

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = 4
ADAPTERS = ["gpt2-r8", "gpt2-r4-rslora-all", "llama-r4-rslora-all", "bert-r8"]
# Adapter and rank; the change of the first module is stored whole.
SHRUNK = {"gpt2-r8": 3, "gpt2-r4-rslora-all": 1, "llama-r4-rslora-all": 2}
FULL = "gpt2"
# The matrix of a case holds sin(i * i + 3 * i * j + 0.7 * j), and where `rank` is given only that many rows are free.
DENSE = [{"rows": 40, "columns": 25}, {"rows": 25, "columns": 40}, {"rows": 30, "columns": 30}, {"rows": 24, "columns": 33, "rank": 7}]


def weights(folder, name="model.safetensors"):
    return {key: value.astype(np.float64) for key, value in load_file(os.path.join(HERE, folder, name)).items()}


def base_weight(tensors, module):
    """The weight of a module, whatever prefix the checkpoint has, as [out, in]."""
    key = next(k for k in tensors if k == f"{module}.weight" or k.endswith(f".{module}.weight") or f"{module}.weight".endswith(f".{k}"))
    weight = tensors[key]
    return weight.T if is_conv1d(module) else weight


def is_conv1d(module):
    return module.split(".")[-1] in ("c_attn", "c_proj", "c_fc")


def spectrum(change, base):
    values = np.linalg.svd(change, compute_uv=False)
    energy = np.cumsum(values**2)
    u, s, _ = np.linalg.svd(base, full_matrices=False)
    u = u[:, s > 1e-7 * s[0]]
    tuned = np.linalg.svd(base + change, full_matrices=False)[0][:, :TOP]
    return {
        "values": values.tolist(),
        "rankOf90": int(np.argmax(energy >= 0.9 * energy[-1])) + 1,
        "cosines": np.abs(u.T @ tuned).max(axis=0).tolist(),
    }


def adapter_changes(name):
    with open(os.path.join(HERE, "training", name, "adapter_config.json")) as file:
        config = json.load(file)
    rank = config["r"]
    scale = config["lora_alpha"] / (np.sqrt(rank) if config.get("use_rslora") else rank)
    tensors = weights(os.path.join("training", name), "adapter_model.safetensors")
    for key in sorted(k for k in tensors if k.endswith(".lora_A.weight")):
        module = key[len("base_model.model.") : -len(".lora_A.weight")]
        yield module, rank, scale * tensors[key.replace("lora_A", "lora_B")] @ tensors[key]


def adapters():
    result = {}
    for name in ADAPTERS:
        model = name.split("-")[0]
        base = weights(os.path.join("models", model))
        modules = {m: spectrum(change, base_weight(base, m)) for m, rank, change in adapter_changes(name)}
        for m, rank, _ in adapter_changes(name):
            modules[m]["values"] = modules[m]["values"][:rank]
        result[name] = {"model": model, "modules": modules}
    return result


def full():
    base = weights(os.path.join("models", FULL))
    modules = {}
    for key in sorted(base):
        module = key[: -len(".weight")]
        if key.endswith(".weight") and is_conv1d(module):
            index = np.arange(base[key].size, dtype=np.float64).reshape(base[key].shape)
            tuned = (base[key] + 0.1 * np.sin(index * index)).astype(np.float32).astype(np.float64)
            before = base_weight(base, module)
            modules[module] = spectrum(tuned.T - before, before)
    return {"model": FULL, "modules": modules}


def shrunk():
    result = {}
    for name, rank in SHRUNK.items():
        module, _, change = next(iter(adapter_changes(name)))
        u, s, v = torch.linalg.svd(torch.from_numpy(change), full_matrices=False)
        best = (u[:, :rank] * s[:rank]) @ v[:rank]
        result[name] = {"rank": rank, "module": module, "lost": float((s[rank:] ** 2).sum()), "matrix": [float(f"{x:.9g}") for x in best.flatten().tolist()]}
    return result


def dense():
    result = []
    for case in DENSE:
        i, j = np.meshgrid(np.arange(case["rows"]), np.arange(case["columns"]), indexing="ij")
        matrix = np.sin(i * i + 3 * i * j + 0.7 * j)
        if "rank" in case:
            matrix = matrix[np.arange(case["rows"]) % case["rank"]]
        other = np.cos(i + j * j) + matrix
        u, s, _ = np.linalg.svd(matrix, full_matrices=False)
        leading = np.linalg.svd(other, full_matrices=False)[0][:, :TOP]
        u_determined = u[:, s > 1e-7 * s[0]]
        result.append({**case, "values": s.tolist(), "cosines": np.abs(u_determined.T @ leading).max(axis=0).tolist()})
    return result


if __name__ == "__main__":
    numbers = {"adapters": adapters(), "full": full(), "shrunk": shrunk(), "dense": dense()}
    with open(os.path.join(HERE, "spectra.json"), "w") as file:
        json.dump(numbers, file, indent=1)
        file.write("\n")
