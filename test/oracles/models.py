#!/usr/bin/env python3
"""Tiny models of every family with random weights, and the logits that Transformers computes with them.

Writes test/oracles/models/VARIANT/{config.json, model.safetensors, reference.json}: weights are float16 numbers, so that
the files are small and exact; the logits are float32's, of each sequence by itself: of a language model at every token,
of a sequence classifier one row.

Run: python test/oracles/models.py        (torch 2.13, transformers 5.23)
"""
import json
import os

import torch
from safetensors.torch import save_file
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    BertConfig,
    DistilBertConfig,
    GPT2Config,
    LlamaConfig,
    OPTConfig,
    RobertaConfig,
)

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models")
VOCABULARY = 48


def gpt2(**changes):
    sizes = dict(vocab_size=VOCABULARY, n_positions=24, n_embd=16, n_layer=2, n_head=4)
    return GPT2Config(**{**sizes, "bos_token_id": 0, "eos_token_id": 0, **changes})


def llama(**changes):
    sizes = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4)
    common = dict(num_key_value_heads=2, max_position_embeddings=24, rms_norm_eps=1e-5, tie_word_embeddings=True)
    return LlamaConfig(**{**sizes, **common, "bos_token_id": 0, "eos_token_id": 0, **changes})


def opt(**changes):
    sizes = dict(vocab_size=VOCABULARY, hidden_size=16, ffn_dim=40, num_hidden_layers=2, num_attention_heads=4)
    # Without a padding token: PyTorch gives its embedding no gradient, and the sequences use every token.
    common = dict(max_position_embeddings=24, word_embed_proj_dim=changes.get("hidden_size", 16), pad_token_id=None)
    return OPTConfig(**{**sizes, **common, "bos_token_id": 0, "eos_token_id": 0, **changes})


ENCODER = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4)


def bert(**changes):
    return BertConfig(**{**ENCODER, "max_position_embeddings": 24, "pad_token_id": None, **changes})


def roberta(**changes):
    # The padding token is none that the sequences use; positions begin behind it.
    common = dict(max_position_embeddings=31, pad_token_id=6, bos_token_id=0, eos_token_id=2, type_vocab_size=1)
    return RobertaConfig(**{**ENCODER, **common, **changes})


def distilbert(**changes):
    sizes = dict(vocab_size=VOCABULARY, dim=16, hidden_dim=40, n_layers=2, n_heads=4, max_position_embeddings=24)
    return DistilBertConfig(**{**sizes, "pad_token_id": None, **changes})


VARIANTS = {
    "gpt2": gpt2(),
    "gpt2-gelu-untied": gpt2(activation_function="gelu", tie_word_embeddings=False, n_inner=24, layer_norm_epsilon=1e-3),
    "gpt2-relu-unscaled": gpt2(activation_function="relu", scale_attn_weights=False, n_head=1, n_layer=1),
    "gpt2-pytorch-tanh": gpt2(activation_function="gelu_pytorch_tanh", n_layer=3, n_head=2, n_embd=8),
    # Groups of 2, 3, 1 and 4 query heads a key-value head.
    "llama": llama(),
    "llama-group3-untied": llama(
        hidden_size=24, num_attention_heads=6, num_key_value_heads=2, num_hidden_layers=1, tie_word_embeddings=False
    ),
    "llama-group1-biases": llama(num_key_value_heads=4, attention_bias=True, mlp_bias=True),
    "llama-head-size": llama(head_dim=6, num_attention_heads=4, num_key_value_heads=1, rope_theta=500.0),
    "opt": opt(),
    # As the 350M: norms after the parts, narrow word embeddings, no norm at the end.
    "opt-post-norm-projected": opt(do_layer_norm_before=False, word_embed_proj_dim=8),
    "opt-projected-gelu-untied": opt(word_embed_proj_dim=24, activation_function="gelu", tie_word_embeddings=False),
    "opt-no-biases-no-final-norm": opt(enable_bias=False, _remove_final_layer_norm=True, num_attention_heads=2),
    "bert": bert(),
    "bert-3-classes-relu": bert(num_labels=3, hidden_act="relu", layer_norm_eps=1e-3, type_vocab_size=3, num_hidden_layers=1),
    "roberta": roberta(layer_norm_eps=1e-5),
    "distilbert": distilbert(num_labels=4),
}
SEQUENCES = [
    [7],
    [3, 14, 15, 9, 26],
    [5, 5, 0, 47, 1, 2, 46, 5, 33, 12, 8],
    [31, 4],
]


@torch.no_grad()
def randomise(model, generator):
    """Weights large enough for the softmaxes to be peaked and the activations to bend; norms around 1."""
    for name, p in model.named_parameters():
        if p.dim() == 1:
            p.copy_(0.2 * torch.randn(p.shape, generator=generator) + (1.0 if "norm" in name.lower() or "ln_" in name else 0.0))
            if name.endswith("bias"):
                p.copy_(0.3 * torch.randn(p.shape, generator=generator))
        else:
            spread = 0.5 if "embed" in name or "wte" in name or "wpe" in name else 1.2 / p.shape[-1] ** 0.5
            p.copy_(spread * torch.randn(p.shape, generator=generator))
        p.copy_(p.half().float())


@torch.no_grad()
def write(name, config, generator):
    is_encoder = config.model_type in ("bert", "roberta", "distilbert")
    kind = AutoModelForSequenceClassification if is_encoder else AutoModelForCausalLM
    model = kind.from_config(config, attn_implementation="eager").float().eval()
    randomise(model, generator)
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    tied = config.tie_word_embeddings
    state = {k: v.half().contiguous() for k, v in model.state_dict().items() if not (tied and k == "lm_head.weight")}
    save_file(state, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump({k: v for k, v in config.to_dict().items() if k not in ("transformers_version", "dtype")}, f, indent=1)
    numbers = lambda rows: [float(f"{x:.7g}") for x in rows.flatten().tolist()]
    logits = [model(torch.tensor([ids])).logits[0] for ids in SEQUENCES]
    reference = dict(sequences=SEQUENCES, logits=[numbers(rows) for rows in logits])
    if config.model_type == "bert":
        types = [[min(2 * i // len(ids), config.type_vocab_size - 1) for i in range(len(ids))] for ids in SEQUENCES]
        paired = [model(torch.tensor([ids]), token_type_ids=torch.tensor([t])).logits[0] for ids, t in zip(SEQUENCES, types)]
        reference |= dict(tokenTypes=types, pairedLogits=[numbers(rows) for rows in paired])
    with open(os.path.join(folder, "reference.json"), "w") as f:
        json.dump(reference, f, separators=(",", ":"))
    bytes_ = sum(os.path.getsize(os.path.join(folder, x)) for x in os.listdir(folder))
    print(f"{name}: {bytes_} bytes, logits within {max(float(x.abs().max()) for x in logits):.2f}")


if __name__ == "__main__":
    for seed, (name, config) in enumerate(VARIANTS.items()):
        torch.manual_seed(seed)
        write(name, config, torch.Generator().manual_seed(seed))
