#!/usr/bin/env python3
"""GGUF files of the tiny models of models.py, as llama.cpp's convert_hf_to_gguf.py lays them out.

Writes test/oracles/gguf/models/VARIANT.gguf: tensors by gguf-py's own name map, matrices as F16 (which their numbers
are), vectors as F32. What the converter does to tensors is done here: q and k of Llama's kin permuted for interleaved
rotary embedding, norms of Gemma raised by 1, heads of GPT-NeoX's fused projection sorted. Where Transformers reads the
architecture, its logits are held against the model's.

Run: python test/oracles/gguf_models.py        (gguf 0.19, transformers 5.24), after models.py
"""
import json
import os

import gguf
import numpy as np
import torch
from safetensors.numpy import load_file
from transformers import AutoModelForCausalLM

HERE = os.path.dirname(os.path.abspath(__file__))
# Variant, architecture, and whether Transformers reads it with the same result.
FILES = [
    ("llama-rope-llama3", "llama", False),
    ("mistral-no-window", "llama", True),
    ("qwen2", "qwen2", True),
    ("qwen3", "qwen3", False),
    ("smollm3", "smollm3", False),
    ("gemma", "gemma", False),
    ("gemma2", "gemma2", False),
    ("gemma3", "gemma3", False),
    ("phi3", "phi3", False),
    ("phi3-longrope", "phi3", False),
    ("olmo2", "olmo2", False),
    ("granite", "granite", False),
    ("gpt-neox", "gptneox", False),
]
PERMUTED = ("llama", "smollm3", "granite")


def permute(weights, heads):
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def rope_factors(config):
    """Of Llama 3's scaling, as LlamaModel.generate_extra_tensors computes them."""
    rope = config["rope_parameters"]
    dim = config["head_dim"]
    frequencies = 1.0 / (rope["rope_theta"] ** (torch.arange(0, dim, 2, dtype=torch.float32) / dim))
    old, low, high = rope["original_max_position_embeddings"], rope["low_freq_factor"], rope["high_freq_factor"]
    factors = []
    for frequency in frequencies:
        wavelength = 2 * np.pi / float(frequency)
        if wavelength < old / high:
            factors.append(1.0)
        elif wavelength > old / low:
            factors.append(rope["factor"])
        else:
            smooth = (old / wavelength - low) / (high - low)
            factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(factors, dtype=np.float32)


def write(variant, architecture):
    folder = os.path.join(HERE, "models", variant)
    config = json.load(open(os.path.join(folder, "config.json")))
    path = os.path.join(HERE, "gguf", "models", f"{variant}.gguf")
    w = gguf.GGUFWriter(path, architecture)
    heads, kv = config["num_attention_heads"], config.get("num_key_value_heads", config["num_attention_heads"])
    head = config.get("head_dim") or config["hidden_size"] // heads
    rope = config["rope_parameters"]
    full = rope.get("full_attention", rope)
    w.add_block_count(config["num_hidden_layers"])
    w.add_context_length(config["max_position_embeddings"])
    w.add_embedding_length(config["hidden_size"])
    w.add_feed_forward_length(config["intermediate_size"])
    w.add_head_count(heads)
    w.add_vocab_size(config["vocab_size"])
    if architecture == "gptneox":
        w.add_rope_dimension_count(int(full["partial_rotary_factor"] * head))
        w.add_parallel_residual(config["use_parallel_residual"])
        w.add_layer_norm_eps(config["layer_norm_eps"])
    else:
        w.add_head_count_kv(kv)
        w.add_key_length(head)
        w.add_value_length(head)
        w.add_layer_norm_rms_eps(config["rms_norm_eps"])
        w.add_rope_freq_base(full["rope_theta"])
        w.add_rope_dimension_count(int(full.get("partial_rotary_factor", 1) * head))
    if architecture in ("gemma2", "gemma3", "phi3") and config.get("sliding_window"):
        w.add_sliding_window(config["sliding_window"])
    if architecture == "gemma2":
        w.add_attn_logit_softcapping(config["attn_logit_softcapping"])
        w.add_final_logit_softcapping(config["final_logit_softcapping"])
    if architecture == "gemma3":
        w.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        w.add_rope_scaling_factor(full["factor"])
        w.add_rope_freq_base_swa(rope["sliding_attention"]["rope_theta"])
        w.add_uint32("gemma3.attention.sliding_window_pattern", 2)
    if architecture == "granite":
        w.add_attention_scale(config["attention_multiplier"])
        w.add_embedding_scale(config["embedding_multiplier"])
        w.add_residual_scale(config["residual_multiplier"])
        w.add_logit_scale(config["logits_scaling"])
    if variant == "phi3-longrope":
        original = full["original_max_position_embeddings"]
        scale = config["max_position_embeddings"] / original
        w.add_rope_scaling_orig_ctx_len(original)
        w.add_rope_scaling_attn_factors(float(np.sqrt(1 + np.log(scale) / np.log(original))))
        w.add_tensor("rope_factors_long.weight", np.array(full["long_factor"], dtype=np.float32))
        w.add_tensor("rope_factors_short.weight", np.array(full["short_factor"], dtype=np.float32))
    if full["rope_type"] == "llama3":
        w.add_tensor("rope_freqs.weight", rope_factors(config))
    arch = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture)
    names = gguf.get_tensor_name_map(arch, config["num_hidden_layers"])
    for name, data in load_file(os.path.join(folder, "model.safetensors")).items():
        if name == "lm_head.weight" and config["tie_word_embeddings"]:
            continue
        data = data.astype(np.float32)
        if architecture in PERMUTED and (".q_proj." in name or ".k_proj." in name):
            data = permute(data, heads if ".q_proj." in name else kv)
        if architecture.startswith("gemma") and name.endswith("norm.weight"):
            data = data + 1
        if ".query_key_value." in name:
            parts = data.reshape(heads, 3, head, *data.shape[1:])
            data = np.concatenate([parts[:, i].reshape(heads * head, *data.shape[1:]) for i in range(3)])
        w.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), data.astype(np.float16) if data.ndim == 2 else data)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    return path, folder


if __name__ == "__main__":
    os.makedirs(os.path.join(HERE, "gguf", "models"), exist_ok=True)
    for variant, architecture, compared in FILES:
        path, folder = write(variant, architecture)
        print(variant, os.path.getsize(path))
        if not compared:
            continue
        reference = json.load(open(os.path.join(folder, "reference.json")))
        model = AutoModelForCausalLM.from_pretrained(os.path.dirname(path), gguf_file=os.path.basename(path)).eval()
        for ids, logits in zip(reference["sequences"], reference["logits"]):
            gap = (model(torch.tensor([ids])).logits[0].flatten() - torch.tensor(logits)).abs().max()
            assert gap < 1e-4, f"{variant}: {gap}"
        print(f"{variant}: Transformers gives the same logits")
