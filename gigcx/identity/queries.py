"""Who somebody is, and which hats they can wear."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.errors import NotFound
from gigcx.identity.models import ApiKey, Brand, LoginAttempt, Membership, Passkey, User
from gigcx.identity.rules import Role
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal


class UserNotFound(NotFound):
    """There is no such person."""

    code = "identity/user-not-found"
    title = "No such person"


class BrandNotFound(NotFound):
    """There is no such brand, or it is not this person's to see."""

    code = "identity/brand-not-found"
    title = "No such brand"


@dataclass(frozen=True, slots=True)
class Hat:
    """One role that a person can act in."""

    role: Role
    brand_id: UUID | None = None
    brand_name: str = ""

    @property
    def key(self) -> str:
        """Name the hat in a session or a form."""
        return f"{self.role}:{self.brand_id or ''}"


@dataclass(frozen=True, slots=True)
class Person:
    """A person as lists show them."""

    id: UUID
    name: str
    email: str
    role: str
    is_suspended: bool


def find_user_by_email(email: str) -> User | None:
    """Return the user with this address, however it is written."""
    return db.session.scalars(
        sa.select(User).where(User.email == email.strip().lower())
    ).one_or_none()


def ids_by_email(emails: Collection[str]) -> Mapping[str, UUID]:
    """Return address, as it is asked → the user who has it, however it is written."""
    plain = {email.strip().lower(): email for email in emails}
    if not plain:
        return {}
    rows = db.session.execute(sa.select(User.email, User.id).where(User.email.in_(plain)))
    return {plain[email]: user_id for email, user_id in rows}


def get_user(user_id: UUID) -> User:
    """Return a user.

    :raises UserNotFound: if there is none such.
    """
    user = db.session.get(User, user_id)
    if user is None:
        raise UserNotFound("There is no such person.")
    return user


def get_brand(brand_id: UUID) -> Brand:
    """Return a brand.

    :raises BrandNotFound: if there is none such.
    """
    brand = db.session.get(Brand, brand_id)
    if brand is None:
        raise BrandNotFound("There is no such brand.")
    return brand


def find_brand_by_slug(slug: str) -> Brand | None:
    """Return the brand of this address; asked by our own processes."""
    return db.session.scalars(sa.select(Brand).where(Brand.slug == slug)).one_or_none()


def hats_of(user_id: UUID) -> Sequence[Hat]:
    """Return the roles that a person can act in; none if they are suspended."""
    hats = [Hat(Role(role), brand_id, name or "") for role, brand_id, name in _roles_of(user_id)]
    worn = [hat for hat in hats if hat.role is not Role.EXPERT]
    if len(worn) < len(hats):
        worn.append(Hat(Role.EXPERT))
    return worn


def principal_of(user_id: UUID, hat: Hat) -> Principal:
    """Return the person acting in one of their roles."""
    roles = frozenset({str(hat.role)})
    if hat.brand_id is not None:
        return Principal(user_id, (hat.brand_id,), roles)
    if hat.role is Role.EXPERT:
        brands = [b for role, b, _ in _roles_of(user_id) if b is not None and role == Role.EXPERT]
        return Principal(user_id, tuple(brands), roles)
    return Principal(user_id, (), roles, database=str(hat.role))


def principal_of_key(secret: str, now: datetime) -> Principal | None:
    """Return who a key speaks for, or None if it is unknown, over, or its person lost the role."""
    key = db.session.scalars(
        sa.select(ApiKey).where(ApiKey.sha256 == hashlib.sha256(secret.encode()).digest())
    ).one_or_none()
    if key is None or key.revoked_at is not None:
        return None
    if key.expires_at is not None and key.expires_at <= now:
        return None
    wanted = (key.role, key.brand_id)
    hat = next((h for h in hats_of(key.user_id) if (h.role, h.brand_id) == wanted), None)
    if hat is None:
        return None
    who = principal_of(key.user_id, hat)
    narrowed = None if key.actions is None else frozenset(key.actions)
    return Principal(who.user_id, who.brand_ids, who.roles, "", who.database, narrowed)


def list_people(who: Principal, page: Page) -> Slice[Person]:
    """R-identity-3: An owner or lead sees the brand's staff, an admin everybody."""
    users = sa.select(User)
    roles: Mapping[UUID, str] = {}
    if not who.has("admin", "system"):
        roles = dict(
            db.session.execute(
                sa.select(Membership.user_id, Membership.role).where(
                    Membership.brand_id.in_(who.brand_ids)
                )
            ).all()
        )
        users = users.where(User.id.in_(roles))
    found = read(
        users,
        page,
        by=(User.created_at, User.id),
        key=lambda user: (user.created_at, user.id),
    )
    return Slice(
        [
            Person(
                user.id,
                user.name,
                user.email,
                roles.get(user.id, user.platform_role or ""),
                user.suspended_at is not None,
            )
            for user in found.items
        ],
        found.next_after,
    )


def list_brands(who: Principal, page: Page) -> Slice[Brand]:
    """R-identity-4: One sees the brands that one acts for; finance and admin see all."""
    brands = sa.select(Brand)
    if not who.has("finance", "admin", "system"):
        brands = brands.where(Brand.id.in_(who.brand_ids))
    return read(
        brands,
        page,
        by=(Brand.created_at, Brand.id),
        key=lambda brand: (brand.created_at, brand.id),
    )


def list_brand_ids() -> Sequence[UUID]:
    """Return every brand that works, for jobs that look at one after the other."""
    return db.session.scalars(
        sa.select(Brand.id).where(Brand.suspended_at.is_(None)).order_by(Brand.id)
    ).all()


def list_keys(who: Principal, page: Page) -> Slice[ApiKey]:
    """R-identity-5: One sees one's own keys."""
    return read(
        sa.select(ApiKey).where(ApiKey.user_id == who.user_id),
        page,
        by=(ApiKey.created_at, ApiKey.id),
        key=lambda key: (key.created_at, key.id),
    )


def list_passkeys(user_id: UUID) -> Sequence[Passkey]:
    """Return a person's passkeys, the oldest first."""
    return db.session.scalars(
        sa.select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    ).all()


def find_passkey(credential_id: bytes) -> Passkey | None:
    """Return the passkey that a device calls so; asked before anybody is known."""
    return db.session.scalars(
        sa.select(Passkey).where(Passkey.credential_id == credential_id)
    ).one_or_none()


def names_of(user_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return user id → name."""
    return dict(
        db.session.execute(sa.select(User.id, User.name).where(User.id.in_(user_ids))).all()
    )


def emails_of_role(*, brand_id: UUID, roles: Collection[str]) -> Sequence[str]:
    """Return where the brand's people of these roles read mail."""
    return db.session.scalars(
        sa.select(User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.brand_id == brand_id, Membership.role.in_(roles))
        .where(User.suspended_at.is_(None))
        .order_by(User.email)
    ).all()


def brand_names(brand_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return brand id → name."""
    return dict(
        db.session.execute(sa.select(Brand.id, Brand.name).where(Brand.id.in_(brand_ids))).all()
    )


def login_attempts_since(*, subject: str, since: datetime) -> int:
    """Return how many sign-ins have failed for an account or an address since then."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(LoginAttempt)
            .where(LoginAttempt.subject == subject, LoginAttempt.at > since)
        )
        or 0
    )


def _roles_of(user_id: UUID) -> Sequence[tuple[str, UUID | None, str | None]]:
    """Return (role, brand id, brand's name), one for each brand; asked before anybody is known."""
    rows = db.session.execute(
        sa.text(
            "SELECT h.role, h.brand_id, h.brand_name FROM hats_of(:user) h"
            " JOIN users u ON u.id = :user AND u.suspended_at IS NULL"
        ).columns(role=sa.Text, brand_id=sa.Uuid, brand_name=sa.Text),
        {"user": user_id},
    )
    return [(role, brand_id, name) for role, brand_id, name in rows]
