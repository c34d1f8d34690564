"""The models of the synthetic Hub.

The proportions follow what is known of the real Hub in May to October 2026: survivors by year
of creation, tasks by category, quartiles of parameter counts. Those that nobody has counted
(how parents are declared, which dtypes are stored) are plausible, no more.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from simulator.files import Weights
from simulator.synthetic.calendar import Calendar, start_of
from simulator.synthetic.chances import Draws, spread
from simulator.synthetic.model_kinds import STEMS, ModelKind, Role, kind_of
from simulator.synthetic.model_weights import (
    gguf_field,
    is_uncounted,
    parameters_of,
    safetensors_field,
    weights_file,
    year_of,
)
from simulator.synthetic.repositories import AWKWARD_TAGS, Profile, Repositories

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
        # A power of two, so that a small Hub has some popular parents, too.
        self._between_parents = 1 << min(10, max(size // 40, 1).bit_length() - 1)
        super().__init__(size, calendar, seed=seed, as_of=as_of)

    def profile(self, draws: Draws, created: int) -> Profile:
        kind = kind_of(draws, created)
        bulk_publisher = None
        if draws.suffix < _BULK_SHARE:
            for start, end, publisher in _BULK_UPLOADS:
                if start <= created < end:
                    bulk_publisher = publisher
        return Profile(STEMS[kind.topic], kind.role.suffix, bulk_publisher, kind)

    def listed_fields(
        self, position: int, draws: Draws, created: int, profile: Profile, name: str
    ) -> dict[str, Any]:
        kind: ModelKind = profile.details
        role = kind.role
        fields: dict[str, Any] = {}
        if kind.task is not None:
            fields["pipeline_tag"] = kind.task
        library = _library(kind, draws)
        if library is not None:
            fields["library_name"] = library
        year = year_of(created)
        covered = role.coverage if role.coverage is not None else 0.17 + 0.065 * (year - 2022.2)
        is_covered = draws.coverage < 65_536 * covered
        has_safetensors = is_covered and role.storage != "gguf"
        if is_covered:
            parameters = parameters_of(draws, kind, year)
            if has_safetensors:
                fields["safetensors"] = safetensors_field(kind, draws, parameters)
            else:
                fields["gguf"] = gguf_field(draws, parameters)
        fields["tags"] = [
            *_making_tags(draws, kind, library, has_safetensors or is_uncounted(role, draws)),
            *_content_tags(draws),
            *self._parent_tags(position, draws, name, role),
            *_terms_tags(draws, library),
        ]
        return fields

    def file(self, position: int, name: str) -> Weights | None:
        """The weights of a model that is uncounted, if they lie where they are looked for."""
        draws = self._draws(position)
        created = self._created(position, draws)
        kind = kind_of(draws, created)
        is_elsewhere = _library(kind, draws) in ("diffusers", "peft")
        if name != "model.safetensors" or is_elsewhere or not is_uncounted(kind.role, draws):
            return None
        return weights_file(kind, draws, parameters_of(draws, kind, year_of(created)))

    def separate_fields(self, draws: Draws, created: int, profile: Profile) -> dict[str, Any]:
        parameters = parameters_of(draws, profile.details, year_of(created))
        return {
            "usedStorage": 2 * parameters + draws.detail,
            "spaces": [
                f"synthetic-org-{n:04}/space-{draws.detail + n:06}"
                for n in range(draws.detail // 6000 - 6)
            ],
        }

    def _parent_tags(self, position: int, draws: Draws, name: str, role: Role) -> list[str]:
        return [
            f"base_model:{relation}:{parent}" if relation else f"base_model:{parent}"
            for parent in self._parents(position, draws, name, role)
            for relation in role.relations
        ]

    def _parents(self, position: int, draws: Draws, name: str, role: Role) -> list[str]:
        apart = self._between_parents
        if not role.relations or position < 2 * apart:
            return []
        if not role.parents:
            return [name]
        # Most take one of few popular parents, which are this far apart.
        back = position * (draws.link / (1 << 32)) ** 2 / 2
        parents = []
        for n in range(role.parents):
            parent = max(position - 1 - int(back) - apart * n, 0)
            parents.append(self._parent_name(parent & -apart if draws.more & 7 else parent))
        return parents


# Now and then one publisher uploads a third of a month's models.
_BULK_SHARE = 65_536 // 3
_BULK_UPLOADS = [
    (start_of(date(2023, 2, 1)), start_of(date(2023, 3, 1)), "synthetic-bulk-0001"),
    (start_of(date(2024, 6, 1)), start_of(date(2024, 7, 1)), "synthetic-bulk-0002"),
    (start_of(date(2025, 11, 1)), start_of(date(2025, 12, 1)), "synthetic-bulk-0003"),
]


def _library(kind: ModelKind, draws: Draws) -> str | None:
    return kind.role.library or _LIBRARIES[kind.topic][draws.library & 255]


def _making_tags(
    draws: Draws, kind: ModelKind, library: str | None, has_safetensors: bool
) -> list[str]:
    """The tags that say what the model was made with, for what and how."""
    tags = [] if library is None else [library]
    tags += _FILES[draws.extra & 15]
    if has_safetensors:
        tags.append("safetensors")
    if library is not None:
        architectures = _ARCHITECTURES[kind.topic]
        tags.append(architectures[draws.extra % len(architectures)])
    if kind.task is not None:
        tags.append(kind.task)
    tags += kind.role.tags
    if kind.task == "text-generation" and draws.extra & 1:
        tags.append("conversational")
    return tags


def _content_tags(draws: Draws) -> list[str]:
    """The tags that say what the model is about."""
    extra = draws.extra
    tags: list[str] = []
    if extra & 0x180 == 0:
        tags += (f"synthetic-topic-{draws.more % 5000}", f"synthetic-trait-{extra % 300}")
    tags += _LANGUAGES[draws.language >> 6]
    if extra & 0x1C00 == 0:
        tags.append(f"dataset:synthetic-org-{draws.more % 900:04}/text-dataset-{extra:06}")
    if extra & 0xE000 == 0:
        tags.append(f"arxiv:0000.{draws.more:05}")
    return tags


def _terms_tags(draws: Draws, library: str | None) -> list[str]:
    """The tags that say on which terms, and where, the model can be used."""
    tags: list[str] = []
    licence = _LICENCES[draws.licence >> 6]
    if licence is not None:
        tags.append(f"license:{licence}")
    if draws.quirk % 331 == 0:
        tags.append(AWKWARD_TAGS[draws.more % len(AWKWARD_TAGS)])
    if library == "transformers":
        tags += _SERVING[draws.detail & 3]
    tags.append("region:us")
    return tags
