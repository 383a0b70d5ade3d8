"""Pure rules, held against whatever may be given to them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigcx import ids
from gigcx.desk import rules as desk
from gigcx.earnings import rules as earnings
from gigcx.masking import mask
from gigcx.matching.rules.score import Knowledge, plausible_success, score_ticket
from gigcx.money import Money, total
from gigcx.payouts import rules as payouts

NOW = datetime(2030, 1, 4, 12, tzinfo=UTC)
amounts = st.integers(0, 10**12)
shares = st.lists(st.integers(0, 10_000), min_size=1, max_size=6).filter(lambda s: sum(s) <= 10_000)
knowledge = st.builds(
    Knowledge,
    test_bps=st.integers(0, 10_000),
    solved=st.integers(0, 500),
    failed=st.integers(0, 500),
)
words = st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=80)
emails = st.from_regex(r"[a-z]{3,8}\.[a-z]{3,8}@[a-z]{3,8}\.(com|de|org)", fullmatch=True)


def score(**changes):
    facts = {
        "knowledge": Knowledge(8000, 3, 1),
        "topic": "Brewing",
        "waited": timedelta(hours=3),
        "priority": 0,
        "is_acquainted": False,
    }
    return score_ticket(**facts | changes)


class TestSplittingAReward:
    @given(amounts, shares)
    def test_gives_away_what_the_shares_are_worth_and_no_cent_more(self, amount, parts):
        reward = Money(amount, "EUR")
        split = earnings.split_reward(reward, shares_bps=parts)

        assert total(split, currency="EUR").amount_minor == amount * sum(parts) // 10_000
        assert all(part.amount_minor >= 0 for part in split)

    @given(amounts, shares)
    def test_gives_each_theirs_to_within_one_cent(self, amount, parts):
        split = earnings.split_reward(Money(amount, "EUR"), shares_bps=parts)

        assert all(
            abs(part.amount_minor - amount * share / 10_000) <= 1
            for part, share in zip(split, parts, strict=True)
        )

    @pytest.mark.parametrize("parts", [[-1, 1], [6000, 6000]])
    def test_refuses_what_is_no_division(self, parts):
        with pytest.raises(ValueError, match="shares_bps"):
            earnings.split_reward(Money(100, "EUR"), shares_bps=parts)

    @given(st.dates())
    def test_pays_on_a_friday_within_a_week(self, released):
        paid = earnings.pay_on(released)

        assert paid.weekday() == 4
        assert timedelta() <= paid - released < timedelta(days=7)


class TestCosts:
    @given(amounts, st.integers(0, 10_000))
    def test_are_the_reward_and_its_fee_and_never_more(self, amount, fee_bps):
        reward = Money(amount, "EUR")
        cost = desk.cost_max(reward, fee_bps=fee_bps)

        assert reward <= cost <= reward + reward
        assert abs((cost - reward).amount_minor - amount * fee_bps / 10_000) <= 0.5

    def test_are_refused_where_they_are_not_those_shown(self):
        with pytest.raises(desk.RewardChanged):
            desk.check_terms(seen=Money(1, "EUR"), reward=Money(2, "EUR"))
        desk.check_terms(seen=Money(1, "EUR"), reward=Money(1, "EUR"))


class TestClocks:
    @given(st.integers(1, 10_000))
    def test_run_forward(self, amount):
        assert desk.lease_from_claim(NOW, first_reply_minutes=amount) > NOW
        assert desk.lease_from_reply(NOW, silence_hours=amount) > NOW
        assert desk.lease_from_follow_up(NOW, follow_up_hours=amount) > NOW

    @pytest.mark.parametrize(("days", "may"), [(13, True), (14, True), (15, False)])
    def test_let_a_ticket_be_reopened_within_the_window(self, days, may):
        decided = NOW - timedelta(days=days)
        assert desk.may_reopen(NOW, decided_at=decided, reopen_days=14) is may


class TestAScore:
    @given(knowledge)
    def test_of_success_is_a_share(self, known):
        assert 0 <= plausible_success(known) <= 1

    @given(knowledge)
    def test_rises_with_what_helped_and_falls_with_what_did_not(self, known):
        better = Knowledge(known.test_bps, known.solved + 50, known.failed)
        worse = Knowledge(known.test_bps, known.solved, known.failed + 50)

        assert plausible_success(worse) <= plausible_success(better)

    @given(st.integers(0, 2000), st.integers(1, 2000))
    def test_rises_with_every_hour_of_waiting(self, hours, more):
        early = score(waited=timedelta(hours=hours))
        late = score(waited=timedelta(hours=hours + more))

        assert late.points > early.points

    @given(knowledge, st.integers(0, 9), st.booleans())
    def test_is_the_sum_of_parts_that_say_what_they_are(self, known, priority, is_acquainted):
        told = score(knowledge=known, priority=priority, is_acquainted=is_acquainted)

        assert told.points == pytest.approx(sum(part.points for part in told.parts))
        assert len(told.reasons) == len({*told.reasons})
        assert ("You answered this customer before" in told.reasons) is is_acquainted
        assert ("The brand calls it urgent" in told.reasons) is (priority > 0)

    def test_knows_nothing_of_handling_time(self):
        assert {part.name for part in score().parts} == {
            "success",
            "waiting",
            "priority",
            "acquainted",
        }


class TestAnId:
    @given(st.uuids())
    def test_comes_back_from_its_public_form(self, value):
        assert ids.parse("ticket", ids.shown("ticket", value)) == value

    def test_sorts_by_time(self):
        made = [ids.new_id() for _ in range(100)]
        assert [m.int >> 80 for m in made] == sorted(m.int >> 80 for m in made)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "tkt",
            "tkt_",
            "que_01m85wd4syek0vyabkwgtvtg6y",
            "tkt_8" + "0" * 25,
            "tkt_" + "u" * 26,
        ],
    )
    def test_of_another_thing_or_shape_is_refused(self, text):
        with pytest.raises(ValueError, match=r"."):
            ids.parse("ticket", text)

    def test_of_nothing_is_the_smallest(self):
        assert ids.shown("ticket", UUID(int=0)) == "tkt_" + "0" * 26


class TestMoney:
    @given(amounts, amounts)
    def test_adds_and_subtracts(self, one, other):
        assert Money(one, "EUR") + Money(other, "EUR") - Money(other, "EUR") == Money(one, "EUR")

    @pytest.mark.parametrize("operation", [Money.__add__, Money.__sub__, Money.__lt__])
    def test_of_two_currencies_does_not_mix(self, operation):
        with pytest.raises(ValueError, match="do not mix"):
            operation(Money(1, "EUR"), Money(1, "USD"))

    @pytest.mark.parametrize(
        ("money", "text"),
        [
            (Money(1250, "EUR"), "€12.50"),
            (Money(1250, "JPY"), "¥1,250"),
            (Money(-5, "USD"), "-$0.05"),
        ],
    )
    def test_is_written_for_people(self, money, text):
        assert str(money) == text


class TestMasking:
    @given(words, emails, words)
    def test_lets_no_address_through(self, before, email, after):
        assert email not in mask(f"{before} {email} {after}")

    @given(words)
    def test_changes_a_masked_text_no_more(self, text):
        once = mask(text, names=["Jo", "Miller"])
        assert mask(once, names=["Jo", "Miller"]) == once

    @pytest.mark.parametrize(
        ("raw", "kind"),
        [
            ("jo.miller@example.com", "email"),
            ("+49 30 901820", "phone"),
            ("4242 4242 4242 4242", "card"),
            ("DE89 3704 0044 0532 0130 00", "iban"),
            ("192.168.10.77", "ip"),
            ("12 Baker Street", "address"),
            ("Order no. AB-1234567", "order"),
        ],
    )
    def test_replaces_each_kind_by_its_token(self, raw, kind):
        masked = mask(f"Hello, {raw} is mine.")
        assert f"[{kind}·" in masked
        assert raw.rpartition("no. ")[2] not in masked

    def test_gives_the_same_value_the_same_token_within_a_brand(self):
        one, two = (mask(f"{word} jo@example.com", salt="b") for word in ("From", "To"))
        assert one.split()[1] == two.split()[1]
        assert mask("jo@example.com", salt="other") != one.split()[1]


class TestPayouts:
    @pytest.mark.parametrize(
        ("facts", "state"),
        [
            ({"has_transfers": True, "is_paid_out": True}, "active"),
            ({"has_transfers": True, "is_paid_out": False, "due": 1}, "restricted"),
        ],
    )
    def test_follow_what_stripe_says_of_an_account(self, facts, state):
        told = {"has_transfers": False, "is_paid_out": False, "due": 0, "disabled_reason": None}
        assert payouts.account_state_of(**told | facts) == state

    @given(amounts, amounts)
    def test_go_only_where_the_balance_reaches(self, needed, available):
        covered = payouts.is_covered(Money(needed, "EUR"), available=Money(available, "EUR"))
        assert covered is (needed <= available)
