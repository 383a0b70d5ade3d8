"""What the database refuses whoever prepares, approves and pays a run, one test for each name."""

import pytest
import sqlalchemy as sa

from gigcx.ids import new_id
from tests.rows import LATER, NOW, SHA, as_role, insert, refused, update


class Run:
    """A run of one line with one earning, moved on by the people whom it needs."""

    def __init__(self, connection, desk):
        self.connection, self.desk, self.people = connection, desk, desk.people
        dates = {"confirmed_at": NOW, "release_on": NOW}
        update(connection, "earnings", desk.earning, state="available", **dates)
        self.id = self.add_run()
        self.line = self.add_line(self.id)
        self.add_item(self.line)

    def add_run(self, **values):
        run = new_id()
        with as_role(self.connection, "finance", user=self.people.maker):
            of = {"created_by": new_id(), "last_edited_by": new_id()}
            insert(self.connection, "payout_runs", id=run, created_at=NOW, **of | values)
        return run

    def add_line(self, run, **changes):
        values = {
            "id": new_id(),
            "run_id": run,
            "expert_id": self.people.expert,
            "currency": "EUR",
            "amount_minor": 1000,
            "payout_account_id": self.people.account,
            "fingerprint": "f",
        }
        with as_role(self.connection, "finance", user=self.people.maker):
            return insert(self.connection, "payout_lines", **values | changes)

    def add_item(self, line):
        of = {"line_id": line, "brand_id": self.desk.brand, "earning_id": self.desk.earning}
        with as_role(self.connection, "finance", user=self.people.maker):
            insert(self.connection, "payout_line_earnings", **of)

    def submit(self, user=None):
        with as_role(self.connection, "finance", user=user or self.people.maker):
            update(self.connection, "payout_runs", self.id, state="submitted", submitted_at=NOW)

    def approve(self, user=None, **changes):
        seen = sa.text("SELECT content_sha256 FROM payout_runs WHERE id = :id")
        sha = self.connection.scalar(seen, {"id": self.id})
        values = {"state": "approved", "approved_at": NOW, "approved_sha256": sha}
        with as_role(self.connection, "finance", user=user or self.people.checker):
            update(self.connection, "payout_runs", self.id, **values | changes)

    def execute(self):
        with as_role(self.connection, "worker"):
            update(self.connection, "payout_runs", self.id, state="executing")

    def move_line(self, *states):
        for state in states:
            update(self.connection, "payout_lines", self.line, state=state)


@pytest.fixture
def run(connection, desk):
    """Return a draft."""
    return Run(connection, desk)


class TestFourEyes:
    def test_let_a_second_person_approve(self, run):
        run.submit()
        run.approve()
        run.execute()

    def test_refuse_the_maker(self, connection, run):
        run.submit()
        with refused(connection, "run_four_eyes"):
            run.approve(run.people.maker)

    def test_refuse_who_submitted(self, connection, run):
        run.submit(run.people.checker)
        with refused(connection, "run_four_eyes"):
            run.approve(run.people.checker)

    def test_refuse_whoever_edited(self, connection, run):
        with as_role(connection, "finance", user=run.people.checker):
            connection.execute(sa.text("DELETE FROM payout_lines"))
        run.add_item(run.add_line(run.id))
        run.submit()
        with refused(connection, "run_four_eyes"):
            run.approve(run.people.checker)

    def test_take_nobody_else_s_word_for_who_one_is(self, connection, run):
        maker = sa.text("SELECT created_by, last_edited_by FROM payout_runs WHERE id = :id")

        assert connection.execute(maker, {"id": run.id}).one() == (run.people.maker,) * 2

    @pytest.mark.parametrize("column", ["approved_by", "submitted_by", "created_by", "editors"])
    def test_leave_the_people_to_the_database(self, connection, run, column):
        with as_role(connection, "finance"), refused(connection, "42501"):
            connection.execute(sa.text(f"UPDATE payout_runs SET {column} = {column}"))

    def test_need_what_the_approver_saw(self, connection, run):
        run.submit()
        with refused(connection, "run_approved_has_approver"):
            run.approve(approved_sha256=SHA)


class TestARun:
    def test_adds_up_to_available_earnings(self, connection, run):
        with refused(connection, "run_adds_up"):
            update(connection, "earnings", run.desk.earning, state="held")
            run.submit()

    def test_adds_up_to_the_last_minor_unit(self, connection, run):
        connection.execute(sa.text("DELETE FROM payout_lines"))
        run.add_item(run.add_line(run.id, amount_minor=1001))
        with refused(connection, "run_adds_up"):
            run.submit()

    def test_has_lines(self, connection, run):
        connection.execute(sa.text("DELETE FROM payout_lines"))
        with refused(connection, "run_adds_up"):
            run.submit()

    def test_is_submitted_by_somebody(self, connection, run):
        connection.execute(sa.text("SET LOCAL app.user_id = ''"))
        with refused(connection, "run_submitted_has_content"):
            update(connection, "payout_runs", run.id, state="submitted")

    def test_takes_no_line_after_its_submission(self, connection, run):
        run.submit()
        with refused(connection, "run_is_a_draft"):
            run.add_line(run.id, currency="USD")

    def test_loses_no_line_after_its_submission(self, connection, run):
        run.submit()
        with refused(connection, "run_is_a_draft"):
            connection.execute(sa.text("DELETE FROM payout_lines"))

    def test_takes_no_earning_after_its_submission(self, connection, run):
        run.submit()
        with refused(connection, "run_is_a_draft"):
            run.add_item(run.line)

    @pytest.mark.parametrize(
        "change",
        ["created_by = (SELECT id FROM experts)", "editors = '{}'", "content_sha256 = '\\x00'"],
    )
    def test_is_frozen(self, connection, run, change):
        run.submit()
        with refused(connection, "run_is_frozen"):
            connection.execute(sa.text(f"UPDATE payout_runs SET {change}"))

    def test_keeps_its_approver(self, connection, run):
        run.submit()
        run.approve()
        with refused(connection, "run_is_frozen"):
            update(connection, "payout_runs", run.id, approved_by=run.people.expert)

    def test_executes_what_was_approved(self, connection, run):
        run.submit()
        run.approve()
        with refused(connection, "run_executes_what_was_approved"):
            connection.execute(sa.text("ALTER TABLE payout_lines DISABLE TRIGGER USER"))
            update(connection, "payout_lines", run.line, amount_minor=2000)
            run.execute()

    def test_is_not_executed_unapproved(self, connection, run):
        run.submit()
        with refused(connection, "payout_run_moves_along_its_map"):
            run.execute()

    def test_is_complete_when_no_line_is_open(self, connection, run):
        run.submit()
        run.approve()
        run.execute()
        with refused(connection, "run_completed_has_no_open_line"):
            update(connection, "payout_runs", run.id, state="completed")

    def test_is_born_a_draft(self, connection, run):
        with refused(connection, "payout_run_moves_along_its_map"):
            run.add_run(state="submitted", submitted_by=run.people.maker, content_sha256=SHA)


class TestALine:
    def test_is_one_for_each_expert(self, connection, run):
        with refused(connection, "line_one_per_expert"):
            run.add_line(run.id)

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("line_is_positive", {"amount_minor": 0}),
            ("line_netted_is_not_negative", {"netted_minor": -1}),
            ("payout_line_moves_along_its_map", {"state": "transferring"}),
        ],
    )
    def test_begins_well(self, connection, run, name, values):
        with refused(connection, name):
            run.add_line(run.id, **{"currency": "USD"} | values)

    @pytest.mark.parametrize("column", ["amount_minor", "netted_minor", "fingerprint"])
    def test_keeps_its_content(self, connection, run, column):
        with refused(connection, "column_is_frozen"):
            update(connection, "payout_lines", run.line, **{column: "7"})

    def test_is_put_aside_for_a_reason(self, connection, run):
        with refused(connection, "line_aside_has_reason"):
            update(connection, "payout_lines", run.line, state="skipped")

    def test_is_held_until_a_day(self, connection, run):
        with refused(connection, "line_held_has_end"):
            update(connection, "payout_lines", run.line, state="held", reason="Asked by phone")


class TestALineLeaves:
    @pytest.fixture
    def executing(self, run):
        """Return a run that is being executed."""
        run.submit()
        run.approve()
        run.execute()
        return run

    def test_while_its_run_is_executed(self, executing):
        executing.move_line("transferring", "transferred", "paying_out", "paid")

    def test_not_before(self, connection, run):
        with refused(connection, "line_may_leave"):
            run.move_line("transferring")

    def test_not_when_its_earning_was_clawed_back(self, connection, executing):
        update(connection, "earnings", executing.desk.earning, state="clawed_back")
        with refused(connection, "line_may_leave"):
            executing.move_line("transferring")

    @pytest.mark.parametrize(
        "change", [{"fingerprint": "g"}, {"state": "restricted"}, {"cooldown_until": LATER}]
    )
    def test_not_to_an_account_that_changed(self, connection, executing, change):
        update(connection, "payout_accounts", executing.people.account, **change)
        with refused(connection, "line_may_leave"):
            executing.move_line("transferring")


class TestAnEarning:
    def test_is_in_one_live_line(self, connection, run):
        second = run.add_line(run.add_run())
        with refused(connection, "earning_in_one_live_line"):
            run.add_item(second)

    def test_may_be_in_another_after_its_line_ended(self, connection, run):
        update(connection, "payout_lines", run.line, state="skipped", reason="Asked by phone")

        run.add_item(run.add_line(run.add_run()))

    def test_leaves_with_its_line_only(self, connection, run):
        with refused(connection, "item_leaves_with_its_line"):
            connection.execute(sa.text("UPDATE payout_line_earnings SET is_live = false"))


class TestAnAccount:
    def test_is_one_for_each_expert(self, connection, people):
        of = {"expert_id": people.expert, "country": "DE", "created_at": NOW}
        with refused(connection, "payout_account_one_live"):
            insert(connection, "payout_accounts", id=new_id(), **of)

    def test_follows_a_closed_one(self, connection, people):
        update(connection, "payout_accounts", people.account, state="closed")
        of = {"expert_id": people.expert, "country": "DE", "created_at": NOW}

        assert insert(connection, "payout_accounts", id=new_id(), **of)
