"""What the database refuses in experiments, routings, incidents and models, by name."""

import pytest

from tests.rows import LATER, NOW, insert, refused, update

SHARES = {"expert_bps": 4000, "in_house_bps": 6000, "bot_bps": 0}


class TestExperiments:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("experiment_has_name", {"name": ""}),
            ("experiment_shares_are_a_whole", {"bot_bps": 1}),
            ("experiment_expert_is_a_share", {"expert_bps": -1, "in_house_bps": 10_001}),
            ("experiment_in_house_is_a_share", {"in_house_bps": -1, "expert_bps": 10_001}),
            ("experiment_bot_is_a_share", {"bot_bps": -1, "expert_bps": 4001}),
            ("experiment_moves_along_its_map", {"state": "running"}),
        ],
    )
    def test_are_born_as_drafts_with_whole_shares(self, connection, desk, name, values):
        with refused(connection, name):
            desk.add(
                "experiments", **{"name": "A", "salt": "b", "created_at": NOW, **SHARES, **values}
            )

    def test_run_one_at_a_time(self, connection, desk):
        update(connection, "experiments", desk.experiment, state="running", started_at=NOW)
        another = desk.add("experiments", name="A", salt="b", created_at=NOW, **SHARES)
        with refused(connection, "experiment_one_runs"):
            update(connection, "experiments", another, state="running", started_at=NOW)

    def test_keep_their_shares(self, connection, desk):
        with refused(connection, "column_is_frozen"):
            update(connection, "experiments", desk.experiment, expert_bps=1, in_house_bps=9999)

    def test_start_at_a_time(self, connection, desk):
        with refused(connection, "experiment_started_at_a_time"):
            update(connection, "experiments", desk.experiment, started_at=NOW)


class TestAssignments:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("assignment_point_is_a_share", {"point": 10_000}),
            ("assignment_drawn_is_known", {"drawn": "moon"}),
            ("assignment_arm_is_known", {"arm": "moon"}),
        ],
    )
    def test_name_an_arm(self, connection, desk, name, values):
        customer = desk.add("customers", external_id="c-2", created_at=NOW)
        facts = {"point": 1, "drawn": "expert", "arm": "expert", "assigned_at": NOW}
        of = {"brand_id": desk.brand, "experiment_id": desk.experiment, "customer_id": customer}
        with refused(connection, name):
            insert(connection, "assignments", **of, **facts | values)

    def test_are_for_good(self, connection, desk):
        with refused(connection, "42501"):
            connection.exec_driver_sql("UPDATE assignments SET arm = 'in_house'")


class TestRoutings:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("routing_route_is_known", {"route": "moon"}),
            ("routing_because_is_known", {"because": "whim"}),
            ("routing_topic_is_a_share", {"topic_bps": 10_001}),
            ("routing_intention_is_known", {"intention": "mixed"}),
            ("routing_of_the_eligible", {"reasons": ["choice"]}),
            ("routing_by_arm_has_experiment", {"because": "arm"}),
        ],
    )
    def test_say_what_was_decided_and_why(self, connection, desk, name, values):
        ticket = desk.add(
            "tickets",
            queue_id=desk.queue,
            customer_id=desk.customer,
            topic_id=desk.topic,
            route="expert",
            subject="Why?",
            opened_at=NOW,
        )
        facts = {"route": "expert", "because": "standard", "is_eligible": True, "reasons": []}
        read = {"language": "en", "intention": "neutral", "urgency": 0, "complexity": 1}
        of = {"brand_id": desk.brand, "ticket_id": ticket, "routed_at": NOW}
        with refused(connection, name):
            insert(connection, "routings", **of, **facts | read | values)

    def test_a_ticket_comes_with_an_intention(self, connection, desk):
        with refused(connection, "ticket_intention_is_known"):
            update(connection, "tickets", desk.ticket, intention="mixed")


class TestIncidents:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("incident_moves_along_its_map", {"state": "closed"}),
            ("incident_investigated_by_somebody", {"state": "investigating"}),
            ("incident_has_danger", {"dangers": []}),
            ("incident_closed_has_conclusion", {"closed_at": LATER}),
        ],
    )
    def test_are_looked_into_by_somebody(self, connection, desk, name, values):
        with refused(connection, name):
            update(connection, "incidents", desk.incident, **values)

    def test_are_one_for_a_ticket(self, connection, desk):
        of = {"ticket_id": desk.ticket, "dangers": ["fire"], "evidence": "-"}
        with refused(connection, "incident_of_ticket"):
            desk.add("incidents", opened_at=NOW, due_at=LATER, **of)


class TestTopicModels:
    def test_answer_one_at_a_time(self, connection, desk):
        facts = {"packed": b"-", "examples": 1, "is_current": True, "fitted_at": NOW}
        with refused(connection, "topic_model_one_current"):
            desk.add("topic_models", accuracy_bps=1, **facts)

    def test_are_right_at_most_always(self, connection, desk):
        with refused(connection, "topic_model_accuracy_is_a_share"):
            connection.exec_driver_sql("UPDATE topic_models SET accuracy_bps = 10001")
