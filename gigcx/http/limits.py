"""How much and how often: bodies by bytes, routes that anybody can reach by address."""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, TypeVar, cast

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

View = TypeVar("View", bound=Callable[..., Any])

BODY_MAX = 1024 * 1024
"""Bytes of a request, where its route says nothing else."""
FILE_MAX = 1024 * 1024 * 1024
"""Bytes of a file that is imported."""
_FRAME = 64 * 1024
"""Bytes that a form adds around its file."""
_MARK = "gigcx_body_max"


def _asker() -> str:
    """Return what tells one asker from another before anybody knows who they are: the key or the
    session that they bring, by its hash, or else their address.
    """
    shown = request.headers.get("Authorization") or request.cookies.get(
        current_app.config["SESSION_COOKIE_NAME"]
    )
    return hashlib.sha256(shown.encode()).hexdigest() if shown else get_remote_address()


limiter = Limiter(
    get_remote_address,
    strategy="fixed-window",
    headers_enabled=True,
    # Without Valkey each process counts for itself: that is better than not at all, and better
    # than nobody getting in.
    in_memory_fallback_enabled=True,
)
"""``@limiter.limit("60 per minute")`` on a view; processes that share Valkey count together."""


def takes_files(view: View) -> View:
    """Let a route take a body as large as the largest file."""
    setattr(view, _MARK, FILE_MAX + _FRAME)
    return view


@contextmanager
def uploaded() -> Iterator[tuple[str, BinaryIO]]:
    """Yield a request's file, its name and its bytes: of a form's ``file``, or the body itself.

    Neither is ever in memory as a whole.
    """
    sent = request.files.get("file")
    if sent is not None:
        yield sent.filename or "", cast(BinaryIO, sent.stream)
        return
    with tempfile.SpooledTemporaryFile(max_size=BODY_MAX) as spooled:
        shutil.copyfileobj(request.stream, spooled)
        spooled.seek(0)
        yield "", cast(BinaryIO, spooled)


def register(app: Flask, *, redis_url: str, requests_per_minute: int) -> None:
    """Limit this app's requests.

    :param requests_per_minute: of one API key, one session or, without both, one address.
    """
    app.config["RATELIMIT_DEFAULT"] = f"{requests_per_minute} per minute"
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX
    app.config["RATELIMIT_STORAGE_URI"] = redis_url
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_connect_timeout": 1}
    app.before_request(_widen)
    limiter.init_app(app)


def _widen() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    widest: int | None = getattr(view, _MARK, None)
    if widest is not None:
        request.max_content_length = widest
