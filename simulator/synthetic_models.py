"""The models of the synthetic Hub.

The proportions follow what is known of the real Hub in May to October 2026: survivors by year
of creation, tasks by category, quartiles of parameter counts. Those that nobody has counted
(how parents are declared, which dtypes are stored) are plausible, no more.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

from simulator.files import Weights
from simulator.repositories import (
    AWKWARD_TAGS,
    YEAR,
    Calendar,
    Draws,
    Profile,
    Repositories,
    quantiles,
    spread,
    start_of,
)

# Thousands made in each month from March 2022 to 15 October 2026 and still listed.
# fmt: off
_MONTHS = (
    3.4, 3.7, 4.0, 4.4, 4.7, 5.0, 5.4, 5.9, 6.6, 7.5,
    11, 13, 17, 20, 23, 25, 28, 31, 34, 37, 39, 41.9,
    46, 49, 53, 56, 59, 61, 63, 66, 69, 72, 75, 76.1,
    79, 82, 86, 89, 92, 95, 98, 101, 104, 106, 108, 109.6,
    122, 125, 131, 129, 68, 44, 45.5, 54, 75, 37.5,
)
# fmt: on
_STOCK = 50.0  # older ones, whose date of creation the Hub did not keep
_STOCK_INSTANT = start_of(date(2022, 3, 2)) + 23 * 3600 + 29 * 60 + 4
_FEWEST_A_MONTH = 440

# Periods with tables of their own: from one of these days to the next.
_PERIODS = [
    start_of(day)
    for day in (
        date(2023, 1, 1),
        date(2024, 1, 1),
        date(2024, 2, 1),  # 'conversational' is removed
        date(2025, 1, 1),
        date(2025, 7, 1),  # 'text2text-generation' is removed
        date(2026, 1, 1),
    )
]
_YEAR_OF_PERIOD = (2022, 2023, 2024, 2024, 2025, 2025, 2026)
_YEARS = (2022, 2023, 2024, 2025, 2026)

# Intended use: what a repository is for, in percent by year, whether or not it says so.
_TOPICS = {
    "nlp": (69, 61, 66, 64, 62),
    "cv": (8, 13, 16, 16.5, 16.5),
    "rl": (15, 18, 9, 8, 9.5),
    "audio": (6, 5, 4.5, 4.5, 4.5),
    "multimodal": (0.5, 0.9, 2.7, 5, 5.5),
    "tabular": (0.4, 0.3, 0.2, 0.2, 0.2),
    "other": (1.1, 1.8, 1.6, 1.8, 1.8),
}
_STEMS = {
    "nlp": "text",
    "cv": "image",
    "rl": "agent",
    "audio": "audio",
    "multimodal": "multimodal",
    "tabular": "tabular",
    "other": "misc",
}
_SHARE_WITH_TASK = {2022: 0.44, 2023: 0.37, 2024: 0.325, 2025: 0.30, 2026: 0.31}

# Tasks within a use. A third column holds the periods in which a task exists.
_EARLY, _UNTIL_2025H1, _SINCE_2025, _SINCE_2026 = range(0, 3), range(0, 5), range(4, 7), range(6, 7)
_ALWAYS = range(0, 7)
_TASKS: dict[str, tuple[tuple[str, float, range], ...]] = {
    "nlp": (
        ("text-generation", 46, _ALWAYS),
        ("text-classification", 17, _ALWAYS),
        ("token-classification", 6, _ALWAYS),
        ("feature-extraction", 6, _ALWAYS),
        ("sentence-similarity", 5, _ALWAYS),
        ("fill-mask", 4, _ALWAYS),
        ("question-answering", 3, _ALWAYS),
        ("translation", 3, _ALWAYS),
        ("summarization", 2.5, _ALWAYS),
        ("zero-shot-classification", 0.8, _ALWAYS),
        ("table-question-answering", 0.1, _ALWAYS),
        ("multiple-choice", 0.1, _ALWAYS),
        ("text-ranking", 0.9, _SINCE_2025),
        ("conversational", 4, _EARLY),
        ("text2text-generation", 8, _UNTIL_2025H1),
    ),
    "cv": (
        ("text-to-image", 54, _ALWAYS),
        ("image-classification", 25, _ALWAYS),
        ("object-detection", 4, _ALWAYS),
        ("image-segmentation", 3, _ALWAYS),
        ("image-to-image", 3, _ALWAYS),
        ("unconditional-image-generation", 3, _ALWAYS),
        ("image-to-text", 2, _ALWAYS),
        ("text-to-video", 1.5, _ALWAYS),
        ("image-to-video", 1.5, _ALWAYS),
        ("image-feature-extraction", 1, _ALWAYS),
        ("video-classification", 0.8, _ALWAYS),
        ("zero-shot-image-classification", 0.7, _ALWAYS),
        ("depth-estimation", 0.5, _ALWAYS),
        ("image-to-3d", 0.3, _ALWAYS),
    ),
    "rl": (("reinforcement-learning", 75, _ALWAYS), ("robotics", 25, _SINCE_2025)),
    "audio": (
        ("automatic-speech-recognition", 60, _ALWAYS),
        ("text-to-speech", 19, _ALWAYS),
        ("audio-classification", 10, _ALWAYS),
        ("text-to-audio", 7, _ALWAYS),
        ("audio-to-audio", 3, _ALWAYS),
        ("voice-activity-detection", 1, _ALWAYS),
    ),
    "multimodal": (
        ("image-text-to-text", 66, _ALWAYS),
        ("visual-question-answering", 10, _ALWAYS),
        ("document-question-answering", 8, _ALWAYS),
        ("any-to-any", 6, _SINCE_2025),
        ("video-text-to-text", 5, _SINCE_2025),
        ("audio-text-to-text", 4, _SINCE_2025),
        ("image-text-to-video", 1, _SINCE_2026),
    ),
    "tabular": (
        ("tabular-classification", 45, _ALWAYS),
        ("tabular-regression", 30, _ALWAYS),
        ("time-series-forecasting", 25, _ALWAYS),
    ),
    # The last is in no list of the Hub's: somebody made it up.
    "other": (
        ("graph-ml", 50, _ALWAYS),
        ("other", 45, _ALWAYS),
        ("synthetic-new-task", 5, _ALWAYS),
    ),
}


def _uses(period: int) -> list[tuple[str, str | None]]:
    """The table of (use, declared task) of one period."""
    year = _YEAR_OF_PERIOD[period]
    declared = _SHARE_WITH_TASK[year]
    weights: dict[tuple[str, str | None], float] = {}
    for topic, by_year in _TOPICS.items():
        share = by_year[_YEARS.index(year)]
        tasks = [(task, weight) for task, weight, when in _TASKS[topic] if period in when]
        total = sum(weight for _, weight in tasks)
        for task, weight in tasks:
            weights[topic, task] = share * declared * weight / total
        weights[topic, None] = share * (1 - declared)
    return spread(weights, 1 << 14)


_USES = [_uses(period) for period in range(len(_YEAR_OF_PERIOD))]


@dataclass(frozen=True)
class _Role:
    """How a model stands to a parent, and what shows it.

    Attributes:
        shares: percent of the models of 2022, 2023, … 2026.
        relations: what its base_model tags say; '' is a tag with a parent and no relation.
        parents: how many it names; 0 stands for itself.
        tags: other tags that tell how it was made.
        suffix: the end of its name.
        library: in place of the one that its use would have.
        storage: how the weights are stored, a key of ``_STORAGE``; None for plain weights.
        coverage: the share that says how many parameters it has; None for what is usual then.
    """

    shares: tuple[float, float, float, float, float]
    relations: tuple[str, ...] = ()
    parents: int = 1
    tags: tuple[str, ...] = ()
    suffix: str = ""
    library: str | None = None
    storage: str | None = None
    coverage: float | None = None


def _adapter(shares: tuple, relations: tuple, library: str, suffix: str, coverage: float) -> _Role:
    return _Role(
        shares,
        relations,
        tags=("lora",),
        library=library,
        suffix=suffix,
        storage="adapter",
        coverage=coverage,
    )


def _quantised(shares: tuple, suffix: str, storage: str, *tags: str) -> _Role:
    library = "mlx" if storage == "mlx" else None
    return _Role(
        shares,
        ("", "quantized"),
        tags=tags,
        suffix=suffix,
        library=library,
        storage=storage,
        coverage=0.85,
    )


_ROLES = (
    # No parent is known.
    _Role((74, 60, 43, 35, 34)),
    _Role((0.1, 0.3, 0.8, 1, 1), ("",), parents=0),
    _Role((0, 0.1, 0.4, 0.6, 0.8), tags=("moe",), suffix="-8x7b"),
    _Role((0, 0, 0.1, 0.4, 0.7), tags=("synthetic-moe",), suffix="-30b-a3b"),
    _Role((0, 0, 0.1, 0.2, 0.3), tags=("8-bit", "compressed-tensors"), storage="fp4"),
    # A parent is declared.
    _Role((0.8, 2, 10, 15, 16), ("", "finetune")),
    _Role((0.4, 0.8, 2, 2, 2), ("",)),
    _Role((0, 0.8, 3.5, 2, 1.5), ("", "merge"), parents=2, tags=("mergekit", "merge")),
    _adapter((0.1, 1.5, 9, 11, 9), ("", "adapter"), "peft", "", 0.25),
    _adapter((0.1, 0.5, 3, 4, 4), ("", "adapter"), "diffusers", "-lora", 0.02),
    _quantised((0, 0.5, 6, 9, 10), "-GGUF", "gguf", "gguf"),
    _quantised((0, 0.5, 1, 0.6, 0.5), "-AWQ", "int4", "4-bit", "awq"),
    _quantised((0, 0.4, 0.6, 0.4, 0.3), "-GPTQ-Int4", "int4", "4-bit", "gptq"),
    _quantised((0, 0.1, 0.8, 0.7, 0.6), "-bnb-4bit", "nf4", "4-bit", "bitsandbytes"),
    _quantised((0, 0, 0.7, 1.6, 2), "-4bit", "mlx", "mlx", "4-bit"),
    _quantised((0, 0, 0.3, 0.6, 0.8), "-FP8", "fp8", "8-bit"),
    _quantised((0, 0, 0.1, 0.2, 0.2), "-w8a8", "int8", "8-bit"),
    _quantised((0, 0, 0, 0.2, 0.6), "-NVFP4", "fp4", "8-bit"),
    # A parent is not declared, but shows in a tag …
    _Role((13, 14, 6, 4, 3.5), tags=("generated_from_trainer",)),
    _Role((0, 0.5, 1.5, 2, 2), tags=("trl", "sft")),
    _Role((0, 0.6, 0.5, 0.2, 0.2), tags=("merge",)),
    _Role((0, 1, 1, 0.6, 0.5), tags=("gguf",), storage="gguf", coverage=0.85),
    _adapter((0.1, 3, 2.5, 2, 2), (), "peft", "", 0.25),
    # … or in the name alone.
    _Role((0, 1, 0.7, 0.4, 0.4), suffix="-gguf"),
    _Role((0, 0.3, 0.3, 0.2, 0.2), suffix="-4bit"),
    _Role((4, 3, 1.5, 1, 1), suffix="-finetuned"),
    # Packed weights show in the name, a parent does not.
    _Role((0, 0.1, 0.2, 0.2, 0.2), suffix="-6bit"),
)
_ROLES_OF_PERIOD = [
    spread({role: role.shares[_YEARS.index(year)] for role in _ROLES}) for year in _YEAR_OF_PERIOD
]

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
    for shares in map(_PLAIN_OF_YEAR.__getitem__, _YEAR_OF_PERIOD)
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

_LIBRARIES = {
    "nlp": spread({"transformers": 68, "sentence-transformers": 7, "flair": 1, None: 24}, 256),
    "cv": spread({"diffusers": 50, "transformers": 20, "timm": 6, "ultralytics": 3, None: 21}, 256),
    "rl": spread({"stable-baselines3": 45, "ml-agents": 20, "lerobot": 15, None: 20}, 256),
    "audio": spread({"transformers": 70, "espnet": 4, "nemo": 4, None: 22}, 256),
    "multimodal": spread({"transformers": 85, None: 15}, 256),
    "tabular": spread({"sklearn": 60, None: 40}, 256),
    "other": spread({"transformers": 30, "pytorch": 20, None: 50}, 256),
}
_ARCHITECTURES = {
    "nlp": ("synthetic-decoder", "synthetic-decoder", "synthetic-encoder", "synthetic-seq2seq"),
    "cv": ("synthetic-diffusion", "synthetic-patch-encoder"),
    "rl": ("synthetic-policy",),
    "audio": ("synthetic-speech-encoder",),
    "multimodal": ("synthetic-vision-decoder",),
    "tabular": ("synthetic-trees",),
    "other": ("synthetic-graph",),
}
_FILES = spread(
    {(): 6, ("pytorch",): 4, ("pytorch", "tensorboard"): 3, ("tensorboard",): 2, ("onnx",): 1}, 16
)
_SERVING = (
    ("endpoints_compatible",),
    ("autotrain_compatible", "endpoints_compatible"),
    ("autotrain_compatible", "text-generation-inference", "endpoints_compatible"),
    ("autotrain_compatible", "endpoints_compatible", "deploy:azure"),
)
_LICENCES = spread(
    {
        None: 55,
        "apache-2.0": 20,
        "mit": 9,
        "other": 5,
        "cc-by-nc-4.0": 3,
        "creativeml-openrail-m": 2.5,
        "openrail": 2,
        "cc-by-4.0": 1,
        "afl-3.0": 0.7,
        "gpl-3.0": 0.6,
        "unknown": 0.6,
        "bsd-3-clause": 0.3,
        "cc-by-sa-4.0": 0.3,
    },
    1024,
)
_LANGUAGES = spread(
    {
        (): 66,
        ("en",): 22,
        ("zh",): 1.6,
        ("en", "zh"): 1.5,
        ("ko",): 0.9,
        ("ja",): 0.8,
        ("fr",): 0.6,
        ("de",): 0.6,
        ("es",): 0.6,
        ("ru",): 0.6,
        ("ar",): 0.5,
        ("multilingual",): 0.4,
        ("en", "fr", "de", "es", "it", "pt", "nl", "ru", "zh", "ja", "ko", "ar", "hi"): 1.2,
        ("code",): 0.5,
        ("vi",): 0.3,
        ("id",): 0.3,
    },
    1024,
)


class Models(Repositories):
    """The models; see ``Repositories``."""

    noun = "model"

    def __init__(self, size: int, *, seed: int, as_of: date) -> None:
        calendar = Calendar(
            size,
            stock=_STOCK,
            stock_instants=[_STOCK_INSTANT],
            months=_MONTHS,
            fewest=_FEWEST_A_MONTH,
        )
        self._parent_name = lru_cache(maxsize=8192)(self.name)
        super().__init__(size, calendar, seed=seed, as_of=as_of)

    def profile(self, draws: Draws, created: int) -> Profile:
        period = bisect_right(_PERIODS, created)
        topic, task = _USES[period][draws.topic >> 2]
        role = _ROLES_OF_PERIOD[period][draws.role >> 4]
        bulk_publisher = None
        if draws.suffix < _BULK_SHARE:
            for start, end, publisher in _BULK_UPLOADS:
                if start <= created < end:
                    bulk_publisher = publisher
        return Profile(_STEMS[topic], role.suffix, bulk_publisher, (period, topic, task, role))

    def listed_fields(
        self, position: int, draws: Draws, created: int, profile: Profile, name: str
    ) -> dict[str, Any]:
        period, topic, task, role = profile.details
        fields: dict[str, Any] = {}
        if task is not None:
            fields["pipeline_tag"] = task
        library = _library(role, draws, topic)
        if library is not None:
            fields["library_name"] = library
        year = _year(created)
        covered = role.coverage if role.coverage is not None else 0.17 + 0.065 * (year - 2022.2)
        is_covered = draws.coverage < 65_536 * covered
        has_safetensors = is_covered and role.storage != "gguf"
        if is_covered:
            parameters = _parameters(draws, topic, year)
            if has_safetensors:
                fields["safetensors"] = _safetensors(role, draws, period, parameters)
            else:
                fields["gguf"] = _gguf(draws, parameters)
        fields["tags"] = self._tags(
            position,
            draws,
            name,
            role,
            library,
            topic,
            task,
            has_safetensors or _is_uncounted(role, draws),
        )
        return fields

    def file(self, position: int, name: str) -> Weights | None:
        """The weights of a model that is uncounted, if they lie where they are looked for."""
        draws = self._draws(position)
        created = self._created(position, draws)
        period, topic, _, role = self.profile(draws, created).details
        is_elsewhere = _library(role, draws, topic) in ("diffusers", "peft")
        if name != "model.safetensors" or is_elsewhere or not _is_uncounted(role, draws):
            return None
        parameters = _parameters(draws, topic, _year(created))
        return _weights(_count(_parts(role, draws, period), parameters))

    def separate_fields(self, draws: Draws, created: int, profile: Profile) -> dict[str, Any]:
        _, topic, _, _ = profile.details
        return {
            "usedStorage": 2 * _parameters(draws, topic, _year(created)) + draws.detail,
            "spaces": [
                f"synthetic-org-{n:04}/space-{draws.detail + n:06}"
                for n in range(draws.detail // 6000 - 6)
            ],
        }

    def _tags(
        self,
        position: int,
        draws: Draws,
        name: str,
        role: _Role,
        library: str | None,
        topic: str,
        task: str | None,
        has_safetensors: bool,
    ) -> list[str]:
        tags = [] if library is None else [library]
        extra = draws.extra
        tags += _FILES[extra & 15]
        if has_safetensors:
            tags.append("safetensors")
        if library is not None:
            architectures = _ARCHITECTURES[topic]
            tags.append(architectures[extra % len(architectures)])
        if task is not None:
            tags.append(task)
        tags += role.tags
        if task == "text-generation" and extra & 1:
            tags.append("conversational")
        if extra & 0x180 == 0:
            tags += (f"synthetic-topic-{draws.more % 5000}", f"synthetic-trait-{extra % 300}")
        tags += _LANGUAGES[draws.language >> 6]
        if extra & 0x1C00 == 0:
            tags.append(f"dataset:synthetic-org-{draws.more % 900:04}/text-dataset-{extra:06}")
        if extra & 0xE000 == 0:
            tags.append(f"arxiv:0000.{draws.more:05}")
        for parent in self._parents(position, draws, name, role):
            for relation in role.relations:
                tags.append(
                    f"base_model:{relation}:{parent}" if relation else f"base_model:{parent}"
                )
        licence = _LICENCES[draws.licence >> 6]
        if licence is not None:
            tags.append(f"license:{licence}")
        if draws.quirk % 331 == 0:
            tags.append(AWKWARD_TAGS[draws.more % len(AWKWARD_TAGS)])
        if library == "transformers":
            tags += _SERVING[draws.detail & 3]
        tags.append("region:us")
        return tags

    def _parents(self, position: int, draws: Draws, name: str, role: _Role) -> list[str]:
        if not role.relations or position < 2048:
            return []
        if not role.parents:
            return [name]
        # Most take one of few popular parents; those that stay listed are multiples of 1,024.
        back = position * (draws.link / (1 << 32)) ** 2 / 2
        parents = []
        for n in range(role.parents):
            parent = max(position - 1 - int(back) - 1024 * n, 0)
            parents.append(self._parent_name(parent & ~1023 if draws.more & 7 else parent))
        return parents


# Now and then one publisher uploads a third of a month's models.
_BULK_SHARE = 65_536 // 3
_BULK_UPLOADS = [
    (start_of(date(2023, 2, 1)), start_of(date(2023, 3, 1)), "synthetic-bulk-0001"),
    (start_of(date(2024, 6, 1)), start_of(date(2024, 7, 1)), "synthetic-bulk-0002"),
    (start_of(date(2025, 11, 1)), start_of(date(2025, 12, 1)), "synthetic-bulk-0003"),
]


def _year(instant: int) -> float:
    return 1970 + instant / YEAR


def _parameters(draws: Draws, topic: str, year: float) -> int:
    power = _SIZE_OF_TOPIC[topic] * math.exp(_SIZE_GROWTH * (_MIDDLE_OF_SIZES - year))
    chance = ((draws.size + 0.5) / (1 << 32)) ** power
    return int(_SIZES[int(chance * _SIZE_PLACES)])


def _library(role: _Role, draws: Draws, topic: str) -> str | None:
    return role.library or _LIBRARIES[topic][draws.library & 255]


def _is_uncounted(role: _Role, draws: Draws) -> bool:
    """Whether it has safetensors files of which the Hub does not say how many parameters."""
    return draws.coverage >= 65_536 * _COUNTED and role.storage != "gguf"


def _parts(role: _Role, draws: Draws, period: int) -> dict[str, float]:
    if role.storage is not None:
        return _STORAGE["f4" if role.storage == "fp4" and draws.weights & 1 else role.storage]
    return _MIXTURES[_PLAIN_OF_PERIOD[period][draws.weights >> 8]]


def _count(parts: Mapping[str, float], parameters: int) -> dict[str, int]:
    return {dtype: int(parameters * part) for dtype, part in parts.items()}


def _weights(counts: Mapping[str, int]) -> Weights:
    tensors: dict[str, Any] = {}
    end = 0
    for dtype, count in counts.items():
        bits = int(re.search("[0-9]+", dtype)[0])  # F8_E4M3 has 8
        start, end = end, end + (count * bits + 7) // 8
        tensors[f"synthetic.{dtype}"] = {
            "dtype": dtype,
            "shape": [count],
            "data_offsets": [start, end],
        }
    text = msgspec.json.encode(tensors)
    header = len(text).to_bytes(8, "little") + text
    return Weights(header, len(header) + end)


def _safetensors(role: _Role, draws: Draws, period: int, parameters: int) -> dict[str, Any]:
    quirk = draws.quirk
    if quirk % 700 == 0:  # far outside of what a model can be
        parameters = quirk % 9000 if quirk & 1 else 8 * 10**12 + quirk
    counts = _count(_parts(role, draws, period), parameters)
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


def _gguf(draws: Draws, parameters: int) -> dict[str, Any]:
    gguf = {
        "total": parameters,
        "architecture": "synthetic-decoder",
        "context_length": 1024 << (draws.weights & 7),
    }
    if draws.weights & 24:
        gguf["chat_template"] = _CHAT_TEMPLATES[draws.weights % len(_CHAT_TEMPLATES)]
    gguf["bos_token"], gguf["eos_token"] = "<|begin|>", "<|end|>"
    return gguf
