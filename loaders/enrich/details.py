"""The command ``details``: a model's storage, and the Spaces that use it, which no listing has."""

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import msgspec

from loaders.enrich.model_requests import ModelRequests
from loaders.enrich.question import ModelAnswer, Question
from loaders.hub.rate_limiter import CALLS_A_WINDOW
from loaders.hub.repository import BadAnswerError
from loaders.limits import MAX_COUNT

if TYPE_CHECKING:
    from simulator import RecordFolder

# A model that 100,000 Spaces use would have an answer half as long.
MAX_BYTES = 10_000_000

_FIELDS = urlencode({"expand[]": ["usedStorage", "spaces"]}, doseq=True)


class _Record(msgspec.Struct, rename="camel"):
    hub_id: str = msgspec.field(name="_id")
    used_storage: Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)] | None = None
    spaces: list[str] | None = None


_record = msgspec.json.Decoder(_Record)


class DetailsAnswer(ModelAnswer, kw_only=True):
    """A row of ``hub_raw.model_details``."""

    used_storage: int | None = None
    spaces: int | None = None


class Details(Question):
    """The details of models for text generation: a listing refuses these fields."""

    name = "details"
    table = "model_details"
    condition = "pipeline_tag in ('text-generation', 'conversational')"
    answer_type = DetailsAnswer
    calls_a_window = CALLS_A_WINDOW

    def is_answered_by(self, folder: "RecordFolder") -> bool:
        return folder.has_model_details

    def ask(self, requests: ModelRequests) -> dict[str, Any]:
        answer = requests.get(f"/api/models/{requests.path}?{_FIELDS}", limit=MAX_BYTES)
        try:
            record = _record.decode(answer.content())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadAnswerError(f"no record of a model: {error}") from error
        if record.hub_id != requests.model.hub_id:
            raise BadAnswerError(f"the name is now that of {record.hub_id[:100]}")
        if record.used_storage is None and record.spaces is None:
            return {"status": "none"}
        return {
            "status": "found",
            "used_storage": record.used_storage,
            "spaces": None if record.spaces is None else len(record.spaces),
        }
