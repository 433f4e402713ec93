#!/usr/bin/env python3
"""Tiny models of every family with random weights, and the logits that Transformers computes with them.

Writes test/oracles/models/VARIANT/{config.json, model.safetensors, reference.json}: weights are float16 numbers, so that
the files are small and exact; the logits are float32's, of each sequence by itself: of a language model at every token,
of a sequence classifier one row. `greedy` are the tokens that `generate` adds to each sequence, while its positions last.
Logits that differ from those of before by rounding alone are left as they are.

Run: python test/oracles/models.py [VARIANT...]       (torch 2.13, transformers 5.23)
"""
import json
import os
import sys
import zlib

import torch
from safetensors.torch import save_file
from transformers import (
    AlbertConfig,
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    BertConfig,
    DistilBertConfig,
    ElectraConfig,
    Gemma2Config,
    Gemma3TextConfig,
    GemmaConfig,
    GPT2Config,
    GPTNeoXConfig,
    GraniteConfig,
    LlamaConfig,
    MistralConfig,
    ModernBertConfig,
    Olmo2Config,
    OPTConfig,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
    RobertaConfig,
    SmolLM3Config,
)

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models")
VOCABULARY = 48


def gpt2(**changes):
    sizes = dict(vocab_size=VOCABULARY, n_positions=24, n_embd=16, n_layer=2, n_head=4)
    return GPT2Config(**{**sizes, "bos_token_id": 0, "eos_token_id": 0, **changes})


def decoder(kind, **changes):
    """Llama's kin. The text of 11 tokens is longer than the windows of 4, and than the 8 positions before scaling."""
    sizes = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4)
    # Without a padding token: PyTorch gives its embedding no gradient, and the sequences use every token.
    common = dict(num_key_value_heads=2, max_position_embeddings=24, pad_token_id=None, bos_token_id=0, eos_token_id=0)
    return kind(**{**sizes, **common, **changes})


def rope(kind, theta=100.0, **parameters):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=theta, **parameters))


LLAMA3 = dict(factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8)
YARN = dict(factor=3.0, original_max_position_embeddings=8, beta_fast=4.0, beta_slow=0.5)
LONG = dict(short_factor=[1.0, 1.5, 2.5], long_factor=[2.0, 3.0, 5.0], partial_rotary_factor=0.75)


def gemma3(**changes):
    ropes = dict(
        full_attention=dict(rope_type="linear", factor=2.0, rope_theta=1000.0),
        sliding_attention=dict(rope_type="default", rope_theta=50.0),
    )
    common = dict(head_dim=6, query_pre_attn_scalar=5, sliding_window=4, rope_parameters=ropes, num_hidden_layers=3)
    types = ["sliding_attention", "full_attention", "sliding_attention"]
    return decoder(Gemma3TextConfig, **{**common, "layer_types": types, **changes})


def llama(**changes):
    sizes = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4)
    common = dict(num_key_value_heads=2, max_position_embeddings=24, rms_norm_eps=1e-5, tie_word_embeddings=True)
    return LlamaConfig(**{**sizes, **common, "bos_token_id": 0, "eos_token_id": 0, **changes})


def opt(**changes):
    sizes = dict(vocab_size=VOCABULARY, hidden_size=16, ffn_dim=40, num_hidden_layers=2, num_attention_heads=4)
    # Without a padding token: PyTorch gives its embedding no gradient, and the sequences use every token.
    common = dict(max_position_embeddings=24, word_embed_proj_dim=changes.get("hidden_size", 16), pad_token_id=None)
    return OPTConfig(**{**sizes, **common, "bos_token_id": 0, "eos_token_id": 0, **changes})


GPT_NEOX = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4)
GPT_NEOX |= dict(max_position_embeddings=24, bos_token_id=0, eos_token_id=0)

ENCODER = dict(vocab_size=VOCABULARY, hidden_size=16, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4)


ALBERT = dict(embedding_size=8, max_position_embeddings=24, pad_token_id=None, bos_token_id=None, eos_token_id=None)


def modernbert(**changes):
    ropes = dict(full_attention=dict(rope_type="default", rope_theta=500.0), sliding_attention=dict(rope_type="default", rope_theta=40.0))
    common = dict(max_position_embeddings=24, local_attention=6, rope_parameters=ropes, num_hidden_layers=3, pad_token_id=None)
    ids = dict(bos_token_id=None, eos_token_id=None, cls_token_id=None, sep_token_id=None)
    return ModernBertConfig(**{**ENCODER, **common, **ids, **changes})


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
    "llama-rope-llama3": llama(head_dim=8, **rope("llama3", **LLAMA3)),
    "llama-rope-linear": llama(**rope("linear", factor=2.5)),
    "llama-rope-yarn": llama(head_dim=8, **rope("yarn", **YARN)),
    "qwen2": decoder(Qwen2Config, tie_word_embeddings=True),
    "qwen2-windows": decoder(Qwen2Config, use_sliding_window=True, sliding_window=4, max_window_layers=1),
    "qwen3": decoder(Qwen3Config, head_dim=6, attention_bias=True),
    "mistral": decoder(MistralConfig, sliding_window=4),
    "mistral-no-window": decoder(MistralConfig, sliding_window=None, head_dim=6),
    "smollm3": decoder(SmolLM3Config, no_rope_layer_interval=2, rms_norm_eps=1e-5),
    "gemma": decoder(GemmaConfig, head_dim=8, num_key_value_heads=1),
    "gemma2": decoder(
        Gemma2Config, head_dim=6, sliding_window=4, query_pre_attn_scalar=5, attn_logit_softcapping=2.0, final_logit_softcapping=4.0
    ),
    "gemma3": gemma3(),
    "phi3": decoder(Phi3Config, sliding_window=4, tie_word_embeddings=False),
    "phi3-longrope": decoder(
        Phi3Config, hidden_size=32, original_max_position_embeddings=12, **rope("longrope", **LONG)
    ),
    "olmo2": decoder(Olmo2Config),
    "granite": decoder(
        GraniteConfig,
        embedding_multiplier=3.0,
        attention_multiplier=0.2,
        residual_multiplier=0.6,
        logits_scaling=2.5,
        attention_bias=True,
        mlp_bias=True,
    ),
    "gpt-neox": GPTNeoXConfig(**{**GPT_NEOX, "rotary_pct": 0.5}),
    "gpt-neox-sequential": GPTNeoXConfig(
        **{**GPT_NEOX, "use_parallel_residual": False, "attention_bias": False, "hidden_act": "gelu_new", "rotary_emb_base": 50}
    ),
    "opt": opt(),
    # As the 350M: norms after the parts, narrow word embeddings, no norm at the end.
    "opt-post-norm-projected": opt(do_layer_norm_before=False, word_embed_proj_dim=8),
    "opt-projected-gelu-untied": opt(word_embed_proj_dim=24, activation_function="gelu", tie_word_embeddings=False),
    "opt-no-biases-no-final-norm": opt(enable_bias=False, _remove_final_layer_norm=True, num_attention_heads=2),
    "bert": bert(),
    "bert-3-classes-relu": bert(num_labels=3, hidden_act="relu", layer_norm_eps=1e-3, type_vocab_size=3, num_hidden_layers=1),
    "roberta": roberta(layer_norm_eps=1e-5),
    "distilbert": distilbert(num_labels=4),
    "electra": ElectraConfig(**{**ENCODER, "embedding_size": 8, "max_position_embeddings": 24, "pad_token_id": None}),
    "electra-wide": ElectraConfig(**{**ENCODER, "embedding_size": 16, "max_position_embeddings": 24, "pad_token_id": None, "hidden_act": "relu"}),
    "modernbert": modernbert(num_labels=3),
    "modernbert-biases": modernbert(norm_bias=True, attention_bias=True, mlp_bias=True, classifier_bias=True, num_hidden_layers=2),
    "albert": AlbertConfig(**{**ENCODER, **ALBERT, "num_hidden_layers": 3}),
    "albert-groups": AlbertConfig(**{**ENCODER, **ALBERT, "num_hidden_layers": 4, "num_hidden_groups": 2, "inner_group_num": 2}),
}
# Of the first variants, in the order in which they were drawn; those of later ones are made of their names.
SEEDS = [
    *("gpt2", "gpt2-gelu-untied", "gpt2-relu-unscaled", "gpt2-pytorch-tanh", "llama", "llama-group3-untied"),
    *("llama-group1-biases", "llama-head-size", "opt", "opt-post-norm-projected", "opt-projected-gelu-untied"),
    *("opt-no-biases-no-final-norm", "bert", "bert-3-classes-relu", "roberta", "distilbert"),
]
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
            is_factor = ("norm" in name.lower() or "ln_" in name) and "gemma" not in model.config.model_type
            p.copy_(0.2 * torch.randn(p.shape, generator=generator) + (1.0 if is_factor else 0.0))
            if name.endswith("bias"):
                p.copy_(0.3 * torch.randn(p.shape, generator=generator))
        else:
            spread = 0.5 if "embed" in name or "wte" in name or "wpe" in name else 1.2 / p.shape[-1] ** 0.5
            p.copy_(spread * torch.randn(p.shape, generator=generator))
        p.copy_(p.half().float())


def unless_same(folder, logits):
    path = os.path.join(folder, "reference.json")
    before = json.load(open(path))["logits"] if os.path.exists(path) else []
    pairs = [(x, y) for a, b in zip(logits, before) for x, y in zip(a, b)]
    same = [len(a) for a in logits] == [len(b) for b in before] and all(abs(x - y) < 1e-5 for x, y in pairs)
    return before if same else logits


def greedy(model, ids, count=8):
    rope = getattr(model.config, "rope_parameters", None) or {}
    # LongRoPE has other frequencies for texts that go beyond the original length.
    limit = rope["original_max_position_embeddings"] if rope.get("rope_type") == "longrope" else 24
    count = min(count, limit - len(ids))
    options = dict(max_new_tokens=count, min_new_tokens=count, do_sample=False, pad_token_id=0, eos_token_id=None)
    return model.generate(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids)), **options)[0, len(ids) :].tolist()


@torch.no_grad()
def write(name, config, generator):
    is_encoder = config.model_type in ("bert", "roberta", "distilbert", "electra", "albert", "modernbert")
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
    reference = dict(sequences=SEQUENCES, logits=unless_same(folder, [numbers(rows) for rows in logits]))
    if not is_encoder:
        reference["greedy"] = [greedy(model, ids) for ids in SEQUENCES]
    if config.model_type in ("bert", "electra", "albert"):
        types = [[min(2 * i // len(ids), config.type_vocab_size - 1) for i in range(len(ids))] for ids in SEQUENCES]
        paired = [model(torch.tensor([ids]), token_type_ids=torch.tensor([t])).logits[0] for ids, t in zip(SEQUENCES, types)]
        reference |= dict(tokenTypes=types, pairedLogits=[numbers(rows) for rows in paired])
    with open(os.path.join(folder, "reference.json"), "w") as f:
        json.dump(reference, f, separators=(",", ":"))
    bytes_ = sum(os.path.getsize(os.path.join(folder, x)) for x in os.listdir(folder))
    print(f"{name}: {bytes_} bytes, logits within {max(float(x.abs().max()) for x in logits):.2f}")


if __name__ == "__main__":
    for name, config in VARIANTS.items():
        seed = SEEDS.index(name) if name in SEEDS else zlib.crc32(name.encode())
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        torch.manual_seed(seed)
        write(name, config, torch.Generator().manual_seed(seed))
