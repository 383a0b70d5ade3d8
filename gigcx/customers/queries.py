"""Customers as one may see them."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from gigcx.customers.models import Customer, Order
from gigcx.db import db
from gigcx.errors import NotFound
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal

ALIKE_MAX = 20


class CustomerNotFound(NotFound):
    """There is no such customer, or it is another brand's."""

    code = "customers/customer-not-found"
    title = "No such customer"


def visible_to(who: Principal) -> sa.Select[Customer]:
    """R-customers-1: Staff see their brand's customers, a customer themselves, experts none."""
    customers = sa.select(Customer)
    if who.has("system"):
        return customers
    customers = customers.where(Customer.brand_id.in_(who.brand_ids))
    if who.has("owner", "lead", "agent", "analyst"):
        return customers
    if who.has("customer"):
        return customers.where(Customer.id == who.user_id)
    return customers.where(sa.false())


def list_customers(who: Principal, page: Page) -> Slice[Customer]:
    """Return the customers that one may see, the latest first."""
    return read(
        visible_to(who),
        page,
        by=(Customer.created_at, Customer.id),
        key=lambda customer: (customer.created_at, customer.id),
    )


def get_customer(who: Principal, customer_id: UUID) -> Customer:
    """Return one customer.

    :raises CustomerNotFound: if they are not this person's to see.
    """
    customer = db.session.scalars(visible_to(who).where(Customer.id == customer_id)).one_or_none()
    if customer is None:
        raise CustomerNotFound("There is no such customer.")
    return customer


def get_customer_of(*, brand_id: UUID, customer_id: UUID) -> Customer:
    """Return a brand's customer for a service.

    :raises CustomerNotFound: if the brand has none such.
    """
    customer = db.session.get(Customer, (brand_id, customer_id))
    if customer is None:
        raise CustomerNotFound("There is no such customer.")
    return customer


def customers_of(*, brand_id: UUID, customer_ids: Collection[UUID]) -> Mapping[UUID, Customer]:
    """Return id → customer of those that the brand has."""
    found = db.session.scalars(
        sa.select(Customer).where(Customer.brand_id == brand_id, Customer.id.in_(customer_ids))
    )
    return {customer.id: customer for customer in found}


def ids_of(*, brand_id: UUID, external_ids: Collection[str]) -> Mapping[str, UUID]:
    """Return external id → id of the customers that the brand calls so."""
    rows = db.session.execute(
        sa.select(Customer.external_id, Customer.id).where(
            Customer.brand_id == brand_id, Customer.external_id.in_(external_ids)
        )
    )
    return dict(rows.all())


def orders_of(*, brand_id: UUID, customer_id: UUID) -> Sequence[Order]:
    """Return what a customer bought, the latest first."""
    return db.session.scalars(
        sa.select(Order)
        .where(Order.brand_id == brand_id, Order.customer_id == customer_id)
        .order_by(Order.ordered_at.desc())
    ).all()


def one_with(who: Principal) -> sa.Select[UUID]:
    """Return the ids under which a customer is known: their own, and of those merged into them."""
    return sa.select(Customer.id).where(
        Customer.brand_id.in_(who.brand_ids),
        sa.or_(Customer.id == who.user_id, Customer.merged_into_id == who.user_id),
    )


def list_alike(customer: Customer) -> Sequence[Customer]:
    """Return other customers of the brand with this one's e-mail: perhaps the same person."""
    if not customer.email:
        return []
    return db.session.scalars(
        sa.select(Customer)
        .where(Customer.brand_id == customer.brand_id, Customer.email == customer.email)
        .where(Customer.id != customer.id, Customer.merged_into_id.is_(None))
        .order_by(Customer.created_at)
        .limit(ALIKE_MAX)
    ).all()


def list_merged(customer: Customer) -> Sequence[Customer]:
    """Return the customers who were found to be this one."""
    return db.session.scalars(
        sa.select(Customer)
        .where(Customer.brand_id == customer.brand_id, Customer.merged_into_id == customer.id)
        .order_by(Customer.created_at)
    ).all()


def same_as(*, brand_id: UUID, customer_id: UUID) -> Sequence[UUID]:
    """Return a customer's id and those of whom was merged into them.

    :raises CustomerNotFound: if the brand has none such.
    """
    get_customer_of(brand_id=brand_id, customer_id=customer_id)
    merged = db.session.scalars(
        sa.select(Customer.id).where(
            Customer.brand_id == brand_id, Customer.merged_into_id == customer_id
        )
    )
    return [customer_id, *merged]
