"""A training step in eager PyTorch: forward, clipped policy loss over all tokens, backward, norm clip, AdamW.

python pytorch_step.py --vocab 32 --width 128 --layers 4 --heads 4 --kv-heads 2 --hidden 448 --batch 64 --length 64 --threads 2
"""

import argparse
import time

import protocol
import torch
import torch.nn.functional as F
from llama import Llama, add_shape_arguments, shape_from

CLIP = 0.2


def parse():
    parser = argparse.ArgumentParser()
    add_shape_arguments(parser)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--length", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--warm-up", type=int, default=3)
    return parser.parse_args()


def policy_loss(model, tokens, old_log_probs, advantages):
    """GRPO's clipped surrogate, averaged over all B·T tokens."""
    logits = model(tokens[:, :-1])  # [B, T, V]
    targets = tokens[:, 1:]  # [B, T]
    log_probs = -F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view_as(targets)  # [B, T]
    ratio = (log_probs - old_log_probs).exp()  # [B, T]
    A = advantages.unsqueeze(1)  # [B, 1]
    return -torch.minimum(ratio * A, ratio.clamp(1 - CLIP, 1 + CLIP) * A).mean()


def main():
    args = parse()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    B, T = args.batch, args.length
    model = Llama(shape_from(args), T)
    # Measured: of AdamW's three implementations, fused is the fastest on CPU, or level with it.
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    tokens = torch.randint(args.vocab, (B, T + 1))  # [B, T + 1]
    advantages = torch.randn(B)
    with torch.no_grad():
        targets = tokens[:, 1:].unsqueeze(-1)
        old_log_probs = model(tokens[:, :-1]).log_softmax(-1).gather(-1, targets).squeeze(-1)  # [B, T]

    def step():
        start = time.perf_counter()
        loss = policy_loss(model, tokens, old_log_probs, advantages)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()
        return time.perf_counter() - start

    for _ in range(args.warm_up):
        step()
    protocol.announce(torch=torch.__version__, threads=args.threads, parameters=model.parameter_count())
    while (reps := protocol.next_request()) is not None:
        protocol.answer([step() for _ in range(reps)], B * T)


main()
