"""The weights of synthetic models: how many parameters, how stored, and what the Hub says of it."""

import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from simulator.files import Weights
from simulator.synthetic.calendar import YEAR
from simulator.synthetic.chances import Draws, quantiles, spread
from simulator.synthetic.model_kinds import YEAR_OF_PERIOD, ModelKind, Role

# Sizes in parameters. Quartiles 0.124 B, 0.765 B and 6.74 B over all years.
_SIZE_PLACES = 1 << 14
_SIZES = quantiles(
    [
        (0, 2e4),
        (0.02, 3e6),
        (0.10, 2.2e7),
        (0.25, 1.24e8),
        (0.50, 7.65e8),
        (0.75, 6.74e9),
        (0.90, 1.5e10),
        (0.97, 5e10),
        (0.995, 2.4e11),
        (1, 2e12),
    ],
    _SIZE_PLACES,
)
# A chance is raised to this power: below 1 the models of a use are larger than all, and above
# it smaller.
_SIZE_OF_TOPIC = {
    "nlp": 0.95,
    "cv": 1.3,
    "rl": 1.9,
    "audio": 1.3,
    "multimodal": 0.55,
    "tabular": 2.5,
    "other": 1.2,
}
_SIZE_GROWTH = 0.3  # of that power, per year
_MIDDLE_OF_SIZES = 2024.0

# How weights are stored: the part of the parameters that each dtype counts.
_STORAGE = {
    "adapter": {"F32": 0.015},
    "int4": {"F16": 0.1, "I32": 0.113},
    "nf4": {"BF16": 0.1, "F32": 0.01, "U8": 0.46},
    "mlx": {"BF16": 0.03, "U32": 0.125},
    "fp8": {"BF16": 0.1, "F8_E4M3": 0.9},
    "int8": {"BF16": 0.1, "I8": 0.9},
    "fp4": {"BF16": 0.08, "F8_E4M3": 0.06, "U8": 0.46},
    "f4": {"BF16": 0.08, "F4": 0.92},
}
_COUNTED = 0.96  # the Hub has counted the others' safetensors files, where they have any
_PLAIN_OF_YEAR = {
    2022: (90, 5, 1, 0, 4),
    2023: (64, 22, 9, 1, 4),
    2024: (40, 18, 37, 2, 3),
    2025: (29, 12, 54, 3, 2),
    2026: (24, 9, 61, 4, 2),
}
_PLAIN_OF_PERIOD = [
    spread(dict(zip(("F32", "F16", "BF16", "F32+BF16", "F32+I64"), shares, strict=True)), 256)
    for shares in map(_PLAIN_OF_YEAR.__getitem__, YEAR_OF_PERIOD)
]
_MIXTURES = {
    "F32": {"F32": 1.0},
    "F16": {"F16": 1.0},
    "BF16": {"BF16": 1.0},
    "F32+BF16": {"F32": 0.002, "BF16": 0.998},
    "F32+I64": {"F32": 1.0, "I64": 0.000004},
}

# Chat templates are most of a page's bytes on the Hub.
_CHAT_TEMPLATE = """\
{%- for message in messages %}
    {%- if message['role'] == 'synthetic-role' %}
        {{- '<|begin|>' + message['role'] + message['content'] + '<|end|>' }}
    {%- endif %}
{%- endfor %}
"""
_CHAT_TEMPLATES = [
    msgspec.Raw(msgspec.json.encode(_CHAT_TEMPLATE * repeats)) for repeats in (6, 14, 30)
]


def year_of(instant: int) -> float:
    """The year of an instant, with its part that has passed."""
    return 1970 + instant / YEAR


def parameters_of(draws: Draws, kind: ModelKind, year: float) -> int:
    """The number of parameters of a model made in a year."""
    power = _SIZE_OF_TOPIC[kind.topic] * math.exp(_SIZE_GROWTH * (_MIDDLE_OF_SIZES - year))
    chance = ((draws.size + 0.5) / (1 << 32)) ** power
    return int(_SIZES[int(chance * _SIZE_PLACES)])


def is_uncounted(role: Role, draws: Draws) -> bool:
    """Tell whether it has safetensors files of which the Hub does not say how many parameters."""
    return draws.coverage >= 65_536 * _COUNTED and role.storage != "gguf"


def _parts(kind: ModelKind, draws: Draws) -> dict[str, float]:
    role = kind.role
    if role.storage is not None:
        return _STORAGE["f4" if role.storage == "fp4" and draws.weights & 1 else role.storage]
    return _MIXTURES[_PLAIN_OF_PERIOD[kind.period][draws.weights >> 8]]


def _count(parts: Mapping[str, float], parameters: int) -> dict[str, int]:
    return {dtype: int(parameters * part) for dtype, part in parts.items()}


def weights_file(kind: ModelKind, draws: Draws, parameters: int) -> Weights:
    """The safetensors file of so many parameters."""
    counts = _count(_parts(kind, draws), parameters)
    tensors: dict[str, Any] = {}
    end = 0
    for dtype, count in counts.items():
        bits = int(re.findall("[0-9]+", dtype)[0])  # F8_E4M3 has 8
        start, end = end, end + (count * bits + 7) // 8
        tensors[f"synthetic.{dtype}"] = {
            "dtype": dtype,
            "shape": [count],
            "data_offsets": [start, end],
        }
    text = msgspec.json.encode(tensors)
    header = len(text).to_bytes(8, "little") + text
    return Weights(header, len(header) + end)


def safetensors_field(kind: ModelKind, draws: Draws, parameters: int) -> dict[str, Any]:
    """The count of a model's parameters, by dtype, as a listing has it; now and then it is odd."""
    quirk = draws.quirk
    if quirk % 700 == 0:  # far outside of what a model can be
        parameters = quirk % 9000 if quirk & 1 else 8 * 10**12 + quirk
    counts = _count(_parts(kind, draws), parameters)
    total = sum(counts.values())
    if quirk % 100 == 1:
        return {"parameters": counts}
    if quirk % 100 == 2:
        return {"total": total}
    if quirk % 200 == 3:  # a value that is written down in the repository
        return {"parameters": counts, "total": 333_312}
    if quirk % 1000 == 4:
        return {"parameters": {}, "total": 0}
    return {"parameters": counts, "total": total}


def gguf_field(draws: Draws, parameters: int) -> dict[str, Any]:
    """The count of a GGUF model's parameters, and its chat template, as a listing has them."""
    gguf: dict[str, Any] = {
        "total": parameters,
        "architecture": "synthetic-decoder",
        "context_length": 1024 << (draws.weights & 7),
    }
    if draws.weights & 24:
        gguf["chat_template"] = _CHAT_TEMPLATES[draws.weights % len(_CHAT_TEMPLATES)]
    gguf["bos_token"], gguf["eos_token"] = "<|begin|>", "<|end|>"
    return gguf
