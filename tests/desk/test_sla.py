"""The clocks of a ticket, from its first minute to its last."""

from datetime import timedelta

import pytest

from gigcx.db import commit, shifted
from gigcx.desk.queries import clocks
from gigcx.desk.service import conversation, merging, resolving
from gigcx.jobs.inline import drain
from gigcx.tickets.rules import Hours
from gigcx.tickets.service import queues
from gigcx.tickets.service.tickets import WrongState
from tests.acting import acting
from tests.factories import tickets
from tests.factories.desk import claim, desk, ticket


@pytest.fixture
def at(undone):
    return desk()


class TestClocks:
    def standing(self, at, asked):
        with acting(at.owner):
            found = clocks.standings_of([at.brand_id], [asked.id])[asked.id]
        return {one.clock.value: one.kind.value for one in found}

    def test_start_with_the_ticket_and_are_met_by_the_answer(self, at):
        asked = ticket(at)
        assert self.standing(at, asked) == {"first_reply": "started", "resolution": "started"}

        claim(at, asked.id)
        with acting(at.expert) as expert:
            commit(conversation.reply, who=expert, ticket_id=asked.id, text="Which?", fence=1)
        assert self.standing(at, asked) == {"first_reply": "met", "resolution": "paused"}

        with acting(at.customer) as customer:
            commit(conversation.reply, who=customer, ticket_id=asked.id, text="The second.")
        assert self.standing(at, asked) == {
            "first_reply": "met",
            "next_reply": "started",
            "resolution": "resumed",
        }

        with acting(at.expert) as expert:
            commit(resolving.resolve_ticket, who=expert, ticket_id=asked.id, fence=1)
        assert set(self.standing(at, asked).values()) == {"met"}

    def test_that_run_out_are_noted_once(self, at):
        asked = ticket(at)

        with shifted(timedelta(hours=2)):
            drain("desk.note_missed_clocks")
            drain("desk.note_missed_clocks")

        assert self.standing(at, asked) == {"first_reply": "missed", "resolution": "started"}

    def test_are_reckoned_by_the_queue_that_a_ticket_moves_to(self, at):
        asked = ticket(at)
        fast = tickets.queue(at.brand_id, funds=None, first_reply_minutes=5)

        with acting(at.owner) as owner:
            commit(merging.move_to_queue, who=owner, ticket_id=asked.id, queue_id=fast.id)
            due = clocks.standings_of([at.brand_id], [asked.id])[asked.id]

        first = next(one for one in due if one.clock == "first_reply")
        assert timedelta(minutes=4) < first.due_at - asked.opened_at < timedelta(minutes=6)

    def test_of_a_claimed_ticket_do_not_move(self, at):
        asked = ticket(at)
        claim(at, asked.id)
        with acting(at.owner) as owner, pytest.raises(WrongState):
            commit(merging.move_to_queue, who=owner, ticket_id=asked.id, queue_id=at.queue_id)

    def test_know_business_hours(self, at):
        with acting(at.owner):
            commit(
                queues.change_queue,
                brand_id=at.brand_id,
                queue_id=at.queue_id,
                changes={"hours": Hours("Europe/Paris", opens_minute=540, closes_minute=541)},
            )
        asked = ticket(at)

        with acting(at.owner):
            due = clocks.standings_of([at.brand_id], [asked.id])[asked.id]
        first = next(one for one in due if one.clock == "first_reply")
        assert timedelta(days=58) < first.due_at - asked.opened_at < timedelta(days=61)
