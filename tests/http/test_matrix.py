"""Every route by every role, for own things and another brand's: nobody gets in elsewhere.

The table of routes is the program's own, so a new route is tried from its first day.
"""

from io import BytesIO

import pytest

from gigcx import ids
from gigcx.db import commit
from gigcx.desk.service import attachments, conversation, imports, incidents
from gigcx.desk.service import requests as requests_
from gigcx.experiments import service as experiments
from gigcx.funding import service as funding
from gigcx.http.access import PUBLIC, action_of
from gigcx.http.links import sign
from gigcx.identity.rules import permitted
from gigcx.ids import new_id
from gigcx.money import Money
from gigcx.tickets.service import workspace
from tests.acting import acting
from tests.factories import catalog, identity
from tests.factories.desk import claim, desk, resolved, ticket
from tests.story.lines import queue_lines

ROLES = ("owner", "lead", "agent", "analyst", "expert", "finance", "admin")
BRANDS_OWN = frozenset(
    {"ticket_id", "queue_id", "import_id", "certificate_id", "funding_id", "expert_id", "key_id"}
    | {"experiment_id", "incident_id", "attachment_id", "request_id", "canned_answer_id"}
    | {"customer_id"}
)
"""Names of parts of a path that belong to one brand or person."""


@pytest.fixture
def ours(undone):
    """One brand with one of everything; returns the parts of paths and the brand's people."""
    return one_of_everything()


def one_of_everything():
    at = desk()
    held = ticket(at)
    claim(at, held.id)
    resolved(at)
    with acting(at.owner):
        read = commit(
            imports.start_import,
            who=at.owner,
            kind="tickets",
            file_name="q.jsonl",
            content=BytesIO(queue_lines(1)),
        )
        paid = commit(funding.start_funding, who=at.owner, amount=Money(500, "EUR"))
    divided, flagged, canned = decided(at)
    asked, written, attached = spoken(at, held)
    certificate = catalog.certify(at.brand_id, at.expert.user_id, at.topic_id)
    people = {
        role: identity.staff(at.brand_id, role) for role in ("owner", "lead", "agent", "analyst")
    }
    people |= {"expert": at.expert, "finance": identity.finance(), "admin": identity.admin()}
    parts = {
        "ticket_id": ids.shown("ticket", held.id),
        "queue_id": ids.shown("queue", at.queue_id),
        "topic_id": ids.shown("topic", at.topic_id),
        "import_id": ids.shown("import", read.id),
        "certificate_id": ids.shown("certificate", certificate.id),
        "experiment_id": ids.shown("experiment", divided.id),
        "incident_id": ids.shown("incident", flagged.id),
        "attachment_id": ids.shown("attachment", attached.id),
        "request_id": ids.shown("action_request", asked.id),
        "canned_answer_id": ids.shown("canned_answer", canned.id),
        "customer_id": ids.shown("customer", at.customer.user_id),
        "message_id": ids.shown("message", written.id),
        "funding_id": ids.shown("funding", paid.id),
        "expert_id": ids.shown("expert", at.expert.user_id),
        "brand_id": ids.shown("brand", at.brand_id),
        "user_id": ids.shown("user", people["owner"].user_id),
        "run_id": ids.shown("run", new_id()),
        "line_id": ids.shown("line", new_id()),
        "passkey_id": ids.shown("passkey", new_id()),
        "session_id": ids.shown("session", new_id()),
        "key_id": ids.shown("api_key", new_id()),
        "listener": "desk.index_ticket",
        "code": "desk/ticket-not-open",
        "filename": "app.css",
        "move": "open",
        "token": "forged",
        "work": "claims",
    }
    return people, parts


def decided(at):
    """Return an experiment, an incident and a canned answer of the brand."""
    with acting(at.owner):
        divided = commit(
            experiments.define_experiment,
            brand_id=at.brand_id,
            name="Half and half",
            expert_bps=5000,
            in_house_bps=5000,
            bot_bps=0,
        )
        flagged = commit(
            incidents.flag_ticket,
            who=at.owner,
            ticket_id=ticket(at).id,
            danger="fire",
            evidence="It smokes.",
        )
        canned = commit(
            workspace.save_canned_answer, brand_id=at.brand_id, title="Hello", answer="Hi"
        )
    return divided, flagged, canned


def spoken(at, held):
    """Return a request, a message and a file of the expert who holds a ticket."""
    with acting(at.expert):
        asked = commit(
            requests_.request_action,
            who=at.expert,
            ticket_id=held.id,
            fence=1,
            kind="refund",
            detail="Please",
        )
        written = commit(
            conversation.reply, who=at.expert, ticket_id=held.id, text="See this", fence=1
        )
        attached = commit(
            attachments.attach_file,
            who=at.expert,
            ticket_id=held.id,
            message_id=written.id,
            file=workspace.Upload("a.txt", "text/plain", b"Hello"),
        )
    return asked, written, attached


def requests(app, parts):
    """Yield (method, path, names of its parts, action) for every route."""
    for rule in app.url_map.iter_rules():
        values = {name: parts[name] for name in rule.arguments}
        if "move" in rule.arguments:
            values["move"] = "submit" if "/runs/" in rule.rule else "open"
            if "/lines/" in rule.rule:
                values["move"] = "hold"
            if "/experiments/" in rule.rule:
                values["move"] = "start"
        if "uuid:message_id" in rule.rule:
            values["message_id"] = str(new_id())
        path = rule.rule
        for name, value in values.items():
            path = _filled(path, name, value)
        action = action_of(app.view_functions[rule.endpoint])
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield method, path, rule.arguments, action


def _filled(path: str, name: str, value: str) -> str:
    start = path.index(f"{name}>")
    opening = path.rindex("<", 0, start)
    return path[:opening] + value + path[start + len(name) + 1 :]


def ask(app, method, path, key=None):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = app.test_client().open(path, method=method, headers=headers)
    answer.get_data()
    return answer


class TestEveryRoute:
    def test_names_its_action(self, app):
        silent = {
            rule.rule
            for rule in app.url_map.iter_rules()
            if action_of(app.view_functions[rule.endpoint]) is None
        }

        assert silent == set()

    def test_names_an_action_that_some_role_has(self, app):
        actions = {action_of(view) for view in app.view_functions.values()} - {PUBLIC, None}

        assert actions <= permitted([*ROLES, "customer"])

    def test_asks_who_it_is(self, app, ours):
        _, parts = ours

        let_in = [
            (method, path, answer.status_code)
            for method, path, _, action in requests(app, parts)
            if action != PUBLIC and (answer := ask(app, method, path)).status_code not in {400, 401}
        ]

        assert let_in == []

    @pytest.mark.parametrize("role", ROLES)
    def test_lets_a_role_do_what_it_may_and_nothing_else(self, app, ours, role):
        people, parts = ours
        key = identity.key_of(people[role])
        may = permitted([role])
        wrong = []
        for method, path, _, action in requests(app, parts):
            if action == PUBLIC:
                continue
            status = ask(app, method, path, key).status_code
            is_refused = status == 403
            if status >= 500 or is_refused != (action not in may):
                wrong.append((method, path, action, status))

        assert wrong == []

    @pytest.mark.parametrize("role", ["owner", "expert"])
    def test_shows_nothing_of_another_brand(self, app, ours, role):
        _, parts = ours
        at = desk()
        stranger = identity.staff(at.brand_id, "owner") if role == "owner" else at.expert
        key = identity.key_of(stranger)
        may = permitted([role])
        wrong = []
        for method, path, names, action in requests(app, parts):
            if action not in may or not BRANDS_OWN & set(names):
                continue
            answer = ask(app, method, path, key)
            refused = {404} if method == "GET" else {404, 409, 422, 303}
            if answer.status_code not in refused:
                wrong.append((method, path, action, answer.status_code))

        assert wrong == []


class TestALink:
    def test_reaches_its_own_ticket_and_no_other(self, app, undone):
        at = desk()
        mine, other = ticket(at), ticket(at)
        with app.test_request_context():
            token = sign(brand_id=at.brand_id, ticket_id=mine.id, customer_id=at.customer.user_id)
        path = f"/api/v1/tickets/{ids.shown('ticket', other.id)}/confirm"

        answer = app.test_client().post(path, json={"token": token})

        assert answer.status_code in {404, 409}

    @pytest.mark.parametrize("token", ["forged", "a.b.c", "%00", "x" * 2000])
    def test_that_is_forged_leads_nowhere(self, app, undone, token):
        assert app.test_client().get(f"/c/{token}").status_code == 404
        assert (
            app.test_client().post(f"/api/v1/ratings/{token}", json={"stars": 5}).status_code == 404
        )
