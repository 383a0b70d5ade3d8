"""Customers and orders come from the brand; the same one again is the same one."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gigcx import audit
from gigcx.customers import queries
from gigcx.customers.models import Customer, CustomerMerge, Order
from gigcx.db import db
from gigcx.errors import Conflict
from gigcx.identity import queries as identity
from gigcx.ids import new_id
from gigcx.money import Money
from gigcx.principal import Principal


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
    user = identity.find_user_by_email(email) if email else None
    told = insert(Customer).values(
        brand_id=brand_id,
        id=new_id(),
        external_id=external_id,
        name=name,
        email=email,
        language=language,
        user_id=user and user.id,
        objects_to_experiments=bool(objects_to_experiments),
        created_at=now,
    )
    new = told.excluded
    return db.session.execute(
        told.on_conflict_do_update(
            index_elements=["brand_id", "external_id"],
            set_={
                "name": sa.func.coalesce(sa.func.nullif(new.name, ""), Customer.name),
                "email": sa.func.coalesce(new.email, Customer.email),
                "user_id": sa.func.coalesce(new.user_id, Customer.user_id),
                "objects_to_experiments": Customer.objects_to_experiments
                if objects_to_experiments is None
                else new.objects_to_experiments,
            },
        ).returning(Customer.id)
    ).scalar_one()


def save_order(
    now: datetime,
    *,
    brand_id: UUID,
    customer_id: UUID,
    external_id: str,
    amount: Money,
    ordered_at: datetime,
    topic_id: UUID | None = None,
) -> bool:
    """Store an order, once, and say whether it is new."""
    stored = db.session.execute(
        insert(Order)
        .values(
            brand_id=brand_id,
            id=new_id(),
            customer_id=customer_id,
            external_id=external_id,
            topic_id=topic_id,
            amount_minor=amount.amount_minor,
            currency=amount.currency,
            ordered_at=ordered_at,
        )
        .on_conflict_do_nothing(index_elements=["brand_id", "external_id"])
        .returning(Order.id)
    ).scalar_one_or_none()
    return stored is not None


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
