#!/usr/bin/env python3
"""What PyTorch, Transformers and PEFT make of training: writes training.json beside this file.

- `adamw`: values after each of 20 steps of torch.optim.AdamW, matrices decayed and vectors not, as Trainer groups them.
- `schedules`: the factors of transformers.get_*_schedule.
- `runs`: losses and gradient norms of 50 steps of the tiny models of models.py, for LoRA arms and full fine-tuning. The
  arms start from the adapters in training/MODEL-ARM, written by PEFT, whose values are float16 numbers.
  Classifiers learn a class of each of `classExamples`, their LoRA arms with the head trained in full (`modules_to_save`).

Run: python test/oracles/training.py [MODEL|MODEL-ARM...]  (torch 2.13, transformers 5.23, peft 0.21), after models.py.
With models or arms of models named, theirs alone are made anew and the others' numbers stay.
"""
import json
import os
import shutil
import sys
import warnings

import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 50
torch.set_num_threads(1)
warnings.filterwarnings("ignore")


def short(x):
    return float(f"{float(x):.8g}")


def adamw():
    g = torch.Generator().manual_seed(1)
    shapes = {"matrix": [5, 3], "vector": [7], "square": [2, 2], "one": [1]}
    params = {k: torch.nn.Parameter(torch.randn(s, generator=g).half().float()) for k, s in shapes.items()}
    start = {k: p.detach().flatten().tolist() for k, p in params.items()}
    decay, beta1, beta2, epsilon = 0.1, 0.9, 0.95, 1e-6
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in params.values() if p.dim() > 1], "weight_decay": decay},
            {"params": [p for p in params.values() if p.dim() <= 1], "weight_decay": 0.0},
        ],
        betas=(beta1, beta2),
        eps=epsilon,
    )
    steps = []
    for step in range(20):
        rate = 0.02 * (1 - step / 25)
        gradients = {}
        for k, p in params.items():
            p.grad = (torch.randn(p.shape, generator=g) * 10.0 ** (step % 5 - 3)).half().float()
            if step in (3, 4):
                p.grad.flatten()[0] = 0
            gradients[k] = p.grad.flatten().tolist()
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()
        values = {k: [short(x) for x in p.detach().flatten()] for k, p in params.items()}
        steps.append(dict(learningRate=rate, gradients=gradients, values=values))
    options = dict(weightDecay=decay, beta1=beta1, beta2=beta2, epsilon=epsilon)
    return dict(shapes=shapes, start=start, options=options, steps=steps)


def schedules():
    out = []
    for kind, warmup, total in [(k, w, t) for k in ("constant", "linear", "cosine") for w, t in ((0, 12), (5, 20), (3, 3))]:
        optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        make = getattr(transformers, f"get_{kind}_schedule_with_warmup")
        scheduler = make(optimiser, warmup) if kind == "constant" else make(optimiser, warmup, total)
        factors = []
        for _ in range(total):
            factors.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            scheduler.step()
        out.append(dict(kind=kind, warmupSteps=warmup, steps=total, factors=factors))
    return out


def examples():
    """24 sequences of 3 to 14 tokens, each loss from `firstLabel` on; token 0 is among them."""
    g = torch.Generator().manual_seed(2)
    rows = []
    for _ in range(24):
        n = int(torch.randint(3, 15, (1,), generator=g))
        # A rule to learn, in part: odd positions repeat the one before, plus 1.
        ids = torch.randint(0, 48, (n,), generator=g)
        ids[1::2] = (ids[: n - n % 2 : 2] + 1) % 48
        rows.append(dict(ids=ids.tolist(), firstLabel=int(torch.randint(0, n - 1, (1,), generator=g))))
    return rows


def class_examples():
    """24 sequences of 2 to 12 tokens with one of two classes, which the first token decides, mostly."""
    g = torch.Generator().manual_seed(3)
    rows = []
    for i in range(24):
        # Token 6 is the padding of RoBERTa.
        ids = [t + (t == 6) for t in torch.randint(0, 48, (int(torch.randint(2, 13, (1,), generator=g)),), generator=g).tolist()]
        rows.append(dict(ids=ids, label=int(ids[0] % 2 if i % 6 else 1)))
    return rows


def padded(rows):
    width = max(len(r["ids"]) for r in rows)
    ids, mask = torch.zeros((len(rows), width), dtype=torch.long), torch.zeros((len(rows), width), dtype=torch.long)
    labels = torch.full((len(rows), width), -100)
    for i, r in enumerate(rows):
        n = len(r["ids"])
        ids[i, :n], mask[i, :n] = torch.tensor(r["ids"]), 1
        labels[i, r["firstLabel"] : n] = torch.tensor(r["ids"][r["firstLabel"] :])
    return ids, mask, labels[:, 1:]


def token_loss(model, ids, mask, labels):
    logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1]
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum")


def padded_classes(rows):
    width = max(len(r["ids"]) for r in rows)
    ids, mask = torch.full((len(rows), width), 6), torch.zeros((len(rows), width), dtype=torch.long)
    for i, r in enumerate(rows):
        ids[i, : len(r["ids"])], mask[i, : len(r["ids"])] = torch.tensor(r["ids"]), 1
    return ids, mask, torch.tensor([r["label"] for r in rows])


def class_loss(model, ids, mask, labels):
    return torch.nn.functional.cross_entropy(model(input_ids=ids, attention_mask=mask).logits, labels, reduction="sum")


def train(model, rows, o, pad=padded, loss=token_loss):
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for _, p in named if p.dim() > 1], "weight_decay": o["weightDecay"]},
            {"params": [p for _, p in named if p.dim() <= 1], "weight_decay": 0.0},
        ],
        lr=o["learningRate"],
        betas=(0.9, 0.999),
        eps=1e-8,
    )
    make = getattr(transformers, f"get_{o['schedule']}_schedule_with_warmup")
    schedule = make(optimiser, o["warmupSteps"], *([STEPS] if o["schedule"] != "constant" else []))
    losses, norms, at = [], [], 0
    model.eval()  # A GPT-2 configuration asks for dropout in training, which no arm here has.
    for _ in range(STEPS):
        micros = []
        for _ in range(o["accumulation"]):
            micros.append(pad([rows[(at + k) % len(rows)] for k in range(o["batchSize"])]))
            at += o["batchSize"]
        count = sum(int((labels != -100).sum()) for _, _, labels in micros)
        total = 0.0
        for ids, mask, labels in micros:
            nll = loss(model, ids, mask, labels)
            (nll / count).backward()
            total += nll.item()
        norms.append(short(torch.nn.utils.clip_grad_norm_([p for _, p in named], o["clip"] or float("inf"))))
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
        losses.append(short(total / count))
    return losses, norms


@torch.no_grad()
def adapters(model, folder, generator):
    for name, p in model.named_parameters():
        if "lora_magnitude_vector" in name:
            p.copy_((p * (1 + 0.1 * torch.randn(p.shape, generator=generator))).half().float())
        elif "lora_" in name:
            spread = 0.3 if "lora_A" in name else 0.1
            p.copy_((spread * torch.randn(p.shape, generator=generator)).half().float())
        elif "modules_to_save" in name:
            p.copy_((p + 0.1 * torch.randn(p.shape, generator=generator)).half().float())
    model.save_pretrained(folder)
    os.remove(os.path.join(folder, "README.md"))
    path = os.path.join(folder, "adapter_config.json")
    config = json.load(open(path))
    kept = ("alpha_pattern bias fan_in_fan_out lora_alpha lora_dropout modules_to_save peft_type r rank_pattern target_modules "
            "task_type use_dora use_rslora").split()
    config = {k: config[k] for k in kept} | {"base_model_name_or_path": "tiny"}
    for key in ("target_modules", "modules_to_save"):
        if isinstance(config[key], list):
            config[key].sort()
    json.dump(config, open(path, "w"), indent=1)


PLAIN = dict(weightDecay=0.0, clip=0.0, accumulation=1, batchSize=4, schedule="constant", warmupSteps=0)
EVERYTHING = dict(weightDecay=0.1, clip=1.0, accumulation=3, batchSize=2, schedule="cosine", warmupSteps=5)
ARMS = {
    "r2": (dict(r=2, lora_alpha=4), dict(PLAIN, learningRate=1e-2)),
    "r8": (dict(r=8, lora_alpha=16), dict(PLAIN, learningRate=5e-3)),
    "r4-rslora-all": (dict(r=4, lora_alpha=6, use_rslora=True, target_modules="all-linear"), dict(EVERYTHING, learningRate=4e-3)),
    "full": (None, dict(PLAIN, learningRate=3e-3)),
    "full-decayed": (None, dict(EVERYTHING, learningRate=3e-3)),
}
DORA_ARMS = {
    "r8-dora": (dict(r=8, lora_alpha=16, use_dora=True), dict(PLAIN, learningRate=5e-3)),
    "r4-dora-rslora-all": (
        dict(r=4, lora_alpha=6, use_dora=True, use_rslora=True, target_modules="all-linear"),
        dict(EVERYTHING, learningRate=4e-3),
    ),
}


# Families that PEFT has no default for.
ATTENTION = ["q_proj", "v_proj"]
TARGETS = {"modernbert": ["Wqkv"], "distilbert": ["q_lin", "v_lin"], "albert": ["query", "value"], "smollm3": ATTENTION, "olmo2": ATTENTION, "granite": ATTENTION, "phi3": ["qkv_proj"]}
# At the others' rates, rounding grows within 50 steps to the tolerance of the test.
RATES = {"albert": 0.3}
DECODERS = ["qwen2", "qwen3", "mistral", "smollm3", "gemma", "gemma2", "gemma3", "phi3", "olmo2", "granite", "gpt-neox"]


def run(name, arm, rows, seed, classes=False):
    lora, options = (ARMS | DORA_ARMS)[arm]
    options = dict(options, learningRate=options["learningRate"] * RATES.get(name, 1))
    kind = AutoModelForSequenceClassification if classes else AutoModelForCausalLM
    model = kind.from_pretrained(os.path.join(HERE, "models", name), dtype=torch.float32, attn_implementation="eager")
    if lora:
        task = "SEQ_CLS" if classes else "CAUSAL_LM"
        targets = {"target_modules": TARGETS[name]} if name in TARGETS and "target_modules" not in lora else {}
        model = get_peft_model(model, LoraConfig(**{"task_type": task, "lora_dropout": 0.0, **targets, **lora}))
        folder = os.path.join(HERE, "training", f"{name}-{arm}")
        adapters(model, folder, torch.Generator().manual_seed(seed))
    losses, norms = train(model, rows, options, *((padded_classes, class_loss) if classes else ()))
    print(f"{name} {arm}: {losses[0]:.4f} -> {losses[-1]:.4f}, norms {min(norms):.3f} to {max(norms):.3f}")
    return dict(model=name, arm=arm, lora=bool(lora), options=options, losses=losses, gradientNorms=norms)


def seeded():
    """Every run with its seed: (model, arm, seed, whether it classifies)."""
    arms = [(n, a) for n in ("gpt2", "llama") for a in ARMS]
    runs = [(n, a, seed, False) for seed, (n, a) in enumerate(arms)]
    more = [(n, a) for n in ("opt", "opt-post-norm-projected") for a in ("r8", "r4-rslora-all", "full", "full-decayed")]
    runs += [(n, a, 20 + seed, False) for seed, (n, a) in enumerate(more)]
    arms = [("bert", "r8"), ("bert", "r4-rslora-all"), ("bert", "full"), ("bert", "full-decayed"), ("roberta", "r8")]
    arms += [("roberta", "r4-rslora-all"), ("roberta", "full"), ("distilbert", "r8"), ("distilbert", "full")]
    runs += [(n, a, 40 + seed, True) for seed, (n, a) in enumerate(arms)]
    arms = [(n, a) for n in DECODERS for a in ("r8", "full")]
    arms += [(n, "r4-rslora-all") for n in ("qwen3", "gemma3", "phi3", "gpt-neox")]
    runs += [(n, a, 60 + seed, False) for seed, (n, a) in enumerate(arms)]
    arms = [(n, a) for n in ("electra", "albert", "modernbert") for a in ("r8", "full")] + [("electra", "r4-rslora-all")]
    runs += [(n, a, 100 + seed, True) for seed, (n, a) in enumerate(arms)]
    arms = [(n, a) for n in ("gpt2", "llama", "bert") for a in DORA_ARMS]
    return runs + [(n, a, 120 + seed, n == "bert") for seed, (n, a) in enumerate(arms)]


if __name__ == "__main__":
    path = os.path.join(HERE, "training.json")
    asked = {(n, a) for n, a, *_ in seeded() if not sys.argv[1:] or n in sys.argv[1:] or f"{n}-{a}" in sys.argv[1:]}
    known = json.load(open(path)) if sys.argv[1:] else dict(runs=[], classRuns=[])
    before = {(r["model"], r["arm"]): r for r in known["runs"] + known["classRuns"] if (r["model"], r["arm"]) not in asked}
    for name, arm, *_ in seeded():
        if (name, arm) in asked:
            shutil.rmtree(os.path.join(HERE, "training", f"{name}-{arm}"), ignore_errors=True)
    rows, class_rows = examples(), class_examples()
    runs = {False: [], True: []}
    for name, arm, seed, classes in seeded():
        found = before.get((name, arm)) or run(name, arm, class_rows if classes else rows, seed, classes)
        runs[classes].append(found)
    result = dict(adamw=adamw(), schedules=schedules(), examples=rows, runs=runs[False], classExamples=class_rows, classRuns=runs[True])
    if sys.argv[1:]:
        result |= {k: known[k] for k in ("adamw", "schedules", "examples", "classExamples")}
    with open(path, "w") as f:
        json.dump(result, f, separators=(",", ":"))
