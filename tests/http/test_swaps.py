"""Ids of another brand in bodies, queries, cursors and files: nobody reads or changes theirs.

What can be sent is taken from the API's own document, so a new field is tried from its first day.
"""

import re
from io import BytesIO

import pytest
import sqlalchemy as sa

from gigcx import ids
from gigcx.db import commit, db
from gigcx.desk.models import Claim
from gigcx.desk.service import imports
from gigcx.jobs.inline import drain
from gigcx.principal import SYSTEM
from gigcx.tickets.models import Queue, Ticket
from tests.acting import acting
from tests.factories import identity
from tests.factories.desk import desk, ticket
from tests.http.test_matrix import one_of_everything

ROLES = ("owner", "expert")
ID = re.compile(r"^\^([a-z]{3})_")
THING_OF = {prefix: thing for thing, prefix in ids.PREFIXES.items()}
PLACES = {
    "ticket": "ticket_id",
    "queue": "queue_id",
    "expert": "expert_id",
    "customer": "customer_id",
    "message": "message_id",
    "brand": "brand_id",
    "topic": "topic_id",
}
"""A kind of id → the part of a path that holds one."""
OPEN_TO_ALL = {"brand_id"}
"""Whom an administrator invites, and to where; the matrix tries it by role."""


@pytest.fixture
def two(undone):
    """Two brands with one of everything: (people, parts) of each."""
    return one_of_everything(), one_of_everything()


def fields_of(document, schema, schemas):
    """Yield (field, kind of id) of a shape."""
    reference = schema.get("$ref", "").rpartition("/")[2]
    for name, told in (schemas[reference] if reference else schema).get("properties", {}).items():
        found = ID.match(told.get("pattern", ""))
        if found:
            yield name, THING_OF[found[1]]


def operations(client):
    document = client.get("/api/openapi.json").json
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict):
                yield document, path, method, operation


def filled(path, parts):
    return re.sub(r"\{(\w+)\}", lambda place: parts[place[1]], path)


def counted():
    """Return how much there is of what a body could name."""
    with acting(SYSTEM):
        kinds = (Ticket, Claim, Queue)
        return [db.session.scalar(sa.select(sa.func.count()).select_from(kind)) for kind in kinds]


class TestAnIdOfAnotherBrand:
    @pytest.mark.parametrize("role", ROLES)
    def test_in_a_body_changes_nothing(self, app, two, role):
        (_, theirs), (people, own) = two
        bearer = {"Authorization": f"Bearer {identity.key_of(people[role])}"}
        before, tried, let_in = counted(), 0, []
        for document, path, method, operation in operations(app.test_client()):
            told = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            if "example" not in told:
                continue
            fields = list(fields_of(document, told["schema"], document["components"]["schemas"]))
            for field, thing in fields:
                if thing not in PLACES or field in OPEN_TO_ALL:
                    continue
                body = told["example"] | {
                    name: own[PLACES[kind]] for name, kind in fields if kind in PLACES
                }
                body[field] = theirs[PLACES[thing]]
                answer = app.test_client().open(
                    filled(path, own), method=method.upper(), json=body, headers=bearer
                )
                tried += 1
                if answer.status_code < 400 or answer.status_code >= 500:
                    let_in.append((method, path, field, answer.status_code))

        assert let_in == []
        assert counted() == before
        assert tried > 8

    @pytest.mark.parametrize("role", ROLES)
    def test_in_a_query_finds_nothing(self, app, two, role):
        (_, theirs), (people, own) = two
        bearer = {"Authorization": f"Bearer {identity.key_of(people[role])}"}
        found = []
        for _document, path, method, operation in operations(app.test_client()):
            for parameter in operation.get("parameters", ()):
                thing = ID.match(parameter["schema"].get("pattern", ""))
                if method != "get" or parameter["in"] != "query" or not thing:
                    continue
                asked = {parameter["name"]: theirs[PLACES[THING_OF[thing[1]]]]}
                answer = app.test_client().get(
                    filled(path, own), query_string=asked, headers=bearer
                )
                if answer.status_code == 200 and answer.json.get("data"):
                    found.append((path, parameter["name"]))

        assert found == []

    def test_in_a_cursor_shows_nothing_of_theirs(self, app, two):
        (people, theirs), (strangers, _) = two
        with_key = {"Authorization": f"Bearer {identity.key_of(people['owner'])}"}
        stranger = {"Authorization": f"Bearer {identity.key_of(strangers['owner'])}"}
        tried = 0
        for _document, path, method, operation in operations(app.test_client()):
            names = {parameter["name"] for parameter in operation.get("parameters", ())}
            if method != "get" or "cursor" not in names or "{" in path:
                continue
            first = app.test_client().get(path, query_string={"limit": 1}, headers=with_key)
            cursor = first.json.get("next_cursor") if first.status_code == 200 else None
            if cursor is None:
                continue
            tried += 1
            mine = app.test_client().get(path, query_string={"limit": 200}, headers=with_key)
            seen = app.test_client().get(path, query_string={"cursor": cursor}, headers=stranger)
            known = {row.get("id") for row in mine.json["data"]} - {None}
            assert seen.status_code in {200, 422}, path
            assert not known & {row.get("id") for row in seen.json.get("data", ())}, path

        assert tried > 0
        assert theirs["ticket_id"]


class TestAFile:
    def test_that_names_another_brands_things_makes_own_ones(self, undone):
        mine, theirs = desk(), desk()
        ticket(theirs, external_id="T-1")
        lines = (
            f"id,queue,subject,text,customer_id\n"
            f"T-1,{ids.shown('queue', theirs.queue_id)},Mine,Hello,{theirs.customer.user_id}\n"
        ).encode()
        with acting(mine.owner):
            commit(
                imports.start_import,
                who=mine.owner,
                kind="tickets",
                file_name="t.csv",
                content=BytesIO(lines),
            )
        drain()

        with acting(SYSTEM):
            rows = db.session.execute(
                sa.select(Ticket.brand_id, Ticket.queue_id).where(Ticket.external_id == "T-1")
            ).all()
        assert (theirs.brand_id, theirs.queue_id) in rows
        assert all(queue == theirs.queue_id for brand, queue in rows if brand == theirs.brand_id)
        assert all(queue != theirs.queue_id for brand, queue in rows if brand == mine.brand_id)
