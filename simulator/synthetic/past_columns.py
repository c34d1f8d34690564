"""The columns of an archive's files, as the weekly archives of the Hub have them.

Absent fields are null. Of the number formats, a file has those that occur in it.
"""

from collections import defaultdict
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.synthetic.life import Life
from simulator.synthetic.lives import Counts, Flags, Lives

_TIME = pa.timestamp("us", tz="UTC")
_encode = msgspec.json.encode


class PastColumns:
    """The columns of one kind; those that do not change are made once."""

    def __init__(self, kind: str, lives: Lives) -> None:
        self._lives = lives
        fixed = _columns_of_models if kind == "models" else _columns_of_datasets
        self._fixed = {**_columns_of_both(lives.each), **fixed(lives.each)}
        all_names = [life.names for life in lives.each]
        # First those of before a renaming, then, as many places further on, those of after it.
        names = [one.name_before for one in all_names] + [one.name for one in all_names]
        publishers = [one.publisher_before for one in all_names]
        publishers += [one.publisher for one in all_names]
        self._names = pa.array(names, pa.string())
        self._publishers = pa.array(publishers, pa.string())

    def table(
        self, is_in: Flags, instant: int, downloads: Counts, all_time: Counts | None
    ) -> pa.Table:
        """Make the table of a file.

        Args:
            is_in: which repositories it lists.
            instant: of the listing.
            downloads: the counters of 30 days that it shows.
            all_time: those of all time; None for a file without that column.
        """
        lives = self._lives
        at = np.flatnonzero(is_in)
        named = at + len(lives.each) * lives.is_renamed(instant)[at]
        fixed = {name: column.take(at) for name, column in self._fixed.items()}
        columns = {
            "_id": fixed.pop("_id"),
            "id": self._names.take(named),
            "author": self._publishers.take(named),
            "createdAt": fixed.pop("createdAt"),
            "lastModified": pa.array(lives.modified(instant)[at] * 1_000_000).cast(_TIME),
            "downloads": pa.array(downloads[at]),
            "likes": pa.array(lives.likes(instant)[at]),
            **fixed,
        }
        if all_time is not None:
            columns["downloadsAllTime"] = pa.array(all_time[at])
        if "safetensors" in columns:
            columns["safetensors"] = _without_empty_formats(columns["safetensors"])
        return pa.table(columns)


def _columns_of_both(each: list[Life]) -> dict[str, pa.Array]:
    scores = [float(life.fields["trendingScore"]) for life in each]
    created = [life.created * 1_000_000 if life.is_dated else None for life in each]
    return {
        "_id": pa.array([life.hub_id for life in each], pa.string()),
        "createdAt": pa.array(created, pa.int64()).cast(_TIME),
        "trendingScore": pa.array(scores, pa.float64()),
        "tags": pa.array([life.fields["tags"] for life in each], pa.list_(pa.string())),
        "cardData": pa.array([_card(life.fields["tags"]) for life in each], pa.string()),
    }


def _columns_of_models(each: list[Life]) -> dict[str, pa.Array]:
    fields = [life.fields for life in each]
    return {
        "safetensors": _safetensors([one.get("safetensors") for one in fields]),
        "gguf": pa.array([_gguf(one.get("gguf")) for one in fields], pa.string()),
        "baseModels": _base_models(each),
        "pipeline_tag": pa.array([one.get("pipeline_tag") for one in fields], pa.string()),
        "library_name": pa.array([one.get("library_name") for one in fields], pa.string()),
    }


def _columns_of_datasets(each: list[Life]) -> dict[str, pa.Array]:
    fields = [life.fields for life in each]
    gated = [one.get("gated") for one in fields]
    as_text = {None: None, False: "false", True: "true"}
    return {
        "gated": pa.array([as_text.get(value, value) for value in gated], pa.string()),
        "disabled": pa.array([one.get("disabled") for one in fields], pa.bool_()),
        "private": pa.array([one["private"] for one in fields], pa.bool_()),
        "mainSize": pa.nulls(len(each), pa.float64()),
    }


def _card(tags: list[str]) -> str | None:
    """The head of a README, as far as its tags tell it."""
    found = defaultdict(list)
    for tag in tags:
        key, _, value = tag.partition(":")
        if value and (key in ("license", "language") or (key == "base_model" and ":" not in value)):
            found[key].append(value)
    return _encode(found).decode() if found else None


def _gguf(field: dict[str, Any] | None) -> str | None:
    """The JSON text of a GGUF file's head; without the template, which nobody reads here."""
    if field is None:
        return None
    return _encode({key: field[key] for key in field if key != "chat_template"}).decode()


def _safetensors(fields: list[dict[str, Any] | None]) -> pa.Array:
    counts = [field.get("parameters") if field else None for field in fields]
    # A struct without a field is none that parquet knows.
    names = sorted({name for count in counts if count for name in count}) or ["F32"]
    formats = [
        pa.array([count.get(name) if count else None for count in counts], pa.int64())
        for name in names
    ]
    parameters = pa.StructArray.from_arrays(formats, names, mask=_mask(counts))
    total = pa.array([field.get("total") if field else None for field in fields], pa.int64())
    return pa.StructArray.from_arrays(
        [parameters, total],
        ["parameters", "total"],
        mask=_mask(fields),
    )


def _mask(values: list[Any]) -> pa.Array:
    """Mark what is absent."""
    return pa.array([value is None for value in values], pa.bool_())


def _without_empty_formats(safetensors: pa.StructArray) -> pa.StructArray:
    parameters, total = (safetensors.field(name) for name in ("parameters", "total"))
    formats = {
        one.name: parameters.field(one.name)
        for one in parameters.type
        if parameters.field(one.name).null_count < len(parameters)
    } or {parameters.type[0].name: parameters.field(0)}
    few = pa.StructArray.from_arrays(
        list(formats.values()), list(formats), mask=pc.is_null(parameters)
    )
    return pa.StructArray.from_arrays(
        [few, total], ["parameters", "total"], mask=pc.is_null(safetensors)
    )


def _base_models(each: list[Life]) -> pa.Array:
    ids = {life.names.name: life.hub_id for life in each}
    rows: list[dict[str, Any] | None] = []
    for life in each:
        tags = [tag.split(":", 2) for tag in life.fields["tags"] if tag.startswith("base_model:")]
        related = [tag for tag in tags if len(tag) == 3]
        parents = [{"_id": ids.get(tag[2]), "id": tag[2]} for tag in related]
        rows.append({"relation": related[0][1], "models": parents} if related else None)
    model = pa.struct([("_id", pa.string()), ("id", pa.string())])
    return pa.array(rows, pa.struct([("relation", pa.string()), ("models", pa.list_(model))]))
