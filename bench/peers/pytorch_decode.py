"""A decode loop in PyTorch: KV cache allocated once, written in place; sampling at temperature 1.

One repetition reads a prompt and samples the new tokens, for the whole batch at once. Its tokens are the new ones.

python pytorch_decode.py --vocab 32 --width 128 --layers 4 --heads 4 --kv-heads 2 --hidden 448 --batch 64 --threads 2
"""

import argparse
import time

import protocol
import torch
from llama import Llama, add_shape_arguments, shape_from


def parse():
    parser = argparse.ArgumentParser()
    add_shape_arguments(parser)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--prompt", type=int, default=16)
    parser.add_argument("--new", type=int, default=48)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--compile", action="store_true", help="compile the model with torch.compile (needs a C++ compiler)")
    parser.add_argument("--warm-up", type=int, default=2)
    return parser.parse_args()


def allocate_caches(shape, batch, length):
    def empty():
        return torch.empty(batch, shape.kv_heads, length, shape.head_width)

    return [(empty(), empty()) for _ in range(shape.layers)]


@torch.inference_mode()
def generate(model, prompt, caches, new):
    """Tokens [B, prompt + new]; the log-prob of each sampled token is kept, as a policy-gradient rollout needs it."""
    B, P = prompt.shape
    tokens = torch.empty(B, P + new, dtype=torch.long)
    log_probs = torch.empty(B, new)
    tokens[:, :P] = prompt
    given, position = prompt, 0
    for index in range(new):
        logits = model(given, caches, position, last_only=True)[:, -1]  # [B, V]
        distribution = logits.log_softmax(-1)  # [B, V]
        sampled = torch.multinomial(distribution.exp(), 1)  # [B, 1]
        log_probs[:, index] = distribution.gather(-1, sampled).squeeze(-1)
        position += given.shape[1]
        tokens[:, position] = sampled.squeeze(-1)
        given = sampled
    return tokens, log_probs


def main():
    args = parse()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    length = args.prompt + args.new
    shape = shape_from(args)
    model = Llama(shape, length).eval()
    parameters = model.parameter_count()
    caches = allocate_caches(shape, args.batch, length)
    prompt = torch.randint(args.vocab, (args.batch, args.prompt))
    forward = torch.compile(model, dynamic=True) if args.compile else model

    def run():
        start = time.perf_counter()
        generate(forward, prompt, caches, args.new)
        return time.perf_counter() - start

    for _ in range(args.warm_up):
        run()
    protocol.announce(torch=torch.__version__, threads=args.threads, parameters=parameters)
    while (reps := protocol.next_request()) is not None:
        protocol.answer([run() for _ in range(reps)], args.batch * args.new)


main()
