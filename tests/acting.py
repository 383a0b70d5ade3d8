"""How a test acts as somebody, and as many at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from threading import Barrier
from typing import Any

from flask import current_app
from flask.testing import FlaskClient

from gigcx.db import db
from gigcx.principal import NOBODY, Principal, acting_as


@contextmanager
def acting(who: Principal) -> Iterator[Principal]:
    """Let the block act as ``who``, and end what the session has read as anybody else.

    What a service has flushed outside ``commit`` is undone by that.
    """
    db.session.close()
    with acting_as(who):
        try:
            yield who
        finally:
            db.session.close()


def race(count: int, work: Callable[[int], object]) -> list[Any]:
    """Run ``work(n)`` in threads that start together; return each result, or what was raised.

    For ``committing`` only. The threads act as whoever the test acts as.
    """
    app = current_app._get_current_object()  # noqa: SLF001  Flask's own way to hand it to a thread
    start = Barrier(count)

    def run(n: int) -> object:
        with app.app_context():
            start.wait(timeout=30)
            try:
                return work(n)
            except Exception as error:
                return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda pair: pair[1].run(run, pair[0]), _contexts(count)))


def _contexts(count: int) -> list[tuple[int, Any]]:
    return [(n, copy_context()) for n in range(count)]


class Client(FlaskClient):
    """A browser: it shares neither the test's session nor who the test acts as."""

    def open(self, *args, **kwargs):
        """Ask in a context of its own, so that ``g`` and row-level security start anew."""
        db.session.close()
        with acting_as(NOBODY), self.application.app_context():
            return super().open(*args, **kwargs)
