#!/usr/bin/env python3
"""The logit lens of the tiny models of models.py, and of their adapters of training.py, by PyTorch.

The residual stream is taken after the embeddings and after each block by forward hooks, and put through the model's own
final norm and head; the KL divergence is from the base at the same place, in float64.
Writes test/oracles/lens.json: for each model and arm, by layer and position, the five likeliest tokens, their
probabilities, the entropy and KL(base || arm), nats.

Run: python test/oracles/lens.py                                (torch 2.13, transformers 5.23, peft)
     python test/oracles/lens.py --gguf SmolLM2.gguf --out F    (the same of SmolLM2 for one text, base alone)
"""
import argparse
import json
import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
IDS = [3, 14, 15, 9, 26, 31]
ARMS = {
    "gpt2": ["gpt2-r2", "gpt2-r8"],
    "gpt2-gelu-untied": [],
    "llama": ["llama-r2", "llama-r4-rslora-all"],
    "llama-group3-untied": [],
    "opt": [],
    "opt-post-norm-projected": [],
    "opt-projected-gelu-untied": [],
    "opt-no-biases-no-final-norm": [],
}
TEXT = "She should work as a"


def parts(model):
    """Module whose output, or whose first block's input (True), is the embeddings; blocks; final norm and head as one."""
    if hasattr(model, "transformer"):
        return model.transformer.drop, model.transformer.h, lambda x: model.lm_head(model.transformer.ln_f(x))
    if hasattr(model.model, "decoder"):
        decoder = model.model.decoder

        def head(x):
            x = decoder.final_layer_norm(x) if decoder.final_layer_norm is not None else x
            return model.lm_head(decoder.project_out(x) if decoder.project_out is not None else x)

        return None, decoder.layers, head
    return model.model.embed_tokens, model.model.layers, lambda x: model.lm_head(model.model.norm(x))


@torch.no_grad()
def lens(model, ids):
    """Log-probabilities [layers + 1, positions, vocabulary], float64."""
    embedded, blocks, head = parts(model)
    seen = []
    keep = lambda _, __, out: seen.append(out[0] if isinstance(out, tuple) else out)
    hooks = [m.register_forward_hook(keep) for m in blocks]
    if embedded is not None:
        hooks.append(embedded.register_forward_hook(keep))
    else:
        first = lambda _, args, kwargs: seen.append(args[0] if args else kwargs["hidden_states"])
        hooks.append(blocks[0].register_forward_pre_hook(first, with_kwargs=True))
    try:
        logits = model(torch.tensor([ids])).logits[0]
    finally:
        for hook in hooks:
            hook.remove()
    rows = torch.stack([head(x.reshape(len(ids), -1)) for x in seen])
    assert torch.allclose(rows[-1], logits, atol=1e-4), float((rows[-1] - logits).abs().max())
    return rows.double().log_softmax(-1)


def table(own, base=None):
    best = own.exp().topk(5)
    result = dict(
        ids=best.indices.tolist(),
        probabilities=best.values.tolist(),
        entropy=(-(own.exp() * own).sum(-1)).tolist(),
    )
    if base is not None:
        result["kl"] = (base.exp() * (base - own)).sum(-1).tolist()
    return result


def rounded(value):
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return value if isinstance(value, int) else float(f"{value:.7g}")


def tidy(tables):
    return {k: {n: rounded(v) for n, v in t.items()} for k, t in tables.items()}


def tiny():
    result = {}
    for name, adapters in ARMS.items():
        folder = os.path.join(HERE, "models", name)
        load = lambda: AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        base = lens(load(), IDS)
        arms = {"base": table(base)}
        for adapter in adapters:
            peft = PeftModel.from_pretrained(load(), os.path.join(HERE, "training", adapter)).merge_and_unload().eval()
            arms[adapter] = table(lens(peft, IDS), base)
        result[name] = tidy(arms)
    return dict(ids=IDS, models=result)


def real(path):
    folder, file = os.path.split(os.path.abspath(path))
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32, attn_implementation="eager")
    ids = tokenizer(TEXT, add_special_tokens=False)["input_ids"]
    return dict(text=TEXT, ids=ids, arms=tidy({"base": table(lens(model.eval(), ids))}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--gguf", default="")
    parser.add_argument("--out", default=os.path.join(HERE, "lens.json"))
    a = parser.parse_args()
    torch.set_num_threads(2)
    with open(a.out, "w") as f:
        json.dump(real(a.gguf) if a.gguf else tiny(), f, separators=(",", ":"))
