"""The kinds of models that a synthetic Hub has: what they are for, and how they were made."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from simulator.synthetic.calendar import start_of
from simulator.synthetic.chances import Draws, spread

# Periods with tables of their own: from one of these days to the next.
PERIODS = [
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
YEAR_OF_PERIOD = (2022, 2023, 2024, 2024, 2025, 2025, 2026)
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
STEMS = {
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
    year = YEAR_OF_PERIOD[period]
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


_USES = [_uses(period) for period in range(len(YEAR_OF_PERIOD))]


Shares = tuple[float, float, float, float, float]


@dataclass(frozen=True)
class Role:
    """A relation of models to their parents, and what shows it.

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

    shares: Shares
    relations: tuple[str, ...] = ()
    parents: int = 1
    tags: tuple[str, ...] = ()
    suffix: str = ""
    library: str | None = None
    storage: str | None = None
    coverage: float | None = None


def _adapter(
    shares: Shares, relations: tuple[str, ...], library: str, suffix: str, coverage: float
) -> Role:
    return Role(
        shares,
        relations,
        tags=("lora",),
        library=library,
        suffix=suffix,
        storage="adapter",
        coverage=coverage,
    )


def _quantised(shares: Shares, suffix: str, storage: str, *tags: str) -> Role:
    library = "mlx" if storage == "mlx" else None
    return Role(
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
    Role((74, 60, 43, 35, 34)),
    Role((0.1, 0.3, 0.8, 1, 1), ("",), parents=0),
    Role((0, 0.1, 0.4, 0.6, 0.8), tags=("moe",), suffix="-8x7b"),
    Role((0, 0, 0.1, 0.4, 0.7), tags=("synthetic-moe",), suffix="-30b-a3b"),
    Role((0, 0, 0.1, 0.2, 0.3), tags=("8-bit", "compressed-tensors"), storage="fp4"),
    # A parent is declared.
    Role((0.8, 2, 10, 15, 16), ("", "finetune")),
    Role((0.4, 0.8, 2, 2, 2), ("",)),
    Role((0, 0.8, 3.5, 2, 1.5), ("", "merge"), parents=2, tags=("mergekit", "merge")),
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
    Role((13, 14, 6, 4, 3.5), tags=("generated_from_trainer",)),
    Role((0, 0.5, 1.5, 2, 2), tags=("trl", "sft")),
    Role((0, 0.6, 0.5, 0.2, 0.2), tags=("merge",)),
    Role((0, 1, 1, 0.6, 0.5), tags=("gguf",), storage="gguf", coverage=0.85),
    _adapter((0.1, 3, 2.5, 2, 2), (), "peft", "", 0.25),
    # … or in the name alone.
    Role((0, 1, 0.7, 0.4, 0.4), suffix="-gguf"),
    Role((0, 0.3, 0.3, 0.2, 0.2), suffix="-4bit"),
    Role((4, 3, 1.5, 1, 1), suffix="-finetuned"),
    # Packed weights show in the name, a parent does not.
    Role((0, 0.1, 0.2, 0.2, 0.2), suffix="-6bit"),
)
_ROLES_OF_PERIOD = [
    spread({role: role.shares[_YEARS.index(year)] for role in _ROLES}) for year in YEAR_OF_PERIOD
]


class ModelKind(NamedTuple):
    """The kind of one model.

    Attributes:
        period: the place of its time of creation among those of ``PERIODS``.
        topic: what it is for, such as ``nlp``.
        task: what it declares, such as ``text-generation``; None for nothing.
        role: how it stands to a parent.
    """

    period: int
    topic: str
    task: str | None
    role: Role


def kind_of(draws: Draws, created: int) -> ModelKind:
    """Look up the kind of the model that was made at an instant."""
    period = bisect_right(PERIODS, created)
    topic, task = _USES[period][draws.topic >> 2]
    return ModelKind(period, topic, task, _ROLES_OF_PERIOD[period][draws.role >> 4])
