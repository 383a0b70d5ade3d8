"""What those who run the platform need: figures, names of requests, switches, keys that change."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import structlog

from gigcx import audit, ids, outbox, switches
from gigcx.db import commit, db, shifted
from gigcx.desk.queries.feed import list_feed
from gigcx.desk.service import claims
from gigcx.identity.service import keys
from gigcx.ids import new_id
from gigcx.jobs.inline import drain
from gigcx.outbox import OutboxMessage
from gigcx.principal import RELAY, SYSTEM
from gigcx.switches import Stoppable
from tests.acting import acting
from tests.caller import Caller
from tests.factories import identity
from tests.factories.desk import desk, ticket
from tests.factories.identity import ADMIN
from tests.factories.rewards import TEN_EUROS
from tests.servers import run_as_admin


def turn(work, *, is_stopped, reason="We look into it."):
    with acting(ADMIN):
        commit(switches.turn, who=ADMIN, work=work, is_stopped=is_stopped, reason=reason)


class TestARequest:
    def test_keeps_a_proxys_name_and_makes_one_otherwise(self, client, undone):
        named = client.get("/healthz", headers={"X-Request-ID": "from-the-proxy-1"})
        unnamed = client.get("/healthz", headers={"X-Request-ID": "a\tb"})

        assert named.headers["X-Request-ID"] == "from-the-proxy-1"
        assert len(unnamed.headers["X-Request-ID"]) == 36

    def test_names_the_messages_and_the_jobs_that_come_of_it(self, app, undone):
        owner = identity.staff(identity.brand().id, "owner")
        key = identity.key_of(owner)
        app.test_client().post(
            "/api/v1/people",
            json={"email": "new@example.org", "name": "New", "role": "agent"},
            headers={"Authorization": f"Bearer {key}", "X-Request-ID": "trace-me-please"},
        )
        with acting(SYSTEM):
            (payload,) = db.session.scalars(
                sa.select(OutboxMessage.payload).where(
                    OutboxMessage.kind == "identity.password_wanted"
                )
            )
        assert payload["request_id"] == "trace-me-please"
        with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as logged:
            drain()
        assert [line["request_id"] for line in logged if line["event"] == "delivery failed"] == [
            "trace-me-please"
        ]

    def test_is_logged_by_its_rule_without_what_it_said(self, client, undone):
        with structlog.testing.capture_logs() as logged:
            client.get("/c/secret-token?email=private")
        (line,) = [line for line in logged if line["event"] == "request"]
        assert "secret" not in str(line)
        assert "private" not in str(line)
        assert line["route"].startswith("/c/<")


class TestHealth:
    def test_is_alive_and_ready(self, client, undone):
        assert client.get("/healthz").get_json() == {"alive": True}
        assert client.get("/readyz").get_json() == {"database": True, "queue": True}

    def test_gives_figures_to_administrators(self, app, undone):
        key = identity.key_of(identity.admin())
        answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {key}"})

        assert answer.status_code == 200
        for name in ("gigcx_request_seconds_bucket", "gigcx_delivery_oldest_seconds"):
            assert name in answer.text
        assert 'gigcx_stopped{work="claims"} 0.0' in answer.text
        assert app.test_client().get("/metrics").status_code == 401


@pytest.mark.usefixtures("undone")
class TestSwitches:
    def test_stop_claims_and_say_so(self, app):
        at = desk()
        open_ = ticket(at)
        turn(Stoppable.CLAIMS, is_stopped=True)
        with acting(at.expert) as expert:
            with pytest.raises(claims.TicketNotOpen):
                commit(claims.claim_ticket, who=expert, ticket_id=open_.id, seen=TEN_EUROS)
            assert commit(lambda now: list_feed(expert, now=now, limit=10)) == []
        seen = {"Authorization": f"Bearer {identity.key_of(at.expert)}"}
        assert "Claims are stopped" in app.test_client().get("/expert", headers=seen).text
        turn(Stoppable.CLAIMS, is_stopped=False)
        assert "Claims are stopped" not in app.test_client().get("/expert", headers=seen).text
        with acting(at.expert) as expert:
            assert commit(lambda now: list_feed(expert, now=now, limit=10)) != []

    def test_let_mail_wait_untried(self):
        turn(Stoppable.OUTGOING_MAIL, is_stopped=True)
        with acting(SYSTEM):
            commit(outbox.put, "identity.password_wanted", user_id=str(new_id()))
        drain()
        with acting(RELAY):
            state, attempts = db.session.execute(
                sa.text("SELECT state, attempts FROM outbox_deliveries")
            ).one()
        assert (state, attempts) == ("due", 0)

    def test_need_a_reason_and_leave_a_trace(self):
        with pytest.raises(switches.ReasonMissing):
            turn(Stoppable.PAYOUTS, is_stopped=True, reason=" ")
        turn(Stoppable.PAYOUTS, is_stopped=True)
        with acting(SYSTEM):
            assert switches.is_stopped(Stoppable.PAYOUTS)
            noted = db.session.scalars(
                sa.select(audit.AuditRow).where(audit.AuditRow.action == "switches.turned")
            ).one()
        assert noted.subject == "switch:payouts"


@pytest.mark.usefixtures("undone")
class TestAKey:
    def test_is_followed_by_one_that_may_do_the_same(self, app):
        owner = identity.staff(identity.brand().id, "owner")
        with acting(owner):
            old = commit(
                keys.issue_key,
                user_id=owner.user_id,
                name="shop",
                role="owner",
                brand_id=owner.brand_ids[0],
                actions=["queues.read", "keys.write"],
            )
        path = f"/api-keys/{ids.shown('api_key', old.key.id)}/rotate"
        new = Caller(app, old.secret).post(path, {"overlap_hours": 1}, expects=201)

        assert set(new["key"]["actions"]) == {"queues.read", "keys.write"}
        Caller(app, old.secret).get("/queues")
        with shifted(timedelta(hours=1, minutes=1)):
            Caller(app, old.secret).ask("GET", "/queues", expects=401)
            Caller(app, new["secret"]).get("/queues")

    def test_that_is_narrow_makes_no_wide_one(self, app):
        owner = identity.staff(identity.brand().id, "owner")
        with acting(owner):
            wide, narrow = (
                commit(
                    keys.issue_key,
                    user_id=owner.user_id,
                    name="shop",
                    role="owner",
                    brand_id=owner.brand_ids[0],
                    actions=actions,
                )
                for actions in (None, ["keys.write"])
            )
        path = f"/api-keys/{ids.shown('api_key', wide.key.id)}/rotate"
        Caller(app, narrow.secret).post(path, expects=403)


class TestTheAuditChain:
    def test_breaks_where_a_row_was_changed(self, committing):
        identity.brand()
        with acting(RELAY):
            commit(audit.link, limit=100)
        with acting(SYSTEM):
            anchor, broken = audit.head(), audit.find_breaks()
        seq, _, sha256 = anchor.partition(":")
        assert broken == []
        run_as_admin(
            committing.database_url,
            "ALTER TABLE audit_rows DISABLE TRIGGER USER",
            "UPDATE audit_rows SET action = 'nothing.happened'",
            "ALTER TABLE audit_rows ENABLE TRIGGER USER",
        )
        with acting(SYSTEM):
            assert audit.find_breaks() != []
            assert audit.holds(int(seq), sha256)
            assert not audit.holds(int(seq), "00")
