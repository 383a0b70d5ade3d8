"""What every test may ask for. Two databases: ``undone`` for most, ``committing`` for the rest."""

import importlib.util
import ipaddress
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import flask
import hypothesis
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, SessionTransaction

from gigcx import principal
from gigcx.config import Settings
from gigcx.db import db
from tests.acting import Client
from tests.outside import StandIn, standing_in
from tests.servers import cloned, start_valkey, the_server

CONNECTIONS_MAX = 40

hypothesis.settings.register_profile("suite", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("suite")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Tell an xdist worker where the run's server is."""
    node.workerinput["server"] = the_server(node.config)


def refuse_the_outside(event: str, arguments: tuple[Any, ...]) -> None:
    """Let sockets reach this machine only."""
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = arguments[1][0]
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise AssertionError(f"a test may not connect to {host}")


sys.addaudithook(refuse_the_outside)


@pytest.fixture(scope="session")
def worker(request) -> str:
    """Name the xdist worker, or the only process."""
    return getattr(request.config, "workerinput", {}).get("workerid", "only")


@pytest.fixture(scope="session")
def valkey_url(request) -> str:
    """Return the address of this process's Valkey."""
    return start_valkey(request.config)


@pytest.fixture(scope="session")
def settings(request, worker, valkey_url) -> Iterator[Settings]:
    """Return settings whose database is this process's own."""
    with cloned(request.config, worker, valkey_url) as of_the_clone:
        yield of_the_clone


@pytest.fixture(scope="session")
def app(settings):
    """Return the program, made once for each process."""
    made = make_app(settings)
    made.testing = True
    made.test_client_class = Client
    yield made
    with made.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def make_app(settings: Settings) -> flask.Flask:
    """Make the whole program, or the least that has a database until there is more."""
    if importlib.util.find_spec("gigcx.app") is not None:
        return importlib.import_module("gigcx.app").create_app(settings)
    made = flask.Flask("gigcx")
    made.config["SQLALCHEMY_DATABASE_URI"] = settings.url_of("web")
    made.config["SQLALCHEMY_BINDS"] = {
        role: settings.url_of(role) for role in ("worker", "finance", "relay", "admin")
    }
    made.config["PUBLIC_URL"] = settings.public_url
    made.config["SECRET_KEY"] = settings.secret_key.get_secret_value()
    db.init_app(made)
    return made


@pytest.fixture(scope="session")
def admin_engine(settings) -> Iterator[sa.Engine]:
    """Return an engine of the administrator, whom no policy and no grant binds."""
    engine = sa.create_engine(settings.admin_url)
    yield engine
    engine.dispose()


@pytest.fixture
def client(app):
    """Return a browser; combine it with ``undone`` or ``committing``."""
    return app.test_client()


@pytest.fixture
def stripe(app, monkeypatch) -> Iterator[StandIn]:
    """Return a stand-in Stripe to which the program's gateway leads."""
    with standing_in() as outside:
        monkeypatch.setitem(app.extensions, "gigcx.stripe", outside.gateway)
        yield outside


@pytest.fixture
def undone(app, admin_engine):
    """Let a simple test commit to savepoints, and undo all of it: no threads, no second connection.

    All principals share one connection of the administrator, which takes the database role of
    whoever acts when a unit begins. So row-level security and grants bind as they do outside.
    """
    with app.app_context(), admin_engine.connect() as connection:
        outer = connection.begin()
        with connected(dict.fromkeys(db.engines, connection)):
            db.session.configure(join_transaction_mode="create_savepoint")
            sa.event.listen(Session, "after_begin", take_role)
            sa.event.listen(Session, "before_commit", check_deferred_constraints)
            yield db
            sa.event.remove(Session, "before_commit", check_deferred_constraints)
            sa.event.remove(Session, "after_begin", take_role)
        db.session.configure(join_transaction_mode="conditional_savepoint")
        outer.rollback()


@pytest.fixture
def committing(app, request, worker, valkey_url) -> Iterator[Settings]:
    """Give the test a database of its own: threads, roles, retries and commits are real.

    A clone, because a ledger that refuses to forget cannot be emptied. Yields its settings.
    """
    with cloned(request.config, f"{worker}_clone", valkey_url) as settings, app.app_context():
        engines = {
            name: sa.create_engine(settings.url_of(name or "web"), pool_size=CONNECTIONS_MAX)
            for name in db.engines
        }
        with connected(engines):
            yield settings
        for engine in engines.values():
            engine.dispose()


@contextmanager
def connected(binds: Mapping[str | None, sa.Engine | sa.Connection]) -> Iterator[None]:
    """Let sessions of the block use other connections."""
    db.session.remove()
    usual = dict(db.engines)
    db.engines.update(binds)
    try:
        yield
    finally:
        db.session.remove()
        db.engines.update(usual)


def take_role(session: Session, transaction: SessionTransaction, connection: sa.Connection) -> None:
    """Become who a connection of the principal's own would be, until the unit ends."""
    if not transaction.nested:
        role = principal.current().database or "web"
        connection.exec_driver_sql(f"SET LOCAL ROLE gigcx_{role}")


def check_deferred_constraints(session: Session) -> None:
    """Do what COMMIT would, which a savepoint never reaches; then defer again for the next unit."""
    if not session.in_nested_transaction():
        session.flush()
        session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        session.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))


@pytest.fixture
def connection(admin_engine) -> Iterator[sa.Connection]:
    """Return a connection of the administrator for tests of the database itself; undone."""
    with admin_engine.connect() as opened:
        transaction = opened.begin()
        yield opened
        transaction.rollback()
