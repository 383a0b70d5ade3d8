"""Signing in and out, and choosing in which role one acts."""

import structlog
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.db import commit
from gigcx.errors import NotAllowed
from gigcx.http import login, passkeys, passwords
from gigcx.http.access import public
from gigcx.principal import NOBODY, acting_as
from gigcx.web.forms import attempt, go

bp = Blueprint("web_account", __name__)
log = structlog.get_logger()

HOMES = {"expert": "/expert", "finance": "/finance", "admin": "/admin"}


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """Send people to their console; tell everybody else what this is."""
    who = principal.current()
    for role in who.roles:
        return redirect(HOMES.get(role, "/brand"))
    return render_template("account/home.html")


@bp.get("/sign-in")
@public
def show_sign_in() -> ResponseReturnValue:
    """Ask for e-mail and password."""
    return render_template("account/sign_in.html", email="", needs_code=False)


@bp.post("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Check them; ask for the one-time code where the role needs one."""
    email = request.form.get("email", "")
    try:
        person = commit(
            login.sign_in,
            email=email,
            password=request.form.get("password", ""),
            code=request.form.get("code", ""),
            address=request.remote_addr or "",
        )
    except NotAllowed as refusal:
        log.info("sign-in refused", reason=refusal.code)
        flash(refusal.detail, "error")
        needs_code = isinstance(refusal, login.CodeNeeded) or "code" in request.form
        page = render_template("account/sign_in.html", email=email, needs_code=needs_code)
        return page, 403
    login.start_session(person)
    log.info("signed in", user=person.get_id(), role=person.hat.role)
    return go(url_for("web_account.home"))


@bp.post("/sign-in/passkey/options")
@public
def ask_device() -> ResponseReturnValue:
    """Give this browser a question that its device answers with a passkey."""
    return Response(passkeys.request_options(), mimetype="application/json")


@bp.post("/sign-in/passkey")
@public
def sign_in_with_passkey() -> ResponseReturnValue:
    """Let in whom the device speaks for: a passkey is two factors at once."""
    with acting_as(NOBODY):
        person = attempt(
            "",
            passkeys.sign_in,
            credential=request.form.get("credential", ""),
            asked=passkeys.asked(),
            address=request.remote_addr or "",
        )
    if person is None:
        return go(url_for("web_account.show_sign_in"))
    login.start_session(person)
    log.info("signed in", user=person.get_id(), role=person.hat.role, by="passkey")
    return go(url_for("web_account.home"))


@bp.post("/see-as/end")
@public
def see_as_oneself() -> ResponseReturnValue:
    """Stop seeing what somebody else sees."""
    login.see_as_oneself()
    return go(url_for("web_account.home"))


@bp.get("/privacy")
@public
def show_privacy() -> ResponseReturnValue:
    """Say what is kept about whom, why and how long."""
    return render_template("account/privacy.html")


@bp.get("/password")
@public
def show_forgotten() -> ResponseReturnValue:
    """Ask for the address to which a link is sent."""
    return render_template("account/forgotten.html")


@bp.post("/password")
@public
def ask_for_link() -> ResponseReturnValue:
    """Send a link to whoever has this address; say the same of every address."""
    email, address = request.form.get("email", ""), request.remote_addr or ""
    with acting_as(NOBODY):
        commit(passwords.ask_for_link, email=email, address=address)
    flash("If somebody has this address, a mail with a link is on its way.", "done")
    return go(url_for("web_account.show_sign_in"))


@bp.get("/password/<token>")
@public
def show_password(token: str) -> ResponseReturnValue:
    """Let the link's person choose a password, and set up one-time codes if the role needs them."""
    with acting_as(NOBODY):
        person = passwords.person_of(token)
        secret = passwords.secret_to_show(token)
        return render_template("account/password.html", email=person.email, secret=secret)


@bp.post("/password/<token>")
@public
def choose_password(token: str) -> ResponseReturnValue:
    """Set the password; every session of the person ends."""
    with acting_as(NOBODY):
        done = attempt(
            "",
            passwords.choose,
            token=token,
            password=request.form.get("password", ""),
            code=request.form.get("code", ""),
        )
    if done is None:
        return go(url_for("web_account.show_password", token=token))
    login.end_session()
    flash("Your password is set. Sign in with it.", "done")
    return go(url_for("web_account.show_sign_in"))


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the session."""
    login.end_session()
    answer = go(url_for("web_account.home"))
    # Whoever uses this browser next finds nothing in it.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.post("/hat")
@public
def change_hat() -> ResponseReturnValue:
    """Act in another of one's roles."""
    if not login.wear_hat(request.form.get("hat", "")):
        flash("You do not have this role.", "error")
    return go(url_for("web_account.home"))
