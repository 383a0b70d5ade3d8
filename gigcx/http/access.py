"""Who is asking, and whether they may. Every route names the action that it takes, or is public.

The check runs before the view by the mark on it, so that a route without a mark is closed.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from gigcx import principal
from gigcx.db import db, now
from gigcx.errors import NotAllowed
from gigcx.http import login
from gigcx.identity import queries as identity
from gigcx.identity.rules import permitted
from gigcx.principal import NOBODY, Principal, acting_as

View = TypeVar("View", bound=Callable[..., Any])

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
PUBLIC = ""
"""The action of routes that anybody may take."""
_MARK = "gigcx_action"
_BEARER = "Bearer "


class ActionNotPermitted(NotAllowed):
    """The role, or the API key, does not permit this."""

    code = "access/not-permitted"
    title = "You may not do this"


class OnlyLooking(NotAllowed):
    """An administrator who sees as somebody else changes nothing."""

    code = "access/only-looking"
    title = "You only look"


def permit(action: str) -> Callable[[View], View]:
    """Open a route to those whose role permits ``action``. Stands right below the route."""

    def mark(view: View) -> View:
        setattr(view, _MARK, action)
        return view

    return mark


def public(view: View) -> View:
    """Open a route to everybody: it decides by what it is sent, not by who sends it."""
    setattr(view, _MARK, PUBLIC)
    return view


def action_of(view: Callable[..., Any]) -> str | None:
    """Return the action that a route names, ``PUBLIC``, or None if nobody has said."""
    action: str | None = getattr(view, _MARK, None)
    return action


def is_open() -> bool:
    """Say whether the route that was asked for is public."""
    return action_of(current_app.view_functions[request.endpoint or ""]) == PUBLIC


def may(action: str) -> bool:
    """Say whether who is asking may take an action: for what a page shows."""
    who = principal.current()
    return action in permitted(who.roles) and (who.actions is None or action in who.actions)


def register(app: Flask) -> None:
    """Check every request of this app."""
    public(app.view_functions["static"])
    app.before_request(_let_in)
    app.teardown_request(_forget)


def _let_in() -> None:
    if request.endpoint is None or request.method == "OPTIONS":
        return
    action = action_of(current_app.view_functions[request.endpoint])
    who = NOBODY if request.endpoint == "static" else _who_asks(is_needed=action != PUBLIC)
    db.session.close()  # What was read until here was read as nobody.
    g.acting = ExitStack()
    g.acting.enter_context(acting_as(who))
    if action == PUBLIC:
        return
    if who == NOBODY:
        raise _not_signed_in("Sign in, or send an API key.")
    if login.seen_as() is not None and request.method not in SAFE:
        raise OnlyLooking("You see what somebody else sees. Stop that before you change anything.")
    if action is None or not may(action):
        raise ActionNotPermitted("Your role does not permit this. Act in another role.")


def _forget(_error: BaseException | None) -> None:
    acting: ExitStack | None = g.pop("acting", None)
    if acting is not None:
        acting.close()


def _who_asks(*, is_needed: bool) -> Principal:
    """Return who a key speaks for or a session belongs to. A key that is refused is never made
    up for by a cookie.
    """
    given = request.headers.get("Authorization")
    if given is None:
        return login.signed_in()
    who = None
    if given.startswith(_BEARER):
        who = identity.principal_of_key(given.removeprefix(_BEARER).strip(), now())
    if who is None and is_needed:
        raise _not_signed_in("The API key is unknown, over or revoked.")
    return who or NOBODY


def _not_signed_in(detail: str) -> Unauthorized:
    return Unauthorized(detail, www_authenticate=WWWAuthenticate("bearer", {"realm": "gigcx"}))
