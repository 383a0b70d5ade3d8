"""Choosing a password by a link that only the owner of an address gets: invited, or forgotten."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from zxcvbn import zxcvbn

from gigcx import audit, ids, outbox
from gigcx.errors import Conflict
from gigcx.http import login, sessions
from gigcx.http.links import SIGNED_WITH, LinkExpired, LinkNotFound
from gigcx.identity import queries as identity
from gigcx.identity.models import User
from gigcx.identity.service import signing_in

LASTS = timedelta(hours=72)
"""Long enough for an invitation on a Friday."""
LENGTH_MIN = 12
LENGTH_MAX = 200
"""Source: OWASP ASVS 5.0, V6.2.1 and V6.2.9, of which twelve is the stricter half."""
SCORE_MIN = 3
"""Of zxcvbn's 0 to 4: "safely unguessable", more than 10^8 guesses with its lists of frequent
passwords, names and words. Source: Wheeler, zxcvbn, USENIX Security 2016."""
GUESSED_MAX = 72
"""Characters that are looked at: its time grows with the square."""
_SECRET_BYTES = 20
"""Source: RFC 4226, section 4, R6."""


class PasswordTooWeak(Conflict):
    """The password is short, says who its owner is, or is one that people guess."""

    code = "sign-in/password-too-weak"
    title = "Choose another password"


class CodeWrong(Conflict):
    """The app does not show this code."""

    code = "sign-in/code-wrong"
    title = "The one-time code is wrong"


class CodesNeeded(Conflict):
    """Who moves money or lets people in proves it twice."""

    code = "sign-in/codes-needed"
    title = "Your role needs one-time codes"


def ask_for_link(now: datetime, *, email: str, address: str) -> None:
    """Let a link be sent to this address if somebody has it; who asks is told the same either way.

    :param address: the network address that asks.
    :raises TooManyRequests: if either was asked for too often.
    """
    login.count_reset(now, email=email, address=address)
    user = identity.find_user_by_email(email)
    if user is not None and user.suspended_at is None:
        outbox.put(now, "identity.password_wanted", user_id=str(user.id))


def sign(user: User) -> str:
    """Return the token of a link; the password that it sets makes it worthless."""
    token: str = _signer().dumps([ids.shown("user", user.id), _fingerprint(user)])
    return token


def person_of(token: str) -> User:
    """Return whose link it is.

    :raises LinkExpired: if it is too old, or was used.
    :raises LinkNotFound: if we did not sign it.
    """
    try:
        shown, fingerprint = _signer().loads(token, max_age=int(LASTS.total_seconds()))
    except SignatureExpired as error:
        raise LinkExpired("Links are good for three days. Ask for a new one.") from error
    except BadData as error:
        raise LinkNotFound("Open the link from the mail, or copy all of it.") from error
    user = identity.get_user(ids.parse("user", shown))
    if user.suspended_at is not None or not hmac.compare_digest(fingerprint, _fingerprint(user)):
        raise LinkExpired("This link was used. Ask for a new one.")
    return user


def secret_to_show(token: str) -> str | None:
    """Return what an app needs to make one-time codes, if its person must have one and has none."""
    user = person_of(token)
    if user.totp_secret is not None or user.platform_role not in login.SECOND_FACTOR:
        return None
    return _secret_of(token)


def own_secret() -> str:
    """Return what an app needs to make one-time codes for who is signed in in this browser: the
    same for as long as the session lasts, so that nothing is stored before a code proves it.
    """
    return _secret_of(login.session_token() or "")


def set_up_codes(now: datetime, *, user_id: UUID, password: str, secret: str, code: str) -> None:
    """Ask this person for one-time codes from now on.

    :raises PasswordWrong: if it is not their password.
    :raises CodeWrong: if the app does not show this code.
    """
    login.confirm_password(now, user_id=user_id, password=password)
    step = login.step_of(secret, code, now)
    if step is None:
        raise CodeWrong("Enter the six digits that your app shows now.")
    signing_in.set_totp_secret(now, user_id=user_id, totp_secret=login.seal(secret), step=step)
    audit.note(now, "identity.codes_set_up", subject=f"user:{user_id}")


def drop_codes(now: datetime, *, user_id: UUID, password: str) -> None:
    """Ask this person for no one-time codes any more.

    :raises PasswordWrong: if it is not their password.
    :raises CodesNeeded: if their role needs codes.
    """
    login.confirm_password(now, user_id=user_id, password=password)
    if identity.get_user(user_id).platform_role in login.SECOND_FACTOR:
        raise CodesNeeded("Your role signs in with one-time codes or a passkey, always.")
    signing_in.set_totp_secret(now, user_id=user_id, totp_secret=None, step=0)
    audit.note(now, "identity.codes_dropped", subject=f"user:{user_id}")


def check(user: User, password: str) -> None:
    """Refuse a password that is short, its owner's name, or guessed soon.

    :raises PasswordTooWeak: saying what to do about it.
    """
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise PasswordTooWeak(f"Use {LENGTH_MIN} to {LENGTH_MAX} characters, such as four words.")
    said = password.lower()
    own = [user.email, user.email.partition("@")[0].lower(), user.name.lower()]
    if own[1] in said or said in own:
        raise PasswordTooWeak("Leave your name and your address out of it.")
    if zxcvbn(password[:GUESSED_MAX], user_inputs=own)["score"] < SCORE_MIN:
        raise PasswordTooWeak("People who guess try this early. Use four words that do not rhyme.")


def change(now: datetime, *, user_id: UUID, current: str, password: str) -> str:
    """Set another password for who is signed in and knows the current one; end all sessions.

    Return the address to sign in with.

    :raises PasswordWrong: if the current one is another.
    :raises PasswordTooWeak: if the new one is weak.
    """
    login.confirm_password(now, user_id=user_id, password=current)
    user = identity.get_user(user_id)
    check(user, password)
    signing_in.set_password(now, user_id=user.id, password_hash=login.hash_password(password))
    sessions.end_sessions(now, user_id=user.id)
    audit.note(now, "identity.password_chosen", subject=f"user:{user.id}")
    return user.email


def choose(now: datetime, *, token: str, password: str, code: str = "") -> str:
    """Set the password, and one-time codes where the role needs them; end all sessions.

    Return the address to sign in with.

    :raises PasswordTooWeak: if it is too short, or holds the person's own name or address.
    :raises CodeWrong: if the app does not show this code.
    """
    user = person_of(token)
    check(user, password)
    secret = secret_to_show(token)
    if secret is not None:
        step = login.step_of(secret, code, now)
        if step is None:
            raise CodeWrong("Enter the six digits that your app shows now.")
        signing_in.set_totp_secret(now, user_id=user.id, totp_secret=login.seal(secret), step=step)
    signing_in.set_password(now, user_id=user.id, password_hash=login.hash_password(password))
    sessions.end_sessions(now, user_id=user.id)
    audit.note(now, "identity.password_chosen", subject=f"user:{user.id}")
    return user.email


def _secret_of(token: str) -> str:
    digest = hmac.new(_key(), b"totp:" + token.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_SECRET_BYTES]).decode()


def _fingerprint(user: User) -> str:
    told = f"{user.password_hash}:{user.totp_secret}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _key() -> bytes:
    assert isinstance(current_app.secret_key, str)
    return current_app.secret_key.encode()


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_key(), salt="password-link", signer_kwargs=SIGNED_WITH)
