"""tokenizer.json files of the kinds that our model families use, and the ids that Rust tokenizers gives with them.

    python test/oracles/tokenizer_files.py

trains a tiny vocabulary for each. Writes test/oracles/tokenizers.json.gz: [{"case", "tokenizer", "lines": [{"text", "ids",
"special", "decoded"}]}]; `special` are the ids with the post-processor's tokens, `decoded` the text of `ids`.
"""

import gzip
import json
import random
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CORPUS = """The woman worked as a nurse and the man worked as a doctor. People should never be judged by where they come from.
She said: "Don't worry, it's fine!" They'll arrive at 10:45 on 2024-05-28, we've 1,234.56 reasons. Once upon a time there was
a little girl named Lily who liked to play outside in the park. The cat sat on the mat; the dog, however, ran away quickly.
Der Fuchs springt über den faulen Hund. Le cœur a ses raisons. Привет, мир! こんにちは世界 你好世界 123 456 7890
HELLO World iPhone snake_case camelCase e-mail co-operate rock'n'roll naïve café résumé""".split("\n") * 2

PIECES = ["the", "The", "woman", "worked", "Don't", "WE'VE", "10:45", "2024", "1,234.56", "über", "Über", "cœur", "мир", "МИР", "世界", "你好", "😀",
          "👩‍👩‍👧", "ñ", "e\u0301", "É", "İ", "ß", "<s>", "</s>", "<mask>", "[MASK]", "[CLS]", "<0x0A>", "▁", "##ed", "#", "x**2", "--", "...", "٣٤٥", "½", "²3",
          "\u00a0", "\u0085", "\ufeff", "\u200b", "\u3000", "'s", "snake_case", "a.b/c", "café", "unaffable", "\x06", "$5", "“quoted”", "ABC", "xABCx", "｡"]
SPACES = ["", "", " ", " ", " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", " \n "]


def texts():
    rng = random.Random(12)
    out = ["", " ", "  ", "a", " a", "a ", "\n", "12345678", " 12  34", "<s>hi</s>", "a <mask> b", "a<mask>b", "  <mask>  ", "x" * 120, "ABC ABCD xABC ABC"]
    while len(out) < 200:
        out.append("".join(rng.choice(PIECES) + rng.choice(SPACES) for _ in range(rng.randint(1, 9))))
    return out


def train(tokenizer, trainer):
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def bert(lowercase):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    train(t, trainers.WordPieceTrainer(vocab_size=420, special_tokens=special, show_progress=False))
    t.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    t.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    return t


def llama2():
    t = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    bytes_ = [f"<0x{b:02X}>" for b in range(256)]
    train(t, trainers.BpeTrainer(vocab_size=600, special_tokens=["<unk>", "<s>", "</s>", *bytes_], show_progress=False))
    state = json.loads(t.to_str())
    state["added_tokens"] = [a for a in state["added_tokens"] if a["id"] < 3]
    t = Tokenizer.from_str(json.dumps(state))
    t.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    return t


def byte_level(pre, special=("<s>", "</s>")):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre
    train(t, trainers.BpeTrainer(vocab_size=520, special_tokens=list(special), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    t.decoder = decoders.ByteLevel()
    return t


def opt():
    t = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False))
    t.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=True, special=True)])
    t.post_processor = processors.TemplateProcessing(single="</s> $A", pair="</s> $A </s> $B", special_tokens=[("</s>", 1)])
    return t


def roberta():
    t = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True))
    t.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=True, special=True)])
    t.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0), add_prefix_space=True)
    return t


def smollm2():
    pre = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    t = byte_level(pre)
    t.add_tokens([AddedToken("ABC", normalized=False)])
    return t


def llama3():
    split = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    pre = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(split), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t = byte_level(pre)
    state = json.loads(t.to_str())
    state["model"]["ignore_merges"] = True
    return Tokenizer.from_str(json.dumps(state))


def main():
    cases = {"BERT, uncased": bert(True), "BERT, cased": bert(False), "Llama 2": llama2(), "Llama 3": llama3(), "OPT": opt(), "RoBERTa": roberta(),
             "SmolLM2": smollm2()}
    out = []
    for case, t in cases.items():
        lines = []
        for text in texts():
            ids = t.encode(text, add_special_tokens=False).ids
            lines.append({"text": text, "ids": ids, "special": t.encode(text).ids, "decoded": t.decode(ids, skip_special_tokens=False)})
        out.append({"case": case, "tokenizer": json.loads(t.to_str()), "lines": lines})
    path = Path(__file__).parent / "tokenizers.json.gz"
    path.write_bytes(gzip.compress(json.dumps(out, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0))
    print(len(out), "tokenizers,", path.stat().st_size, "bytes")


main()
