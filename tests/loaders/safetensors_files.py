"""Safetensors files as the package writes them, and their counts as it reads them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import TensorSpec, safe_open, serialize_file

from tests.loaders.conftest import ServedHub, model

ROOT = Path(__file__).parents[2]
BYTES = {"float32": 4, "bfloat16": 2, "float8_e4m3fn": 1, "int32": 4, "uint8": 1, "int64": 8}
BYTES["float4_e2m1fn_x2"] = 1  # of two numbers, in a shape that counts bytes


def uncounted(number: int, **fields: Any) -> dict[str, Any]:
    """A model that has weights of which the listing gives no count."""
    return (
        model(number, id=f"org/m{number}", tags=["safetensors"], downloads=1000 - number)
        | {"lastModified": "2026-01-01T00:00:00.000Z"}
        | fields
    )


def write_safetensors(
    path: Path, tensors: dict[str, tuple[str, list[int]]], padding: int = 0
) -> None:
    """Write a file of zeros with the safetensors package: dtype and shape by tensor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    zeros = {
        name: np.zeros(int(np.prod(shape)) * BYTES[dtype], np.uint8)
        for name, (dtype, shape) in tensors.items()
    }
    specs = {
        name: TensorSpec(
            dtype=dtype,
            shape=shape,
            data_ptr=zeros[name].ctypes.data,
            data_len=zeros[name].nbytes,
        )
        for name, (dtype, shape) in tensors.items()
    }
    serialize_file(specs, path, {"padding": "x" * padding})


def counted_by_the_package(*paths: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for path in paths:
        with safe_open(path, framework="numpy") as file:
            for name in file.keys():  # noqa: SIM118
                tensor = file.get_slice(name)
                counts[tensor.get_dtype()] += int(np.prod(tensor.get_shape()))
    return counts


def counted(text: str | None) -> Counter[str]:
    """Parameters by dtype, from a row's JSON text."""
    return Counter({entry["dtype"]: entry["parameters"] for entry in json.loads(text or "[]")})


def write_sharded(hub: ServedHub, name: str, shards: int) -> list[Path]:
    """A model in several files and its index; gives the files."""
    paths = [hub.file(f"{name}/model-{n + 1:05}-of-{shards:05}.safetensors") for n in range(shards)]
    for n, path in enumerate(paths):
        write_safetensors(path, {f"layer.{n}": ("bfloat16", [n + 2, 8])})
    index = {"weight_map": {f"layer.{n}": path.name for n, path in enumerate(paths)}}
    hub.file(f"{name}/model.safetensors.index.json", json.dumps(index).encode())
    return paths


def write_small(hub: ServedHub, *names: str) -> None:
    for name in names:
        path = hub.file(f"{name}/model.safetensors")
        write_safetensors(path, {"weight": ("float32", [10, 10])})


SMALL = [{"dtype": "F32", "parameters": 100}]  # what such a one has
