"""A plain Llama-family decoder in eager PyTorch, as someone who cares about speed would write it.

RMSNorm, rotary positions, grouped-query attention through F.scaled_dot_product_attention, SwiGLU, tied embeddings.
Timed on CPU in a training step, and no faster than what stands here: key/value heads repeated for attention, attention
written out, RMSNorm written out, rotation by halves, log_softmax instead of cross_entropy.

Axes: B sequences, T tokens, D model width, H query heads, K key/value heads, d head width, F feed-forward width.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Shape:
    vocab: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    hidden: int

    @property
    def head_width(self):
        return self.width // self.heads


def add_shape_arguments(parser):
    for name in ("vocab", "width", "layers", "heads", "kv-heads", "hidden"):
        parser.add_argument(f"--{name}", type=int, required=True)


def shape_from(args):
    return Shape(args.vocab, args.width, args.layers, args.heads, args.kv_heads, args.hidden)


def rotary_tables(length, head_width, base=10000.0):
    """Cosines and sines of the rotary angles, each [length, d], in the half-split layout of Hugging Face's Llama."""
    frequencies = base ** (-torch.arange(0, head_width, 2).float() / head_width)  # [d/2]
    angles = torch.outer(torch.arange(length).float(), frequencies)  # [length, d/2]
    angles = torch.cat((angles, angles), dim=-1)  # [length, d]
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin  # [B, heads, T, d]


def attend(q, k, v):
    """Causal grouped-query attention of q [B, H, T, d] over k and v [B, K, length, d]: [B, T, H·d]."""
    B, H, T, d = q.shape
    if T > 1:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True).transpose(1, 2).reshape(B, T, H * d)
    # One new token sees all keys, so the heads of a group can stand where tokens do: no key is copied for them.
    grouped = q.view(B, k.shape[1], -1, d)  # [B, K, H/K, d]
    return F.scaled_dot_product_attention(grouped, k, v).reshape(B, 1, H * d)


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        D, d = shape.width, shape.head_width
        self.shape = shape
        self.attention_norm = nn.RMSNorm(D, eps=1e-5)
        self.query = nn.Linear(D, shape.heads * d, bias=False)
        self.key = nn.Linear(D, shape.kv_heads * d, bias=False)
        self.value = nn.Linear(D, shape.kv_heads * d, bias=False)
        self.output = nn.Linear(shape.heads * d, D, bias=False)
        self.feed_forward_norm = nn.RMSNorm(D, eps=1e-5)
        self.gate = nn.Linear(D, shape.hidden, bias=False)
        self.up = nn.Linear(D, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, D, bias=False)

    def forward(self, x, cos, sin, cache=None, position=0):
        B, T, _ = x.shape
        d = self.shape.head_width
        normed = self.attention_norm(x)  # [B, T, D]
        q = self.query(normed).view(B, T, -1, d).transpose(1, 2)  # [B, H, T, d]
        k = self.key(normed).view(B, T, -1, d).transpose(1, 2)  # [B, K, T, d]
        v = self.value(normed).view(B, T, -1, d).transpose(1, 2)  # [B, K, T, d]
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            keys, values = cache  # each [B, K, length, d], written in place
            keys[:, :, position : position + T] = k
            values[:, :, position : position + T] = v
            k, v = keys[:, :, : position + T], values[:, :, : position + T]
        x = x + self.output(attend(q, k, v))
        normed = self.feed_forward_norm(x)
        return x + self.down(F.silu(self.gate(normed)) * self.up(normed))  # [B, T, D]


class Llama(nn.Module):
    def __init__(self, shape, length):
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocab, shape.width)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, eps=1e-5)
        cos, sin = rotary_tables(length, shape.head_width)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, tokens, caches=None, position=0, last_only=False):
        """Logits [B, T, V] of tokens [B, T]; of the last token alone, [B, 1, V], where `last_only`."""
        T = tokens.shape[1]
        cos, sin = self.cos[position : position + T], self.sin[position : position + T]  # [T, d]
        x = self.embedding(tokens)  # [B, T, D]
        for index, block in enumerate(self.blocks):
            x = block(x, cos, sin, None if caches is None else caches[index], position)
        if last_only:
            x = x[:, -1:]
        return F.linear(self.norm(x), self.embedding.weight)  # [B, T, V]

    def parameter_count(self):
        return sum(parameter.numel() for parameter in self.parameters())
