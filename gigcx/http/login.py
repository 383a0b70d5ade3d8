"""Signing in: a password, for finance and admin also a one-time code, and few tries."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import cast
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from typing_extensions import override
from werkzeug.exceptions import TooManyRequests

from gigcx import audit
from gigcx.errors import Conflict, NotAllowed
from gigcx.http.sessions import ServerSession
from gigcx.identity import queries as identity
from gigcx.identity.queries import Hat
from gigcx.identity.rules import Role, permitted
from gigcx.identity.service import signing_in
from gigcx.principal import NOBODY, Principal
from gigcx.sealing import Sealer

WINDOW = timedelta(minutes=15)
"""Over which failed tries count."""
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 30
"""More than for an account: offices share an address."""
STEP_SECONDS = 30
STEPS_OFF = 1
"""How many steps a clock may be off. Source: RFC 6238, section 5.2."""
SECOND_FACTOR = frozenset({Role.FINANCE, Role.ADMIN})
_HAT = "hat"
_SEEN_AS = "seen_as"
_TOTP = "totp"
_hasher = PasswordHasher()


class SignInRefused(NotAllowed):
    """E-mail, password or code are wrong. It does not say which: that would tell who is here."""

    code = "sign-in/refused"
    title = "That did not work"


class CodeNeeded(NotAllowed):
    """The password is right; the role asks for a one-time code too."""

    code = "sign-in/code-needed"
    title = "Enter your one-time code"


class SecondFactorMissing(NotAllowed):
    """The role asks for a one-time code and the person has no way to make one."""

    code = "sign-in/second-factor-missing"
    title = "Set up one-time codes first"


class CodeRefused(NotAllowed):
    """The code is wrong or was used: nobody is asked twice for less than money."""

    code = "sign-in/code-refused"
    title = "The one-time code is not accepted"


class PasswordWrong(NotAllowed):
    """The current password is asked again before what would let somebody else in."""

    code = "sign-in/password-wrong"
    title = "Your current password is wrong"


class CannotSeeAs(Conflict):
    """The person does not have the role, or it is one of the platform's."""

    code = "sign-in/cannot-see-as"
    title = "You cannot see as this person"


class SignedIn(UserMixin):
    """A person who is signed in, under the hat that they wear in this session."""

    def __init__(self, user_id: UUID, name: str, hats: Sequence[Hat], hat: Hat) -> None:
        self.id = user_id
        self.name = name
        self.hats = hats
        self.hat = hat

    @override
    def get_id(self) -> str:
        return str(self.id)


def sign_in(now: datetime, *, email: str, password: str, code: str = "", address: str) -> SignedIn:
    """Check who somebody says they are; a unit for ``commit``, followed by ``start_session``.

    A failed try is counted for the account and for the address, after the refusal.

    :param code: the one-time code, for who needs one.
    :param address: the network address that asks.
    :raises SignInRefused: if something is wrong.
    :raises CodeNeeded: if only the code is missing.
    :raises SecondFactorMissing: if the role needs codes and none are set up.
    :raises TooManyRequests: after too many failed tries.
    """
    subjects = _subjects(email, address)
    _check_tries(now, subjects)
    refused = SignInRefused(
        "E-mail, password or code are wrong.",
        afterwards=lambda later: _count(later, list(subjects)),
    )
    user = identity.find_user_by_email(email)
    stored = user.password_hash if user is not None else None
    # Who is unknown takes as long as who is known.
    is_right = _verify(stored or _nobodys_hash(), password)
    if user is None or stored is None or not is_right or user.suspended_at is not None:
        raise refused
    if user.totp_secret is not None:
        if not code:
            raise CodeNeeded("Enter the six digits that your app shows now.")
        step = _step_of_sealed(user.totp_secret, code, now)
        if step is None or not signing_in.accept_totp_step(now, user_id=user.id, step=step):
            raise refused
    elif user.platform_role in SECOND_FACTOR:
        raise SecondFactorMissing("Your role asks for one-time codes. Ask an administrator.")
    if _hasher.check_needs_rehash(stored):
        signing_in.set_password(now, user_id=user.id, password_hash=hash_password(password))
    found = person(user.id)
    if found is None:
        raise refused
    return found


def person(user_id: UUID) -> SignedIn | None:
    """Return somebody in the first of their roles, or None if they may not sign in."""
    return _load(user_id, None)


def confirm_password(now: datetime, *, user_id: UUID, password: str) -> None:
    """Ask who is signed in for their password, before what lets them in is changed.

    :raises PasswordWrong: if it is another one.
    :raises TooManyRequests: after too many wrong ones.
    """
    subject = f"password:{user_id}"
    _check_tries(now, {subject: TRIES_PER_ACCOUNT})
    stored = identity.get_user(user_id).password_hash
    if not _verify(stored or _nobodys_hash(), password):
        raise PasswordWrong(
            "Enter the password that you sign in with.",
            afterwards=lambda later: _count(later, [subject]),
        )


def step_up(now: datetime, *, user_id: UUID, code: str) -> int:
    """Ask for a one-time code of this moment before something that nobody can take back: fresh,
    and used for nothing else. Return its step.

    Wrong codes count like failed sign-ins, after the refusal.

    :raises CodeRefused: if it is wrong or was used.
    :raises TooManyRequests: after too many wrong ones.
    """
    subject = f"code:{user_id}"
    _check_tries(now, {subject: TRIES_PER_ACCOUNT})
    secret = identity.get_user(user_id).totp_secret
    step = None if secret is None else _step_of_sealed(secret, code, now)
    if step is None or not signing_in.accept_totp_step(now, user_id=user_id, step=step):
        raise CodeRefused(
            "It is wrong or was used before. Wait for the next one.",
            afterwards=lambda later: _count(later, [subject]),
        )
    return step


def start_session(person: SignedIn) -> None:
    """Give the browser a new session in which the person is signed in."""
    session.clear()
    _server_session().rotate()
    session[_HAT] = person.hat.key
    login_user(person)


def end_session() -> None:
    """Sign out: the session is deleted, not only forgotten by the browser."""
    logout_user()
    session.clear()


def wear_hat(key: str) -> bool:
    """Act in another of one's roles, in a session with a new token; say whether one has it."""
    if not any(hat.key == key for hat in getattr(current_user, "hats", ())):
        return False
    see_as_oneself()
    session[_HAT] = key
    _server_session().rotate()
    return True


def signed_in() -> Principal:
    """Return who the session belongs to, in the role that they act in, or ``NOBODY``.

    For an administrator who sees as somebody else, it is that person.
    """
    if not current_user.is_authenticated:
        return NOBODY
    seen = seen_as()
    if seen is not None:
        who = identity.principal_of(seen.id, seen.hat)
        return replace(who, actions=frozenset(filter(_only_shows, permitted(who.roles))))
    return identity.principal_of(current_user.id, current_user.hat)


def look_through(now: datetime, *, user_id: UUID, hat: str, reason: str) -> SignedIn:
    """Write down that who is asking sees what somebody else sees, and why; return that person.

    :raises CannotSeeAs: if they do not have this role, or it is one of the platform's.
    """
    seen = _load(user_id, hat)
    if seen is None or seen.hat.role in SECOND_FACTOR:
        raise CannotSeeAs("Choose one of the roles that the person has at a brand.")
    audit.note(
        now,
        "identity.seen_as",
        subject=f"user:{user_id}",
        role=seen.hat.role,
        reason=reason,
        brand_id=seen.hat.brand_id,
    )
    return seen


def see_as(person: SignedIn) -> None:
    """Show an administrator what somebody else sees, until they stop; they can change nothing."""
    session[_SEEN_AS] = [str(person.id), person.hat.key]
    _server_session().rotate()


def see_as_oneself() -> None:
    """Stop seeing as somebody else."""
    session.pop(_SEEN_AS, None)


def seen_as() -> SignedIn | None:
    """Return as whom an administrator sees in this session; None if as themselves."""
    kept = session.get(_SEEN_AS)
    if kept is None or not current_user.is_authenticated or current_user.hat.role is not Role.ADMIN:
        return None
    return _load(UUID(kept[0]), kept[1])


def session_token() -> str | None:
    """Return the token of this browser's session."""
    return _server_session().token


def seal(totp_secret: str) -> str:
    """Return what is stored instead of the secret of one-time codes."""
    return sealer().seal(totp_secret, purpose=_TOTP)


def reseal(stored: str) -> str | None:
    """Return a secret of one-time codes sealed with the newest key; None if it is already.

    :raises SealBroken: if its old key is not set any more.
    """
    if sealer().is_current(stored):
        return None
    return seal(sealer().open(stored, purpose=_TOTP))


def sealer() -> Sealer:
    """Return the app's own sealer."""
    return cast(Sealer, current_app.extensions["gigcx.sealer"])


def hash_password(password: str) -> str:
    """Return what is stored instead of a password (Argon2id, a salt of its own)."""
    return _hasher.hash(password)


def register(app: Flask) -> None:
    """Let flask-login know our people."""
    manager = LoginManager()
    manager.session_protection = None  # Our tokens are random, rotated and can be revoked.
    manager.user_loader(lambda user_id: _load(UUID(user_id), session.get(_HAT)))
    manager.init_app(app)


def _only_shows(action: str) -> bool:
    return action.endswith(".read") or action.startswith("console.")


def _load(user_id: UUID, hat_key: str | None) -> SignedIn | None:
    """Return the person, or None if they are suspended or have lost the role they act in."""
    hats = identity.hats_of(user_id)
    worn = next((hat for hat in hats if hat_key in {None, hat.key}), None)
    if worn is None:
        return None
    return SignedIn(user_id, identity.names_of([user_id])[user_id], hats, worn)


def count_reset(now: datetime, *, email: str, address: str) -> None:
    """Count who asks for a link to a password, for the account and for the address.

    :raises TooManyRequests: after too many of them.
    """
    subjects = {f"reset-{subject}": most for subject, most in _subjects(email, address).items()}
    _check_tries(now, subjects)
    _count(now, list(subjects))


def check_address(now: datetime, *, address: str) -> None:
    """Refuse an address from which too much was tried.

    :raises TooManyRequests: saying when to come back.
    """
    _check_tries(now, {f"address:{address}": TRIES_PER_ADDRESS})


def count_address(now: datetime, *, address: str) -> None:
    """Count a failed try of an address."""
    _count(now, [f"address:{address}"])


def _subjects(email: str, address: str) -> dict[str, int]:
    """Return what is counted when somebody says who they are, and how often that may be."""
    account = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    return {f"account:{account}": TRIES_PER_ACCOUNT, f"address:{address}": TRIES_PER_ADDRESS}


def _check_tries(now: datetime, subjects: dict[str, int]) -> None:
    for subject, most in subjects.items():
        if identity.login_attempts_since(subject=subject, since=now - WINDOW) >= most:
            raise TooManyRequests(
                "Too many failed tries. Wait a quarter of an hour.",
                retry_after=int(WINDOW.total_seconds()),
            )


def _count(now: datetime, subjects: Sequence[str]) -> None:
    for subject in subjects:
        signing_in.note_login_attempt(now, subject=subject)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")


def _step_of_sealed(stored: str, code: str, now: datetime) -> int | None:
    return step_of(sealer().open(stored, purpose=_TOTP), code, now)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the 30-second step that a code belongs to, if it is one of those about now."""
    current = int(now.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret, interval=STEP_SECONDS)
    wanted = code.replace(" ", "")
    for step in range(current - STEPS_OFF, current + STEPS_OFF + 1):
        if pyotp.utils.strings_equal(wanted, generator.generate_otp(step)):
            return step
    return None


def _server_session() -> ServerSession:
    return cast(ServerSession, session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - the proxy's own way out
