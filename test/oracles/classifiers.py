#!/usr/bin/env python3
"""What Transformers' text-classification pipeline says of texts, with the tiny encoders of models.py.

Writes test/oracles/classifiers.json: per classifier its folder under models/, what of its configuration is changed, its
tokenizer.json, and the score of every label for every text.

Run: python test/oracles/classifiers.py        (torch 2.13, transformers 5.23, tokenizers 0.23)
"""
import json
import os

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast, pipeline

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = "you are a fool the of and kind people what nice day idiot friend this is not so very stupid good bad man woman".split()
TEXTS = [
    "You are a fool",
    "what a nice day",
    "the people of this day are kind and good",
    "idiot",
    "zebra",
    "this woman is not so stupid, you idiot!",
    " ".join(["very"] * 40),
]


def tokenizer_of(kind):
    # RoBERTa's padding token is 6 in models.py, and 0 and 2 begin and end a text.
    special = {
        "bert": ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[x]", "[y]"],
        "roberta": ["<s>", "<x>", "</s>", "<unk>", "<mask>", "<y>", "<pad>"],
    }[kind]
    vocabulary = {word: i for i, word in enumerate(special + WORDS + ["##s", "##y", ",", "!"])}
    unknown = "[UNK]" if kind == "bert" else "<unk>"
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if kind == "bert":
        pair = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
        tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", pair)
    else:
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return tokenizer, special


CLASSIFIERS = [
    ("bert", "bert", "single_label_classification", ["fine", "toxic"]),
    ("bert-3-classes-relu", "bert", "multi_label_classification", ["toxic", "insult", "threat"]),
    ("roberta", "roberta", "single_label_classification", ["toxic", "not toxic"]),
    ("distilbert", "bert", "multi_label_classification", ["toxic", "obscene", "insult", "threat"]),
]


def scores_of(folder, kind, problem, labels):
    path = os.path.join(HERE, "models", folder)
    config = AutoConfig.from_pretrained(path)
    config.problem_type = problem
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: i for i, label in enumerate(labels)}
    model = AutoModelForSequenceClassification.from_pretrained(path, config=config).float().eval()
    tokenizer, special = tokenizer_of(kind)
    names = dict(zip(["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"], special))
    if kind == "roberta":
        names = dict(cls_token="<s>", sep_token="</s>", unk_token="<unk>", mask_token="<mask>", pad_token="<pad>")
    # RoBERTa's positions begin behind the padding token's id.
    longest = config.max_position_embeddings - (7 if kind == "roberta" else 0)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=longest, **names)
    pipe = pipeline("text-classification", model=model, tokenizer=fast, top_k=None, truncation=True, device="cpu")
    texts = [{"text": text, "scores": {one["label"]: one["score"] for one in pipe([text])[0]}} for text in TEXTS]
    changes = {"problem_type": problem, "id2label": {str(i): label for i, label in enumerate(labels)}}
    return {"folder": folder, "config": changes, "tokenizer": json.loads(tokenizer.to_str()), "texts": texts}


def main():
    found = [scores_of(*one) for one in CLASSIFIERS]
    with open(os.path.join(HERE, "classifiers.json"), "w") as file:
        json.dump(found, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
