"""Plain data as text and back: the Python half of plain.ts, which describes the encoding.

A value is read by its exact type: `type(x) is list`, never `isinstance`, so a class with an `__eq__`, `__class__` or
`__iter__` of its own cannot pass for data, and no code of the guest runs while its result is written.

The `json` package is not used: it imports regular expressions, which double the start-up time of an interpreter.
"""

import _json
import sys
from _collections import OrderedDict, defaultdict

MAX_DEPTH = 200
LARGEST_SAFE = 2**53 - 1  # of the whole numbers that a JavaScript number holds exactly


class NotPlain(Exception):
    """A value that is not plain data."""


class TooDeep(NotPlain):
    """Plain data, nested deeper than the limit."""


class TooLong(Exception):
    """A value whose text is longer than the limit."""


def encode(value, limit):
    """The text of a value, at most about `limit` characters long; raises NotPlain, TooDeep or TooLong."""
    return _Writer(limit).text(value, 0)


class _Writer:
    def __init__(self, limit):
        self.room = limit

    def take(self, text):
        self.room -= len(text) + 1
        if self.room < 0:
            raise TooLong
        return text

    def text(self, value, depth):
        if depth > MAX_DEPTH:
            raise TooDeep(f"a value nested deeper than {MAX_DEPTH}")
        kind = type(value)
        if kind is str:
            return self.string(value)
        if kind is bool or value is None:
            return self.take({True: "true", False: "false", None: "null"}[value])
        if kind is int:
            return self.whole(value)
        if kind is float:
            return self.take(_float_text(value))
        if kind is list:
            return self.items(value, depth)
        if kind is tuple:
            return f'{{"$":"tuple","v":{self.items(value, depth)}}}'
        if kind is set or kind is frozenset:
            members = sorted(self.text(item, depth + 1) for item in value)
            return f'{{"$":"set","v":[{",".join(members)}]}}'
        if kind is dict or kind is OrderedDict or kind is defaultdict or kind is _counter_class():
            return self.mapping(dict.items(value), depth)
        if kind is bytes or kind is bytearray:
            import binascii

            self.take("x" * min(len(value), self.room + 1))
            return f'{{"$":"bytes","v":"{binascii.b2a_base64(value, newline=False).decode()}"}}'
        raise NotPlain(f"a value of type {_name(kind)}")

    def string(self, value):
        if len(value) > self.room:
            raise TooLong
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:  # half of a surrogate pair
            return self.take(_json.encode_basestring_ascii(value))
        return self.take(_json.encode_basestring(value))

    def whole(self, value):
        if -LARGEST_SAFE <= value <= LARGEST_SAFE:
            return self.take(str(value))
        if value.bit_length() > 4 * self.room:  # more than 3 bits a digit: the digits alone take quadratic time
            raise TooLong
        return self.take(f'{{"$":"int","v":"{_digits(value)}"}}')

    def items(self, values, depth):
        return self.take("[") + ",".join([self.text(item, depth + 1) for item in values]) + "]"

    def mapping(self, pairs, depth):
        pairs = list(pairs)
        if not all(type(key) is str for key, _ in pairs):
            return self.pairs("map", pairs, depth)
        if any(key == "$" or key == "__proto__" for key, _ in pairs):
            return self.pairs("object", pairs, depth)
        fields = [f"{self.string(key)}:{self.text(item, depth + 1)}" for key, item in pairs]
        return self.take("{") + ",".join(fields) + "}"

    def pairs(self, tag, pairs, depth):
        texts = [f"[{self.text(key, depth + 1)},{self.text(item, depth + 1)}]" for key, item in pairs]
        return self.take(f'{{"$":"{tag}","v":[') + ",".join(texts) + "]}"


def _counter_class():
    """`collections.Counter`, where somebody imported it."""
    return getattr(sys.modules.get("collections"), "Counter", dict)


def _name(kind):
    name = type.__dict__["__name__"].__get__(kind)
    return name if len(name) < 100 else name[:100] + "…"


def _digits(value):
    """Decimal digits, also beyond the length at which newer Pythons refuse."""
    limit = getattr(sys, "get_int_max_str_digits", int)()
    if limit:
        sys.set_int_max_str_digits(0)
    try:
        return str(value)
    finally:
        if limit:
            sys.set_int_max_str_digits(limit)


def _float_text(value):
    if value != value:
        return '{"$":"float","v":"nan"}'
    if value in (float("inf"), float("-inf")):
        return '{"$":"float","v":"inf"}' if value > 0 else '{"$":"float","v":"-inf"}'
    text = repr(value)
    if value != int(value):
        return text
    return '{"$":"float","v":"-0"}' if text == "-0.0" else f'{{"$":"float","v":"{text.removesuffix(".0")}"}}'


def _untag(fields):
    tag = fields.get("$")
    if tag is None:
        return fields
    v = fields.get("v")
    if tag == "tuple":
        return tuple(v)
    if tag == "set":
        return set(v)
    if tag == "float":
        return float(v)
    if tag == "int":
        return _whole(v)
    if tag == "bytes":
        import binascii

        return binascii.a2b_base64(v)
    if tag == "map" or tag == "object":
        return dict(v)
    return None  # undefined


def _whole(digits):
    limit = getattr(sys, "get_int_max_str_digits", int)()
    if limit:
        sys.set_int_max_str_digits(0)
    try:
        return int(digits)
    finally:
        if limit:
            sys.set_int_max_str_digits(limit)


class _Reading:
    """What the scanner asks of its caller."""

    strict = True
    object_hook = staticmethod(_untag)
    object_pairs_hook = None
    parse_float = float
    parse_int = staticmethod(_whole)
    parse_constant = float
    memo = {}


def decode(text):
    """The value of a text that our own side wrote."""
    return _json.make_scanner(_Reading)(text, 0)[0]
