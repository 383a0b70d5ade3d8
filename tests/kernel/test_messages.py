"""Messages out and in: delivered once to each listener, tried again, given up, replayed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from gigcx import inbox, outbox
from gigcx.db import commit, db, shifted
from gigcx.ids import new_id
from gigcx.jobs.deliveries import run_deliveries
from gigcx.jobs.inline import drain
from gigcx.jobs.registry import NAMES
from gigcx.outbox import DeliveryState, OutboxDelivery
from gigcx.paging import Page
from gigcx.principal import RELAY, SYSTEM
from tests.acting import acting, race
from tests.factories.identity import ADMIN

NAME = inbox.EventName("stripe", "", "evt_1")
SWEEP = "outgoing.sweep"


def ordered(kind=SWEEP):
    """Write a message and let the relay number it; return whom it is due to."""
    with acting(SYSTEM):
        commit(outbox.put, kind)
    with acting(RELAY):
        commit(outbox.number_messages, listeners=NAMES)
        return commit(outbox.take_due)


def state_of(message_id):
    with acting(SYSTEM):
        found = db.session.scalars(
            sa.select(OutboxDelivery).where(OutboxDelivery.message_id == message_id)
        ).one()
        return found.state, found.attempts


class TestADelivery:
    def test_runs_once_however_often_its_turn_is_queued(self, undone):
        ((listener, (turn,)),) = ordered().items()
        written = [(str(turn[0]), turn[1])]

        assert run_deliveries(listener=listener, turns=written) == 1
        assert run_deliveries(listener=listener, turns=written) == 0
        assert state_of(turn[0]) == (DeliveryState.DONE, 1)

    def test_is_held_by_one_worker_at_a_time(self, committing):
        ((listener, turns),) = ordered().items()
        with acting(SYSTEM):
            held = race(
                6, lambda _n: commit(outbox.claim_deliveries, listener=listener, turns=turns)
            )
        assert sorted(len(one) for one in held) == [0, 0, 0, 0, 0, 1]

    def test_is_pushed_again_when_its_worker_is_dead(self, undone):
        ((listener, turns),) = ordered().items()
        with acting(SYSTEM):
            assert commit(outbox.claim_deliveries, listener=listener, turns=turns)
        with acting(RELAY):
            assert commit(outbox.take_due) == {}
            with shifted(outbox.LEASE + timedelta(seconds=1)):
                again = commit(outbox.take_due)
        assert again == {listener: [(turns[0][0], 1)]}

    def test_that_fails_is_tried_again_later_and_then_given_up(self, undone):
        ((listener, ((message_id, _),)),) = ordered().items()
        for attempt in range(3):
            with shifted(timedelta(hours=attempt)), acting(SYSTEM):
                commit(outbox.claim_deliveries, listener=listener, turns=[(message_id, attempt)])
                commit(
                    outbox.fail_delivery,
                    listener=listener,
                    message_id=message_id,
                    error="It broke.",
                    retries=2,
                )
        assert state_of(message_id) == (DeliveryState.DEAD, 3)
        with acting(SYSTEM):
            assert [dead.last_error for dead in outbox.list_dead(Page()).items] == ["It broke."]
            assert outbox.counts() == {"dead": 1}
        with acting(ADMIN):
            commit(outbox.replay_delivery, message_id=message_id, listener=listener)
            with pytest.raises(outbox.NotDead):
                commit(outbox.replay_delivery, message_id=message_id, listener=listener)
        drain()
        assert state_of(message_id)[0] == DeliveryState.DONE

    def test_of_an_unknown_listener_is_not_there_to_replay(self, undone):
        with acting(ADMIN), pytest.raises(outbox.NotDead):
            commit(outbox.replay_delivery, message_id=new_id(), listener="desk.nothing")

    def test_that_raises_stops_none_of_its_neighbours(self, undone):
        bad = {"brand_id": str(new_id()), "ticket_id": str(new_id())}
        with acting(SYSTEM):
            commit(outbox.put, "desk.ticket_resolved", brand_id=new_id(), ticket_id=str(new_id()))
            commit(outbox.put, SWEEP)
        drain()
        with acting(SYSTEM):
            assert outbox.counts() == {"failed": 1}
        assert bad


class TestAnEvent:
    def receive(self):
        with acting(SYSTEM):
            return commit(
                inbox.receive, name=NAME, kind="account.updated", payload={"data": {"object": {}}}
            )

    def test_is_stored_once(self, undone):
        assert [self.receive(), self.receive()] == [True, False]

    def test_is_stored_once_by_many_at_once(self, committing):
        assert sorted(race(8, lambda _n: self.receive())) == [False] * 7 + [True]

    def test_that_means_nothing_to_us_is_ignored(self, undone):
        with acting(SYSTEM):
            commit(inbox.receive, name=NAME, kind="customer.created", payload={})
        drain()
        with acting(SYSTEM):
            assert commit(inbox.take_event, name=NAME) is None

    def test_that_fails_too_often_waits_for_a_person(self, undone):
        self.receive()
        with acting(SYSTEM):
            for _ in range(inbox.RETRIES + 1):
                commit(inbox.take_event, name=NAME)
                commit(inbox.fail_event, name=NAME, error="It broke.")
            assert commit(inbox.take_event, name=NAME) is None
            assert [dead.event_id for dead in inbox.list_dead(Page()).items] == ["evt_1"]
        with acting(ADMIN):
            commit(inbox.replay_event, name=NAME)
            with pytest.raises(outbox.NotDead):
                commit(inbox.replay_event, name=NAME)

    def test_that_never_came_is_not_found(self, undone):
        with acting(ADMIN), pytest.raises(inbox.EventNotFound):
            commit(inbox.replay_event, name=NAME)
