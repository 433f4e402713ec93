"""Ids that Transformers gives for 1,000 varied lines with the tokenizer of SmolLM2-135M-Instruct's GGUF.

    RANKSCOPE_SMOLLM2=SmolLM2-135M-Instruct.Q4_1.gguf python test/oracles/smollm2_tokenizer.py

writes test/oracles/smollm2/tokenizer.json.gz: {"lines": [{"text", "ids", "decoded"?, "plain"?}]}, where `decoded` stands
only if decoding the ids does not give the text back, and `plain` (special tokens left out) only if it differs from that.
"""

import gzip
import json
import os
import random
import unicodedata
from pathlib import Path

from transformers import AutoTokenizer

SPECIAL = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<repo_name>", "<file_sep>", "<jupyter_code>", "<empty_output>"]
ALMOST_SPECIAL = ["<|im_start|", "<im_end>", "<|im_end", "|>", "<|", "<|IM_END|>", "<|im_start|><|im_start|>", "< |im_end|>"]
WORDS = """the woman worked as a nurse man gay person black white people should never always because although don't I'm
you'll we've they'd it's O'Neill rock'n'roll co-operate e-mail naïve café Zürich Straße crème brûlée façade coöperate
HELLO wOrLd iPhone McDonald's XMLHttpRequest snake_case camelCase __init__ foo.bar() x==y a+=1 C++ C# .NET 50% $3.99 €20
#hashtag @user https://example.org/a?b=c&d=%20 user@example.com 3rd 1st 42nd 1990s 3.14159 1,000,000 0x1F 1e-5 ½ ² №5
""".split()
SPACES = [" ", " ", " ", " ", "  ", "   ", "        ", "\t", "\t\t", "\n", "\n\n", "\r\n", "\u00a0", "\u3000", "\u2009", "\u200b",
          "\u0085", "\ufeff", "\u2028", "\u180e", "\u000b", "\u000c", "\u001f", " \n ", "\n  ", "\t "]
SCRIPTS = ["Привет, как дела?", "Ελληνικά γράμματα", "שלום עולם", "مرحبا بالعالم ٣٤٥", "नमस्ते दुनिया १२३", "你好，世界！一二三", "こんにちは世界カタカナ",
           "안녕하세요 세계", "สวัสดีชาวโลก", "Xin chào thế giới", "ქართული ენა", "Հայերեն", "ትግርኛ", "বাংলা ৪৫", "ᚠᚢᚦᚨᚱᚲ", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚𝟛", "Ⅷ Ⅸ ⅔ ⑳ ㊿",
           "e\u0301 o\u0308 n\u0303", "ﬁ ﬂ ﬃ", "ＡＢＣ１２３", "I\u0307 ı İ ſ", "a\u200db\u200cc", "\u202eabc\u202c"]
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "❤️", "🇩🇪", "1️⃣", "🤷‍♀️", "☃", "✂︎"]
CODE = ["def f(x):\n    return x**2\n", "for (let i = 0; i < 10; i++) { a[i] ??= i; }", "SELECT * FROM t WHERE a >= 10;", "<div class=\"a\">&nbsp;</div>",
        "\\frac{a}{b} \\\\ \\alpha", "{\"a\": [1, 2, 3], \"b\": null}", "// comment /* x */ # y", "^(?:[a-z]+|\\d{2,3})$"]


def word_line(rng):
    out = ""
    for _ in range(rng.randint(1, 20)):
        out += rng.choice(WORDS) + rng.choice(SPACES)
    return out


def digit_line(rng):
    parts = [str(rng.randint(0, 10 ** rng.randint(1, 12))) for _ in range(rng.randint(1, 6))]
    return rng.choice([" ", "  ", "   ", ", ", ".", "-", "/", ":", "\n", " x ", ""]).join(parts)


def special_line(rng):
    return "".join(rng.choice([rng.choice(SPECIAL), rng.choice(ALMOST_SPECIAL), rng.choice(WORDS), rng.choice(SPACES)]) for _ in range(rng.randint(2, 12)))


def script_line(rng):
    return "".join(rng.choice([rng.choice(SCRIPTS), rng.choice(EMOJI), rng.choice(WORDS)]) + rng.choice(["", rng.choice(SPACES)]) for _ in range(rng.randint(1, 6)))


def assigned(rng):
    """A character assigned long ago: newer ones belong to no class yet in one of the two Unicode tables."""
    while True:
        c = chr(rng.choice([rng.randint(1, 0x2FF), rng.randint(1, 0x33FF), rng.randint(1, 0xFFFD), rng.randint(0x10000, 0x1FAFF)]))
        if unicodedata.ucd_3_2_0.category(c) not in ("Cn", "Cs", "Co"):
            return c


def random_line(rng):
    return "".join(assigned(rng) for _ in range(rng.randint(1, 30)))


def ascii_line(rng):
    return "".join(chr(rng.randint(1, 126)) for _ in range(rng.randint(1, 60)))


def space_line(rng):
    return "".join(rng.choice(SPACES) if rng.random() < 0.7 else rng.choice(["a", "7", "!", "é", "'s"]) for _ in range(rng.randint(1, 20)))


def run_line(rng):
    return rng.choice([" ", "a", "7", "!", "\n", "é", "😀", "ab", "=-", "\t", "字", ". "]) * rng.randint(2, 80)


def code_line(rng):
    return rng.choice(CODE) + rng.choice(["", " ", "\n"]) + rng.choice(CODE)


def main():
    path = Path(os.environ["RANKSCOPE_SMOLLM2"]).resolve()
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    rng = random.Random(20240528)
    kinds = [word_line, digit_line, special_line, script_line, random_line, ascii_line, space_line, run_line, code_line]
    texts = ["", " ", "  1", "a  12", "\n\n3"]
    while len(texts) < 1000:
        text = kinds[len(texts) % len(kinds)](rng)
        if text not in texts:
            texts.append(text)
    lines = []
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        decoded = tokenizer.decode(ids)
        plain = tokenizer.decode(ids, skip_special_tokens=True)
        line = {"text": text, "ids": ids}
        if decoded != text:
            line["decoded"] = decoded
        if plain != decoded:
            line["plain"] = plain
        lines.append(line)
    body = json.dumps({"lines": lines}, ensure_ascii=False, separators=(",", ":")).encode()
    out = Path(__file__).parent / "smollm2" / "tokenizer.json.gz"
    out.parent.mkdir(exist_ok=True)
    out.write_bytes(gzip.compress(body, 9, mtime=0))
    print(len(lines), "lines,", sum("decoded" in line for line in lines), "do not decode to themselves,", out.stat().st_size, "bytes")


main()
