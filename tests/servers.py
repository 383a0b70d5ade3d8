"""The servers that tests stand on: one PostgreSQL for the whole run, one Valkey for each process.

PostgreSQL starts when the first test wants it, or before the first xdist worker does. One database
is migrated, nobody connects to it again, and every other one is its clone: 0.05 s each.
``TEST_ADMIN_URL`` names another server, as a user who may create roles and databases.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from gigcx.cli.database import create_roles, migrate
from gigcx.config import Settings
from gigcx.sandbox.postgres import EmbeddedPostgres
from gigcx.sandbox.valkey import EmbeddedValkey

ROLES_LOCK = 7230099
"""Two runs on one server must not create the roles at once."""
NOWHERE = "redis://127.0.0.1:1"
_server = pytest.StashKey[tuple[str, str]]()


def the_server(config: pytest.Config) -> tuple[str, str]:
    """Return the administrator's address and the name of the template."""
    if hasattr(config, "workerinput"):
        return config.workerinput["server"]
    if _server not in config.stash:
        config.stash[_server] = _start(config)
    return config.stash[_server]


def _start(config: pytest.Config) -> tuple[str, str]:
    admin_url = os.environ.get("TEST_ADMIN_URL") or _start_postgres(config)
    template = f"gigcx_{secrets.token_hex(4)}"
    run_as_admin(admin_url, f"CREATE DATABASE {template}")
    config.add_cleanup(lambda: run_as_admin(admin_url, f"DROP DATABASE {template} WITH (FORCE)"))
    settings = settings_of(admin_url, template)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [ROLES_LOCK])
        create_roles(settings)
    migrate(settings)
    return admin_url, template


def _start_postgres(config: pytest.Config) -> str:
    folder = Path(tempfile.mkdtemp(prefix="gigcx-test-"))
    server = EmbeddedPostgres(folder, is_durable=False)
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    config.add_cleanup(server.stop)
    server.start()
    return server.url()


def start_valkey(config: pytest.Config) -> str:
    """Start a Valkey that ends with the run and return its address."""
    folder = Path(tempfile.mkdtemp(prefix="gigcx-test-"))
    server = EmbeddedValkey(folder)
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    config.add_cleanup(server.stop)
    server.start()
    return server.url


def settings_of(admin_url: str, database: str, redis_url: str = NOWHERE) -> Settings:
    """Return the settings with which the program uses this database."""
    address = make_url(admin_url).set(database=database)
    return Settings(
        database_url=address.render_as_string(hide_password=False),
        redis_url=redis_url,
        secret_key="a" * 22,
    )


def run_as_admin(admin_url: str, *statements: str) -> None:
    """Run statements that are about databases and so stand in no transaction."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@contextmanager
def cloned(config: pytest.Config, name: str, redis_url: str) -> Iterator[Settings]:
    """Make a database for the block from the template and drop it, whoever still uses it."""
    with _database(config, name, the_server(config)[1], redis_url) as settings:
        yield settings


@contextmanager
def fresh(config: pytest.Config, name: str) -> Iterator[Settings]:
    """Make a database with nothing in it for the block."""
    with _database(config, f"{name}_{secrets.token_hex(2)}", "template1") as settings:
        yield settings


@contextmanager
def _database(
    config: pytest.Config, name: str, model: str, redis_url: str = NOWHERE
) -> Iterator[Settings]:
    admin_url, template = the_server(config)
    database = f"{template}_{name}"
    run_as_admin(admin_url, f"CREATE DATABASE {database} TEMPLATE {model}")
    try:
        yield settings_of(admin_url, database, redis_url)
    finally:
        run_as_admin(admin_url, f"DROP DATABASE {database} WITH (FORCE)")
