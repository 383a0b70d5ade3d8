"""Examples for the API's document: one value for each field's name, put together by the schemas."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gigcx import ids

_THING_OF = {prefix: thing for thing, prefix in ids.PREFIXES.items()}
_SOME_ID = UUID("019a9f3e-5c00-7a31-8f00-2b5e0c9d4417")
BY_NAME: Mapping[str, object] = {
    "actions": ["tickets.read"],
    "amount_minor": 250,
    "answer": "Unplug the machine, wait ten minutes, then hold both buttons.",
    "badge": "Grinder veteran",
    "brief": "Answer what you know from your own machine; hand back what needs a warranty case.",
    "code": "492039",
    "comment": "Quick and kind.",
    "complexity": 2,
    "conclusion": "The battery was replaced, the customer is unharmed.",
    "content_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "closes_minute": 1020,
    "opens_minute": 540,
    "country": "DE",
    "currency": "EUR",
    "detail": "The parcel came back twice.",
    "diagnosis": "The pump is broken: needs a repair, not an answer.",
    "email": "ana@example.org",
    "estimated_minutes": 10,
    "evidence": "It smokes when it is plugged in.",
    "expert_title": "Advocate",
    "external_id": "4711",
    "fee_bps": 2500,
    "expert_bps": 6000,
    "in_house_bps": 4000,
    "bot_bps": 0,
    "fence": 1,
    "first_reply_minutes": 60,
    "follow_up_hours": 24,
    "hold_days": 3,
    "holidays_of": "DE",
    "is_done": True,
    "language": "en",
    "languages": ["en", "de"],
    "name": "Machines in English",
    "note": "Second run of November",
    "overlap_hours": 24,
    "reason": "The customer asks for their money back.",
    "reopen_days": 14,
    "resolution_hours": 72,
    "role": "agent",
    "score_bps": 9000,
    "silence_hours": 48,
    "slug": "acme",
    "stars": 5,
    "subject": "The grinder stops after two seconds",
    "tags": ["grinder"],
    "text": "It beeps twice, then nothing. What can I do?",
    "time_zone": "Europe/Berlin",
    "title": "Reset a grinder",
    "token": "the token of the customer's link",
    "valid_days": 365,
    "work_days": [0, 1, 2, 3, 4],
}
_BY_TYPE: Mapping[str, object] = {"integer": 1, "number": 1, "boolean": False, "object": {}}
_BY_FORMAT: Mapping[str, object] = {
    "date-time": "2026-11-24T09:30:00+00:00",
    "date": "2026-11-24",
    "email": "ana@example.org",
}


def example_of(
    schema: Mapping[str, Any], schemas: Mapping[str, Mapping[str, Any]], name: str = ""
) -> object:
    """Return what a schema may look like.

    :param schemas: name → schema of those that it may refer to.
    :param name: of the field that it describes.
    """
    one_of = [*schema.get("allOf", ()), *schema.get("anyOf", ())]
    reference = schema.get("$ref") or next((one["$ref"] for one in one_of if "$ref" in one), None)
    if reference is not None:
        return example_of(schemas[reference.rpartition("/")[2]], schemas, name)
    if "properties" in schema:
        return {
            field: example_of(told, schemas, field) for field, told in schema["properties"].items()
        }
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "array" and "items" in schema and name not in BY_NAME:
        return [example_of(schema["items"], schemas)]
    return _plain(schema, kind, name)


def _plain(schema: Mapping[str, Any], kind: str, name: str) -> object:
    prefix = schema.get("pattern", "")[1:4]
    if prefix in _THING_OF and schema["pattern"].startswith(f"^{prefix}_"):
        return ids.shown(_THING_OF[prefix], _SOME_ID)
    choices = schema.get("enum") or [None]
    if name in BY_NAME and (choices == [None] or BY_NAME[name] in choices):
        return BY_NAME[name]
    by_format = _BY_FORMAT.get(schema.get("format", ""))
    return choices[0] or by_format or _BY_TYPE.get(kind, name.replace("_", " "))
