"""Loading the demo: sixty days are told in order, and what is not over yet is today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from gigcx.db import shifted
from gigcx.jobs.inline import drain
from gigcx.money import Money
from gigcx.principal import Principal
from gigcx.sandbox.demo import cast
from gigcx.sandbox.demo.cast import Person
from gigcx.sandbox.demo.planning import plan
from gigcx.sandbox.demo.shops import (
    CURRENCY,
    Shop,
    bring_customers,
    hash_password,
    invite_experts,
    let_in,
    open_shop,
    tell_addresses,
)
from gigcx.sandbox.demo.timeline import Script, Timeline
from gigcx.sandbox.demo.treasury import Treasury

DAYS = 60
CUSTOMERS = 90
ACCOUNTS_AGO, FIRST_RUN_AGO = timedelta(days=34), timedelta(days=15)
ADDRESSES_AGO, SECOND_RUN_AGO = timedelta(days=2), timedelta(hours=20)
PLENTY = Money(250_000, CURRENCY)
LITTLE = Money(2_000, CURRENCY)
"""What is left to the brand whose balance is almost empty."""

Progress = Callable[[int, int, str], None]
"""Is told (days done, days in all, what is being done)."""


@dataclass(frozen=True, slots=True)
class Login:
    """One sign-in of the demo."""

    role: str
    name: str
    email: str
    password: str
    brand: str = ""
    totp_secret: str | None = None


Logins = Sequence[Login]


def load(progress: Progress, *, scale: float = 1.0) -> Logins:
    """Load the demo into an empty database, with a Stripe that answers, and return who signs in.

    Called by commands and tests only, inside an app context.

    :param scale: share of the usual number of past tickets and customers.
    """
    progress(0, DAYS, "opening two brands")
    with shifted(timedelta(days=-DAYS)):
        password_hash = hash_password()
        staff = [let_in(person, password_hash=password_hash) for person in cast.FINANCE]
        let_in(cast.ADMIN, password_hash=password_hash)
        shops = [open_shop(maker, password_hash=password_hash) for maker in cast.MAKERS]
        experts = invite_experts(shops, password_hash=password_hash)
        for shop in shops:
            bring_customers(shop, max(12, round(CUSTOMERS * scale)))
        reviewer, approver = (
            Principal(user_id, roles=frozenset({"finance"}), database="finance")
            for user_id in staff
        )
        treasury = Treasury(reviewer=reviewer, approver=approver)
    timeline = Timeline()
    costs = plan(timeline, shops, scale=scale)
    with shifted(timedelta(days=-DAYS)):
        for shop, cost in zip(shops, costs, strict=True):
            treasury.pay_in(shop, cost + (PLENTY if shop.maker.is_well_funded else LITTLE))
    timeline.add(_accounts(treasury, shops, experts), ago=ACCOUNTS_AGO)
    timeline.add(treasury.paid_run(), ago=FIRST_RUN_AGO)
    timeline.add(treasury.submitted_run(), ago=SECOND_RUN_AGO)
    timeline.add(_addresses(shops), ago=ADDRESSES_AGO)
    timeline.add(_days(progress), ago=timedelta(days=DAYS - 1))
    timeline.run()
    drain()
    return _logins()


def _accounts(
    treasury: Treasury, shops: Sequence[Shop], experts: Mapping[UUID, Principal]
) -> Script:
    adepts = {expert_id: adept for shop in shops for expert_id, adept in shop.adepts.items()}
    treasury.open_accounts(
        (expert, adepts[expert_id].country)
        for expert_id, expert in experts.items()
        if adepts[expert_id].has_account
    )
    yield from ()


def _addresses(shops: Sequence[Shop]) -> Script:
    drain()
    for shop in shops:
        tell_addresses(shop)
    yield from ()


def _days(progress: Progress) -> Script:
    """What the scheduler does: here once a day."""
    for day in range(1, DAYS + 1):
        drain("desk.end_lapsed_claims", "desk.assume_confirmations", "earnings.release_due")
        progress(day, DAYS, "telling sixty days of work")
        yield timedelta(days=1)


def _logins() -> Logins:
    people: list[tuple[Person, str]] = [(cast.ADMIN, "")]
    people += [(person, "") for person in cast.FINANCE]
    people += [(person, maker.name) for maker in cast.MAKERS for person in maker.staff]
    experts = [Person(adept.name, adept.email, "expert") for adept in cast.EXPERTS]
    people += [(expert, "") for expert in experts]
    return [
        Login(person.role, person.name, person.email, cast.PASSWORD, brand, person.totp_secret)
        for person, brand in people
    ]
