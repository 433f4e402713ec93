#!/usr/bin/env python3
"""Forward values and gradients of every differentiable op, by PyTorch: writes ops.json beside this file.

Each case has the name that it has in test/server/engine/autodiff/gradientCases.ts, which builds the same function in
our own ops. Inputs are multiples of 1/64, so that both sides start from the same float32 numbers; values and gradients
are computed in float64. The loss is the sum of `weights` times the output.

Run: python test/oracles/ops.py        (torch 2.13)
"""
import json
import os

import torch
import torch.nn.functional as F

generator = torch.Generator().manual_seed(20240528)


def grid(x):
    return torch.round(x * 64) / 64


def normal(*shape):
    return grid(torch.randn(shape, generator=generator, dtype=torch.float64))


def positive(*shape):
    return grid(0.5 + 1.5 * torch.rand(shape, generator=generator, dtype=torch.float64))


def off_zero(*shape):
    """Magnitudes of 0.5 to 2, either sign."""
    sign = torch.where(torch.rand(shape, generator=generator) < 0.5, -1.0, 1.0).double()
    return sign * grid(0.5 + 1.5 * torch.rand(shape, generator=generator, dtype=torch.float64))


def layer_norm(x, scale, bias):
    return F.layer_norm(x, (x.shape[-1],), scale, bias, 1e-5)


def rms_norm(x, scale):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * scale


def rotary(x, positions, cos, sin, heads):
    """x [B, S, heads x headSize]; halves rotated, not interleaved."""
    parts = x.reshape(*x.shape[:2], heads, -1)
    half = parts.shape[-1] // 2
    c, s = cos[positions][:, :, None], sin[positions][:, :, None]
    low, high = parts[..., :half], parts[..., half:]
    return torch.cat([low * c - high * s, high * c + low * s], -1).reshape(x.shape)


def rows(x, index):
    return x.reshape(-1, x.shape[-1])[torch.tensor(index)]


def t(x, transposed):
    return x.transpose(-1, -2) if transposed else x


cases = {}


def case(name, function, **inputs):
    leaves = {k: v.clone().requires_grad_() for k, v in inputs.items()}
    output = function(**leaves)
    weights = normal(*output.shape)
    (output * weights).sum().backward()
    cases[name] = {
        "inputs": {k: entry(v) for k, v in leaves.items()},
        "weights": entry(weights),
        "output": entry(output),
        "gradients": {k: flat(v.grad) for k, v in leaves.items()},
    }


def flat(x):
    return [float(f"{v:.9g}") for v in x.detach().reshape(-1).tolist()]


def entry(x):
    return {"shape": list(x.shape), "data": flat(x)}


for op, f in (("Add", torch.add), ("Sub", torch.sub), ("Mul", torch.mul), ("Div", torch.div)):
    second = off_zero if op == "Div" else normal
    case(f"{op}/same", lambda a, b, f=f: f(a, b), a=normal(3, 4), b=second(3, 4))
    case(f"{op}/bias", lambda a, b, f=f: f(a, b), a=normal(3, 4), b=second(4))
    case(f"{op}/rows", lambda a, b, f=f: f(a, b), a=normal(2, 3, 4), b=second(2, 3, 1))
    case(f"{op}/scalar", lambda a, b, f=f: f(a, b), a=normal(3, 4), b=second())
    case(f"{op}/first", lambda a, b, f=f: f(a, b), a=normal(4), b=second(3, 4))
    case(f"{op}/both", lambda a, b, f=f: f(a, b), a=normal(3, 1), b=second(1, 4))
for op, f, sampler in (
    ("Neg", torch.neg, normal),
    ("Exp", torch.exp, normal),
    ("Log", torch.log, positive),
    ("Tanh", torch.tanh, normal),
    ("Sigmoid", torch.sigmoid, normal),
    ("Erf", torch.erf, normal),
    ("Relu", torch.relu, off_zero),
    ("FastGelu", lambda x: F.gelu(x, approximate="tanh"), normal),
    ("Gelu", F.gelu, normal),
    ("QuickGelu/silu", F.silu, normal),
    ("QuickGelu/alpha", lambda x: x * torch.sigmoid(1.702 * x), normal),
):
    case(op, lambda x, f=f: f(x), x=sampler(3, 5))
for op, f in (("FastGelu/far", lambda x: F.gelu(x, approximate="tanh")), ("Gelu/far", F.gelu), ("QuickGelu/far", F.silu)):
    case(op, lambda x, f=f: f(x), x=4 * normal(3, 5))

for a in (0, 1):
    for b in (0, 1):
        case(
            f"Gemm/{a}{b}",
            lambda x, y, c, a=a, b=b: t(x, a) @ t(y, b) + c,
            x=normal(*((4, 3) if a else (3, 4))),
            y=normal(*((5, 4) if b else (4, 5))),
            c=normal(5),
        )
        case(
            f"FusedMatMul/{a}{b}",
            lambda x, y, a=a, b=b: 0.75 * (t(x, a) @ t(y, b)),
            x=normal(*((2, 4, 3) if a else (2, 3, 4))),
            y=normal(*((2, 2, 4) if b else (2, 4, 2))),
        )
case("Gemm/no-bias", lambda x, y: x @ y, x=normal(3, 4), y=normal(4, 5))
case("Gemm/column", lambda x, y, c: x @ y + c, x=normal(3, 4), y=normal(4, 5), c=normal(3, 1))
case("Gemm/matrix", lambda x, y, c: x @ y + c, x=normal(3, 4), y=normal(4, 5), c=normal(3, 5))
for a in (0, 1):
    for b in (0, 1):
        case(
            f"FusedMatMul/broadcast{a}{b}",
            lambda x, y, a=a, b=b: -1.5 * (t(x, a) @ t(y, b)),
            x=normal(2, 3, *((4, 2) if a else (2, 4))),
            y=normal(3, *((2, 4) if b else (4, 2))),
        )
case("FusedMatMul/one-batch", lambda x, y: x @ y, x=normal(2, 1, 2, 3), y=normal(1, 2, 3, 2))

case("LayerNormalization", layer_norm, x=normal(3, 6), scale=normal(6), bias=normal(6))
case("LayerNormalization/3d", layer_norm, x=normal(2, 2, 6), scale=normal(6), bias=normal(6))
case("SimplifiedLayerNormalization", rms_norm, x=normal(3, 6), scale=normal(6))
case("SimplifiedLayerNormalization/3d", rms_norm, x=normal(2, 2, 6), scale=normal(6))
case("Softmax", lambda x: torch.softmax(x, -1), x=normal(3, 5))
case("Softmax/4d", lambda x: torch.softmax(x, -1), x=normal(2, 1, 2, 3))
case("LogSoftmax", lambda x: torch.log_softmax(x, -1), x=normal(3, 5))
labels = torch.tensor([4, 0, 2])
case("SoftmaxCrossEntropyLoss", lambda x: F.cross_entropy(x, labels, reduction="none")[:, None], x=normal(3, 5))
case("SoftmaxCrossEntropyLoss/wide", lambda x: F.cross_entropy(x, labels, reduction="none")[:, None], x=8 * normal(3, 5))

case("ReduceSum/last", lambda x: x.sum(-1, keepdim=True), x=normal(3, 4))
case("ReduceSum/two", lambda x: x.sum((0, 2), keepdim=True), x=normal(2, 3, 4))
case("ReduceMean/last", lambda x: x.mean(-1, keepdim=True), x=normal(3, 4))
case("ReduceMean/two", lambda x: x.mean((1, 2), keepdim=True), x=normal(2, 3, 4))

case("Reshape", lambda x: x.reshape(3, 2, 2).square(), x=normal(3, 4))
case("Transpose", lambda x: x.permute(2, 0, 1), x=normal(2, 3, 4))
case("Concat", lambda a, b, c: torch.cat([a, b, c], 1), a=normal(2, 3), b=normal(2, 1), c=normal(2, 2))
case("Split", lambda x: torch.mul(*x.split([2, 2], 1)), x=normal(3, 4))
case("Split/unused", lambda x: x[:, :2] * x[:, 3:], x=normal(3, 5))
case("Gather", lambda x: x[torch.tensor([2, 0, 2, 2, 1])], x=normal(4, 3))
case("Gather/matrix", lambda x: x[torch.tensor([[1, 1], [0, 3]])], x=normal(4, 3))
# Three rows of two heads, as sequences of two tokens and one, in [2, 2 heads, 2] places of which two are padding.
padded = [[[0, 2], [1, 3]], [[4, 0], [5, 0]]]
keep = torch.tensor([1.0, 1, 1, 1, 1, 0, 1, 0]).double().reshape(2, 2, 2, 1)
case("GatherRows/padding", lambda x: rows(x, padded) * keep, x=normal(3, 2, 3))
packed = [[0, 2], [1, 3], [4, 6]]
case("GatherRows/packing", lambda x: rows(x, packed), x=normal(2, 2, 2, 3))
case("GatherElements", lambda x: x.gather(1, torch.tensor([[2], [0], [2]])), x=normal(3, 4))
angle = torch.arange(7).double()[:, None] * torch.tensor([1.0, 0.1]).double()
positions = torch.tensor([[0], [5], [3]])
case("RotaryEmbedding", lambda x: rotary(x, positions, angle.cos(), angle.sin(), 2), x=normal(3, 1, 8))

case("several uses", lambda x: x * x + torch.exp(x) * x - x, x=normal(3, 4))
case("tied embedding", lambda x: x[torch.tensor([2, 0, 2])] @ x.T, x=normal(4, 3))
case("two embeddings", lambda x: x[torch.tensor([2, 0])] * x[torch.tensor([2, 1])], x=normal(4, 3))

if __name__ == "__main__":
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ops.json")
    with open(path, "w") as f:
        f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in cases.items()) + "\n}\n")
    print(f"{len(cases)} cases, {os.path.getsize(path)} bytes, torch {torch.__version__}")
