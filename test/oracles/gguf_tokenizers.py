"""Tokenizers that Transformers builds from GGUF metadata, and the ids they give.

    python test/oracles/gguf_tokenizers.py

trains tiny vocabularies on the text below, writes each into a GGUF as llama.cpp's converter would, and lets Transformers
read it. Writes test/oracles/gguf/tokenizers.json: [{"case", "metadata", "lines": [{"text", "ids", "special", "decoded"}]}];
`metadata` are the tokenizer.* entries, `special` the ids with the post-processor's tokens, `decoded` the text of `ids`
where that is not `text`.
"""

import io
import json
import random
import tempfile
from pathlib import Path

import numpy as np
import sentencepiece
from gguf import GGUFWriter
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import AutoTokenizer

CORPUS = """The woman worked as a nurse and the man worked as a doctor. People should never be judged by where they come from.
She said: "Don't worry, it's fine!" They'll arrive at 10:45 on 2024-05-28, we've 1,234.56 reasons. Once upon a time there was
a little girl named Lily who liked to play outside in the park. The cat sat on the mat; the dog, however, ran away quickly.
def f(x): return x ** 2 + 3 * x - 1  # comment
Der Fuchs springt über den faulen Hund. Le cœur a ses raisons. Привет, мир! こんにちは世界 你好世界 123 456 7890
HELLO World iPhone snake_case camelCase e-mail co-operate rock'n'roll""".split("\n")

PIECES = ["the", "woman", "worked", "Don't", "WE'VE", "I'Ll", "10:45", "2024", "1,234.56", "über", "cœur", "мир", "世界", "你好", "😀", "👩‍👩‍👧", "ñ",
          "e\u0301", "<s>", "</s>", "<unk>", "<0x0A>", "<|end|>", "<tool>", "▁", "▁the", "#", "x**2", "--", "...", "٣٤٥", "½", "\u00a0", "\u0085",
          "\ufeff", "\u200b", "\u3000", "'s", "'S", "snake_case", "a.b/c", "\x06"]
SPACES = ["", "", " ", " ", " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", " \n "]


def texts():
    rng = random.Random(11)
    out = ["", " ", "  ", "a", " a", "a ", "\n", "12345678", " 12  34", "<s>hi</s>", "hello<|end|> world <tool>x"]
    while len(out) < 160:
        out.append("".join(rng.choice(PIECES) + rng.choice(SPACES) for _ in range(rng.randint(1, 10))))
    return out


def sentencepiece_metadata():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(CORPUS * 3), model_writer=model, model_type="bpe", vocab_size=520,
                                             byte_fallback=True, character_coverage=1.0, user_defined_symbols=["<tool>"], minloglevel=2,
                                             normalization_rule_name="identity", remove_extra_whitespaces=False)
    sp = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    ids = range(sp.get_piece_size())
    kind = lambda i: 2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 6 if sp.is_byte(i) else 4 if sp.id_to_piece(i) == "<tool>" else 1
    return {"model": "llama", "tokens": [sp.id_to_piece(i) for i in ids], "scores": [sp.get_score(i) for i in ids],
            "token_type": [kind(i) for i in ids], "bos_token_id": sp.bos_id(), "eos_token_id": sp.eos_id(), "unknown_token_id": sp.unk_id()}


def byte_level_metadata(pre, extra):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=480, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    added = ["<s>", "<|end|>", "<tool>"]
    return {"model": "gpt2", "pre": pre, "tokens": tokens + added, "token_type": [1] * len(tokens) + [3, 3, 4],
            "merges": [" ".join(pair) for pair in model["merges"]], "bos_token_id": len(tokens), "eos_token_id": len(tokens) + 1, **extra}


def write_gguf(path, metadata):
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(32)
    writer.add_head_count(2)
    for key, value in metadata.items():
        key = f"tokenizer.ggml.{key}"
        if isinstance(value, bool):
            writer.add_bool(key, value)
        elif isinstance(value, int):
            writer.add_uint32(key, value)
        elif isinstance(value, str):
            writer.add_string(key, value)
        else:
            writer.add_array(key, value)
    writer.add_tensor("token_embd.weight", np.zeros((len(metadata["tokens"]), 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    cases = {
        "SentencePiece, scores only": sentencepiece_metadata(),
        "SentencePiece, eos added, no bos": {**sentencepiece_metadata(), "add_bos_token": False, "add_eos_token": True},
        "GPT-2": byte_level_metadata("gpt-2", {}),
        "Llama 3": byte_level_metadata("llama-bpe", {"add_bos_token": True}),
        "Qwen 2": byte_level_metadata("qwen2", {"add_eos_token": True}),
    }
    out = []
    for case, metadata in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            write_gguf(Path(folder) / "model.gguf", metadata)
            tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file="model.gguf")
        lines = []
        for text in texts():
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
            line = {"text": text, "ids": ids, "special": tokenizer(text)["input_ids"]}
            decoded = tokenizer.decode(ids)
            if decoded != text:
                line["decoded"] = decoded
            lines.append(line)
        out.append({"case": case, "metadata": {f"tokenizer.ggml.{k}": v for k, v in metadata.items()}, "lines": lines})
        print(case, len(metadata["tokens"]), "tokens", tokenizer.bos_token, tokenizer.eos_token)
    path = Path(__file__).parent / "gguf" / "tokenizers.json"
    path.write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(path.stat().st_size, "bytes")


main()
