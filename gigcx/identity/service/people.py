"""Brands and people come, get roles, are suspended and forgotten."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gigcx import audit
from gigcx.db import db, violated
from gigcx.errors import Conflict
from gigcx.identity.models import ApiKey, Brand, Membership, Passkey, User
from gigcx.identity.queries import BrandNotFound, UserNotFound
from gigcx.ids import new_id
from gigcx.principal import Principal


class EmailTaken(Conflict):
    """Somebody has this address."""

    code = "identity/email-taken"
    title = "There is a person with this e-mail address"


class SlugTaken(Conflict):
    """Another brand has this address."""

    code = "identity/slug-taken"
    title = "There is a brand with this address"


def create_brand(
    now: datetime,
    *,
    name: str,
    slug: str,
    fee_bps: int = 2500,
    expert_title: str = "Advocate",
) -> Brand:
    """Let a brand in.

    :param fee_bps: the platform's fee on each reward, in basis points.
    :raises SlugTaken: if another brand has the address.
    """
    brand = Brand(
        id=new_id(),
        name=name,
        slug=slug,
        fee_bps=fee_bps,
        expert_title=expert_title,
        created_at=now,
    )
    db.session.add(brand)
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if violated(error) == "brand_slug_is_free":
            raise SlugTaken(f"Another brand has the address {slug}.") from error
        raise
    audit.note(now, "identity.brand_created", subject=f"brand:{brand.id}")
    return brand


def create_user(
    now: datetime,
    *,
    email: str,
    name: str,
    password_hash: str | None = None,
    platform_role: str | None = None,
    totp_secret: str | None = None,
) -> User:
    """Let a person in.

    :param platform_role: finance or admin, for people of the platform.
    :raises EmailTaken: if somebody has the address.
    """
    user = User(
        id=new_id(),
        email=email.strip().lower(),
        name=name,
        password_hash=password_hash,
        platform_role=platform_role,
        totp_secret=totp_secret,
        totp_last_step=0,
        created_at=now,
    )
    db.session.add(user)
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if violated(error) == "user_email_is_free":
            raise EmailTaken("Somebody has this e-mail address. Use another one.") from error
        raise
    return user


def add_member(now: datetime, *, brand_id: UUID, user_id: UUID, role: str) -> Membership:
    """Give a person a role at a brand; another role replaces the one they have."""
    member = db.session.scalars(
        insert(Membership)
        .values(brand_id=brand_id, user_id=user_id, role=role, created_at=now)
        .on_conflict_do_update(index_elements=["brand_id", "user_id"], set_={"role": role})
        .returning(Membership)
    ).one()
    audit.note(
        now, "identity.member_added", subject=f"user:{user_id}", brand_id=brand_id, role=role
    )
    return member


def suspend_brand(now: datetime, *, who: Principal, brand_id: UUID, is_suspended: bool) -> Brand:
    """Stop a brand's queues from offering anything, or let them again."""
    brand = db.session.get(Brand, brand_id)
    if brand is None:
        raise BrandNotFound("There is no such brand.")
    brand.suspended_at = now if is_suspended else None
    db.session.flush()
    audit.note(
        now, "identity.brand_suspended", subject=f"brand:{brand_id}", is_suspended=is_suspended
    )
    return brand


def suspend_user(now: datetime, *, who: Principal, user_id: UUID, is_suspended: bool) -> User:
    """Keep a person from signing in, or let them again. Their keys stop with them."""
    user = db.session.get(User, user_id)
    if user is None:
        raise UserNotFound("There is no such person.")
    user.suspended_at = now if is_suspended else None
    db.session.flush()
    audit.note(now, "identity.user_suspended", subject=f"user:{user_id}", is_suspended=is_suspended)
    return user


def erase_user(now: datetime, *, user_id: UUID) -> None:
    """Forget who somebody is: no name, no address, no way in. Their sessions end with them."""
    db.session.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(
            email=f"erased-{user_id}@erased.invalid",
            name="Somebody who left",
            password_hash=None,
            totp_secret=None,
            suspended_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        sa.delete(Passkey)
        .where(Passkey.user_id == user_id)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        sa.update(ApiKey)
        .where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
