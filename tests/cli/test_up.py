"""``gigcx up``: what is there stays there."""

import secrets

import psycopg
import pytest

from gigcx.cli.up import create_database
from tests.servers import run_as_admin, the_server


@pytest.fixture
def admin_url(request):
    """The server, as who may create databases."""
    return the_server(request.config)[0]


@pytest.fixture
def name(admin_url):
    """A name that no database has."""
    free = f"up_{secrets.token_hex(4)}"
    yield free
    run_as_admin(admin_url, f"DROP DATABASE IF EXISTS {free} WITH (FORCE)")


def remark(admin_url, name):
    """Return what is written on a database."""
    with psycopg.connect(admin_url) as line:
        return line.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        ).fetchone()


class TestTheDatabase:
    def test_of_last_time_is_found_again(self, admin_url, name):
        create_database(admin_url, name)
        run_as_admin(admin_url, f"COMMENT ON DATABASE {name} IS 'last time'")
        create_database(admin_url, name)

        assert remark(admin_url, name) == ("last time",)

    def test_with_half_a_demo_is_made_anew(self, admin_url, name):
        create_database(admin_url, name)
        run_as_admin(admin_url, f"COMMENT ON DATABASE {name} IS 'half'")
        create_database(admin_url, name, is_anew=True)

        assert remark(admin_url, name) == (None,)
