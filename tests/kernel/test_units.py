"""The unit of work, and what it gives to who asks twice."""

from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from gigcx import audit, schedules
from gigcx.db import commit, commit_once, db, now, shifted
from gigcx.errors import Conflict
from gigcx.idempotency import KeyReused, StoredAnswers, request_hash
from gigcx.identity.models import Brand, User
from gigcx.identity.service import people
from gigcx.ids import new_id
from gigcx.jobs.registry import CRONS
from gigcx.outbox import OutboxMessage
from gigcx.paging import Page
from gigcx.principal import RELAY, SYSTEM
from tests.acting import acting, race
from tests.factories import identity
from tests.factories.identity import ADMIN


class Refused(Conflict):
    """A refusal of the test's."""

    code = "test/refused"
    title = "Refused"


class TestCommit:
    def test_does_not_nest(self, undone):
        with acting(ADMIN), pytest.raises(RuntimeError, match="does not nest"):
            commit(lambda _now: commit(lambda _now: None))

    def test_gives_the_clock_of_the_database_with_the_shift(self, undone):
        with acting(ADMIN):
            told = commit(lambda now: now)
            with shifted(timedelta(days=2)):
                later = commit(lambda now: now)
        assert timedelta(days=2) <= later - told < timedelta(days=2, minutes=1)

    def test_leaves_nothing_of_what_was_refused_but_what_the_refusal_says(self, undone):
        def refuse(moment):
            people.create_brand(moment, name="Gone", slug="gone")
            raise Refused(
                "No",
                afterwards=lambda at: people.create_brand(at, name="Trace", slug="trace"),
            )

        with acting(ADMIN):
            with pytest.raises(Refused):
                commit(refuse)
            slugs = set(db.session.scalars(sa.select(Brand.slug)))
        assert slugs & {"gone", "trace"} == {"trace"}

    def test_runs_the_whole_unit_again_that_lost_a_deadlock(self, committing):
        first, second = (identity.brand() for _ in range(2))
        locked = Barrier(2, timeout=10)
        tries = [0, 0]

        def lock_both(_now, n):
            tries[n] += 1
            for brand_id in (first.id, second.id)[:: 1 if n else -1]:
                db.session.execute(
                    sa.select(Brand.id).where(Brand.id == brand_id).with_for_update()
                )
                if tries[n] == 1 and locked.n_waiting < 2 and not locked.broken:
                    locked.wait()
                    tries[n] += 1
            return n

        with acting(ADMIN):
            done = race(2, lambda n: commit(lock_both, n=n))
        assert done == [0, 1]
        assert sorted(tries) == [2, 3]


class TestCommitOnce:
    def answers(self, who, key="k", body="a"):
        return StoredAnswers(
            user_id=who.user_id,
            key=key,
            request_sha256=request_hash("POST", "/x", body),
            status=201,
            dump=lambda brand: {"id": str(brand.id)},
        )

    def create(self, at, slug):
        return people.create_brand(at, name="B", slug=slug)

    def test_answers_the_same_request_as_the_first_time(self, undone):
        with acting(ADMIN) as who:
            first = commit_once(self.answers(who), self.create, slug="once")
            again = commit_once(self.answers(who), self.create, slug="once")
        assert again == first

    def test_refuses_the_key_for_another_request(self, undone):
        with acting(ADMIN) as who:
            commit_once(self.answers(who), self.create, slug="once")
            with pytest.raises(KeyReused):
                commit_once(self.answers(who, body="b"), self.create, slug="twice")

    def test_does_not_store_a_refusal(self, undone):
        with acting(ADMIN) as who:
            commit(self.create, slug="taken")
            with pytest.raises(people.SlugTaken):
                commit_once(self.answers(who), self.create, slug="taken")
            assert commit_once(self.answers(who), self.create, slug="free")

    def test_does_the_work_of_twins_once(self, committing):
        with acting(ADMIN) as who:
            told = race(8, lambda _n: commit_once(self.answers(who), self.create, slug="twins"))
            count = db.session.scalar(
                sa.select(sa.func.count()).select_from(Brand).where(Brand.slug == "twins")
            )
        assert len({str(one) for one in told}) == 1
        assert count == 1


class TestSchedules:
    def test_order_each_turn_once_whoever_looks(self, committing):
        with acting(SYSTEM):
            commit(schedules.order_due, crons=CRONS)
        with shifted(timedelta(minutes=2)), acting(SYSTEM):
            race(4, lambda _n: commit(schedules.order_due, crons=CRONS))
            kinds = db.session.scalars(
                sa.select(OutboxMessage.kind).where(OutboxMessage.kind == "desk.end_lapsed_claims")
            ).all()
        assert len(kinds) == 1

    def test_order_what_was_missed_once(self, undone):
        with acting(SYSTEM):
            commit(schedules.order_due, crons=CRONS)
        with shifted(timedelta(days=3)), acting(SYSTEM):
            assert commit(schedules.order_due, crons=CRONS) == len(CRONS)
            assert commit(schedules.order_due, crons=CRONS) == 0

    def test_say_how_the_last_run_ended_and_forget_an_old_line(self, undone):
        with acting(SYSTEM):
            commit(schedules.order_due, crons={"ledger.audit": "30 2 * * *"})
            commit(schedules.note_end, name="ledger.audit", error="It broke.")
            (found,) = schedules.list_schedules()
            before = found.next_at
            commit(schedules.order_due, crons={"ledger.audit": "30 4 * * *"})
            (after,) = schedules.list_schedules()
        assert found.last_error == "It broke."
        assert after.next_at != before


class TestTheAudit:
    def test_chain_shows_a_row_that_was_changed(self, committing, request):
        identity.brand()
        with acting(RELAY):
            commit(audit.link, limit=100)
        engine = sa.create_engine(committing.admin_url)
        with acting(SYSTEM):
            assert audit.find_breaks() == []
        with engine.begin() as connection:
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql(
                "UPDATE audit_rows SET action = 'nothing.happened'"
                " WHERE action = 'identity.brand_created'"
            )
        engine.dispose()
        with acting(SYSTEM):
            assert audit.find_breaks()

    def test_lists_what_was_done_to_a_subject(self, undone):
        brand = identity.brand()
        with acting(ADMIN):
            rows = audit.list_rows(Page(), subject=f"brand:{brand.id}").items
        assert [row.action for row in rows] == ["identity.brand_created"]


class TestAPage:
    def test_leads_through_all_rows_once_while_more_come(self, undone):
        from gigcx.identity import queries  # noqa: PLC0415 - its only use here

        seen = []
        made = {identity.brand().id for _ in range(7)}
        with acting(ADMIN):
            after = None
            while True:
                found = queries.list_brands(ADMIN, Page(limit=3, after=after))
                seen += [brand.id for brand in found.items]
                after = found.next_after
                if after is None:
                    break
                commit(people.create_brand, name="New", slug=f"new-{new_id()}")
        assert made <= set(seen)
        assert len(seen) == len(set(seen))

    def test_counts_people_once(self, undone):
        with acting(ADMIN):
            start = now()
            commit(people.create_user, email=f"{new_id()}@example.org", name="Kim")
            found = db.session.scalars(sa.select(User).where(User.created_at >= start)).all()
        assert len(found) == 1
