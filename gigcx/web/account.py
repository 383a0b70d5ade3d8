"""Signing in and out, and choosing in which role one acts."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.db import commit
from gigcx.errors import NotAllowed
from gigcx.http import login
from gigcx.http.access import public
from gigcx.web.forms import go

bp = Blueprint("web_account", __name__)

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
        flash(refusal.detail, "error")
        needs_code = isinstance(refusal, login.CodeNeeded) or "code" in request.form
        page = render_template("account/sign_in.html", email=email, needs_code=needs_code)
        return page, 403
    login.start_session(person)
    return go(url_for("web_account.home"))


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the session."""
    login.end_session()
    return go(url_for("web_account.home"))


@bp.post("/hat")
@public
def change_hat() -> ResponseReturnValue:
    """Act in another of one's roles."""
    if not login.wear_hat(request.form.get("hat", "")):
        flash("You do not have this role.", "error")
    return go(url_for("web_account.home"))
