"""Reading forms, and telling people what was refused without losing what they wrote."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from babel.numbers import get_currency_precision
from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gigcx import ids
from gigcx.db import commit
from gigcx.errors import Conflict, DomainError, NotFound
from gigcx.http import paging
from gigcx.money import Money
from gigcx.paging import Page

P = ParamSpec("P")
T = TypeVar("T")

TEXT_MAX = 100_000
AMOUNT_MAX = Decimal(10_000_000)


class FormRefused(Conflict):
    """A field of a form is not as it must be."""

    code = "form/refused"
    title = "Please look at the form again"


def text(name: str, label: str, *, most: int = 300, is_needed: bool = True) -> str:
    """Return a field's text.

    :raises FormRefused: naming the field, if it is missing or too long.
    """
    value = request.form.get(name, "").replace("\x00", "").strip()
    if is_needed and not value:
        raise FormRefused(f"{label} is empty.")
    if len(value) > most:
        raise FormRefused(f"{label} is longer than {most} characters.")
    return value


def number(name: str, label: str, *, least: int, most: int) -> int:
    """Return a field's whole number.

    :raises FormRefused: naming the field and its bounds.
    """
    value = request.form.get(name, "").strip()
    if not value.lstrip("-").isdecimal() or not least <= int(value) <= most:
        raise FormRefused(f"{label} must be a whole number from {least} to {most}.")
    return int(value)


def money(name: str, label: str, currency: str) -> Money:
    """Return a field's amount, written in the currency's major unit.

    :raises FormRefused: naming the field.
    """
    value = request.form.get(name, "").strip().replace(",", ".")
    try:
        minor = Decimal(value).scaleb(get_currency_precision(currency))
    except InvalidOperation:
        raise FormRefused(f"{label} must be an amount like 2.50.") from None
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 < minor <= AMOUNT_MAX:
        raise FormRefused(f"{label} must be above zero, with no more decimals than {currency} has.")
    return Money(int(minor), currency)


def id_of(thing: str, name: str, label: str) -> UUID:
    """Return the id of something that was chosen.

    :raises FormRefused: naming the field.
    """
    try:
        return ids.parse(thing, request.form.get(name, ""))
    except (ValueError, KeyError):
        raise FormRefused(f"Choose {label} from the list.") from None


def page() -> Page:
    """Return the page of a list that is asked for; a cursor that is not ours starts anew."""
    from marshmallow import ValidationError  # noqa: PLC0415 - its only use here

    try:
        return paging.page_of(cursor=request.args.get("cursor"))
    except ValidationError:
        return paging.page_of()


def attempt(
    done: str,
    service: Callable[Concatenate[datetime, P], T],
    *args: P.args,
    **arguments: P.kwargs,
) -> T | None:
    """Run a use case and tell people how it went; None if it was refused.

    What a person may not know of stays a 404.

    :param done: what is said when it went well; empty says nothing.
    """
    try:
        result = commit(service, *args, **arguments)
    except NotFound:
        raise
    except DomainError as refusal:
        flash(f"{refusal.title}. {refusal.detail}", "error")
        return None
    if done:
        flash(done, "done")
    return result


def read(work: Callable[[], T]) -> T | None:
    """Read a form and tell people what is wrong with it; None if anything is."""
    try:
        return work()
    except FormRefused as refusal:
        flash(refusal.detail, "error")
        return None


def go(address: str) -> Response:
    """Send a browser on after a form, so that reloading sends nothing again."""
    return redirect(address, code=303)
