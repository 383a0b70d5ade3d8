"""Brands and people, and the hats under which people act."""

from uuid import UUID

from gigcx.db import commit
from gigcx.http import login
from gigcx.identity import queries
from gigcx.identity.models import Brand, User
from gigcx.identity.rules import STAFF, Role
from gigcx.identity.service import keys, people
from gigcx.ids import new_id
from gigcx.principal import Principal
from tests.acting import acting

ADMIN = Principal(UUID(int=1), roles=frozenset({"admin"}), database="admin")


def brand(**changes) -> Brand:
    """Make a brand that keeps a quarter on top of each reward for the platform."""
    with acting(ADMIN):
        return commit(people.create_brand, **{"name": "Acme", "slug": f"acme-{new_id()}"} | changes)


def user(**changes) -> User:
    """Make a person without a role."""
    with acting(ADMIN):
        return commit(
            people.create_user,
            **{"email": f"{new_id()}@example.org", "name": "Sam Smith"} | changes,
        )


def staff(brand_id: UUID, role: str = "agent", **changes) -> Principal:
    """Make a member of the brand: owner, lead, agent or analyst."""
    member = user(**changes)
    with acting(ADMIN):
        commit(people.add_member, brand_id=brand_id, user_id=member.id, role=role)
    return Principal(member.id, brand_ids=(brand_id,), roles=frozenset({role}))


def finance(*, totp_secret: str | None = None, **changes) -> Principal:
    """Make somebody who prepares or approves payouts."""
    sealed = login.seal(totp_secret) if totp_secret else None
    return Principal(
        user(platform_role="finance", totp_secret=sealed, **changes).id,
        roles=frozenset({"finance"}),
        database="finance",
    )


def admin(*, totp_secret: str | None = None, **changes) -> Principal:
    """Make somebody who runs the platform."""
    sealed = login.seal(totp_secret) if totp_secret else None
    return Principal(
        user(platform_role="admin", totp_secret=sealed, **changes).id,
        roles=frozenset({"admin"}),
        database="admin",
    )


def owner_of(brand_id: UUID) -> Principal:
    """Return an owner of the brand as whom factories act; no such person is stored."""
    return Principal(UUID(int=2), brand_ids=(brand_id,), roles=frozenset({"owner"}))


def email_of(who: Principal) -> str:
    """Return the address with which somebody signs in."""
    with acting(ADMIN):
        return queries.get_user(who.user_id).email


def key_of(who: Principal) -> str:
    """Issue an API key to somebody in the role in which they act, and return its secret."""
    (role,) = who.roles
    brand_id = who.brand_ids[0] if role in STAFF else None
    with acting(who):
        return commit(
            keys.issue_key, user_id=who.user_id, name="test", role=role, brand_id=brand_id
        ).secret


def expert_of(expert_id: UUID) -> Principal:
    """Return an expert as whom they sign in."""
    return queries.principal_of(expert_id, queries.Hat(Role.EXPERT))
