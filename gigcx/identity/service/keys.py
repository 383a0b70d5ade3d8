"""Keys for programs, each in the name and with one role of a person."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from gigcx import audit
from gigcx.db import db
from gigcx.errors import Conflict, NotFound
from gigcx.identity import rules
from gigcx.identity.models import ApiKey
from gigcx.ids import new_id
from gigcx.principal import Principal

KEY_BYTES = 32


"""Random bytes of an API key."""


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
