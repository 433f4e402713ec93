"""Logits of a base model with an adapter folder, by Transformers and PEFT.

Reads {"base": folder, "adapter": folder, "sequences": [[id]]} from standard input; writes, for each sequence by itself,
its rows' logits end to end as JSON. With "classes": true the base is a sequence classifier.
"""
import json
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

task = json.load(sys.stdin)
kind = AutoModelForSequenceClassification if task.get("classes") else AutoModelForCausalLM
base = kind.from_pretrained(task["base"], dtype=torch.float32, attn_implementation="eager")
model = PeftModel.from_pretrained(base, task["adapter"]).eval()
with torch.no_grad():
    rows = [model(input_ids=torch.tensor([ids])).logits[0].flatten().tolist() for ids in task["sequences"]]
json.dump(rows, sys.stdout)
