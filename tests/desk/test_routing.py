"""A question is understood, and goes the way that is right for it."""

from collections import Counter

import pytest
import sqlalchemy as sa

from gigcx.db import commit, db
from gigcx.desk.models import Incident, Routing
from gigcx.desk.queries.feed import list_feed
from gigcx.desk.queries.tickets import list_inbox
from gigcx.desk.service import handover, incidents, resolving
from gigcx.desk.service.leases import StaleFence
from gigcx.experiments import service as experiments
from gigcx.experiments.models import Assignment
from gigcx.ledger import queries as ledger
from gigcx.ledger.rules import Account
from gigcx.matching import queries as matching
from gigcx.matching import service as learning
from gigcx.money import Money
from gigcx.paging import Page
from gigcx.principal import SYSTEM
from tests.acting import acting
from tests.factories import catalog, customers
from tests.factories.desk import claim, desk, ticket

SMOKES = "Since this morning smoke came out of the battery."


@pytest.fixture
def at(undone):
    return desk()


def routing_of(asked):
    with acting(SYSTEM):
        return db.session.get_one(Routing, (asked.brand_id, asked.id))


def experiment(at, *, expert=5000, in_house=5000, bot=0):
    with acting(at.owner):
        defined = commit(
            experiments.define_experiment,
            brand_id=at.brand_id,
            name="Who answers",
            expert_bps=expert,
            in_house_bps=in_house,
            bot_bps=bot,
        )
        return commit(experiments.start_experiment, who=at.owner, experiment_id=defined.id)


def incident_of(asked):
    with acting(SYSTEM):
        return db.session.scalars(
            sa.select(Incident).where(Incident.ticket_id == asked.id)
        ).one_or_none()


class TestTakeIn:
    def test_reads_what_the_customer_wrote(self, at):
        asked = ticket(
            at, text="Das Gerät geht dringend kaputt und ich bin sehr enttäuscht davon!!"
        )

        assert (asked.language, asked.intention, asked.priority) == ("de", "negative", 2)

    def test_believes_what_it_is_told(self, at):
        asked = ticket(at, text="Das ist eine Frage zu meinem Paket.", language="en", complexity=3)

        assert (asked.language, asked.complexity, asked.topic_id) == ("en", 3, at.topic_id)

    def test_calls_a_question_of_unknown_topic_a_general_one(self, at):
        asked = ticket(at, topic_id=None)

        assert asked.topic_id == catalog.topic(at.brand_id, "General")

    def test_sends_a_plain_question_the_standard_way(self, at):
        asked = ticket(at)

        routed = routing_of(asked)
        assert (routed.route, routed.because, routed.is_eligible) == ("expert", "standard", True)

    def test_sends_who_wants_the_staff_to_the_staff(self, at):
        asked = ticket(at, wants_staff=True)

        with acting(at.owner) as owner:
            inbox = list_inbox(owner, Page(limit=5)).items
        assert (routing_of(asked).because, [one.id for one in inbox]) == ("choice", [asked.id])


class TestTheSafetyLane:
    def test_takes_danger_out_before_anything_is_drawn(self, at):
        experiment(at, expert=10_000, in_house=0)

        asked = ticket(at, text=SMOKES)

        routed = routing_of(asked)
        with acting(SYSTEM):
            drawn = db.session.scalars(sa.select(Assignment)).all()
        assert (asked.route, routed.reasons, drawn) == ("safety", ["danger:fire"], [])

    def test_shows_no_expert_the_ticket(self, at):
        asked = ticket(at, text=SMOKES)

        with acting(at.expert) as expert:
            feed = list_feed(expert, now=asked.opened_at, limit=5)
        assert feed == []

    def test_opens_an_incident_with_the_words_that_show_it(self, at):
        incident = incident_of(ticket(at, text=SMOKES))

        assert (incident.state, incident.dangers) == ("open", ["fire"])
        assert "smoke came out" in incident.evidence

    def test_takes_a_claimed_ticket_from_the_expert_who_flags_it(self, at):
        asked = ticket(at)
        claim(at, asked.id)

        with acting(at.expert) as expert:
            commit(
                incidents.flag_ticket,
                who=expert,
                ticket_id=asked.id,
                danger="injury",
                evidence="The customer writes of a burn.",
            )

        with acting(at.owner):
            reserved = ledger.get_balance(
                Account.BRAND_RESERVED, owner_id=at.brand_id, currency="EUR"
            )
        assert (incident_of(asked).flagged_by, reserved) == (at.expert.user_id, Money(0, "EUR"))

    def test_hears_no_expert_who_does_not_hold_the_ticket(self, at):
        asked = ticket(at)
        claim(at, asked.id)
        with acting(at.expert) as expert:
            commit(resolving.resolve_ticket, who=expert, ticket_id=asked.id, fence=1)
            with pytest.raises(StaleFence):
                commit(
                    incidents.flag_ticket,
                    who=expert,
                    ticket_id=asked.id,
                    danger="fire",
                    evidence="It burns.",
                )

    def test_is_left_only_after_somebody_has_looked_into_it(self, at):
        incident = incident_of(ticket(at, text=SMOKES))

        with acting(at.owner) as owner:
            with pytest.raises(incidents.IncidentInWrongState):
                commit(
                    incidents.close_incident,
                    who=owner,
                    incident_id=incident.id,
                    conclusion="Nothing",
                )
            commit(incidents.investigate_incident, who=owner, incident_id=incident.id)
            closed = commit(
                incidents.close_incident,
                who=owner,
                incident_id=incident.id,
                conclusion="A loose cable. The customer has a new device.",
            )

        assert (closed.state, closed.owner_id) == ("closed", at.owner.user_id)


class TestTheDraw:
    def test_gives_a_customer_the_same_arm_each_time(self, at):
        running = experiment(at)

        routes = {ticket(at).route for _ in range(4)}

        with acting(SYSTEM):
            drawn = db.session.scalars(sa.select(Assignment)).all()
        assert len(routes) == 1
        assert [one.experiment_id for one in drawn] == [running.id]

    def test_divides_customers_as_the_shares_say(self, at):
        experiment(at, expert=8000, in_house=2000)

        routes = Counter(
            ticket(at, customer_id=customers.customer(at.brand_id).user_id).route for _ in range(60)
        )

        assert set(routes) == {"expert", "in_house"}
        assert 36 <= routes["expert"] <= 58

    def test_gives_the_share_of_a_bot_that_is_off_to_people(self, at):
        experiment(at, expert=0, in_house=0, bot=10_000)

        asked = ticket(at)

        with acting(SYSTEM):
            drawn = db.session.scalars(sa.select(Assignment)).one()
        assert (drawn.drawn, drawn.arm, asked.route) == ("bot", "expert", "expert")

    def test_leaves_out_who_objects(self, at):
        experiment(at, expert=0, in_house=10_000)
        objector = customers.customer(at.brand_id, objects_to_experiments=True)

        asked = ticket(at, customer_id=objector.user_id)

        routed = routing_of(asked)
        assert (routed.because, routed.reasons, asked.route) == (
            "objection",
            ["objection"],
            "expert",
        )

    def test_is_made_by_one_experiment_at_a_time(self, at):
        experiment(at)

        with pytest.raises(experiments.AnotherRuns):
            experiment(at)

    def test_refuses_shares_that_are_not_a_whole(self, at):
        with pytest.raises(experiments.SharesNotWhole):
            experiment(at, expert=5000, in_house=4000)

    def test_ends_when_it_is_stopped(self, at):
        running = experiment(at, expert=0, in_house=10_000)
        with acting(at.owner) as owner:
            commit(experiments.stop_experiment, who=owner, experiment_id=running.id)
            with pytest.raises(experiments.WrongState):
                commit(experiments.start_experiment, who=owner, experiment_id=running.id)

        assert routing_of(ticket(at)).because == "standard"


class TestTheTopicModel:
    def test_places_questions_once_it_has_learnt(self, at):
        returns, repairs = at.topic_id, catalog.topic(at.brand_id, "Repairs")
        for n in range(6):
            answered(at, returns, f"I want to send parcel {n} back, the size is wrong")
            answered(at, repairs, f"The pump {n} is broken and makes a loud noise")

        with acting(SYSTEM):
            examples = matching.list_examples(at.brand_id)
            fitted = learning.fit_model(examples)
            took_over = commit(
                learning.promote_model, brand_id=at.brand_id, fitted=fitted, latest=examples[-4:]
            )
        asked = ticket(at, topic_id=None, text="My pump is broken, such a loud noise")

        assert (took_over, len(examples), asked.topic_id) == (True, 12, repairs)
        assert routing_of(asked).topic_bps > 5000

    def test_learns_nothing_from_general_questions(self, at):
        answered(at, None, "Something else")

        with acting(SYSTEM):
            assert matching.list_examples(at.brand_id) == []


def answered(at, topic_id, text):
    """Take a question in and let the staff resolve it."""
    asked = ticket(at, topic_id=topic_id, text=text, subject="Help", wants_staff=True)
    with acting(at.owner) as owner:
        held = commit(handover.take_over, who=owner, ticket_id=asked.id)
        commit(resolving.resolve_ticket, who=owner, ticket_id=asked.id, fence=held.fence)
