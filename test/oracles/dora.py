#!/usr/bin/env python3
"""What PEFT makes of DoRA and rsLoRA: writes dora.json beside this file.

- `layers`: one linear map under DoRA, in each layout, with and without a bias and dropout: its output for an input, and the
  gradients of sum(output * dy) with respect to the adapter's parameters and the input. The dropout is a mask that is given.
- `logits`: of the tiny models of models.py with adapters: those that PEFT wrote (training/MODEL-ARM, by training.py), and
  those that we wrote (exported/NAME, by exportAdapters.ts).

Run: npx tsx test/oracles/exportAdapters.ts && python test/oracles/dora.py       (torch 2.13, transformers 5.24, peft 0.21)
"""
import json
import os

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_num_threads(1)
ROWS, INTO, OUT, RANK = 4, 6, 5, 3
SEQUENCES = [[3, 14, 15, 9, 26], [0, 1, 2, 40, 41, 42, 7], [33]]
WRITTEN = [("gpt2", "r8-dora"), ("gpt2", "r4-dora-rslora-all"), ("llama", "r4-dora-rslora-all"), ("llama", "r4-rslora-all")]
EXPORTED = [("gpt2", "gpt2-dora"), ("llama", "llama-dora-rslora"), ("llama", "llama-rslora")]


class Masked(torch.nn.Module):
    def __init__(self, mask):
        super().__init__()
        self.mask = mask

    def forward(self, x):
        return x * self.mask


def flat(x):
    return [float(f"{v:.8g}") for v in x.detach().flatten().tolist()]


def layer(layout, bias, dropout, generator):
    def draw(*shape):
        return torch.randn(shape, generator=generator).half().float()

    base = torch.nn.Linear(INTO, OUT, bias=bias) if layout == "out-in" else Conv1D(OUT, INTO)
    model = get_peft_model(
        torch.nn.Sequential(base),
        LoraConfig(r=RANK, lora_alpha=6, use_dora=True, target_modules=["0"], fan_in_fan_out=layout == "in-out"),
    )
    mod = model.base_model.model[0]
    a, b, m = mod.lora_A["default"].weight, mod.lora_B["default"].weight, mod.lora_magnitude_vector["default"].weight
    with torch.no_grad():
        base.weight.copy_(draw(*base.weight.shape))
        if base.bias is not None:
            base.bias.copy_(draw(OUT) if bias else torch.zeros(OUT))
        a.copy_(draw(RANK, INTO))
        b.copy_(draw(OUT, RANK))
        m.copy_(draw(OUT).abs() + 0.5)
    mask = (draw(ROWS, INTO) > -0.3).float() / 0.75
    if dropout:
        mod.lora_dropout["default"] = Masked(mask)
    model.train()
    x, dy = draw(ROWS, INTO).requires_grad_(), draw(ROWS, OUT)
    y = model(x)
    (y * dy).sum().backward()
    given = dict(x=x, dy=dy, weight=base.weight, a=a, b=b, magnitude=m, **(dict(bias=base.bias) if bias else {}))
    given |= dict(mask=mask) if dropout else {}
    return dict(
        layout=layout,
        bias=bias,
        scale=2,
        given={k: flat(v) for k, v in given.items()},
        y=flat(y),
        gradients=dict(x=flat(x.grad), a=flat(a.grad), b=flat(b.grad), magnitude=flat(m.grad)),
    )


@torch.no_grad()
def logits(name, folder):
    base = AutoModelForCausalLM.from_pretrained(os.path.join(HERE, "models", name), dtype=torch.float32, attn_implementation="eager")
    model = PeftModel.from_pretrained(base, os.path.join(HERE, folder)).eval()
    return dict(model=name, folder=folder, logits=[flat(model(torch.tensor([ids])).logits) for ids in SEQUENCES])


if __name__ == "__main__":
    generator = torch.Generator().manual_seed(7)
    kinds = [(l, b, d) for l in ("out-in", "in-out") for b in (True, False) for d in (True, False)]
    folders = [(m, f"training/{m}-{arm}") for m, arm in WRITTEN] + [(m, f"exported/{name}") for m, name in EXPORTED]
    result = dict(
        sizes=dict(rows=ROWS, into=INTO, out=OUT, rank=RANK),
        layers=[layer(*kind, generator) for kind in kinds],
        sequences=SEQUENCES,
        logits=[logits(*one) for one in folders],
    )
    with open(os.path.join(HERE, "dora.json"), "w") as f:
        json.dump(result, f, separators=(",", ":"))
