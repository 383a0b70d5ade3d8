"""Passkeys: a key pair that a person's device keeps and that answers to our address only.

A passkey asks its owner for a finger or a PIN, so it stands for two factors at once. Source of
the ceremonies: Web Authentication Level 3, sections 7.1 and 7.2.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from flask import current_app, session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gigcx.db import now as clock
from gigcx.errors import NotAllowed
from gigcx.http import login
from gigcx.http.login import SignedIn
from gigcx.identity import queries as identity
from gigcx.identity.models import Passkey
from gigcx.identity.service import signing_in

CHALLENGE_LASTS = timedelta(minutes=5)
CREDENTIAL_MAX = 20_000
"""Characters of what a device answers; with an attestation it is some 2,000."""
NAME_MAX = 80
_ASKED = "passkey_asked"
Asked = Sequence[object] | None
"""A challenge and when it was given, as the session keeps it."""


class PasskeyRefused(NotAllowed):
    """The device's answer is not one to our question, or the passkey is not known here."""

    code = "sign-in/passkey-refused"
    title = "The passkey is not accepted"


def creation_options(user_id: UUID) -> str:
    """Ask a device to make a passkey for a person; return what its browser needs, as JSON."""
    person = identity.get_user(user_id)
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name="GigCX",
        user_id=user_id.bytes,
        user_name=person.email,
        user_display_name=person.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=one.credential_id)
            for one in identity.list_passkeys(user_id)
        ],
    )
    _remember(options.challenge)
    return webauthn.options_to_json(options)


def request_options() -> str:
    """Ask a device to prove who its owner is; return what its browser needs, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(), user_verification=UserVerificationRequirement.REQUIRED
    )
    _remember(options.challenge)
    return webauthn.options_to_json(options)


def asked() -> Asked:
    """Return what this browser's device was asked, once: an answer is good for one try."""
    taken: Asked = session.pop(_ASKED, None)
    return taken


def add(
    now: datetime, *, user_id: UUID, name: str, password: str, credential: str, asked: Asked
) -> Passkey:
    """Keep the passkey that a device has made.

    :param credential: the device's answer, as JSON.
    :raises PasswordWrong: if it is not the person's password.
    :raises PasskeyRefused: if it answers another question.
    :raises PasskeyTaken: if it is known already.
    """
    login.confirm_password(now, user_id=user_id, password=password)
    challenge = _challenge(asked, now)
    try:
        made = webauthn.verify_registration_response(
            credential=credential[:CREDENTIAL_MAX],
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused("The device's answer cannot be read. Try again.") from error
    return signing_in.add_passkey(
        now,
        user_id=user_id,
        name=name,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
    )


def sign_in(now: datetime, *, credential: str, asked: Asked, address: str) -> SignedIn:
    """Let in whom a device speaks for; a unit for ``commit``, followed by ``start_session``.

    :param address: the network address that asks; wrong answers count for it.
    :raises PasskeyRefused: if nobody is known by it, or they may not sign in.
    :raises TooManyRequests: after too many wrong answers.
    """
    login.check_address(now, address=address)
    try:
        person = login.person(_prove(now, credential, asked).user_id)
    except PasskeyRefused as refusal:
        refusal.afterwards = lambda later: login.count_address(later, address=address)
        raise
    if person is None:
        raise PasskeyRefused("This account cannot sign in.")
    return person


def step_up(now: datetime, *, user_id: UUID, credential: str, asked: Asked) -> Passkey:
    """Ask for the person's own passkey of this moment before something nobody can take back.

    :raises PasskeyRefused: if it is not theirs, or answers another question.
    """
    passkey = _prove(now, credential, asked)
    if passkey.user_id != user_id:
        raise PasskeyRefused("This passkey is somebody else's.")
    return passkey


def _prove(now: datetime, credential: str, asked: Asked) -> Passkey:
    challenge = _challenge(asked, now)
    try:
        told = json.loads(credential[:CREDENTIAL_MAX])
        passkey = identity.find_passkey(base64url_to_bytes(told["rawId"]))
        if passkey is None:
            raise PasskeyRefused("Nobody here has this passkey.")
        proof = webauthn.verify_authentication_response(
            credential=told,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused("The device's answer is not accepted. Try again.") from error
    signing_in.note_passkey_use(now, passkey_id=passkey.id, sign_count=proof.new_sign_count)
    return passkey


def _remember(challenge: bytes) -> None:
    session[_ASKED] = [bytes_to_base64url(challenge), clock().timestamp()]


def _challenge(asked: Asked, now: datetime) -> bytes:
    if asked is None or now.timestamp() - float(str(asked[1])) > CHALLENGE_LASTS.total_seconds():
        raise PasskeyRefused("That took too long. Try again.")
    return base64url_to_bytes(str(asked[0]))


def _origin() -> str:
    parts = urlsplit(current_app.config["PUBLIC_URL"])
    return f"{parts.scheme}://{parts.netloc}"


def _host() -> str:
    return urlsplit(current_app.config["PUBLIC_URL"]).hostname or ""
