"""People, keys, experts, topics, customers and queues: what their services let in and refuse."""

from datetime import timedelta

import pytest

from gigcx.catalog import queries as catalog
from gigcx.catalog import service as topics
from gigcx.customers import queries as customers
from gigcx.customers import service as customer_service
from gigcx.db import commit, now, shifted
from gigcx.desk.queries.feed import list_feed
from gigcx.experts import service as experts
from gigcx.experts.rules import ApplicationState
from gigcx.identity import queries as identity
from gigcx.identity.service import keys, people, signing_in
from gigcx.ids import new_id
from gigcx.money import Money
from gigcx.principal import SYSTEM
from gigcx.rewards import service as rewards
from gigcx.tickets import queries as queue_queries
from gigcx.tickets.service import queues
from tests.acting import acting
from tests.factories import identity as made
from tests.factories.desk import desk, ticket
from tests.factories.identity import ADMIN
from tests.factories.rewards import reward
from tests.factories.tickets import draft_queue

pytestmark = pytest.mark.usefixtures("undone")


@pytest.fixture
def at():
    """An open desk."""
    return desk()


def feed_of(at):
    with acting(at.expert):
        return [item.ticket_id for item in list_feed(at.expert, now=now(), limit=5)]


class TestBrands:
    def test_have_an_address_of_their_own(self):
        with acting(ADMIN):
            commit(people.create_brand, name="One", slug="one-of-a-kind")
            with pytest.raises(people.SlugTaken):
                commit(people.create_brand, name="Two", slug="one-of-a-kind")

    def test_that_are_suspended_offer_nothing_until_they_are_back(self, at):
        asked = ticket(at)
        for is_suspended, seen in ((True, []), (False, [asked.id])):
            with acting(ADMIN):
                commit(
                    people.suspend_brand,
                    who=ADMIN,
                    brand_id=at.brand_id,
                    is_suspended=is_suspended,
                )
            assert feed_of(at) == seen

    def test_that_nobody_knows_are_not_found(self):
        with acting(ADMIN), pytest.raises(identity.BrandNotFound):
            commit(people.suspend_brand, who=ADMIN, brand_id=new_id(), is_suspended=True)


class TestPeople:
    def test_have_an_address_of_their_own(self):
        with acting(ADMIN):
            commit(people.create_user, email="kim@example.org", name="Kim")
            with pytest.raises(people.EmailTaken):
                commit(people.create_user, email="kim@example.org", name="Kim")

    def test_who_are_suspended_take_their_keys_with_them(self, at):
        who = made.staff(at.brand_id, "agent")
        secret = made.key_of(who)
        for is_suspended in (True, False):
            with acting(ADMIN):
                commit(
                    people.suspend_user, who=ADMIN, user_id=who.user_id, is_suspended=is_suspended
                )
                found = identity.principal_of_key(secret, now())
            assert (found is None) == is_suspended

    def test_use_each_one_time_code_once_and_never_an_older_one(self, at):
        who = made.finance()
        with acting(ADMIN):
            steps = [
                commit(signing_in.accept_totp_step, user_id=who.user_id, step=step)
                for step in (100, 100, 99, 101)
            ]
        assert steps == [True, False, False, True]

    def test_keep_only_a_passwords_hash(self, at):
        who = made.staff(at.brand_id, "agent")
        with acting(ADMIN):
            commit(signing_in.set_password, user_id=who.user_id, password_hash="$argon2$x")
            assert identity.get_user(who.user_id).password_hash == "$argon2$x"

    def test_have_failed_sign_ins_counted_for_a_day(self):
        with acting(SYSTEM):
            start = now()
            for _ in range(2):
                commit(signing_in.note_login_attempt, subject="kim")
            assert identity.login_attempts_since(subject="kim", since=start) == 2
        with shifted(timedelta(days=2)), acting(SYSTEM):
            commit(signing_in.note_login_attempt, subject="kim")
            assert identity.login_attempts_since(subject="kim", since=start) == 1


class TestKeys:
    def test_do_only_what_they_were_made_for(self, at):
        who = made.staff(at.brand_id, "owner")
        with acting(who):
            key = commit(
                keys.issue_key,
                user_id=who.user_id,
                name="reader",
                role="owner",
                brand_id=at.brand_id,
                actions=["tickets.read"],
            )
            assert identity.principal_of_key(key.secret, now()).actions == {"tickets.read"}

    def test_are_refused_what_their_role_may_not(self, at):
        who = made.staff(at.brand_id, "analyst")
        with acting(who), pytest.raises(keys.RoleNotHeld):
            commit(
                keys.issue_key,
                user_id=who.user_id,
                name="writer",
                role="analyst",
                brand_id=at.brand_id,
                actions=["queues.write"],
            )

    def test_end_when_they_are_revoked_or_expire(self, at):
        who = made.staff(at.brand_id, "owner")
        with acting(who):
            for key in (
                commit(
                    keys.issue_key,
                    user_id=who.user_id,
                    name="a",
                    role="owner",
                    brand_id=at.brand_id,
                ),
                commit(
                    keys.issue_key,
                    user_id=who.user_id,
                    name="b",
                    role="owner",
                    brand_id=at.brand_id,
                    expires_at=now() + timedelta(hours=1),
                ),
            ):
                assert identity.principal_of_key(key.secret, now()) is not None
                later = now() + timedelta(hours=2)
                if key.key.expires_at is None:
                    commit(keys.revoke_key, who=who, key_id=key.key.id)
                    later = now()
                assert identity.principal_of_key(key.secret, later) is None

    def test_of_somebody_else_are_not_found(self, at):
        who, other = made.staff(at.brand_id, "owner"), made.staff(at.brand_id, "lead")
        with acting(who):
            key = commit(
                keys.issue_key, user_id=who.user_id, name="a", role="owner", brand_id=at.brand_id
            )
        with acting(other), pytest.raises(keys.KeyNotFound):
            commit(keys.revoke_key, who=other, key_id=key.key.id)


class TestExperts:
    def test_are_offered_nothing_while_they_pause(self, at):
        asked = ticket(at)
        with acting(at.expert):
            commit(experts.pause, who=at.expert, until=now() + timedelta(days=1))
        assert feed_of(at) == []
        with acting(at.expert):
            commit(experts.pause, who=at.expert, until=None)
        assert feed_of(at) == [asked.id]

    def test_are_let_go_and_never_come_back_by_themselves(self, at):
        ticket(at)
        for wanted in (ApplicationState.PAUSED, ApplicationState.LEFT):
            with acting(at.owner):
                commit(
                    experts.move_application,
                    brand_id=at.brand_id,
                    expert_id=at.expert.user_id,
                    wanted=wanted,
                )
            assert feed_of(at) == []
        with acting(at.owner), pytest.raises(experts.ApplicationWrongState):
            commit(
                experts.move_application,
                brand_id=at.brand_id,
                expert_id=at.expert.user_id,
                wanted=ApplicationState.ACTIVE,
            )

    def test_who_have_not_applied_are_not_found(self, at):
        with acting(at.owner), pytest.raises(experts.ExpertNotFound):
            commit(
                experts.move_application,
                brand_id=at.brand_id,
                expert_id=new_id(),
                wanted=ApplicationState.PAUSED,
            )


class TestCertificates:
    def test_that_are_revoked_open_nothing(self, at):
        ticket(at)
        with acting(at.owner):
            (certificate,) = catalog.list_certificates(at.owner, queue_queries.Page()).items
            commit(topics.revoke_certificate, who=at.owner, certificate_id=certificate.id)
            with pytest.raises(topics.CertificateEnded):
                commit(topics.revoke_certificate, who=at.owner, certificate_id=certificate.id)
        assert feed_of(at) == []

    def test_cover_a_topic_and_all_below_it(self, at):
        with acting(at.owner):
            below = commit(
                topics.save_topic, brand_id=at.brand_id, name="Pump", parent_id=at.topic_id
            )
            same = commit(
                topics.save_topic, brand_id=at.brand_id, name="PUMP", parent_id=at.topic_id
            )
        asked = ticket(at, topic_id=below.id)

        assert same.id == below.id
        assert feed_of(at) == [asked.id]

    def test_of_a_topic_of_another_brand_are_refused(self, at):
        with acting(at.owner), pytest.raises(catalog.TopicNotFound):
            commit(
                topics.issue_certificate,
                brand_id=at.brand_id,
                expert_id=at.expert.user_id,
                topic_id=desk().topic_id,
            )


class TestCustomers:
    def test_and_their_orders_come_once(self, at):
        with acting(at.owner):
            told = customer_service.ToldOrder(
                "o-1", at.customer.user_id, Money(500, "EUR"), ordered_at=now()
            )
            news = commit(customer_service.save_orders, brand_id=at.brand_id, told=[told, told])
            found = customers.orders_of(brand_id=at.brand_id, customer_id=at.customer.user_id)
        assert news == [True, False]
        assert [order.external_id for order in found] == ["o-1"]

    def test_keep_what_is_not_told_again(self, at):
        values = {"brand_id": at.brand_id, "external_id": "c-9"}
        with acting(at.owner):
            first = commit(
                customer_service.save_customer, name="Jo", email="jo@example.org", **values
            )
            second = commit(customer_service.save_customer, **values)
            known = customers.get_customer_of(brand_id=at.brand_id, customer_id=first)
        assert second == first
        assert (known.name, known.email) == ("Jo", "jo@example.org")


class TestQueues:
    def test_offer_nothing_while_they_are_paused_and_end_when_closed(self, at):
        asked = ticket(at)
        with acting(at.owner):
            values = {"brand_id": at.brand_id, "queue_id": at.queue_id}
            commit(queues.pause_queue, **values)
            commit(queues.pause_queue, **values)
        assert feed_of(at) == []
        with acting(at.owner):
            commit(queues.open_queue, **values)
        assert feed_of(at) == [asked.id]
        with acting(at.owner):
            with pytest.raises(queues.QueueWrongState):
                commit(queues.close_queue, **values)
            commit(queues.pause_queue, **values)
            commit(queues.close_queue, **values)
            with pytest.raises(queues.QueueWrongState):
                commit(queues.open_queue, **values)

    def test_need_a_reward_to_open(self, at):
        draft = draft_queue(at.brand_id)
        with acting(at.owner), pytest.raises(queues.QueueHasNoReward):
            commit(queues.open_queue, brand_id=at.brand_id, queue_id=draft.id)

    def test_have_names_of_their_own(self, at):
        first = draft_queue(at.brand_id, name="Help")
        with pytest.raises(queues.QueueNameTaken):
            draft_queue(at.brand_id, name="Help")
        second = draft_queue(at.brand_id, name="More help")
        with acting(at.owner), pytest.raises(queues.QueueNameTaken):
            commit(
                queues.change_queue,
                brand_id=at.brand_id,
                queue_id=second.id,
                changes={"name": first.name},
            )

    def test_get_a_new_version_of_their_contract_when_its_terms_change(self, at):
        with acting(at.owner):
            for changes, version in (
                ({"brief": "Be kind."}, 1),
                ({"hold_days": 5}, 2),
                ({"hold_days": 5}, 2),
            ):
                commit(
                    queues.change_queue,
                    brand_id=at.brand_id,
                    queue_id=at.queue_id,
                    changes=changes,
                )
                contract = queue_queries.current_contract(
                    brand_id=at.brand_id, queue_id=at.queue_id, now=now()
                )
                assert contract.version == version


class TestRewards:
    def test_replace_each_other_and_the_same_again_changes_nothing(self, at):
        first = reward(at.brand_id, at.queue_id, Money(700, "EUR"))
        again = reward(at.brand_id, at.queue_id, Money(700, "EUR"))
        assert again.id == first.id

    def test_are_in_the_queues_currency(self, at):
        with pytest.raises(rewards.CurrencyNotOfQueue):
            reward(at.brand_id, at.queue_id, Money(700, "USD"))

    def test_are_for_a_queue_of_the_brand(self, at):
        with pytest.raises(rewards.RewardPlaceNotFound):
            reward(at.brand_id, new_id(), Money(700, "EUR"))
