"""Records of an import become tickets, customers, orders or contacts, or are refused."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from gigcx.catalog import queries as catalog
from gigcx.catalog import service as topics
from gigcx.customers import queries as customers
from gigcx.customers import service as customer_service
from gigcx.customers.rules import ContactStatus, Resolver
from gigcx.customers.service import ToldContact, ToldCustomer, ToldOrder
from gigcx.desk.models import Import
from gigcx.desk.service import import_fields as told
from gigcx.desk.service.import_fields import NAME_MAX, TEXT_MAX, Refused
from gigcx.desk.service.intake import Question, take_in_all
from gigcx.tickets import queries as queues
from gigcx.tickets.service import queues as queue_service

T = TypeVar("T")
Fields = Mapping[str, Any]
Outcome = bool | Refused
"""Whether a record is new (else its id is known), or why it is refused."""
Take = Callable[[datetime, Import, Sequence[Fields]], list[Outcome]]

NEEDED: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "tickets": ("id", "text"),
        "customers": ("id",),
        "orders": ("id", "customer", "amount_minor", "currency", "time"),
        "contacts": ("id", "customer", "time", "resolver", "status"),
    }
)
"""What each kind of file must have."""
HELPFUL: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "tickets": (
            "title",
            "time",
            "customer",
            "name",
            "email",
            "product",
            "topic",
            "status",
        ),
        "customers": ("name", "email"),
        "orders": ("product", "topic"),
        "contacts": ("product", "topic", "rating", "cost_minor", "currency"),
    }
)
"""What it may have besides."""
DONE_ELSEWHERE = frozenset({"solved", "closed", "resolved", "deleted"})
"""What another helpdesk calls a ticket that nobody is to answer any more."""


def missing_columns(kind: str, mapping: Mapping[str, str]) -> list[str]:
    """Return what a file of this kind lacks."""
    return [field for field in NEEDED[kind] if field not in mapping]


def take_records(
    now: datetime, found: Import, records: Sequence[Mapping[str, Any]]
) -> list[Outcome]:
    """Take records in together, and say of each what became of it."""
    takers: Mapping[str, Take] = {
        "tickets": _take_tickets,
        "customers": _take_customers,
        "orders": _take_orders,
        "contacts": _take_contacts,
    }
    mapping = found.options.get("mapping")
    ours = [told.renamed(record, mapping) if mapping else record for record in records]
    return takers[found.kind](now, found, ours)


@dataclass(frozen=True, slots=True)
class _Line:
    """A ticket's line, read; its customer is not known yet."""

    customer: ToldCustomer
    external_id: str
    title: str
    text: str
    asked_at: datetime
    topic_id: UUID | None


def _take_tickets(now: datetime, found: Import, records: Sequence[Fields]) -> list[Outcome]:
    place = _Places(now, found)
    lines, outcomes = _read_all(records, lambda fields: _line(now, place, fields))
    if found.queue_id is None and lines:
        found.queue_id = _queue(now, found)
    customer_ids = customer_service.save_customers(
        now, brand_id=found.brand_id, told=[line.customer for line in lines]
    )
    questions = [
        Question(
            queue_id=found.queue_id,
            customer_id=customer_ids[line.customer.external_id],
            topic_id=line.topic_id,
            subject=line.title,
            text=line.text,
            external_id=line.external_id,
            asked_at=line.asked_at,
        )
        for line in lines
        if found.queue_id is not None
    ]
    ids = take_in_all(now, brand_id=found.brand_id, questions=questions)
    return _told(outcomes, (ticket_id is not None for ticket_id in ids))


def _line(now: datetime, place: "_Places", fields: Fields) -> _Line:
    if told.text(fields, "status", most=NAME_MAX, is_needed=False).lower() in DONE_ELSEWHERE:
        raise Refused("status", "It is answered already. Import it as a contact.")
    external_id = told.text(fields, "id", most=NAME_MAX)
    text = told.text(fields, "text", most=TEXT_MAX)
    customer = told.text(fields, "customer", most=NAME_MAX, is_needed=False)
    return _Line(
        # Whoever is not named stays a stranger: each question has a customer of its own.
        _customer(fields, customer or f"import:{external_id}"),
        external_id,
        told.text(fields, "title", most=NAME_MAX, is_needed=False) or _subject(text),
        text,
        told.time(fields, "time", now=now),
        place.topic_of(fields),
    )


def _take_customers(now: datetime, found: Import, records: Sequence[Fields]) -> list[Outcome]:
    def customer(fields: Fields) -> ToldCustomer:
        return _customer(fields, told.text(fields, "id", most=NAME_MAX))

    lines, outcomes = _read_all(records, customer)
    ids = {one.external_id for one in lines}
    known = set(customers.ids_of(brand_id=found.brand_id, external_ids=ids))
    customer_service.save_customers(now, brand_id=found.brand_id, told=lines)
    are_new = []
    for one in lines:
        are_new.append(one.external_id not in known)
        known.add(one.external_id)
    return _told(outcomes, are_new)


def _take_orders(now: datetime, found: Import, records: Sequence[Fields]) -> list[Outcome]:
    place = _Places(now, found, records)

    def order(fields: Fields) -> ToldOrder:
        return ToldOrder(
            told.text(fields, "id", most=NAME_MAX),
            place.customer_of(fields),
            told.money(fields),
            told.time(fields, "time", now=now),
            place.topic_of(fields),
        )

    lines, outcomes = _read_all(records, order)
    return _told(outcomes, customer_service.save_orders(now, brand_id=found.brand_id, told=lines))


def _take_contacts(now: datetime, found: Import, records: Sequence[Fields]) -> list[Outcome]:
    place = _Places(now, found, records)

    def contact(fields: Fields) -> ToldContact:
        has_cost = fields.get("cost_minor") not in {None, ""}
        return ToldContact(
            told.text(fields, "id", most=NAME_MAX),
            place.customer_of(fields),
            told.time(fields, "time", now=now),
            Resolver(told.one_of(fields, "resolver", set(Resolver))),
            ContactStatus(told.one_of(fields, "status", set(ContactStatus))),
            told.whole(fields, "rating", least=1, most=5),
            told.money(fields, "cost_minor") if has_cost else None,
            place.topic_of(fields),
        )

    lines, outcomes = _read_all(records, contact)
    saved = customer_service.save_contacts(now, brand_id=found.brand_id, told=lines)
    return _told(outcomes, saved)


def _read_all(
    records: Sequence[Fields], read: Callable[[Fields], T]
) -> tuple[list[T], list[Refused | None]]:
    """Return what could be read, and for each record why it could not or None."""
    lines: list[T] = []
    outcomes: list[Refused | None] = []
    for fields in records:
        try:
            lines.append(read(fields))
        except Refused as refusal:
            outcomes.append(refusal)
        else:
            outcomes.append(None)
    return lines, outcomes


def _told(outcomes: Sequence[Refused | None], are_new: Iterable[bool]) -> list[Outcome]:
    """Put together what was refused and what became of the rest."""
    rest = iter(are_new)
    return [next(rest) if outcome is None else outcome for outcome in outcomes]


class _Places:
    """Whose record it is and what it is about, each looked up once for a batch."""

    def __init__(self, now: datetime, found: Import, records: Sequence[Fields] = ()) -> None:
        self._now, self._found = now, found
        self._topics: dict[tuple[str, ...], UUID | None] = {**catalog.ids_by_path(found.brand_id)}
        named = {str(fields.get("customer")) for fields in records if fields.get("customer")}
        self._customers = (
            customers.ids_of(brand_id=found.brand_id, external_ids=named) if named else {}
        )

    def customer_of(self, fields: Fields) -> UUID:
        """Return the customer that a record names."""
        customer_id = self._customers.get(told.text(fields, "customer", most=NAME_MAX))
        if customer_id is None:
            raise Refused("customer", "No customer has this id. Import the customers first.")
        return customer_id

    def topic_of(self, fields: Fields) -> UUID | None:
        """Find a record's place in the catalogue, or make it unless the import may not."""
        product = told.text(fields, "product", most=NAME_MAX, is_needed=False)
        if not product:
            return None
        topic = told.text(fields, "topic", most=NAME_MAX, is_needed=False)
        names = tuple(name for name in (product, topic) if name)
        key = tuple(name.lower() for name in names)
        if key not in self._topics:
            self._topics[key] = self._make(names)
        found = self._topics[key]
        if found is None:
            path = " / ".join(names)
            raise Refused("product", f"The catalogue has no {path}. Add it or let imports do so.")
        return found

    def _make(self, names: Sequence[str]) -> UUID | None:
        if self._found.options.get("is_catalog_fixed"):
            return None
        return topics.topic_of_path(self._now, brand_id=self._found.brand_id, names=names)


def _customer(fields: Fields, external_id: str) -> ToldCustomer:
    return ToldCustomer(
        external_id,
        told.text(fields, "name", most=NAME_MAX, is_needed=False),
        told.text(fields, "email", most=NAME_MAX, is_needed=False).lower() or None,
    )


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
