"""What people prove with who they are: passwords, one-time codes, passkeys; and failed tries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from gigcx import audit
from gigcx.db import db, violated
from gigcx.errors import Conflict, NotFound
from gigcx.identity.models import LoginAttempt, Passkey, User
from gigcx.ids import new_id

ATTEMPTS_KEPT = timedelta(days=1)


class PasskeyTaken(Conflict):
    """The device's key is known already."""

    code = "identity/passkey-taken"
    title = "This passkey is known"


class PasskeyNotFound(NotFound):
    """There is no such passkey, or it is somebody else's."""

    code = "identity/passkey-not-found"
    title = "No such passkey"


def set_password(now: datetime, *, user_id: UUID, password_hash: str) -> None:
    """Store a password's new hash."""
    db.session.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(password_hash=password_hash)
        .execution_options(synchronize_session=False)
    )


def set_totp_secret(_now: datetime, *, user_id: UUID, totp_secret: str | None, step: int) -> None:
    """Store how a person makes one-time codes.

    :param totp_secret: sealed; None for a person who makes none any more.
    :param step: of the code that proved it, which is used by that.
    """
    db.session.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(
            totp_secret=totp_secret,
            # A code that was used is not good again because codes were set up anew.
            totp_last_step=sa.func.greatest(User.totp_last_step, step),
        )
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


def add_passkey(
    now: datetime,
    *,
    user_id: UUID,
    name: str,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
) -> Passkey:
    """Let a person sign in with a key that their device keeps.

    :raises PasskeyTaken: if it is known already.
    """
    passkey = Passkey(
        id=new_id(),
        user_id=user_id,
        name=name,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        created_at=now,
    )
    db.session.add(passkey)
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if violated(error) == "passkey_is_new":
            raise PasskeyTaken("This device's passkey is in use already.") from error
        raise
    audit.note(now, "identity.passkey_added", subject=f"user:{user_id}")
    return passkey


def note_passkey_use(now: datetime, *, passkey_id: UUID, sign_count: int) -> None:
    """Write down that a passkey has signed."""
    db.session.execute(
        sa.update(Passkey)
        .where(Passkey.id == passkey_id)
        .values(sign_count=sign_count, last_used_at=now)
        .execution_options(synchronize_session=False)
    )


def drop_passkey(now: datetime, *, user_id: UUID, passkey_id: UUID) -> None:
    """Let a passkey of a person open nothing any more.

    :raises PasskeyNotFound: if it is not theirs.
    """
    gone = db.session.execute(
        sa.delete(Passkey)
        .where(Passkey.id == passkey_id, Passkey.user_id == user_id)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if gone is None:
        raise PasskeyNotFound("You have no such passkey.")
    audit.note(now, "identity.passkey_dropped", subject=f"user:{user_id}")


def note_login_attempt(now: datetime, *, subject: str) -> None:
    """Count a failed sign-in for an account or an address, and forget those of yesterday."""
    db.session.execute(sa.insert(LoginAttempt).values(subject=subject, at=now))
    db.session.execute(
        sa.delete(LoginAttempt)
        .where(LoginAttempt.subject == subject, LoginAttempt.at < now - ATTEMPTS_KEPT)
        .execution_options(synchronize_session=False)
    )
