"""The command ``parameters``: counts, read from the headers of safetensors files.

A safetensors file begins with the length of its header, eight bytes, little-endian; then comes
the header, a JSON object that gives dtype and shape of each tensor. A model in several files
names them in an index. So the count costs the first part of each file, and no weights travel.

The files are those of strangers: whatever is wrong with one is an answer like any other.
"""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import msgspec
from huggingface_hub.constants import (
    SAFETENSORS_INDEX_FILE,
    SAFETENSORS_MAX_HEADER_LENGTH,
    SAFETENSORS_SINGLE_FILE,
)

from loaders.enrich.model_requests import ModelRequests
from loaders.enrich.question import ModelAnswer, Question
from loaders.hub.fields import parameter_entries
from loaders.hub.repository import BadAnswerError

if TYPE_CHECKING:
    from simulator import RecordFolder

# So much is read at first: 97% of headers are shorter, so that most models take one request.
FIRST_READ = 100_000
# The largest models of the Hub have some 300 files.
MAX_FILES = 1_000

_LENGTH_BYTES = 8
_INT64 = 2**63 - 1
_Size = Annotated[int, msgspec.Meta(ge=0, le=_INT64)]


class _Tensor(msgspec.Struct):
    dtype: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    shape: Annotated[list[_Size], msgspec.Meta(max_length=64)]


class _Index(msgspec.Struct):
    weight_map: dict[str, str]


_header = msgspec.json.Decoder(dict[str, msgspec.Raw])
_tensor = msgspec.json.Decoder(_Tensor)
_index = msgspec.json.Decoder(_Index)


class ParametersAnswer(ModelAnswer, kw_only=True):
    """A row of ``hub_raw.model_parameters``."""

    method: str | None = None
    parameters: str | None = None
    files: int | None = None


class Parameters(Question):
    """The parameters of models with safetensors files, of which the listing gives no count."""

    name = "parameters"
    table = "model_parameters"
    # Tags are JSON text, so that a tag stands between quotes.
    condition = """strpos(tags, '"safetensors"') > 0
        and coalesce(safetensors_parameters, '[]') = '[]'
        and safetensors_total is null and gguf_total is null"""
    answer_type = ParametersAnswer
    calls_a_window = (3_000, 5_000)  # of the resolvers, which serve files

    def is_answered_by(self, folder: "RecordFolder") -> bool:
        return folder.has_model_files

    def ask(self, requests: ModelRequests) -> dict[str, Any]:
        counts = _read_header(requests, SAFETENSORS_SINGLE_FILE)
        if counts is not None:
            return _found(counts, "safetensors_header", files=1)
        files = _read_index(requests)
        if files is None:
            return {"status": "none"}
        requests.reserve(len(files))
        counts = Counter()
        for file in files:
            part = _read_header(requests, file)
            if part is None:
                raise BadAnswerError(f"{file} is missing")
            counts += part
        return _found(counts, "safetensors_index", files=len(files))


def count_parameters(header: bytes, file_size: int | None = None) -> Counter[str]:
    """Parameters by dtype.

    Args:
        header: the JSON text.
        file_size: bytes of the whole file, if known: no dtype takes less than a bit for a
            parameter, so that a header cannot claim more of them.

    Raises:
        BadAnswerError: it is no safetensors header.
    """
    counts: Counter[str] = Counter()
    name = ""
    try:
        for name, text in _header.decode(header).items():
            if name != "__metadata__":
                tensor = _tensor.decode(text)
                counts[tensor.dtype] += _size(tensor.shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        of_tensor = f" of tensor {name[:100]!r}" if name else ""
        raise BadAnswerError(f"the header{of_tensor} cannot be read: {error}") from error
    if file_size is not None and counts.total() > 8 * file_size:
        raise BadAnswerError(
            f"the header claims {counts.total():.3g} parameters in {file_size:,} bytes"
        )
    return counts


def _size(shape: list[int]) -> int:
    """Count a tensor's numbers; a header of 25 MB can hold shapes whose product has 10,000 digits.

    Raises:
        BadAnswerError: they are more than 64 bits count.
    """
    size = 1
    for length in shape:
        size *= length
        if size > _INT64:  # a later 0 could not make it one: no file has such a shape
            raise BadAnswerError(f"the header tells of a tensor of more than {_INT64:,} parameters")
    return size


def _read_header(requests: ModelRequests, file: str) -> Counter[str] | None:
    """Parameters of one file by dtype; None if there is no such file."""
    path = f"/{requests.path}/resolve/main/{quote(file)}"
    answer = requests.get(path, limit=FIRST_READ, is_beginning=True)
    if answer.is_missing_file:
        return None
    content = answer.content()
    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    if len(content) >= _LENGTH_BYTES and length > SAFETENSORS_MAX_HEADER_LENGTH:
        raise BadAnswerError(f"{file} claims a header of {length:,} bytes")
    end = _LENGTH_BYTES + length
    if len(content) == FIRST_READ < end:
        content = requests.get(path, limit=end, is_beginning=True).content()
    if len(content) < end:
        raise BadAnswerError(f"{file} ends within its header, after {len(content):,} bytes")
    try:
        return count_parameters(content[_LENGTH_BYTES:end], answer.size)
    except BadAnswerError as error:
        raise BadAnswerError(f"{file}: {error}") from error


def _read_index(requests: ModelRequests) -> list[str] | None:
    """The files that hold a model's tensors; None if there is no index."""
    answer = requests.get(
        f"/{requests.path}/resolve/main/{SAFETENSORS_INDEX_FILE}",
        limit=SAFETENSORS_MAX_HEADER_LENGTH,
    )
    if answer.is_missing_file:
        return None
    try:
        files = sorted(set(_index.decode(answer.content()).weight_map.values()))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswerError(f"{SAFETENSORS_INDEX_FILE} cannot be read: {error}") from error
    if len(files) > MAX_FILES:
        raise BadAnswerError(f"{SAFETENSORS_INDEX_FILE} names {len(files):,} files")
    for file in files:
        if not {"", ".", ".."}.isdisjoint(file.split("/")):
            raise BadAnswerError(f"{SAFETENSORS_INDEX_FILE} names the file {file[:100]!r}")
    return files


def _found(counts: Counter[str], method: str, files: int) -> dict[str, Any]:
    if not counts.total():
        return {"status": "none"}
    if counts.total() > _INT64:
        raise BadAnswerError(f"{counts.total():.3g} parameters are more than can be")
    return {
        "status": "counted",
        "method": method,
        "parameters": parameter_entries(dict(sorted(counts.items()))).decode(),
        "files": files,
    }
