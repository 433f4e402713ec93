#!/usr/bin/env python3
"""Fine-tuning of a BERT encoder on SST2 by PyTorch, Transformers and PEFT, from starts that are given.

    python test/oracles/minilm_sst2.py MODEL SST2 START --arms r8,full --rates 5e-3,3e-4 --train 384 --dev 300 --epochs 1 --out FILE

MODEL is the encoder's folder, SST2 the folder of train.tsv and dev.tsv, START that of each arm as it starts: an adapter with
its head, or a whole model. Sentences come in file order, 16 a step, the rate falls linearly to 0, nothing is dropped out.
Writes {"arms": [{"arm", "losses", "accuracy", "logits", "seconds"}]}; `logits` are those of the first dev sentences.
"""
import argparse
import json
import time

import torch
import transformers
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

BATCH, LONGEST = 16, 128
torch.set_num_threads(2)


def read(path, count):
    lines = [line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8")][:count]
    return [(text, int(label)) for text, label in lines]


def batch(tokenizer, rows):
    encoded = tokenizer([text for text, _ in rows], padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
    return encoded, torch.tensor([label for _, label in rows])


def open_arm(arm, a):
    if arm == "full":
        return AutoModelForSequenceClassification.from_pretrained(f"{a.start}/{arm}", dtype=torch.float32)
    base = AutoModelForSequenceClassification.from_pretrained(a.model, dtype=torch.float32, num_labels=2)
    return PeftModel.from_pretrained(base, f"{a.start}/{arm}", is_trainable=True)


@torch.no_grad()
def predict(model, tokenizer, rows):
    parts = [model(**batch(tokenizer, rows[i : i + 64])[0]).logits for i in range(0, len(rows), 64)]
    return torch.cat(parts)


def train(arm, rate, tokenizer, rows, a):
    model = open_arm(arm, a).eval()  # No dropout.
    trained = [p for p in model.parameters() if p.requires_grad]
    steps = (len(rows) * a.epochs + BATCH - 1) // BATCH
    optimiser = torch.optim.AdamW(trained, lr=rate, weight_decay=0.0)
    schedule = transformers.get_linear_schedule_with_warmup(optimiser, 0, steps)
    losses, started = [], time.time()
    for step in range(steps):
        stop = min((step + 1) * BATCH, len(rows) * a.epochs)
        encoded, labels = batch(tokenizer, [rows[i % len(rows)] for i in range(step * BATCH, stop)])
        loss = torch.nn.functional.cross_entropy(model(**encoded).logits, labels)
        loss.backward()
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    return model, losses, time.time() - started


def main():
    parser = argparse.ArgumentParser()
    for name in ("model", "sst2", "start"):
        parser.add_argument(name)
    parser.add_argument("--arms", default="r8,full")
    parser.add_argument("--rates", default="5e-3,3e-4")
    parser.add_argument("--train", type=int, default=384)
    parser.add_argument("--dev", type=int, default=300)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--out", required=True)
    a = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(a.model)
    rows, dev = read(f"{a.sst2}/train.tsv", a.train), read(f"{a.sst2}/dev.tsv", a.dev)
    arms = []
    for arm, rate in zip(a.arms.split(","), a.rates.split(",")):
        model, losses, seconds = train(arm, float(rate), tokenizer, rows, a)
        logits = predict(model, tokenizer, dev)
        accuracy = float((logits.argmax(1) == torch.tensor([label for _, label in dev])).float().mean())
        arms.append(dict(arm=arm, losses=losses, accuracy=accuracy, logits=logits[:20].flatten().tolist(), seconds=seconds))
    with open(a.out, "w") as f:
        json.dump(dict(arms=arms), f, separators=(",", ":"))


main()
