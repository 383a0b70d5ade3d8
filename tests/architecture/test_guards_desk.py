"""What the database refuses whoever claims, resolves and earns, one test for each name."""

import pytest
import sqlalchemy as sa

from gigcx.ids import new_id
from tests.rows import NOW, as_role, insert, refused, update


def end(connection, desk, *, reason="released"):
    update(connection, "claims", desk.claim, state="ended", ended_reason=reason, ended_at=NOW)


class TestTickets:
    @pytest.mark.parametrize("state", ["resolved", "closed", "waiting_on_customer"])
    def test_move_along_their_map(self, connection, desk, state):
        with refused(connection, "ticket_moves_along_its_map"):
            update(connection, "tickets", desk.ticket, state=state)

    def test_get_a_fence_with_each_claim(self, connection, desk):
        for state in ("claimed", "open", "claimed"):
            update(connection, "tickets", desk.ticket, state=state)

        fence = sa.text("SELECT fence FROM tickets WHERE id = :id")
        assert connection.scalar(fence, {"id": desk.ticket}) == 2

    @pytest.mark.parametrize("fence", [2, -1])
    def test_have_a_fence_that_grows_by_one(self, connection, desk, fence):
        with refused(connection, "ticket_fence_grows_by_one"):
            update(connection, "tickets", desk.ticket, fence=fence)

    def test_that_are_merged_have_a_target(self, connection, desk):
        with refused(connection, "ticket_merged_has_target"):
            update(connection, "tickets", desk.ticket, state="merged")


class TestMessages:
    def test_of_experts_have_a_fence(self, connection, desk):
        with refused(connection, "message_of_expert_has_fence"):
            desk.add(
                "messages", ticket_id=desk.ticket, author="expert", masked_text="Hi", sent_at=NOW
            )

    def test_stay_as_they_were_sent(self, connection, desk):
        with refused(connection, "column_is_frozen"):
            update(connection, "messages", desk.message, author="staff")


class TestClaims:
    def test_are_one_at_a_time(self, connection, desk):
        with refused(connection, "claim_one_active"):
            desk.add_claim(fence=2)

    def test_follow_an_ended_one(self, connection, desk):
        end(connection, desk)

        assert desk.add_claim(fence=2)

    def test_have_a_fence_of_their_own(self, connection, desk):
        end(connection, desk)
        with refused(connection, "claim_fence_is_new"):
            desk.add_claim(fence=1)

    def test_last(self, connection, desk):
        with refused(connection, "claim_lasts"):
            update(connection, "claims", desk.claim, lease_until=NOW)

    @pytest.mark.parametrize("known", [{"ended_reason": "released"}, {"ended_at": NOW}])
    def test_end_with_a_reason_and_a_time(self, connection, desk, known):
        with refused(connection, "claim_ended_has_reason"):
            update(connection, "claims", desk.claim, state="ended", **known)

    def test_know_who_claims(self, connection, desk):
        with refused(connection, "claim_claimant_is_known"):
            desk.add_claim(fence=3, claimant="customer")

    def test_know_why_they_end(self, connection, desk):
        with refused(connection, "claim_end_is_known"):
            end(connection, desk, reason="bored")

    def test_that_ended_never_begin_again(self, connection, desk):
        end(connection, desk)
        with refused(connection, "claim_moves_along_its_map"):
            update(
                connection, "claims", desk.claim, state="active", ended_reason=None, ended_at=None
            )

    def test_belong_to_whom_they_belonged(self, connection, desk):
        with refused(connection, "column_is_frozen"):
            update(connection, "claims", desk.claim, claimant_id=new_id())


class TestReservations:
    @pytest.fixture
    def second(self, connection, desk):
        """Return a second claim, which has no reservation yet."""
        end(connection, desk)
        return desk.add_claim(fence=2)

    def test_are_one_for_each_claim(self, connection, desk):
        with refused(connection, "reservation_one_per_claim"):
            desk.add_reservation(desk.claim)

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("reservation_reward_is_positive", {"reward_minor": 0}),
            ("reservation_covers_its_reward", {"amount_minor": 999}),
            ("reservation_moves_along_its_map", {"state": "spent"}),
        ],
    )
    def test_begin_well(self, connection, desk, second, name, values):
        with refused(connection, name):
            desk.add_reservation(second, **values)

    @pytest.mark.parametrize("earned", [-1, 1251])
    def test_are_the_ceiling_of_what_is_earned(self, connection, desk, earned):
        with refused(connection, "reservation_covers_earnings"):
            update(connection, "reservations", desk.reservation, earned_minor=earned)

    def test_go_back_only_if_nothing_was_earned(self, connection, desk):
        update(connection, "reservations", desk.reservation, earned_minor=1)
        with refused(connection, "reservation_returned_unearned"):
            update(connection, "reservations", desk.reservation, state="returned")

    def test_that_are_spent_stay_spent(self, connection, desk):
        update(connection, "reservations", desk.reservation, state="spent", earned_minor=1250)
        with refused(connection, "reservation_moves_along_its_map"):
            update(connection, "reservations", desk.reservation, state="active")

    @pytest.mark.parametrize("column", ["reward_minor", "amount_minor"])
    def test_keep_their_amount(self, connection, desk, column):
        with refused(connection, "column_is_frozen"):
            update(connection, "reservations", desk.reservation, **{column: 1100})


class TestResolutions:
    def test_are_one_for_each_claim(self, connection, desk):
        with refused(connection, "resolution_one_per_claim"):
            desk.add_resolution(desk.claim, fence=1)

    def test_have_the_fence_of_a_claim(self, connection, desk):
        end(connection, desk)
        claim = desk.add_claim(fence=2)
        with refused(connection, "23503"):
            desk.add_resolution(claim, fence=3)

    @pytest.mark.parametrize("shared", [-1, 10_001])
    def test_are_shared_once_at_most(self, connection, desk, shared):
        with refused(connection, "resolution_shares_at_most_all"):
            update(connection, "resolutions", desk.resolution, shared_bps=shared)

    def test_are_not_reopened_before_they_are_decided(self, connection, desk):
        with refused(connection, "resolution_moves_along_its_map"):
            update(connection, "resolutions", desk.resolution, state="reopened")

    def test_keep_their_contract(self, connection, desk):
        with refused(connection, "column_is_frozen"):
            update(connection, "resolutions", desk.resolution, contract_id=new_id())


class TestEarnings:
    def test_come_once_for_each_subject(self, connection, desk):
        with refused(connection, "earning_once_per_subject"):
            desk.add_earning()

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("earning_kind_is_known", {"kind": "gift"}),
            ("earning_is_positive", {"amount_minor": 0}),
            ("earning_fee_is_not_negative", {"fee_minor": -1}),
            ("earning_share_is_reserved", {"share_bps": 0}),
            ("earning_share_is_reserved", {"share_bps": None}),
            ("earning_share_is_reserved", {"reservation_id": None}),
            ("earning_reward_subject", {"kind": "reward"}),
            ("earning_moves_along_its_map", {"state": "available"}),
            ("23503", {"currency": "USD"}),
        ],
    )
    def test_begin_well(self, connection, desk, name, values):
        with refused(connection, name):
            desk.add_earning(**{"kind": "diagnosis", "subject": new_id()} | values)

    @pytest.mark.parametrize("known", [{"confirmed_at": NOW}, {"release_on": NOW}])
    def test_are_available_after_a_confirmation(self, connection, desk, known):
        with refused(connection, "earning_available_is_confirmed"):
            update(connection, "earnings", desk.earning, state="available", **known)

    def test_that_were_clawed_back_stay_so(self, connection, desk):
        update(connection, "earnings", desk.earning, state="clawed_back")
        with refused(connection, "earning_moves_along_its_map"):
            update(connection, "earnings", desk.earning, state="pending")

    @pytest.mark.parametrize("column", ["amount_minor", "fee_minor", "share_bps"])
    def test_keep_their_amount(self, connection, desk, column):
        with refused(connection, "column_is_frozen"):
            update(connection, "earnings", desk.earning, **{column: 7})

    @pytest.mark.parametrize("role", ["web", "worker", "finance", "admin"])
    def test_are_deleted_by_nobody(self, connection, desk, role):
        with as_role(connection, role, brands=[desk.brand]), refused(connection, "42501"):
            connection.execute(sa.text("DELETE FROM earnings"))


class TestSwitches:
    def test_are_known(self, connection):
        with refused(connection, "switch_is_known"):
            insert(connection, "switches", name="weather")

    def test_stop_with_a_reason(self, connection):
        with refused(connection, "stop_has_reason"):
            connection.execute(sa.text("UPDATE switches SET is_stopped = true"))
