"""People are given roles, and make keys for themselves: nobody gives more than they have."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from gigcx import outbox
from gigcx.errors import NotAllowed
from gigcx.identity import queries
from gigcx.identity.queries import Person
from gigcx.identity.rules import STAFF, Role, may_invite
from gigcx.identity.service import keys, people
from gigcx.identity.service.keys import IssuedKey
from gigcx.principal import Principal

GIVEN = (Role.FINANCE, Role.ADMIN, *sorted(STAFF))
"""Roles that an administrator gives."""


class RoleNotYours(NotAllowed):
    """Who asks may not give this role, or not so much of it."""

    code = "access/role-not-yours"
    title = "You cannot give this role"


def invite_person(
    now: datetime, *, who: Principal, email: str, name: str, role: str, brand_id: UUID | None = None
) -> Person:
    """Give somebody a role; who has no password gets a link to choose one.

    :param brand_id: of a brand's role, for an admin; an owner has one brand.
    :raises RoleNotYours: if rule R-identity-2 forbids it, or a brand's role names no brand.
    """
    wanted = Role(role)
    is_of_brand = wanted in STAFF
    place = brand_id if who.has(Role.ADMIN) else next(iter(who.brand_ids), None)
    if not who.has(Role.ADMIN) and not may_invite(Role(next(iter(who.roles))), wanted):
        raise RoleNotYours("An owner gives the roles of the brand, an admin all of them.")
    if is_of_brand == (place is None) or brand_id not in {None, place}:
        raise RoleNotYours("A brand's role is of one brand, a role of the platform of none.")
    user = queries.find_user_by_email(email) or people.create_user(
        now, email=email, name=name, platform_role=None if is_of_brand else wanted
    )
    if not is_of_brand and user.platform_role != wanted:
        raise RoleNotYours("Somebody with this address is here in another role.")
    if place is not None:
        queries.get_brand(place)
        people.add_member(now, brand_id=place, user_id=user.id, role=wanted)
    if user.password_hash is None:
        outbox.put(now, "identity.password_wanted", user_id=str(user.id))
    return Person(user.id, user.name, user.email, wanted, user.suspended_at is not None)


def issue_own_key(
    now: datetime,
    *,
    who: Principal,
    name: str,
    actions: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Make a key with the role in which its person asks; a narrowed key makes no wider one.

    :raises RoleNotYours: if the key that asks is narrowed and this one would be wider.
    """
    if who.actions is not None and actions is None:
        actions = sorted(who.actions)
    _check_width(who, actions)
    return keys.issue_key(
        now,
        user_id=who.user_id,
        name=name,
        role=next(iter(who.roles)),
        brand_id=_place_of(who),
        actions=actions,
        expires_at=expires_at,
    )


def rotate_own_key(now: datetime, *, who: Principal, key_id: UUID, overlap: timedelta) -> IssuedKey:
    """Replace a key of one's own by a new one that may do the same.

    :raises RoleNotYours: if the old one may do what who asks may not.
    :raises KeyNotFound: if it is not theirs, or has ended.
    """
    issued = keys.rotate_key(now, who=who, key_id=key_id, overlap=overlap)
    key = issued.key
    _check_width(who, key.actions)
    if not who.has(key.role) or key.brand_id != _place_of(who):
        raise RoleNotYours("Ask in the role of the old key.")
    return issued


def _check_width(who: Principal, actions: Sequence[str] | None) -> None:
    if who.actions is not None and (actions is None or not who.actions.issuperset(actions)):
        raise RoleNotYours("A key makes no key that may do more.")


def _place_of(who: Principal) -> UUID | None:
    """Return the brand of the role in which somebody asks, if it is a brand's role."""
    return who.brand_ids[0] if who.has(*STAFF) else None
