"""Token ids and label masks that Transformers and TRL give conversations under chat templates of well-known models.

    python test/oracles/chat_templates.py

Writes test/oracles/chatTemplates.json.gz: {"templates": [{"name", "template", "base", "config", "added", "results"}],
"conversations"}. A template is rendered and tokenised with the tokenizer of that case of tokenizers.json.gz, to which the
`added` tokens are added. A result is null where the template refuses the conversation, else [prompt, ids, all, last]: SHA-256
(12 digits) of the ids of the conversation up to its last answer, with the opening of that answer, of all its ids, and of its
masks of labels, where all answers are learnt and where the last is. Templates that mark answers have the masks of
`return_assistant_tokens_mask` (of the last answer: as TRL joins it with the mask of the completion), the others TRL's mask of
a completion, the turns before each answer being its prompt. `all` is null where an answer is written otherwise once there are
turns behind it. The templates are those that TRL ships, and the shorter ones below as the models' tokenizer_config.json have
them.
"""

import datetime
import gzip
import hashlib
import json
import random
from os.path import commonprefix
from pathlib import Path

import trl
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast
from transformers.utils import chat_template_utils
from trl.data_utils import common_prefix_length

HERE = Path(__file__).parent
SHIPPED = Path(trl.__file__).parent / "chat_templates"

CHATML = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou are a helpful AI "
    "assistant named SmolLM, trained by Hugging Face<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\\n' + "
    "message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
ZEPHYR = (
    "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\\n' + message['content'] + eos_token }}\n"
    "{% elif message['role'] == 'system' %}\n{{ '<|system|>\\n' + message['content'] + eos_token }}\n"
    "{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\\n'  + message['content'] + eos_token }}\n{% endif %}\n"
    "{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"
)
TULU = (
    "{% for message in messages %}{% if message['role'] == 'system' %}{{ '<|system|>\\n' + message['content'] + '\\n' }}"
    "{% elif message['role'] == 'user' %}{{ '<|user|>\\n' + message['content'] + '\\n' }}{% elif message['role'] == 'assistant' %}"
    "{% if not loop.last %}{{ '<|assistant|>\\n'  + message['content'] + eos_token + '\\n' }}{% else %}"
    "{{ '<|assistant|>\\n'  + message['content'] + eos_token }}{% endif %}{% endif %}"
    "{% if loop.last and add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}{% endfor %}"
)
MISTRAL = (
    "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}"
    "{{ ' ' + message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}"
    "{% endfor %}"
)
GRANITE = """{%- if tools %}
    {{- '<|start_of_role|>available_tools<|end_of_role|>\n' }}
    {%- for tool in tools %}
    {{- tool | tojson(indent=4) }}
    {%- endfor %}
    {{- '<|end_of_text|>\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message['role'] == 'system' %}
    {{- '<|start_of_role|>system<|end_of_role|>' + message['content'] + '<|end_of_text|>\n' }}
    {%- elif message['role'] == 'user' %}
    {{- '<|start_of_role|>user<|end_of_role|>' + message['content'] + '<|end_of_text|>\n' }}
    {%- elif message['role'] == 'assistant' %}
    {{- '<|start_of_role|>assistant<|end_of_role|>'  + message['content'] + '<|end_of_text|>\n' }}
    {%- endif %}
    {%- if loop.last and add_generation_prompt %}
    {{- '<|start_of_role|>assistant<|end_of_role|>' }}
    {%- endif %}
{%- endfor %}"""
DATED = (
    "{{ '<|im_start|>system\\nToday Date: ' + strftime_now('%B %d, %Y') + '.<|im_end|>\\n' }}"
    "{% for message in messages if message['role'] != 'system' %}{{'<|im_start|>' + message['role'] + '\\n' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] }}{% endgeneration %}{% else %}"
    "{{ message['content'] }}{% endif %}{{ '<|im_end|>' + '\\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

IM = ["<|im_start|>", "<|im_end|>"]
HEADERS = ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
PHI = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
TURNS = ["<start_of_turn>", "<end_of_turn>"]
ROLES = ["<|start_of_role|>", "<|end_of_role|>", "<|end_of_text|>"]
QWEN = {"eos_token": "<|im_end|>"}
LLAMA = {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}
SENTENCE = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


def shipped(name):
    return (SHIPPED / f"{name}.jinja").read_text()


# Name, template, tokenizer, configuration, added tokens, and whether these take the white space behind them.
TEMPLATES = [
    ("ChatML", CHATML, "SmolLM2", QWEN, IM, False),
    ("SmolLM2", SMOLLM2, "SmolLM2", QWEN, IM, False),
    ("Qwen2.5", shipped("qwen2_5"), "Llama 3", QWEN, IM, False),
    ("Qwen3", shipped("qwen3"), "Llama 3", QWEN, IM, False),
    ("Llama 3", shipped("llama3"), "Llama 3", LLAMA, HEADERS, False),
    ("Llama 3.1", shipped("llama3_1"), "Llama 3", LLAMA, HEADERS, False),
    ("Gemma 2", shipped("gemma"), "Llama 2", {**SENTENCE, "eos_token": "<end_of_turn>"}, TURNS, False),
    ("Mistral", MISTRAL, "Llama 2", SENTENCE, [], False),
    ("Phi-3", shipped("phi3"), "Llama 2", SENTENCE, PHI, True),
    ("Zephyr", ZEPHYR, "Llama 2", SENTENCE, [], False),
    ("Tulu 3", TULU, "Llama 3", {**LLAMA, "eos_token": "<|end_of_text|>"}, ["<|end_of_text|>"], False),
    ("Granite 3", GRANITE, "SmolLM2", {"eos_token": "<|end_of_text|>"}, ROLES, False),
    ("Qwen2.5 with marks", shipped("qwen2_5_training"), "Llama 3", QWEN, IM, False),
    ("Llama 3 with marks", shipped("llama3_training"), "Llama 3", LLAMA, HEADERS, False),
    ("Gemma with marks", shipped("gemma_training"), "Llama 2", {**SENTENCE, "eos_token": "<end_of_turn>"}, TURNS, False),
    ("Phi-3 with marks", shipped("phi3_training"), "Llama 2", SENTENCE, PHI, True),
    ("ChatML with a date and marks", DATED, "SmolLM2", QWEN, IM, False),
]

WORDS = ["the", "The woman", "worked as", "a nurse", "Don't", "10:45", "über", "мир", "世界", "😀", "x**2", "snake_case", "\n", "\n\n", "  ",
         "- item\n", "```py\nprint(1)\n```", "[INST]", "<s>", "yes", "No.", "“quoted”", "{{ x }}", "\ue000", "1,234.56", "e\u0301", "\t"]


def text(rng):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 8)))


def conversation(rng, index):
    turns = [{"role": "system", "content": text(rng)}] if index % 4 == 3 else []
    for _ in range(rng.randint(1, 4)):
        turns += [{"role": "user", "content": text(rng)}, {"role": "assistant", "content": text(rng)}]
    return turns


class Day(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


def tokenizer_of(base, config, added, takes_space):
    state = json.loads(json.dumps(base))
    first = max([*state["model"]["vocab"].values(), *(t["id"] for t in state["added_tokens"])]) + 1
    known = {t["content"] for t in state["added_tokens"]}
    names = [name for name in dict.fromkeys(added) if name not in known]
    tokens = [{"id": first + i, "content": name, "single_word": False, "lstrip": False, "rstrip": takes_space, "normalized": False,
               "special": True} for i, name in enumerate(names)]
    state["added_tokens"] += tokens
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(state)), **config), tokens


def digest(values):
    return hashlib.sha256(",".join(str(int(v)) for v in values).encode()).hexdigest()[:12]


def result(tokenizer, turns, marks):
    def ids(some, opening=False):
        return tokenizer.apply_chat_template(some, add_generation_prompt=opening, return_dict=True)["input_ids"]

    whole = ids(turns)
    answers = [i for i, turn in enumerate(turns) if turn["role"] == "assistant"]
    starts = [common_prefix_length(ids(turns[:i], True), whole) for i in answers]
    last = [int(k >= starts[-1]) for k in range(len(whole))]
    if marks:
        mask = tokenizer.apply_chat_template(turns, return_dict=True, return_assistant_tokens_mask=True)["assistant_masks"]
        masks = mask, [a & b for a, b in zip(mask, last)]
    else:
        ends = [common_prefix_length(ids(turns[: i + 1]), whole) for i in answers[:-1]] + [len(whole)]
        full = [int(any(a <= k < b for a, b in zip(starts, ends))) for k in range(len(whole))]
        written = tokenizer.apply_chat_template(turns, tokenize=False)
        stable = True
        for i in answers[:-1]:
            until, content = tokenizer.apply_chat_template(turns[: i + 1], tokenize=False), turns[i]["content"].strip()
            opening = tokenizer.apply_chat_template(turns[:i], tokenize=False, add_generation_prompt=True)
            begin = until.index(content, len(commonprefix([opening, until])))
            stable &= written.startswith(until[: begin + len(content)])
        masks = full if stable else None, last
    return [digest(ids(turns[: answers[-1]], True)), digest(whole), masks[0] and digest(masks[0]), digest(masks[1])]


def main():
    chat_template_utils.datetime = Day
    bases = {case["case"]: case["tokenizer"] for case in json.load(gzip.open(HERE / "tokenizers.json.gz"))}
    rng = random.Random(31)
    conversations = [conversation(rng, i) for i in range(100)]
    templates = []
    for name, template, base, config, added, takes_space in TEMPLATES:
        tokenizer, tokens = tokenizer_of(bases[base], config, added + [t for t in config.values() if t.startswith("<|")], takes_space)
        tokenizer.chat_template = template
        results = []
        for turns in conversations:
            try:
                results.append(result(tokenizer, turns, "generation %}" in template))
            except chat_template_utils.jinja2.exceptions.TemplateError:
                results.append(None)
        print(name, sum(r is not None for r in results), "read,", sum(r is not None and r[2] is None for r in results), "unstable")
        templates.append({"name": name, "template": template, "base": base, "config": config, "added": tokens, "results": results})
    data = json.dumps({"templates": templates, "conversations": conversations}, ensure_ascii=False)
    (HERE / "chatTemplates.json.gz").write_bytes(gzip.compress(data.encode(), mtime=0))


main()
