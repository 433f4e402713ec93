#!/usr/bin/env python3
"""PyTorch + Transformers + PEFT at their best, as the opponent of bench/training.ts and bench/decoding.ts.

One process does one piece of work and prints one JSON object.

  opponent.py train    --model FOLDER_OR_GGUF --pairs FILE --rank 8 (0: full) [--label-logits] [--compile] [--fused]
  opponent.py adapters --model FOLDER_OR_GGUF --ranks 2,4,8 --out FOLDER      draws adapters, PEFT's folders r2, r4, r8
  opponent.py decode   --model FOLDER_OR_GGUF --prompts FILE --adapters FOLDER [--merge] [--batch 16]

Training is in float32 on the loss of the completion's tokens, by AdamW without decay, batches in the order of the file,
padded on the right to their longest; adapters are of PEFT's default targets, alpha twice the rank, no dropout.
--label-logits applies the head to the rows that have a label alone. --compile compiles the loss as one function, with
sizes that vary where the batches' do. --fused takes PyTorch's fused AdamW. Steps before --warm are not timed.
"""
import argparse
import json
import os
import resource
import statistics
import sys
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer

IGNORED = -100


def load(path):
    folder, options = (path, {}) if os.path.isdir(path) else (os.path.dirname(os.path.abspath(path)), {"gguf_file": os.path.basename(path)})
    tokenizer = AutoTokenizer.from_pretrained(folder, **options)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa", **options)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer, model


def with_adapter(model, rank, name="default"):
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, task_type="CAUSAL_LM")
    return get_peft_model(model, config, adapter_name=name)


def read_batches(a, tokenizer):
    """Per step: ids, attention mask, labels [batch, longest]."""
    pairs = [json.loads(line) for line in open(a.pairs) if line.strip()]
    encode = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
    examples = [(encode(p["prompt"]), encode(p["completion"])) for p in pairs]
    for step in range(a.steps):
        rows = [examples[(step * a.batch + k) % len(examples)] for k in range(a.batch)]
        width = max(len(prompt) + len(completion) for prompt, completion in rows)
        ids = torch.full((a.batch, width), tokenizer.pad_token_id)
        mask = torch.zeros((a.batch, width), dtype=torch.long)
        labels = torch.full((a.batch, width), IGNORED)
        for k, (prompt, completion) in enumerate(rows):
            length = len(prompt) + len(completion)
            ids[k, :length] = torch.tensor(prompt + completion)
            mask[k, :length] = 1
            labels[k, len(prompt):length] = torch.tensor(completion)
        yield ids, mask, labels


def whole_loss(model):
    return lambda ids, mask, labels: model(input_ids=ids, attention_mask=mask, labels=labels).loss


def label_loss(model, compiled):
    """The head where a label is alone. Which rows these are is found out before, so that the loss is one graph."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model

    def loss_of(ids, mask, rows, targets):
        hidden = inner.get_decoder()(input_ids=ids, attention_mask=mask).last_hidden_state
        picked = hidden[:, :-1].reshape(-1, hidden.shape[-1])[rows]
        return cross_entropy(inner.get_output_embeddings()(picked), targets)

    loss_of = compiled(loss_of)

    def loss(ids, mask, labels):
        targets = labels[:, 1:].reshape(-1)
        rows = (targets != IGNORED).nonzero(as_tuple=True)[0]
        return loss_of(ids, mask, rows, targets[rows])

    return loss


def train(a):
    tokenizer, model = load(a.model)
    if a.rank:
        model = with_adapter(model, a.rank)
    model.train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=2e-4, weight_decay=0.0, fused=a.fused or None)
    batches = list(read_batches(a, tokenizer))
    varies = len({ids.shape for ids, _, _ in batches}) > 1
    compiled = (lambda f: torch.compile(f, dynamic=varies)) if a.compile else (lambda f: f)
    loss_of = label_loss(model, compiled) if a.label_logits else compiled(whole_loss(model))
    losses, seconds, tokens = [], [], []
    for ids, mask, labels in batches:
        began = time.perf_counter()
        loss = loss_of(ids, mask, labels)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        losses.append(loss.item())
        seconds.append(time.perf_counter() - began)
        tokens.append(int(mask.sum()))
    return {
        "tokens_per_s": sum(tokens[a.warm:]) / sum(seconds[a.warm:]),
        "step_seconds": statistics.median(seconds[a.warm:]),
        "warm_seconds": sum(seconds[:a.warm]),
        "losses": losses,
    }


def adapters(a):
    """Adapters away from their start, where B is zero: both matrices are drawn."""
    _, model = load(a.model)
    for rank in map(int, a.ranks.split(",")):
        peft = with_adapter(model, rank)
        generator = torch.Generator().manual_seed(rank)
        with torch.no_grad():
            for name, parameter in peft.named_parameters():
                if "lora_" in name:
                    spread = 0.02 if "lora_A" in name else 0.5 / rank
                    parameter.copy_(spread * torch.randn(parameter.shape, generator=generator))
        peft.save_pretrained(os.path.join(a.out, f"r{rank}"))
        model = peft.unload()
    return {}


@torch.no_grad()
def complete(model, tokenizer, prompts, a):
    tokenizer.padding_side = "left"
    rows = []
    for at in range(0, len(prompts), a.batch):
        encoded = tokenizer(prompts[at:at + a.batch], add_special_tokens=False, return_tensors="pt", padding=True)
        out = model.generate(**encoded, max_new_tokens=a.new_tokens, min_new_tokens=a.new_tokens, do_sample=False,
                             pad_token_id=tokenizer.pad_token_id)
        rows += out[:, encoded["input_ids"].shape[1]:].tolist()
    return rows


def decode(a):
    """Every arm completes every prompt, one arm after another: the base, then each adapter."""
    from peft import PeftModel

    tokenizer, base = load(a.model)
    base.eval()
    prompts = [line.rstrip("\n") for line in open(a.prompts) if line.strip()]
    names = sorted(os.listdir(a.adapters), key=lambda name: int(name[1:]))
    complete(base, tokenizer, prompts[:a.batch], a)
    completions, seconds = {}, 0.0

    def timed(arm, model):
        nonlocal seconds
        began = time.perf_counter()
        completions[arm] = complete(model, tokenizer, prompts, a)
        seconds += time.perf_counter() - began

    timed("base", base)
    model = None
    for name in names:
        folder = os.path.join(a.adapters, name)
        if model is None:
            model = PeftModel.from_pretrained(base, folder, adapter_name=name)
        else:
            model.load_adapter(folder, adapter_name=name)
    model.eval()
    for name in names:
        model.set_adapter(name)
        if a.merge:
            model.merge_adapter([name])
        timed(name, model)
        if a.merge:
            model.unmerge_adapter()
    count = sum(len(row) for rows in completions.values() for row in rows)
    return {"tokens_per_s": count / seconds, "seconds": seconds, "completions": completions}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=["train", "adapters", "decode"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--pairs")
    parser.add_argument("--prompts")
    parser.add_argument("--adapters")
    parser.add_argument("--out")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--ranks", default="2,4,8,16,32,64")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--warm", type=int, default=2)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--new-tokens", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--label-logits", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--fused", action="store_true")
    parser.add_argument("--merge", action="store_true")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    result = {"train": train, "adapters": adapters, "decode": decode}[a.work](a)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps({**result, "torch": torch.__version__, "peak_mb": peak}))


if __name__ == "__main__":
    main()
