"""The datasets of the synthetic Hub."""

from datetime import date
from typing import Any

from simulator.synthetic.calendar import Calendar, start_of
from simulator.synthetic.chances import Draws, spread
from simulator.synthetic.repositories import AWKWARD_TAGS, Profile, Repositories

# Thousands made in each month from March 2022 to 15 October 2026, after the Hub's totals.
# fmt: off
_MONTHS = (
    1.2, 1.3, 1.4, 1.4, 1.5, 1.6, 1.6, 1.7, 1.7, 1.8,
    3, 4, 4.5, 5, 5, 5.5, 5.5, 6, 6.5, 7, 7.5, 7.5,
    9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 21, 22,
    23, 25, 27, 28, 30, 33, 36, 39, 42, 44, 46, 47,
    48, 46, 50, 50, 50, 52, 48, 36, 33, 17,
)
# fmt: on
_STOCK = 3.0
_STOCK_INSTANTS = [start_of(date(2022, 3, 2)) + 23 * 3600 + 29 * 60 + s for s in (4, 22)]
_ROBOTICS_SINCE = start_of(date(2025, 1, 1))

# What owners write for the languages of a dataset, per 10,000: one code, in any spelling …
_ONE_LANGUAGE = {
    "en": 757, "eng": 19, "EN": 1, "en-US": 2, "zh": 61, "zh-CN": 3, "zh-Hant": 1, "zh_TW": 1,
    "fr": 56, "fra": 103, "es": 33, "ru": 30, "de": 27, "ja": 26, "jp": 1, "ar": 24, "ko": 22,
    "pt": 18, "pt-BR": 4, "vi": 15, "hi": 12, "it": 12, "tr": 10, "id": 6, "in": 1, "pl": 7,
    "th": 6, "fa": 6, "uk": 5, "bn": 5, "sw": 4, "he": 2, "iw": 1, "nb": 2, "no": 2, "yue": 1,
    "code": 24, "multilingual": 5, "mul": 2, "und": 1, "unknown": 2, "xsy": 1, "synthetic": 1,
}  # fmt: skip
# … or several.
# fmt: off
_MANY = (
    "en", "zh", "fr", "de", "es", "ru", "ja", "ar", "ko", "pt", "vi", "hi",
    "it", "tr", "id", "pl", "nl", "sv", "cs", "ro", "hu", "fi", "da", "el",
    "he", "uk", "fa", "th", "ta", "te", "bn", "ur", "mr", "gu", "kn", "ml",
    "pa", "ne", "si", "my", "km", "lo", "ka", "hy", "az", "kk", "uz", "tg",
)
# fmt: on
_SOME_LANGUAGES = {
    ("en", "zh"): 3.4,
    ("en", "code"): 6,
    ("en", "de"): 4,
    ("en", "fr"): 4,
    ("en", "hi"): 4,
    ("fr", "fra"): 1,
    ("de", "en", "es", "fr", "it"): 5,
    ("en", "xsy"): 1,
    _MANY[:12]: 4,
    _MANY: 5,
}
_LANGUAGES = spread(
    {
        (): 5200,
        **{(code,): weight for code, weight in _ONE_LANGUAGE.items()},
        **_SOME_LANGUAGES,
    },
    1 << 14,
)

_TASKS = {
    (): 58,
    ("text-generation",): 11,
    ("question-answering",): 4,
    ("text-classification",): 5,
    ("text-generation", "question-answering"): 3,
    ("image-classification",): 2.5,
    ("automatic-speech-recognition",): 2.5,
    ("text-generation", "summarization", "text-classification"): 1,
    ("translation",): 1.5,
    ("token-classification",): 1,
    ("visual-question-answering",): 1,
    ("image-text-to-text",): 1,
    ("object-detection",): 0.8,
    ("text-to-image",): 0.8,
    ("reinforcement-learning",): 0.6,
    ("text-to-speech",): 0.6,
    ("tabular-classification",): 0.5,
    ("time-series-forecasting",): 0.3,
    ("conversational",): 0.4,
    ("text2text-generation",): 0.5,
    ("conversational", "text-generation"): 0.2,
    ("other",): 0.3,
    ("synthetic-new-task",): 0.1,
}
_TASKS_BEFORE_2025 = spread(_TASKS)
_TASKS_SINCE_2025 = spread({**_TASKS, ("robotics",): 14})

_LICENCES = spread(
    {
        None: 62,
        "apache-2.0": 13,
        "mit": 10,
        "cc-by-4.0": 4,
        "other": 2.5,
        "cc-by-nc-4.0": 2,
        "cc-by-sa-4.0": 1.5,
        "openrail": 1,
        "unknown": 1,
        "cc0-1.0": 1,
        "odc-by": 0.6,
        "gpl-3.0": 0.4,
        "cc-by-nc-sa-4.0": 1,
    },
    1024,
)
_SIZES = spread(
    {
        None: 20,
        "n<1K": 28,
        "1K<n<10K": 22,
        "10K<n<100K": 15,
        "100K<n<1M": 9,
        "1M<n<10M": 4,
        "10M<n<100M": 1.2,
        "100M<n<1B": 0.3,
        "n>1T": 0.1,
    },
    1024,
)
_FORMATS = spread(
    {
        (): 22,
        ("format:parquet", "modality:text", "library:datasets", "library:pandas"): 38,
        ("format:json", "modality:text", "library:datasets", "library:dask"): 18,
        ("format:csv", "modality:tabular", "modality:text", "library:pandas"): 9,
        ("format:imagefolder", "modality:image", "library:datasets"): 6,
        ("format:audiofolder", "modality:audio", "library:datasets"): 2,
        ("format:webdataset", "modality:image", "modality:text", "library:webdataset"): 2,
        ("format:text", "modality:text", "library:datasets"): 3,
    },
    256,
)


_STEMS = ("text", "text", "text", "text", "image", "audio", "tabular", "misc")


class Datasets(Repositories):
    """The datasets; see ``Repositories``."""

    noun = "dataset"

    def __init__(self, size: int, *, seed: int, as_of: date) -> None:
        calendar = Calendar(size, stock=_STOCK, stock_instants=_STOCK_INSTANTS, months=_MONTHS)
        super().__init__(size, calendar, seed=seed, as_of=as_of)

    def profile(self, draws: Draws, created: int) -> Profile:
        return Profile(_STEMS[draws.topic & 7])

    def listed_fields(
        self, position: int, draws: Draws, created: int, profile: Profile, name: str
    ) -> dict[str, Any]:
        tasks = _TASKS_SINCE_2025 if created >= _ROBOTICS_SINCE else _TASKS_BEFORE_2025
        chosen = tasks[draws.role >> 4]
        tags = [f"task_categories:{task}" for task in chosen]
        if chosen and draws.extra & 7 == 0:
            tags.append("task_ids:synthetic-subtask")
        languages = _LANGUAGES[draws.language >> 2]
        if len(languages) > 1 and draws.extra & 48 == 0:
            tags.append("multilinguality:multilingual")
        tags += [f"language:{code}" for code in languages]
        licence = _LICENCES[draws.licence >> 6]
        if licence is not None:
            tags.append(f"license:{licence}")
        size = _SIZES[draws.size >> 22]
        if size is not None:
            tags.append(f"size_categories:{size}")
        tags += _FORMATS[draws.weights & 255]
        if draws.extra & 0x700 == 0:
            tags.append(f"arxiv:0000.{draws.more:05}")
        tags.append("region:us")
        if draws.quirk % 331 == 0:
            tags.append(AWKWARD_TAGS[draws.more % len(AWKWARD_TAGS)])
        return {"tags": tags}

    def separate_fields(self, draws: Draws, created: int, profile: Profile) -> dict[str, Any]:
        return {"usedStorage": draws.size}
