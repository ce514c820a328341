"""Whole GRPO steps in TRL: generate, reward, loss, backward, one AdamW update, on a random Llama of the given shape.

A step is what lies between two optimizer updates, data loading included: 32 prompts x 16 completions by default, each
prompt 12 tokens, each completion exactly 48. Equal work is ensured by `min_new_tokens`, which forbids the
end-of-sequence token until the last place, and checked by the reward function, which sees every completion.

python trl_grpo.py --vocab 32 --width 128 --layers 4 --heads 4 --kv-heads 2 --hidden 448 --threads 2
"""

import argparse
import os
import random
import string
import tempfile
import time

os.environ.update(HF_HUB_OFFLINE="1", TRL_EXPERIMENTAL_SILENCE="1", TOKENIZERS_PARALLELISM="false")

import protocol
import torch
import transformers
import trl
from datasets import Dataset
from llama import add_shape_arguments, shape_from
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

PAD, EOS = "<pad>", "<eos>"


def parse():
    parser = argparse.ArgumentParser()
    add_shape_arguments(parser)
    parser.add_argument("--prompts", type=int, default=32)
    parser.add_argument("--group", type=int, default=16)
    parser.add_argument("--prompt-length", type=int, default=12)
    parser.add_argument("--completion-length", type=int, default=48)
    parser.add_argument("--micro-batch", type=int, required=True, help="sequences in one backward pass")
    parser.add_argument("--cache", choices=["dynamic", "static"], default="dynamic")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--warm-up", type=int, default=2)
    return parser.parse_args()


def character_tokenizer(vocab):
    """One token a character: two special tokens, then letters and digits up to the size of the vocabulary."""
    characters = (string.ascii_lowercase + string.digits)[: vocab - 2]
    ids = {token: index for index, token in enumerate([PAD, EOS, *characters])}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token=PAD))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PAD, eos_token=EOS), characters


def random_model(shape, tokenizer, length):
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=shape.vocab,
            hidden_size=shape.width,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.kv_heads,
            head_dim=shape.head_width,
            intermediate_size=shape.hidden,
            max_position_embeddings=length,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def letter_reward(letter, length):
    """The share of one letter in the completion: cheap, and different within a group, so that every token is trained."""

    def reward(completions, completion_ids, **_):
        wrong = [len(ids) for ids in completion_ids if len(ids) != length]
        if wrong:
            raise RuntimeError(f"completions have {wrong} tokens, expected {length}: the two sides would do unequal work")
        return [completion.count(letter) / length for completion in completions]

    return reward


class Pacer(TrainerCallback):
    """Times steps, and holds the trainer between them until the driver wants more."""

    def __init__(self, warm_up, tokens, facts):
        self.warm_up, self.tokens, self.facts = warm_up, tokens, facts
        self.wanted, self.seconds, self.start = 0, [], 0.0

    def on_train_begin(self, args, state, control, **_):
        self.start = time.perf_counter()

    def on_step_end(self, args, state, control, **_):
        self.seconds.append(time.perf_counter() - self.start)
        if state.global_step == self.warm_up:
            protocol.announce(**self.facts)
            self.wait(control)
        elif state.global_step > self.warm_up and len(self.seconds) == self.wanted:
            protocol.answer(self.seconds, self.tokens)
            self.wait(control)
        self.start = time.perf_counter()

    def wait(self, control):
        reps = protocol.next_request()
        self.wanted, self.seconds = reps or 0, []
        control.should_training_stop = reps is None


def main():
    args = parse()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    shape = shape_from(args)
    tokenizer, characters = character_tokenizer(shape.vocab)
    model = random_model(shape, tokenizer, args.prompt_length + args.completion_length)
    parameters = model.num_parameters()
    letters = random.Random(1)
    prompts = ["".join(letters.choices(characters, k=args.prompt_length)) for _ in range(64 * args.prompts)]
    completions = args.prompts * args.group
    micro_batches = completions // args.micro_batch
    with tempfile.TemporaryDirectory() as directory:
        config = GRPOConfig(
            output_dir=directory,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            per_device_train_batch_size=args.micro_batch,
            steps_per_generation=micro_batches,  # one generation for one optimizer step
            gradient_accumulation_steps=micro_batches,
            num_generations=args.group,
            num_iterations=1,
            max_completion_length=args.completion_length,
            generation_kwargs={"min_new_tokens": args.completion_length},
            cache_implementation=None if args.cache == "dynamic" else args.cache,
            temperature=1.0,
            beta=0.0,
            learning_rate=1e-4,
            lr_scheduler_type="constant",
            max_grad_norm=1.0,
            max_steps=1_000_000,
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
            dataloader_pin_memory=False,
            seed=1,
        )
        facts = {
            "trl": trl.__version__,
            "transformers": transformers.__version__,
            "torch": torch.__version__,
            "threads": args.threads,
            "parameters": parameters,
            "microBatch": args.micro_batch,
            "cache": args.cache,
        }
        trainer = GRPOTrainer(
            model=model,
            processing_class=tokenizer,
            reward_funcs=letter_reward(characters[0], args.completion_length),
            args=config,
            train_dataset=Dataset.from_dict({"prompt": prompts}),
            callbacks=[Pacer(args.warm_up, completions * args.completion_length, facts)],
        )
        trainer.train()


main()
