"""Brands as they open: people, catalogue, queue, rewards, experts with their tests, customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from argon2 import PasswordHasher

from gigcx.catalog import service as catalog
from gigcx.customers import service as customers
from gigcx.db import commit, now
from gigcx.experts import service as experts
from gigcx.http import login
from gigcx.identity.service import people as identity
from gigcx.money import Money
from gigcx.principal import ADMIN, NO_ONE_ID, Principal, acting_as
from gigcx.rewards import service as rewards
from gigcx.sandbox.demo import cast
from gigcx.sandbox.demo.cast import Adept, Maker, Person
from gigcx.sandbox.demo.dice import Dice
from gigcx.sandbox.demo.threads import Customer
from gigcx.tickets.service import queues

CURRENCY = "EUR"
REWARDS: Mapping[int, Money] = {
    1: Money(400, CURRENCY),
    2: Money(650, CURRENCY),
    3: Money(1100, CURRENCY),
}
"""Complexity → what a resolution earns."""
FEE_BPS = 2500


@dataclass
class Shop:
    """A brand that works."""

    maker: Maker
    brand_id: UUID
    staff: Mapping[str, Principal]
    """Role → who has it."""
    queue_id: UUID
    topics: dict[tuple[str, ...], UUID]
    certified: dict[str, list[Principal]] = field(default_factory=dict)
    """Model → the experts who may take its tickets."""
    customers: list[tuple[Customer, Principal]] = field(default_factory=list)
    adepts: dict[UUID, Adept] = field(default_factory=dict)
    """Expert id → what is known of them."""

    def topic(self, path: tuple[str, ...]) -> UUID:
        """Return the topic at this path, made where it is new."""
        if path not in self.topics:
            with acting_as(self.staff["lead"]):
                self.topics[path] = commit(
                    catalog.topic_of_path, brand_id=self.brand_id, names=path
                )
        return self.topics[path]


def let_in(person: Person, *, password_hash: str) -> UUID:
    """Give a person of the platform or of a brand their sign-in."""
    platform_role = person.role if person.role in {"finance", "admin"} else None
    with acting_as(ADMIN):
        return commit(
            identity.create_user,
            email=person.email,
            name=person.name,
            password_hash=password_hash,
            platform_role=platform_role,
            totp_secret=person.totp_secret and login.seal(person.totp_secret),
        ).id


def hash_password() -> str:
    """Return the hash of the one password of all people of the demo."""
    return PasswordHasher().hash(cast.PASSWORD)


def open_shop(maker: Maker, *, password_hash: str) -> Shop:
    """Let a brand in and post its queue."""
    with acting_as(ADMIN):
        brand_id = commit(
            identity.create_brand, name=maker.name, slug=maker.slug, fee_bps=FEE_BPS
        ).id
    staff = {}
    for person in maker.staff:
        user_id = let_in(person, password_hash=password_hash)
        with acting_as(ADMIN):
            commit(identity.add_member, brand_id=brand_id, user_id=user_id, role=person.role)
        staff[person.role] = Principal(user_id, (brand_id,), frozenset({person.role}))
    with acting_as(staff["owner"]):
        queue_id = commit(
            queues.create_queue,
            brand_id=brand_id,
            name=maker.queue,
            brief=maker.brief,
            currency=CURRENCY,
        ).id
        for complexity, amount in REWARDS.items():
            commit(
                rewards.set_reward,
                brand_id=brand_id,
                queue_id=queue_id,
                amount=amount,
                complexity=complexity,
            )
        commit(queues.open_queue, brand_id=brand_id, queue_id=queue_id)
    return Shop(maker, brand_id, staff, queue_id, {})


def invite_experts(shops: Sequence[Shop], *, password_hash: str) -> Mapping[UUID, Principal]:
    """Let each brand invite the owners of its products and test them; return expert id → who."""
    found: dict[UUID, Principal] = {}
    for adept in cast.EXPERTS:
        theirs = [shop for shop in shops if not adept.models.keys().isdisjoint(shop.maker.families)]
        expert_id = NO_ONE_ID
        for shop in theirs:
            with acting_as(shop.staff["owner"]):
                expert_id = commit(
                    experts.invite_expert,
                    brand_id=shop.brand_id,
                    email=adept.email,
                    name=adept.name,
                    password_hash=password_hash,
                    country=adept.country,
                    time_zone=adept.time_zone,
                    badge=f"fellow customer since {adept.since}",
                ).id
        brand_ids = tuple(shop.brand_id for shop in theirs)
        found[expert_id] = Principal(expert_id, brand_ids, frozenset({"expert"}))
        for shop in theirs:
            shop.adepts[expert_id] = adept
            _certify(shop, adept, found[expert_id])
    return found


def bring_customers(shop: Shop, count: int) -> None:
    """Let a brand bring its customers with what they bought. Their addresses come later."""
    dice = Dice("orders", shop.maker.slug)
    for customer in cast.customers_of(shop.maker, count):
        with acting_as(shop.staff["lead"]):
            customer_id = commit(
                customers.save_customer,
                brand_id=shop.brand_id,
                external_id=customer.external_id,
                name=customer.name,
            )
            orders = []
            for n in range(dice.between(1, 3)):
                model = dice.pick(sorted(shop.maker.prices))
                orders.append(
                    customers.ToldOrder(
                        f"{customer.external_id}-{n + 1}",
                        customer_id,
                        Money(shop.maker.prices[model], CURRENCY),
                        now() - timedelta(days=dice.between(5, 900)),
                        shop.topic((shop.maker.families[model], model)),
                    )
                )
            commit(customers.save_orders, brand_id=shop.brand_id, told=orders)
        principal = Principal(customer_id, (shop.brand_id,), frozenset({"customer"}))
        shop.customers.append((customer, principal))


def tell_addresses(shop: Shop) -> None:
    """Bring the customers' addresses, so that from now on they get mail."""
    for customer, _ in shop.customers:
        with acting_as(shop.staff["lead"]):
            commit(
                customers.save_customer,
                brand_id=shop.brand_id,
                external_id=customer.external_id,
                email=customer.email,
            )


def _certify(shop: Shop, adept: Adept, expert: Principal) -> None:
    for model, score_bps in adept.models.items():
        if model not in shop.maker.families:
            continue
        topic_id = shop.topic((shop.maker.families[model], model))
        with acting_as(shop.staff["lead"]):
            commit(
                catalog.issue_certificate,
                brand_id=shop.brand_id,
                expert_id=expert.user_id,
                topic_id=topic_id,
                score_bps=score_bps,
            )
        shop.certified.setdefault(model, []).append(expert)
