"""Customers and orders come from the brand; the same one again is the same one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert

from gigcx import audit, bulk
from gigcx.customers import queries
from gigcx.customers.models import Contact, Customer, CustomerMerge, Order
from gigcx.customers.rules import ContactStatus, Resolver
from gigcx.db import db
from gigcx.errors import Conflict
from gigcx.identity import queries as identity
from gigcx.ids import new_id
from gigcx.money import Money
from gigcx.principal import Principal

KNOWN_BY = ("brand_id", "external_id")
"""What tells a brand's record from another: the brand's own name for it."""


class NotMergeable(Conflict):
    """These two customers cannot become one, or are not one."""

    code = "customers/not-mergeable"
    title = "The customers cannot be merged"


def save_customer(
    now: datetime,
    *,
    brand_id: UUID,
    external_id: str,
    name: str = "",
    email: str | None = None,
    language: str = "en",
    objects_to_experiments: bool | None = None,
) -> UUID:
    """Return the id of the brand's customer of this name, made or brought up to date.

    What is not told leaves what is known.

    :param external_id: the brand's own name for the customer.
    :param objects_to_experiments: None leaves it as it is.
    """
    told = ToldCustomer(external_id, name, email, language)
    saved = save_customers(
        now, brand_id=brand_id, told=[told], objects_to_experiments=objects_to_experiments
    )
    return saved[external_id]


@dataclass(frozen=True, slots=True)
class ToldCustomer:
    """What a brand tells of a customer."""

    external_id: str
    name: str = ""
    email: str | None = None
    language: str = "en"


def save_customers(
    now: datetime,
    *,
    brand_id: UUID,
    told: Iterable[ToldCustomer],
    objects_to_experiments: bool | None = None,
) -> Mapping[str, UUID]:
    """Make customers or bring them up to date; return external id → id of each.

    Of one who is told of twice the later word counts, where there is one.
    """
    last: dict[str, ToldCustomer] = {}
    for one in told:
        known = last.get(one.external_id, one)
        last[one.external_id] = replace(
            one, name=one.name or known.name, email=one.email or known.email
        )
    users = identity.ids_by_email({one.email for one in last.values() if one.email})
    rows = bulk.insert_all(
        Customer,
        [
            {
                "brand_id": brand_id,
                "id": new_id(),
                "external_id": one.external_id,
                "name": one.name,
                "email": one.email,
                "language": one.language,
                "user_id": users.get(one.email or ""),
                "objects_to_experiments": bool(objects_to_experiments),
                "created_at": now,
            }
            # In one order, so that two who save the same customers wait and never block each other.
            for _, one in sorted(last.items())
        ],
        lambda rows: _or_update(rows, objects_to_experiments=objects_to_experiments),
    )
    return {row.external_id: row.id for row in rows}


def _or_update(rows: Insert, *, objects_to_experiments: bool | None) -> sa.Executable:
    new = rows.excluded
    return rows.on_conflict_do_update(
        index_elements=["brand_id", "external_id"],
        set_={
            "name": sa.func.coalesce(sa.func.nullif(new.name, ""), Customer.name),
            "email": sa.func.coalesce(new.email, Customer.email),
            "user_id": sa.func.coalesce(new.user_id, Customer.user_id),
            "objects_to_experiments": Customer.objects_to_experiments
            if objects_to_experiments is None
            else new.objects_to_experiments,
        },
    ).returning(Customer.id, Customer.external_id)


@dataclass(frozen=True, slots=True)
class ToldOrder:
    """A purchase that a brand tells of."""

    external_id: str
    customer_id: UUID
    amount: Money
    ordered_at: datetime
    topic_id: UUID | None = None


def save_orders(_now: datetime, *, brand_id: UUID, told: Sequence[ToldOrder]) -> list[bool]:
    """Store orders, each once, and say of each whether it is new."""
    ids = [new_id() for _ in told]
    stored = bulk.insert_new(
        Order,
        [
            {
                "brand_id": brand_id,
                "id": id_,
                "customer_id": one.customer_id,
                "external_id": one.external_id,
                "topic_id": one.topic_id,
                "amount_minor": one.amount.amount_minor,
                "currency": one.amount.currency,
                "ordered_at": one.ordered_at,
            }
            for id_, one in zip(ids, told, strict=True)
        ],
        known_by=KNOWN_BY,
    )
    return [id_ in stored for id_ in ids]


@dataclass(frozen=True, slots=True)
class ToldContact:
    """A question that was answered elsewhere."""

    external_id: str
    customer_id: UUID
    contacted_at: datetime
    resolver: Resolver
    status: ContactStatus
    rating: int | None = None
    """1 to 5."""
    cost: Money | None = None
    topic_id: UUID | None = None


def save_contacts(_now: datetime, *, brand_id: UUID, told: Sequence[ToldContact]) -> list[bool]:
    """Store contacts, each once, and say of each whether it is new."""
    ids = [new_id() for _ in told]
    stored = bulk.insert_new(
        Contact,
        [
            {
                "brand_id": brand_id,
                "id": id_,
                "external_id": one.external_id,
                "customer_id": one.customer_id,
                "topic_id": one.topic_id,
                "resolver": one.resolver,
                "status": one.status,
                "rating": one.rating,
                "cost_minor": one.cost and one.cost.amount_minor,
                "currency": one.cost and one.cost.currency,
                "contacted_at": one.contacted_at,
            }
            for id_, one in zip(ids, told, strict=True)
        ],
        known_by=KNOWN_BY,
    )
    return [id_ in stored for id_ in ids]


def note_bounce(now: datetime, *, brand_id: UUID, customer_id: UUID) -> None:
    """Write down that a mail to a customer came back: no more go out until they write."""
    _set_bounced(brand_id, customer_id, now)


def note_mail(_now: datetime, *, brand_id: UUID, customer_id: UUID) -> None:
    """Write down that a customer has written by mail, so that their address works."""
    _set_bounced(brand_id, customer_id, None)


def merge_customers(
    now: datetime, *, who: Principal, customer_id: UUID, into_id: UUID
) -> CustomerMerge:
    """Find that a customer is one whom the brand knows by another name. Nothing of theirs moves,
    so that it can be undone: what they have is read together.

    :raises CustomerNotFound: if one of them is not this person's to see.
    :raises NotMergeable: if it is the same one, or one of them is merged already.
    """
    both = {one: _lock(who, one) for one in sorted((customer_id, into_id))}
    if customer_id == into_id or any(one.merged_into_id for one in both.values()):
        raise NotMergeable("Name two customers, neither of whom is merged into another.")
    has_merged = db.session.scalar(
        sa.select(
            sa.select(Customer.id)
            .where(Customer.brand_id == both[customer_id].brand_id)
            .where(Customer.merged_into_id == customer_id)
            .exists()
        )
    )
    if has_merged:
        raise NotMergeable("Others are merged into this one. Merge it the other way round.")
    both[customer_id].merged_into_id = into_id
    merge = CustomerMerge(
        brand_id=both[customer_id].brand_id,
        id=new_id(),
        from_id=customer_id,
        into_id=into_id,
        merged_by=who.user_id,
        merged_at=now,
    )
    db.session.add(merge)
    db.session.flush()
    _note(now, "customers.merged", merge)
    return merge


def undo_merge(now: datetime, *, who: Principal, customer_id: UUID) -> CustomerMerge:
    """Let a merged customer be one of their own again.

    :raises CustomerNotFound: if they are not this person's to see.
    :raises NotMergeable: if they are not merged.
    """
    customer = _lock(who, customer_id)
    merge = db.session.scalars(
        sa.select(CustomerMerge)
        .where(CustomerMerge.brand_id == customer.brand_id)
        .where(CustomerMerge.from_id == customer_id, CustomerMerge.undone_at.is_(None))
    ).one_or_none()
    if merge is None:
        raise NotMergeable("This customer is not merged into another.")
    customer.merged_into_id, merge.undone_at = None, now
    db.session.flush()
    _note(now, "customers.merge_undone", merge)
    return merge


def _lock(who: Principal, customer_id: UUID) -> Customer:
    customer = db.session.scalars(
        queries.visible_to(who)
        .where(Customer.id == customer_id)
        .with_for_update(key_share=True, of=Customer)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if customer is None:
        raise queries.CustomerNotFound("There is no such customer.")
    return customer


def _set_bounced(brand_id: UUID, customer_id: UUID, at: datetime | None) -> None:
    db.session.execute(
        sa.update(Customer)
        .where(Customer.brand_id == brand_id, Customer.id == customer_id)
        .values(mail_bounced_at=at)
        .execution_options(synchronize_session=False)
    )


def _note(now: datetime, action: str, merge: CustomerMerge) -> None:
    audit.note(
        now,
        action,
        subject=f"customer:{merge.from_id}",
        brand_id=merge.brand_id,
        into=str(merge.into_id),
    )


def erase_customers(now: datetime, *, brand_id: UUID, customer_ids: Collection[UUID]) -> None:
    """Forget who these customers are; a later order of theirs makes a new customer."""
    db.session.execute(
        sa.update(Customer)
        .where(Customer.brand_id == brand_id, Customer.id.in_(customer_ids))
        .values(
            name="",
            email=None,
            user_id=None,
            external_id=sa.literal("erased:").concat(sa.cast(Customer.id, sa.Text)),
            erased_at=now,
        )
        .execution_options(synchronize_session=False)
    )
