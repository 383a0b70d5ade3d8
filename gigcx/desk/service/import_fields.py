"""What a line of somebody's file says, in our words: columns found, values read or refused."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from gigcx.money import Money

TEXT_MAX = 100_000
"""Characters of one message."""
NAME_MAX = 300
_SYNONYMS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "id": ("ticket_id", "external_id", "number", "order_id", "customer_id", "contact_id"),
        "text": ("description", "body", "message", "question", "comment"),
        "title": ("subject", "summary"),
        "customer": ("customer_id", "requester.id", "requester_id", "user_id", "requester_email"),
        "name": ("customer_name", "requester.name", "requester_name", "requester", "full_name"),
        "email": ("customer_email", "requester.email", "requester_email", "mail", "e-mail"),
        "time": ("created_at", "created", "date", "ordered_at", "contacted_at"),
        "status": ("ticket_status", "state"),
        "resolver": ("resolved_by", "channel"),
        "rating": ("satisfaction", "csat", "score"),
        "amount_minor": ("total_minor", "cents"),
    }
)
"""Our field → what others call it, Zendesk's exports among them; the first that is there counts."""


class Refused(Exception):
    """A record that cannot be taken in; the report names its field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def guess_columns(known: Collection[str], columns: Sequence[str]) -> dict[str, str]:
    """R-desk-21: A file's column stands for the field of its own name, or else for the field that
    others call so. Return our field → the file's column.

    :param known: the fields that this kind of file has.
    :param columns: the file's, in its own writing; ``requester.id`` is inside ``requester``.
    """
    said = {_plain(column): column for column in reversed(columns)}
    found = {}
    for field in known:
        names = (field, *_SYNONYMS.get(field, ()))
        column = next((said[_plain(name)] for name in names if _plain(name) in said), None)
        if column is not None:
            found[field] = column
    return found


def columns_of(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the columns of records, those inside others as ``requester.id``."""
    found: dict[str, None] = {}
    for record in records:
        for name, value in record.items():
            inside = value if isinstance(value, dict) else {}
            found.update(dict.fromkeys([f"{name}.{key}" for key in inside] or [name]))
    return list(found)


def renamed(record: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    """Return a record under our names.

    :param mapping: our field → the file's column.
    """
    return {field: _value(record, column) for field, column in mapping.items()}


def _value(record: Mapping[str, Any], column: str) -> Any:
    if column in record:
        return record[column]
    outer, _, inner = column.partition(".")
    inside = record.get(outer)
    return inside.get(inner) if isinstance(inside, dict) else None


def _plain(column: str) -> str:
    return column.strip().lower().replace(" ", "_")


def text(fields: Mapping[str, Any], name: str, *, most: int, is_needed: bool = True) -> str:
    """Return a field's text; empty if it is not there and need not be.

    :raises Refused: if it is needed and missing, too long, or no text.
    """
    value = fields.get(name)
    if value is None or value == "":
        if is_needed:
            raise Refused(name, f"The field {name} is missing.")
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refused(name, f"The field {name} is not text.")
    told = str(value)
    if "\x00" in told:
        raise Refused(name, f"The field {name} holds a NUL character.")
    if len(told) > most:
        raise Refused(name, f"The field {name} is longer than {most} characters.")
    if is_needed and not told.strip():
        raise Refused(name, f"The field {name} is empty.")
    return told


def time(fields: Mapping[str, Any], name: str, *, now: datetime) -> datetime:
    """Return a field's instant, in UTC unless it says otherwise; now if there is none.

    :raises Refused: if it is not ISO 8601, or later than tomorrow.
    """
    told = text(fields, name, most=40, is_needed=False)
    if not told:
        return now
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        raise Refused(name, f"The field {name} is no time like 2026-11-24T12:00:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def one_of(fields: Mapping[str, Any], name: str, known: Collection[str]) -> str:
    """Return a field's word.

    :raises Refused: if it is none of those that are known.
    """
    told = text(fields, name, most=NAME_MAX).strip().lower().replace("-", "_").replace(" ", "_")
    if told not in known:
        raise Refused(name, f"The field {name} is none of {', '.join(sorted(known))}.")
    return told


def whole(fields: Mapping[str, Any], name: str, *, least: int, most: int) -> int | None:
    """Return a field's whole number, or None if there is none.

    :raises Refused: if it is no whole number between the two.
    """
    told = text(fields, name, most=20, is_needed=False).strip()
    if not told:
        return None
    if not (told.isascii() and told.isdecimal()) or not least <= int(told) <= most:
        raise Refused(name, f"The field {name} is no whole number from {least} to {most}.")
    return int(told)


def money(fields: Mapping[str, Any], name: str = "amount_minor") -> Money:
    """Return an amount in minor units with the record's currency.

    :raises Refused: if the amount is no whole number, or the currency no ISO 4217 code.
    """
    amount = text(fields, name, most=18)
    currency = text(fields, "currency", most=3)
    if not (amount.isascii() and amount.isdecimal()):
        raise Refused(name, "The amount is no whole number of minor units, zero or more.")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):  # noqa: PLR2004 - ISO 4217
        raise Refused("currency", "The currency is no ISO 4217 code like EUR.")
    return Money(int(amount), currency)
