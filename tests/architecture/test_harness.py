"""The tests' own ground: what the two databases promise."""

import pytest
import sqlalchemy as sa

from gigcx.db import commit, db
from gigcx.ids import new_id
from gigcx.principal import SYSTEM, Principal
from tests.acting import acting, race

ADMIN = Principal(new_id(), roles=frozenset({"admin"}), database="admin")

INSERT_BRAND = sa.text(
    "INSERT INTO brands (id, name, slug, created_at) VALUES (:id, 'Acme', :id, :now)"
)
COUNT_BRANDS = sa.text("SELECT count(*) FROM brands")


def add_brand(now):
    db.session.execute(INSERT_BRAND, {"id": new_id(), "now": now})


def whoami(_now):
    return db.session.execute(sa.text("SELECT current_user, current_setting('role')")).one()


@pytest.mark.usefixtures("undone")
class TestUndone:
    @pytest.mark.parametrize("_time", range(2))
    def test_every_test_starts_with_nothing(self, _time):
        with acting(ADMIN):
            assert db.session.scalar(COUNT_BRANDS) == 0
            commit(add_brand)
            assert db.session.scalar(COUNT_BRANDS) == 1

    def test_row_level_security_binds(self):
        with acting(ADMIN):
            commit(add_brand)

        assert db.session.scalar(COUNT_BRANDS) == 0

    def test_each_principal_has_their_database_role(self):
        assert commit(whoami) == ("gigcx_web", "gigcx_web")
        with acting(SYSTEM):
            assert commit(whoami) == ("gigcx_worker", "gigcx_worker")
        assert commit(whoami) == ("gigcx_web", "gigcx_web")

    def test_a_refused_unit_leaves_the_others(self):
        with acting(ADMIN):
            commit(add_brand)
            with pytest.raises(ZeroDivisionError):
                commit(lambda now: (add_brand(now), 1 / 0))
            assert db.session.scalar(COUNT_BRANDS) == 1


@pytest.mark.usefixtures("committing")
class TestCommitting:
    def test_threads_commit_for_real(self):
        with acting(ADMIN):
            race(8, lambda _: commit(add_brand))
            assert db.session.scalar(COUNT_BRANDS) == 8

    def test_each_principal_connects_as_their_database_role(self):
        assert commit(whoami)[0] == "gigcx_web"
        with acting(SYSTEM):
            assert commit(whoami)[0] == "gigcx_worker"
