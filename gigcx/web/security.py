"""How one signs in: password, one-time codes, passkeys, and where one is signed in now."""

from contextlib import AbstractContextManager
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.errors import Conflict
from gigcx.http import login, passkeys, passwords, sessions
from gigcx.http.access import permit
from gigcx.identity import queries as identity
from gigcx.identity.service import signing_in
from gigcx.principal import Principal, acting_as
from gigcx.web.forms import attempt, go, read, text

bp = Blueprint("web_security", __name__, url_prefix="/account")


class SessionsOnly(Conflict):
    """A key speaks for a person to programs; it does not change how the person signs in."""

    code = "sign-in/sessions-only"
    title = "Sign in in a browser for this"


@bp.before_request
def _refuse_keys() -> None:
    if "Authorization" in request.headers:
        raise SessionsOnly("An API key cannot change how its person signs in.")


@bp.get("")
@permit("sign_in.read")
def show_security() -> ResponseReturnValue:
    """Show how one signs in, and where one is signed in."""
    with _myself() as me:
        user = identity.get_user(me.user_id)
        return render_template(
            "account/security.html",
            user=user,
            must_have_codes=user.platform_role in login.SECOND_FACTOR,
            secret=None if user.totp_secret else passwords.own_secret(),
            passkeys=identity.list_passkeys(me.user_id),
            sessions=sessions.list_sessions(user_id=me.user_id, token=login.session_token()),
        )


@bp.post("/password")
@permit("sign_in.write")
def change_password() -> ResponseReturnValue:
    """Set another password; every session ends, this one too."""
    with _myself() as me:
        changed = attempt(
            "",
            passwords.change,
            user_id=me.user_id,
            current=request.form.get("current", ""),
            password=request.form.get("password", ""),
        )
    if changed is None:
        return _back()
    login.end_session()
    flash("Your password is changed. Sign in with it.", "done")
    return go(url_for("web_account.show_sign_in"))


@bp.post("/codes")
@permit("sign_in.write")
def set_up_codes() -> ResponseReturnValue:
    """Ask for one-time codes from the next sign-in on."""
    with _myself() as me:
        attempt(
            "From now on you sign in with a one-time code too.",
            passwords.set_up_codes,
            user_id=me.user_id,
            password=request.form.get("current", ""),
            secret=passwords.own_secret(),
            code=request.form.get("code", ""),
        )
    return _back()


@bp.post("/codes/drop")
@permit("sign_in.write")
def drop_codes() -> ResponseReturnValue:
    """Ask for no one-time codes any more."""
    with _myself() as me:
        attempt(
            "You sign in without codes.",
            passwords.drop_codes,
            user_id=me.user_id,
            password=request.form.get("current", ""),
        )
    return _back()


@bp.post("/passkeys/options")
@permit("sign_in.write")
def ask_device() -> ResponseReturnValue:
    """Tell this browser what its device needs to make a passkey."""
    with _myself() as me:
        return Response(passkeys.creation_options(me.user_id), mimetype="application/json")


@bp.post("/passkeys")
@permit("sign_in.write")
def add_passkey() -> ResponseReturnValue:
    """Keep the passkey that the device has made."""
    asked = passkeys.asked()
    name = read(lambda: text("name", "The passkey's name", most=passkeys.NAME_MAX))
    if name is not None:
        with _myself() as me:
            attempt(
                "From now on you can sign in with it.",
                passkeys.add,
                user_id=me.user_id,
                name=name,
                password=request.form.get("current", ""),
                credential=request.form.get("credential", ""),
                asked=asked,
            )
    return _back()


@bp.post("/passkeys/<id(passkey):passkey_id>/drop")
@permit("sign_in.write")
def drop_passkey(passkey_id: UUID) -> ResponseReturnValue:
    """Let a passkey open nothing any more."""
    with _myself() as me:
        attempt(
            "It opens nothing any more.",
            signing_in.drop_passkey,
            user_id=me.user_id,
            passkey_id=passkey_id,
        )
    return _back()


@bp.post("/sessions/<id(session):session_id>/end")
@permit("sign_in.write")
def end_session(session_id: UUID) -> ResponseReturnValue:
    """Sign oneself out in another browser."""
    with _myself() as me:
        attempt(
            "You are signed out there.",
            sessions.end_one,
            user_id=me.user_id,
            session_id=session_id,
        )
    return _back()


@bp.post("/sessions/end")
@permit("sign_in.write")
def end_sessions() -> ResponseReturnValue:
    """Sign oneself out everywhere."""
    with _myself() as me:
        attempt("You are signed out everywhere.", sessions.end_sessions, user_id=me.user_id)
    login.end_session()
    return go(url_for("web_account.show_sign_in"))


def _myself() -> AbstractContextManager[Principal]:
    """Act without a role: how one signs in is one's own, whatever one does here."""
    return acting_as(Principal(principal.current().user_id))


def _back() -> ResponseReturnValue:
    return go(url_for("web_security.show_security"))
