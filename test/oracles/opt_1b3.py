#!/usr/bin/env python3
"""Writes a model of OPT 1.3B's shape with random float16 weights (2.6 GB) and a byte-level tokenizer, for tests of memory.

    python test/oracles/opt_1b3.py FOLDER
"""
import json
import os
import sys

import torch
from safetensors.torch import save_file

LAYERS, HIDDEN, INNER, VOCABULARY, POSITIONS = 24, 2048, 8192, 50272, 2048
generator = torch.Generator().manual_seed(0)


def draw(*shape, spread=0.02):
    return (spread * torch.randn(*shape, generator=generator)).half()


def norm(name):
    return {f"{name}.weight": torch.ones(HIDDEN).half(), f"{name}.bias": draw(HIDDEN)}


def linear(name, inputs, outputs, spread=0.02):
    return {f"{name}.weight": draw(outputs, inputs, spread=spread), f"{name}.bias": draw(outputs)}


def tensors():
    base = "model.decoder"
    out = {f"{base}.embed_tokens.weight": draw(VOCABULARY, HIDDEN), f"{base}.embed_positions.weight": draw(POSITIONS + 2, HIDDEN)}
    for i in range(LAYERS):
        layer = f"{base}.layers.{i}"
        for part in ("q_proj", "k_proj", "v_proj"):
            out |= linear(f"{layer}.self_attn.{part}", HIDDEN, HIDDEN, spread=0.03)
        out |= linear(f"{layer}.self_attn.out_proj", HIDDEN, HIDDEN)
        out |= linear(f"{layer}.fc1", HIDDEN, INNER) | linear(f"{layer}.fc2", INNER, HIDDEN)
        out |= norm(f"{layer}.self_attn_layer_norm") | norm(f"{layer}.final_layer_norm")
    return out | norm(f"{base}.final_layer_norm")


def alphabet():
    """GPT-2's spelling of the 256 bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(rest))]


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    save_file(tensors(), os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    config = dict(model_type="opt", architectures=["OPTForCausalLM"], vocab_size=VOCABULARY, hidden_size=HIDDEN, ffn_dim=INNER,
                  num_hidden_layers=LAYERS, num_attention_heads=32, max_position_embeddings=POSITIONS, word_embed_proj_dim=HIDDEN,
                  do_layer_norm_before=True, activation_function="relu", torch_dtype="float16")
    vocabulary = {token: i for i, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", *alphabet()])}
    roles = dict(bos_token="</s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>", add_bos_token=True)
    for name, content in (("config", config), ("vocab", vocabulary), ("tokenizer_config", roles)):
        with open(os.path.join(folder, f"{name}.json"), "w") as f:
            json.dump(content, f)
    with open(os.path.join(folder, "merges.txt"), "w") as f:
        f.write("#version: 0.2\n")


main()
