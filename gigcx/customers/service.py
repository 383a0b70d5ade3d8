"""Customers and orders come from the brand; the same one again is the same one."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gigcx.customers.models import Customer, Order
from gigcx.db import db
from gigcx.identity import queries as identity
from gigcx.ids import new_id
from gigcx.money import Money


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
