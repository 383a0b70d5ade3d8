"""Requests that change something come from our own pages: cookies alone prove nothing."""

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from gigcx.http.access import SAFE, is_open

_guard = CSRFProtect()


def register(app: Flask, *, public_url: str) -> None:
    """Check every request that a cookie could speak for; forms and ``X-CSRFToken`` carry the token.

    :param public_url: where people reach us; their browsers name it as the origin.
    """
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # A token is good as long as its session.
        WTF_CSRF_SSL_STRICT=False,  # The origin is checked below, on http too.
        CSRF_ORIGIN=_origin_of(public_url),
    )
    _guard.init_app(app)
    app.before_request(_check)


def _check() -> None:
    """Refuse what another site may have sent. A key is never sent by itself, so it needs no
    token; nor does a public route of the API, which looks at no cookie.
    """
    if request.method in SAFE or "Authorization" in request.headers or request.endpoint is None:
        return
    if request.path.startswith("/api/") and is_open():
        return
    origin = request.headers.get("Origin")
    ours = {_origin_of(request.host_url), current_app.config["CSRF_ORIGIN"]}
    if origin is not None and origin not in ours:
        raise CSRFError("The request comes from another site.")
    _guard.protect()


def _origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
