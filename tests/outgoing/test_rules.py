"""A call is sent again only while its key protects us from a second effect."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gigcx.outgoing.rules import (
    CALL_TAKES_MAX,
    KEY_LIVES,
    NEXT,
    CallKind,
    CallState,
    Outcome,
    call_key,
    may_become,
    may_send,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
OPEN = [CallState.SENT, CallState.UNKNOWN]
ENDS = [CallState.SUCCEEDED, CallState.FAILED, CallState.EXPIRED_UNKNOWN]


def may_send_again(state, *, first_sent_ago, sent_ago):
    return may_send(
        state=state, first_sent_at=NOW - first_sent_ago, sent_at=NOW - sent_ago, now=NOW
    )


class TestMayBecome:
    def test_every_state_has_its_arrows(self):
        assert set(NEXT) == set(CallState)

    def test_goes_from_intent_by_sent_only(self):
        assert NEXT[CallState.INTENT] == {CallState.SENT}

    def test_gives_up_only_on_what_is_unknown(self):
        givers = {state for state in CallState if may_become(state, CallState.EXPIRED_UNKNOWN)}

        assert givers == {CallState.UNKNOWN}

    @pytest.mark.parametrize("end", ENDS)
    def test_leaves_no_end(self, end):
        assert not any(may_become(end, state) for state in CallState)


class TestMaySend:
    def test_sends_an_intent(self):
        assert may_send(state=CallState.INTENT, first_sent_at=None, sent_at=None, now=NOW)

    @pytest.mark.parametrize("state", OPEN)
    def test_waits_while_the_sender_may_live(self, state):
        assert not may_send_again(
            state, first_sent_ago=CALL_TAKES_MAX, sent_ago=CALL_TAKES_MAX - MOMENT
        )

    @pytest.mark.parametrize("state", OPEN)
    def test_sends_again_when_the_sender_must_be_dead(self, state):
        assert may_send_again(state, first_sent_ago=CALL_TAKES_MAX, sent_ago=CALL_TAKES_MAX)

    @pytest.mark.parametrize("state", OPEN)
    def test_sends_until_the_key_may_be_forgotten(self, state):
        assert may_send_again(state, first_sent_ago=KEY_LIVES - MOMENT, sent_ago=CALL_TAKES_MAX)
        assert not may_send_again(state, first_sent_ago=KEY_LIVES, sent_ago=CALL_TAKES_MAX)

    @pytest.mark.parametrize("state", ENDS)
    def test_never_sends_what_is_at_an_end(self, state):
        assert not may_send_again(state, first_sent_ago=CALL_TAKES_MAX, sent_ago=CALL_TAKES_MAX)


class TestOutcome:
    def test_a_call_to_be_tried_later_stays_sent(self):
        assert Outcome.try_later("rate_limit").state is CallState.SENT

    def test_not_knowing_names_no_object(self):
        assert Outcome.unknown() == Outcome(CallState.UNKNOWN)


class TestCallKey:
    def test_names_what_it_is_for_and_which_try(self):
        line_id = UUID(int=1)

        assert call_key(CallKind.TRANSFER, line_id, 2) == f"transfer:{line_id}:2"
