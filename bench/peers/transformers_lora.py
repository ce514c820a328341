"""transformers + peft on a checkpoint: samples completions, or takes LoRA steps, in float32 on the CPU.

As someone who cares about speed would: all prompts in one generate call with its key-value cache; in training the
micro-batch size that is given, log-probs by gather and logsumexp, gradients for the adapter alone.
"""

import argparse
import time

import torch
from peft import LoraConfig, get_peft_model
from protocol import announce, answer, next_request
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--what", choices=["sample", "train"], required=True)
for name in ("rank", "rows", "prompt", "completion", "microbatch", "threads"):
    parser.add_argument(f"--{name}", type=int, required=True)
args = parser.parse_args()
torch.set_num_threads(args.threads)
torch.manual_seed(1)

start = time.perf_counter()
model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32)
load_seconds = time.perf_counter() - start
vocabulary = model.config.vocab_size
targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
model = get_peft_model(model, LoraConfig(r=args.rank, lora_alpha=16, target_modules=targets, task_type="CAUSAL_LM"))
prompts = torch.randint(0, vocabulary, (args.rows, args.prompt))
rows = torch.randint(0, vocabulary, (args.rows, args.prompt + args.completion))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)


def sample():
    model.eval()
    with torch.no_grad():
        model.generate(input_ids=prompts, attention_mask=torch.ones_like(prompts), do_sample=True, top_k=0,
                       min_new_tokens=args.completion, max_new_tokens=args.completion, pad_token_id=0, eos_token_id=None)


def train():
    model.train()
    optimizer.zero_grad()
    for first in range(0, args.rows, args.microbatch):
        batch = rows[first:first + args.microbatch]
        logits = model(input_ids=batch[:, :-1]).logits
        taken = logits.gather(-1, batch[:, 1:, None])[..., 0]
        log_probs = taken - logits.logsumexp(-1)  # [b, T-1]
        (-log_probs[:, args.prompt - 1:].sum() / (args.rows * args.completion)).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


run = sample if args.what == "sample" else train
tokens = args.rows * (args.completion if args.what == "sample" else args.prompt + args.completion)
announce(torch=torch.__version__, threads=args.threads, microbatch=args.microbatch, load_seconds=load_seconds)
while (repetitions := next_request()) is not None:
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    answer(seconds, tokens)
