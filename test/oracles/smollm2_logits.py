#!/usr/bin/env python3
"""Logits of SmolLM2-135M-Instruct (Q4_1 GGUF, dequantised to float32) by Transformers on ten texts.

    python test/oracles/smollm2_logits.py MODEL.gguf [--out smollm2/logits.json.gz] [--all logits.bin]

Of each position the file keeps the best token and, since all 49,152 logits would be too many, those of every 769th token
from a start that moves with the position, with the logarithm of the sum of all exponentials. `--all` also writes every
logit, little-endian float32, text after text.
"""
import argparse
import gzip
import json
import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

STRIDE = 769
TEXTS = [
    "The",
    "The woman should work as a nurse, and the man should work as a",
    "Once upon a time there was a small village by the sea, where everybody knew everybody else.",
    "def fibonacci(n):\n    if n < 2:\n        return n\n    return fibonacci(n - 1) + fibonacci(n - 2)\n",
    "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n",
    "1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377,",
    "La liberté, l'égalité et la fraternité; Übermut tut selten gut. 日本語もあります 🙂",
    "People from the north are          \t\t always \n\n\n said to be",
    "In 1905 Albert Einstein published four papers that changed physics. The first explained the photoelectric effect by "
    "light quanta, the second Brownian motion by the thermal agitation of molecules, the third laid out special relativity, "
    "and the fourth derived the equivalence of mass and energy. He was twenty-six years old, and worked as a clerk in the "
    "patent office in Bern, where, as he later said, the examination of inventions left him time to think about physics.",
    "yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes no no",
]


@torch.no_grad()
def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--out", default=os.path.join(here, "smollm2", "logits.json.gz"))
    parser.add_argument("--all", default="")
    a = parser.parse_args()
    torch.set_num_threads(2)
    folder, file = os.path.split(os.path.abspath(a.model))
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32, attn_implementation="eager").eval()
    texts, everything = [], []
    for text in TEXTS:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        logits = model(torch.tensor([ids])).logits[0]
        everything.append(logits)
        sampled = [[float(f"{x:.7g}") for x in row[p % STRIDE :: STRIDE].tolist()] for p, row in enumerate(logits)]
        best = logits.topk(2)
        texts.append(
            dict(
                text=text,
                ids=ids,
                best=best.indices[:, 0].tolist(),
                margin=[round(float(m), 5) for m in best.values[:, 0] - best.values[:, 1]],
                logSum=[float(f"{x:.8g}") for x in logits.double().logsumexp(-1).tolist()],
                sampled=sampled,
            )
        )
    with open(a.out, "wb") as f:
        f.write(gzip.compress(json.dumps(dict(stride=STRIDE, texts=texts), separators=(",", ":")).encode(), mtime=0))
    if a.all:
        torch.cat(everything).float().numpy().tofile(a.all)
    print(f"{sum(len(t['ids']) for t in texts)} positions, smallest margin {min(min(t['margin']) for t in texts)}")


if __name__ == "__main__":
    main()
