"""Cursors: where a page ended, as text that nobody else can make.

They are signed for the route that gave them out, so that what comes back is a key of ours and
needs no other check.
"""

from typing import Any

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from marshmallow import ValidationError

from gigcx.paging import LIMIT_MAX, Page, Slice

LIMIT = 50
"""Rows of a page if nobody says."""


def page_of(*, limit: int = LIMIT, cursor: str | None = None) -> Page:
    """Return the page that is asked for.

    :param limit: 1 to ``LIMIT_MAX`` rows.
    :raises ValidationError: naming ``limit`` or ``cursor``.
    """
    if not 1 <= limit <= LIMIT_MAX:
        raise ValidationError({"limit": [f"Must be from 1 to {LIMIT_MAX}."]})
    if cursor is None:
        return Page(limit)
    try:
        after = _signer().loads(cursor)
    except BadData as error:
        raise ValidationError({"cursor": ["Not a cursor of this list. Start without."]}) from error
    return Page(limit, tuple(after))


def cursor_after(found: Slice[Any]) -> str | None:
    """Return the cursor of the page after this one, or None if it is the last."""
    if found.next_after is None:
        return None
    written: str = _signer().dumps(list(found.next_after))
    return written


def _signer() -> URLSafeSerializer:
    assert current_app.secret_key is not None
    return URLSafeSerializer(current_app.secret_key, salt=f"cursor:{request.endpoint}")
