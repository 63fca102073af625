"""Ways to spoil a model file: by accident, by carelessness, and on purpose."""

from __future__ import annotations

import copy
import random
import struct
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from tests.gguf_parts import ARRAY, FLOAT32, TEXT, U32, U64, Entry, GgufParts, encoded, text_array, texts_of

Dice: TypeAlias = random.Random
Mutation: TypeAlias = Callable[[GgufParts, Dice], bytes]

COUNTS: Final = (0, 1, 2**16, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**61, 2**63 - 1, 2**63, 2**64 - 1)
NUMBERS: Final = (0, 1, 2, 3, 5, 7, 63, 65, 255, 4097, 65_537, 10**7, 2**31 - 1, 2**31, 2**32 - 1)
FLOATS: Final = (0.0, -1.0, 1e-45, 1e38, float("inf"), -float("inf"), float("nan"))
ARCHITECTURES: Final = (
    "", "nonsense", "qwen2", "qwen3moe", "gemma2", "gemma3n", "phi3", "mamba2", "rwkv7", "bert", "t5", "clip", "llama4",
    "deepseek2", "jamba", "falcon", "lfm2moe", "gpt-oss", "wavtokenizer-dec", "llama" * 1000, "llama\0", "../llama",
)  # fmt: skip
TOKENIZERS: Final = ("", "gpt2", "bert", "t5", "rwkv", "plamo2", "none", "no_vocab", "nonsense", "llama\0")
TEMPLATES: Final = (
    "{% for message in messages %}", "{{ messages", "{% include 'x' %}", "", " ", "\0", "{{ 1/0 }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{{ 'x' * 999999999999 }}", "{{ ('%999999999d' % 1) }}", "{{ 'x'.center(10**10) }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ self.__init__.__globals__ }}",
    "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}", "{{ 2 ** 2 ** 2 ** 2 ** 2 ** 2 ** 2 }}",
    "{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}",
    "{{ raise_exception('{next_step} {0} {x.__class__}') }}", "{{ messages[99].content }}", "(" * 5000,
    "{{" + "(" * 3000 + "1" + ")" * 3000 + "}}", "x" * 600_000, "{{ messages | tojson(indent=999999999) }}",
    "{{ bos_token }}" * 3000, "{{ 'x' | batch(1, 1) | list | join('y' * 10**8) }}",
)  # fmt: skip
FOREIGN_KEYS: Final = (
    ("split.count", 3), ("split.no", 1), ("general.alignment", 0), ("general.alignment", 3), ("general.file_type", 999),
    ("general.alignment", 2**31), ("general.quantization_version", 999), ("tokenizer.ggml.bos_token_id", 10**9),
    ("general.sampling.top_k", 2**31), ("tokenizer.ggml.eot_token_id", 2**32 - 1), ("llama.expert_count", 2**31),
    ("llama.rope.dimension_count", 13), ("gemma3.attention.sliding_window", 0), ("lfm2.expert_count", 4),
    ("llama.vocab_size", 10**9), ("general.sampling.penalty_last_n", 2**31 - 1), ("adapter.lora.alpha", 1),
)  # fmt: skip


def flip_bits(parts: GgufParts, dice: Dice) -> bytes:
    """The least there is, anywhere before the weights."""
    content = bytearray(parts.content())
    for _ in range(dice.randrange(1, 4)):
        content[dice.randrange(_head_bytes(parts))] ^= 1 << dice.randrange(8)
    return bytes(content)


def spoil_the_first_bytes(parts: GgufParts, dice: Dice) -> bytes:
    """Magic, version, or one of the counts."""
    content = bytearray(parts.content())
    content[dice.randrange(24)] = dice.randrange(256)
    return bytes(content)


def spoil_the_table(parts: GgufParts, dice: Dice) -> bytes:
    """A few wrong bytes in the table of tensors."""
    content, end = bytearray(parts.content()), _head_bytes(parts)
    for _ in range(dice.randrange(1, 6)):
        content[end - 1 - dice.randrange(len(parts.table()))] = dice.randrange(256)
    return bytes(content)


def spoil_the_vocabulary(parts: GgufParts, dice: Dice) -> bytes:
    """Wrong bytes among the tokens, their lengths included."""
    value = bytearray(parts.entry("tokenizer.ggml.tokens").value)
    for _ in range(dice.randrange(1, 40)):
        value[dice.randrange(len(value))] = dice.randrange(256)
    parts.entry("tokenizer.ggml.tokens").value = bytes(value)
    return parts.content()


def spoil_a_block(parts: GgufParts, dice: Dice) -> bytes:
    """A block of the disk went bad, or was never written."""
    content = bytearray(parts.content())
    begin = dice.randrange(len(content))
    size = min(dice.choice((16, 512, 4096)), len(content) - begin)
    content[begin : begin + size] = dice.choice((bytes(size), dice.randbytes(size)))
    return bytes(content)


def slip(parts: GgufParts, dice: Dice) -> bytes:
    """Something slipped in, or is missing: all that follows lies elsewhere."""
    content = bytearray(parts.content())
    place = dice.randrange(_head_bytes(parts))
    if dice.random() < 0.5:
        content[place:place] = dice.randbytes(dice.randrange(1, 64))
    else:
        del content[place : place + dice.randrange(1, 64)]
    return bytes(content)


def cut_off(parts: GgufParts, dice: Dice) -> bytes:
    """The download ended early, or the disk was full."""
    content = parts.content()
    return content[: dice.choice((dice.randrange(len(content)), dice.randrange(_head_bytes(parts)), len(content) - 1))]


def go_on_behind_the_end(parts: GgufParts, dice: Dice) -> bytes:
    """Two files became one."""
    return parts.content() + dice.choice((dice.randbytes(4096), parts.content(), bytes(100_000)))


def claim_a_count(parts: GgufParts, dice: Dice) -> bytes:
    """The header counts more or fewer than there are."""
    if dice.random() < 0.5:
        parts.n_tensors = dice.choice((*COUNTS, len(parts.tensors) - 1, len(parts.tensors) + 1))
    else:
        parts.n_entries = dice.choice((*COUNTS, len(parts.entries) - 1, len(parts.entries) + 1))
    return parts.content()


def claim_a_length(parts: GgufParts, dice: Dice) -> bytes:
    """A text or an array says that it is longer, or shorter, than it is."""
    entry = dice.choice([entry for entry in parts.entries if entry.kind in {TEXT, ARRAY}])
    at = 0 if entry.kind == TEXT else 4
    value = bytearray(entry.value)
    struct.pack_into("<Q", value, at, dice.choice(COUNTS))
    entry.value = bytes(value)
    return parts.content()


def change_a_kind(parts: GgufParts, dice: Dice) -> bytes:
    """A value is said to be of another kind than it is, or an array to hold one."""
    entry = dice.choice(parts.entries)
    kind = dice.choice((*range(13), 99, 2**32 - 1))
    if entry.kind == ARRAY and dice.random() < 0.5:
        entry.value = struct.pack("<I", kind) + entry.value[4:]
    else:
        entry.kind = kind
    return parts.content()


def retype(parts: GgufParts, dice: Dice) -> bytes:
    """A value really is of another kind: soundly written, and not what anybody expects there."""
    entry = dice.choice(parts.entries)
    inner = (
        (TEXT, encoded(b"seven")),
        (FLOAT32, struct.pack("<f", dice.choice(FLOATS))),
        (U64, struct.pack("<Q", 2**63)),
    )
    nested = ARRAY, struct.pack("<IQIQIQ", ARRAY, 1, ARRAY, 1, ARRAY, 0)
    empty = ARRAY, struct.pack("<IQ", dice.choice((TEXT, U32, ARRAY)), 0)
    entry.kind, entry.value = dice.choice((*inner, nested, empty))
    return parts.content()


def a_wild_number(parts: GgufParts, dice: Dice) -> bytes:
    """A number of layers, heads, dimensions that no model has; as large as can be, or minus one."""
    numbers = [entry for entry in parts.entries if entry.kind == U32 and not entry.key.startswith(b"general.")]
    for entry in dice.sample(numbers, dice.choice((1, 1, 1, 2, 3))):
        entry.value = struct.pack("<I", dice.choice(NUMBERS))
    return parts.content()


def a_wild_fraction(parts: GgufParts, dice: Dice) -> bytes:
    """A float is no number, infinite, or nothing; there is one more, which scales what is computed."""
    architecture = parts.entry("general.architecture").value[8:]
    for key in (b"attention.layer_norm_rms_epsilon", b"rope.freq_base", b"rope.scaling.factor"):
        if dice.random() < 0.7:
            _set(parts, architecture + b"." + key, FLOAT32, struct.pack("<f", dice.choice(FLOATS)))
    for key in (b"temp", b"top_p", b"min_p"):
        if dice.random() < 0.3:
            _set(parts, b"general.sampling." + key, FLOAT32, struct.pack("<f", dice.choice(FLOATS)))
    return parts.content()


def numbers_a_layer(parts: GgufParts, dice: Dice) -> bytes:
    """Where one number is expected stands a list of them, of any length."""
    numbers = [entry for entry in parts.entries if entry.kind == U32 and b"." in entry.key]
    entry, count = dice.choice(numbers), dice.choice((0, 1, 2, 3, 600))
    entry.kind, entry.value = (
        ARRAY,
        struct.pack(f"<IQ{count}I", U32, count, *(dice.choice(NUMBERS) for _ in range(count))),
    )
    return parts.content()


def another_architecture(parts: GgufParts, dice: Dice) -> bytes:
    """It claims to be of another family, with the keys of its own or with those of the other."""
    before, now = parts.entry("general.architecture").value[8:], dice.choice(ARCHITECTURES).encode()
    parts.entry("general.architecture").value = encoded(now)
    if dice.random() < 0.5:
        for entry in parts.entries:
            if entry.key.startswith(before + b"."):
                entry.key = now + entry.key[len(before) :]
    return parts.content()


def lose_a_key(parts: GgufParts, dice: Dice) -> bytes:
    """Something that is needed is not said, or under another name."""
    entry = dice.choice(parts.entries)
    if dice.random() < 0.7:
        parts.entries.remove(entry)
    else:
        entry.key = dice.choice((b"", b"\0", entry.key + b"\0", entry.key.upper(), b"k" * 70_000, b"\xff\xfe"))
    return parts.content()


def say_it_twice(parts: GgufParts, dice: Dice) -> bytes:
    """A key or a tensor is there twice, not always with the same words."""
    if dice.random() < 0.6:
        twin = copy.deepcopy(dice.choice(parts.entries))
        twin.value = dice.choice((twin.value, parts.entries[0].value if twin.kind == TEXT else twin.value))
        parts.entries.insert(dice.randrange(len(parts.entries)), twin)
    else:
        parts.tensors.insert(dice.randrange(len(parts.tensors)), copy.deepcopy(dice.choice(parts.tensors)))
    return parts.content()


def a_foreign_key(parts: GgufParts, dice: Dice) -> bytes:
    """Keys that mean something, with values that mean nothing."""
    for key, value in dice.sample(FOREIGN_KEYS, dice.randrange(1, 4)):
        _set(parts, key.encode(), U32, struct.pack("<I", value))
    if dice.random() < 0.2:
        _set(parts, b"general.type", TEXT, encoded(dice.choice((b"adapter", b"mmproj", b"imatrix", b"?"))))
    return parts.content()


def a_long_list(parts: GgufParts, dice: Dice) -> bytes:
    """A list of a million of something, which is really there."""
    count = dice.choice((100_000, 1_000_000))
    value = (
        struct.pack("<IQ", TEXT, count) + bytes(8 * count) if dice.random() < 0.5 else text_array([b"x" * count] * 5)
    )
    _set(parts, dice.choice((b"general.tags", b"tokenizer.ggml.merges", b"tokenizer.ggml.tokens")), ARRAY, value)
    return parts.content()


def another_tokenizer(parts: GgufParts, dice: Dice) -> bytes:
    """The vocabulary is said to be of another sort than it is."""
    parts.entry("tokenizer.ggml.model").value = encoded(dice.choice(TOKENIZERS).encode())
    if dice.random() < 0.3:
        _set(parts, b"tokenizer.ggml.pre", TEXT, encoded(dice.choice((b"", b"qwen2", b"llama-bpe", b"nonsense"))))
    if dice.random() < 0.3:
        _set(parts, b"tokenizer.ggml.merges", ARRAY, text_array(dice.choice(([], [b"a b"], [b""], [b"ab"], [b" "]))))
    return parts.content()


def other_tokens(parts: GgufParts, dice: Dice) -> bytes:
    """More tokens, fewer, all the same, none, or such as no text holds."""
    tokens = texts_of(entry := parts.entry("tokenizer.ggml.tokens"))
    entry.value = text_array(
        dice.choice(
            (
                tokens[: dice.randrange(len(tokens))],
                tokens + [b"more%d" % i for i in range(500)],
                [b""] * len(tokens),
                [b"same"] * len(tokens),
                [dice.randbytes(dice.randrange(12)) for _ in tokens],
                [b"\xf0\x9f" + token for token in tokens],
                [token * 1000 for token in tokens],
                dice.sample(tokens, len(tokens)),
            )
        )
    )
    return parts.content()


def other_marks(parts: GgufParts, dice: Dice) -> bytes:
    """The scores, the kinds, or the special ones among the tokens are wrong."""
    scores, kinds = parts.entry("tokenizer.ggml.scores"), parts.entry("tokenizer.ggml.token_type")
    count = (len(scores.value) - 12) // 4
    match dice.randrange(4):
        case 0:
            scores.value = scores.value[:12] + struct.pack("<f", dice.choice(FLOATS)) * count
        case 1:
            wild = [dice.choice((0, 1, 2, 3, 4, 5, 6, 7, -1, 2**31 - 1)) for _ in range(count)]
            kinds.value = kinds.value[:12] + struct.pack(f"<{count}i", *wild)
        case 2:
            short = dice.choice((scores, kinds))
            short.value = struct.pack("<IQ", struct.unpack_from("<I", short.value)[0], 3) + short.value[12:24]
        case _:
            for name in ("bos", "eos", "unknown"):
                parts.entry(f"tokenizer.ggml.{name}_token_id").value = struct.pack("<I", dice.choice(NUMBERS))
    return parts.content()


def shift_tensors(parts: GgufParts, dice: Dice) -> bytes:
    """A tensor is said to lie elsewhere: on another, beside its place, or where the file has no more bytes."""
    for tensor in dice.sample(parts.tensors, dice.randrange(1, 3)):
        shifted = tensor.offset + dice.choice((-64, -32, 1, 4, 32, 64, 4096))
        tensor.offset = dice.choice((max(shifted, 0), shifted % 2**64, 0, *COUNTS))
    return parts.content()


def reshape_tensors(parts: GgufParts, dice: Dice) -> bytes:
    """A tensor has other dimensions than it has, or more of them, or fewer."""
    tensor = dice.choice(parts.tensors)
    sizes = (*COUNTS, *tensor.dimensions, 63, 65, 128)
    match dice.randrange(4):
        case 0:
            tensor.dimensions[dice.randrange(len(tensor.dimensions))] = dice.choice(sizes)
        case 1:
            tensor.dimensions = [dice.choice(sizes) for _ in range(dice.choice((0, 1, 2, 3, 4, 5, 300)))]
        case 2:
            tensor.dimensions.reverse()
        case _:
            tensor.dimensions = [2**32, 2**32, 1]
    return parts.content()


def recast_tensors(parts: GgufParts, dice: Dice) -> bytes:
    """The numbers of a tensor are said to be stored in another way, one that there is or one that there is not."""
    for tensor in dice.sample(parts.tensors, dice.choice((1, 1, 3))):
        tensor.kind = dice.choice((*range(42), 99, 2**31, 2**32 - 1))
    return parts.content()


def rename_tensors(parts: GgufParts, dice: Dice) -> bytes:
    """A tensor is missing, or called otherwise."""
    tensor = dice.choice(parts.tensors)
    other = dice.choice(parts.tensors)
    if dice.random() < 0.3:
        parts.tensors.remove(tensor)
    else:
        tensor.name = dice.choice((b"", b"blk.0.", b"blk.4294967295.attn_q.weight", b"n" * 64, b"\xff", other.name))
    return parts.content()


def poison_weights(parts: GgufParts, dice: Dice) -> bytes:
    """Weights that are no numbers, infinite, huge, or noise."""
    weights = np.frombuffer(parts.data, dtype=np.float32).copy()
    begin = dice.randrange(len(weights))
    end = begin + dice.choice((1, 64, 4096, len(weights)))
    match dice.randrange(3):
        case 0:
            weights[begin:end] = dice.choice(FLOATS)
        case 1:
            noise = dice.randbytes(4 * len(weights[begin:end]))
            weights[begin:end] = np.frombuffer(noise, dtype=np.float32)
        case _:
            weights[:] = dice.choice((float("nan"), 0.0, 1e30))
    parts.data = bytearray(weights.tobytes())
    return parts.content()


def a_hostile_template(parts: GgufParts, dice: Dice) -> bytes:
    """The chat template has mistakes, never ends, grows, or reaches for what is not its own."""
    parts.entry("tokenizer.chat_template").value = encoded(dice.choice(TEMPLATES).encode())
    return parts.content()


MUTATIONS: Final[tuple[Mutation, ...]] = (
    flip_bits, spoil_the_first_bytes, spoil_the_table, spoil_the_vocabulary, spoil_a_block, slip, cut_off,
    go_on_behind_the_end, claim_a_count, claim_a_length, change_a_kind, retype, a_wild_number, a_wild_fraction,
    numbers_a_layer, another_architecture, lose_a_key, say_it_twice, a_foreign_key, a_long_list, another_tokenizer,
    other_tokens, other_marks, shift_tensors, reshape_tensors, recast_tensors, rename_tensors, poison_weights,
    a_hostile_template,
)  # fmt: skip


def _head_bytes(parts: GgufParts) -> int:
    return len(parts.content()) - len(parts.data) - 32


def _set(parts: GgufParts, key: bytes, kind: int, value: bytes) -> None:
    parts.entries = [entry for entry in parts.entries if entry.key != key]
    parts.entries.append(Entry(key, kind, value))
