"""Brands and people come, get roles and keys, and are suspended."""

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gigcx import audit
from gigcx.db import db, violated
from gigcx.errors import Conflict, NotFound
from gigcx.identity import rules
from gigcx.identity.models import ApiKey, Brand, LoginAttempt, Membership, User
from gigcx.identity.queries import BrandNotFound, UserNotFound
from gigcx.ids import new_id
from gigcx.principal import Principal

KEY_BYTES = 32
"""Random bytes of an API key."""
ATTEMPTS_KEPT = timedelta(days=1)


class EmailTaken(Conflict):
    """Somebody has this address."""

    code = "identity/email-taken"
    title = "There is a person with this e-mail address"


class SlugTaken(Conflict):
    """Another brand has this address."""

    code = "identity/slug-taken"
    title = "There is a brand with this address"


class RoleNotHeld(Conflict):
    """A key cannot have a role that its person does not have."""

    code = "identity/role-not-held"
    title = "The person does not have this role"


class KeyNotFound(NotFound):
    """There is no such key, or it is somebody else's."""

    code = "identity/key-not-found"
    title = "No such API key"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which nobody can read again."""

    key: ApiKey
    secret: str


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


def issue_key(
    now: datetime,
    *,
    user_id: UUID,
    name: str,
    role: str,
    brand_id: UUID | None = None,
    actions: Collection[str] | None = None,
    expires_at: datetime | None = None,
) -> IssuedKey:
    """Make an API key for a person in one of their roles.

    :param actions: what the key may do of what the role permits; None is all of it.
    :raises RoleNotHeld: if an action is not one of the role's.
    """
    beyond = set(actions or ()) - rules.permitted([role])
    if beyond:
        raise RoleNotHeld(f"The role {role} does not permit {', '.join(sorted(beyond))}.")
    secret = f"gcx_{secrets.token_urlsafe(KEY_BYTES)}"
    key = ApiKey(
        id=new_id(),
        user_id=user_id,
        name=name,
        role=role,
        brand_id=brand_id,
        sha256=hashlib.sha256(secret.encode()).digest(),
        actions=None if actions is None else sorted(actions),
        created_at=now,
        expires_at=expires_at,
    )
    db.session.add(key)
    db.session.flush()
    audit.note(now, "identity.key_issued", subject=f"api_key:{key.id}", role=role)
    return IssuedKey(key, secret)


def revoke_key(now: datetime, *, who: Principal, key_id: UUID) -> ApiKey:
    """End a key of one's own, at once.

    :raises KeyNotFound: if it is not theirs.
    """
    key = db.session.scalars(
        sa.select(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == who.user_id)
    ).one_or_none()
    if key is None:
        raise KeyNotFound("You have no such key.")
    key.revoked_at = key.revoked_at or now
    db.session.flush()
    audit.note(now, "identity.key_revoked", subject=f"api_key:{key_id}")
    return key


def rotate_key(now: datetime, *, who: Principal, key_id: UUID, overlap: timedelta) -> IssuedKey:
    """Make a key's successor, which may do the same; the old one ends after the overlap.

    :raises KeyNotFound: if it is not theirs, or has ended.
    """
    key = db.session.scalars(
        sa.select(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.user_id == who.user_id, ApiKey.revoked_at.is_(None))
        .where(sa.or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now))
        .with_for_update(key_share=True)
    ).one_or_none()
    if key is None:
        raise KeyNotFound("You have no such key, or it has ended.")
    issued = issue_key(
        now,
        user_id=key.user_id,
        name=key.name,
        role=key.role,
        brand_id=key.brand_id,
        actions=key.actions,
        expires_at=key.expires_at,
    )
    key.expires_at = min(filter(None, (now + overlap, key.expires_at)))
    db.session.flush()
    audit.note(now, "identity.key_rotated", subject=f"api_key:{key_id}", by=str(issued.key.id))
    return issued


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
        sa.update(ApiKey)
        .where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


def set_password(now: datetime, *, user_id: UUID, password_hash: str) -> None:
    """Store a password's new hash."""
    db.session.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(password_hash=password_hash)
        .execution_options(synchronize_session=False)
    )


def set_totp_secret(_now: datetime, *, user_id: UUID, totp_secret: str, step: int) -> None:
    """Store how a person makes one-time codes.

    :param totp_secret: sealed.
    :param step: of the code that proved it, which is used by that.
    """
    db.session.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(totp_secret=totp_secret, totp_last_step=step)
        .execution_options(synchronize_session=False)
    )


def reseal_totp_secrets(_now: datetime, *, reseal: Callable[[str], str | None]) -> int:
    """Seal the secrets of one-time codes anew; return how many changed.

    :param reseal: old → new, None for one that is well as it is.
    """
    changed = 0
    for user in db.session.scalars(
        sa.select(User).where(User.totp_secret.is_not(None)).with_for_update(key_share=True)
    ):
        assert user.totp_secret is not None
        sealed = reseal(user.totp_secret)
        if sealed is not None:
            user.totp_secret = sealed
            changed += 1
    db.session.flush()
    return changed


def accept_totp_step(now: datetime, *, user_id: UUID, step: int) -> bool:
    """Say whether a one-time code of this step is accepted: each step once, never an older one."""
    accepted = db.session.execute(
        sa.update(User)
        .where(User.id == user_id, User.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return accepted is not None


def note_login_attempt(now: datetime, *, subject: str) -> None:
    """Count a failed sign-in for an account or an address, and forget those of yesterday."""
    db.session.execute(sa.insert(LoginAttempt).values(subject=subject, at=now))
    db.session.execute(
        sa.delete(LoginAttempt)
        .where(LoginAttempt.subject == subject, LoginAttempt.at < now - ATTEMPTS_KEPT)
        .execution_options(synchronize_session=False)
    )
