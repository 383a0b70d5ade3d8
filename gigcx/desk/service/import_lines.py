"""One record of an import becomes a ticket, a customer or an order, or is refused with a reason."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from gigcx.catalog import queries as catalog
from gigcx.catalog import service as topics
from gigcx.customers import queries as customers
from gigcx.customers import service as customer_service
from gigcx.desk.models import Import
from gigcx.desk.service.intake import Question, take_in
from gigcx.money import Money
from gigcx.tickets import queries as queues
from gigcx.tickets.service import queues as queue_service

TEXT_MAX = 100_000
"""Characters of one message."""
NAME_MAX = 300
COLUMNS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "tickets": ("id", "text"),
        "customers": ("id",),
        "orders": ("id", "customer", "amount_minor", "currency", "time"),
    }
)
"""What each kind of file must have; everything else is optional."""

Taker = Callable[[Mapping[str, Any]], bool]
"""Takes one record in: True if it is new, False if its id is known."""


class Refused(Exception):
    """A record that cannot be taken in; the report names its field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def missing_columns(kind: str, columns: Sequence[str] | None) -> list[str]:
    """Return what a CSV file of this kind lacks; JSON lines are looked at one by one."""
    if columns is None:
        return []
    return [column for column in COLUMNS[kind] if column not in columns]


def taker_of(now: datetime, found: Import) -> Taker:
    """Return what takes in the records of this import."""
    takers: Mapping[str, Callable[[datetime, Import, Mapping[str, Any]], bool]] = {
        "tickets": _take_ticket,
        "customers": _take_customer,
        "orders": _take_order,
    }
    take = takers[found.kind]
    return lambda fields: take(now, found, fields)


def _take_ticket(now: datetime, found: Import, fields: Mapping[str, Any]) -> bool:
    external_id = _text(fields, "id", most=NAME_MAX)
    text = _text(fields, "text", most=TEXT_MAX)
    customer = _text(fields, "customer", most=NAME_MAX, is_needed=False)
    asked_at = _time(fields, "time", now=now)
    topic_id = _topic(now, found, fields) if fields.get("product") else None
    if found.queue_id is None:
        found.queue_id = _queue(now, found)
    customer_id = customer_service.save_customer(
        now,
        brand_id=found.brand_id,
        # Whoever is not named stays a stranger: each question has a customer of its own.
        external_id=customer or f"import:{external_id}",
        name=_text(fields, "name", most=NAME_MAX, is_needed=False),
        email=_text(fields, "email", most=NAME_MAX, is_needed=False).lower() or None,
    )
    ticket = take_in(
        now,
        brand_id=found.brand_id,
        question=Question(
            queue_id=found.queue_id,
            customer_id=customer_id,
            topic_id=topic_id,
            subject=_text(fields, "title", most=NAME_MAX, is_needed=False) or _subject(text),
            text=text,
            external_id=external_id,
            asked_at=asked_at,
        ),
    )
    return ticket is not None


def _take_customer(now: datetime, found: Import, fields: Mapping[str, Any]) -> bool:
    external_id = _text(fields, "id", most=NAME_MAX)
    is_new = customers.find_customer(brand_id=found.brand_id, external_id=external_id) is None
    customer_service.save_customer(
        now,
        brand_id=found.brand_id,
        external_id=external_id,
        name=_text(fields, "name", most=NAME_MAX, is_needed=False),
        email=_text(fields, "email", most=NAME_MAX, is_needed=False).lower() or None,
    )
    return is_new


def _take_order(now: datetime, found: Import, fields: Mapping[str, Any]) -> bool:
    customer = customers.find_customer(
        brand_id=found.brand_id, external_id=_text(fields, "customer", most=NAME_MAX)
    )
    if customer is None:
        raise Refused("customer", "No customer has this id. Import the customers first.")
    return customer_service.save_order(
        now,
        brand_id=found.brand_id,
        customer_id=customer.id,
        external_id=_text(fields, "id", most=NAME_MAX),
        amount=_money(fields),
        ordered_at=_time(fields, "time", now=now),
        topic_id=_topic(now, found, fields) if fields.get("product") else None,
    )


def _topic(now: datetime, found: Import, fields: Mapping[str, Any]) -> UUID:
    """Find the record's place in the catalogue, or make it unless the import may not."""
    product = _text(fields, "product", most=NAME_MAX)
    topic = _text(fields, "topic", most=NAME_MAX, is_needed=False)
    names = [name for name in (product, topic) if name]
    if found.options.get("is_catalog_fixed"):
        known = catalog.find_topic_by_path(found.brand_id, names)
        if known is None:
            raise Refused(
                "product", f"The catalogue has no {' / '.join(names)}. Add it or let imports do so."
            )
        return known
    return topics.topic_of_path(now, brand_id=found.brand_id, names=names)


def _queue(now: datetime, found: Import) -> UUID:
    """Return the queue that is named by the file, made as a draft if it is new."""
    name = found.file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "Imported"
    known = queues.find_queue_by_name(brand_id=found.brand_id, name=name)
    if known is not None:
        return known.id
    return queue_service.create_queue(
        now, brand_id=found.brand_id, name=name, brief="", currency="EUR"
    ).id


def _subject(text: str) -> str:
    first = text.strip().split("\n", 1)[0]
    return first if len(first) <= 80 else first[:79].rsplit(" ", 1)[0] + "…"  # noqa: PLR2004 - a line on a screen


def _text(fields: Mapping[str, Any], name: str, *, most: int, is_needed: bool = True) -> str:
    value = fields.get(name)
    if value is None or value == "":
        if is_needed:
            raise Refused(name, f"The field {name} is missing.")
        return ""
    if not isinstance(value, str | int):
        raise Refused(name, f"The field {name} is not text.")
    text = str(value)
    if "\x00" in text:
        raise Refused(name, f"The field {name} holds a NUL character.")
    if len(text) > most:
        raise Refused(name, f"The field {name} is longer than {most} characters.")
    if is_needed and not text.strip():
        raise Refused(name, f"The field {name} is empty.")
    return text


def _time(fields: Mapping[str, Any], name: str, *, now: datetime) -> datetime:
    text = _text(fields, name, most=40, is_needed=False)
    if not text:
        return now
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(name, f"The field {name} is no time like 2026-11-24T12:00:00Z.") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _money(fields: Mapping[str, Any]) -> Money:
    amount = _text(fields, "amount_minor", most=20)
    currency = _text(fields, "currency", most=3)
    if not amount.isdecimal():
        raise Refused("amount_minor", "The amount is no whole number of minor units, zero or more.")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):  # noqa: PLR2004 - ISO 4217
        raise Refused("currency", "The currency is no ISO 4217 code like EUR.")
    return Money(int(amount), currency)
