"""The API answers what its document says, whatever it is sent, to each role."""

import os
from contextlib import suppress

import hypothesis
import jsonschema_rs
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gigcx.db import db
from tests.factories import identity
from tests.factories.desk import claim, desk, resolved, ticket

EXAMPLES = int(os.environ.get("EXAMPLES", "1"))
"""Requests of each route, right ones and wrong ones; ``make fuzz`` sends more."""
ROLES = ("owner", "agent", "expert", "finance", "admin")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    response_schema_conformance,
    content_type_conformance,
]
"""Whether something is this role's to do, or exists, the document cannot know."""
ENDS_THE_KEY = "/api-keys/"


@pytest.fixture
def key_of_role(undone):
    """Return what gives the API key of somebody in a role, at a desk with work."""
    at = desk()
    ticket(at)
    claim(at, ticket(at).id)
    resolved(at)
    people = {"expert": at.expert, "finance": identity.finance(), "admin": identity.admin()}

    def make(role):
        return identity.key_of(people.get(role) or identity.staff(at.brand_id, role))

    return make


def test_its_examples_are_as_its_schemas_say(client, undone):
    document = client.get("/api/openapi.json").json
    wrong = []
    for path, method, operation in operations(document):
        well = [told for status, told in operation["responses"].items() if status[0] == "2"]
        for body in filter(None, [operation.get("requestBody"), *well]):
            told = body.get("content", {}).get("application/json", {})
            if "schema" not in told:
                continue
            schema = {"components": document["components"], **told["schema"]}
            wrong += [
                (method, path, error.message)
                for error in jsonschema_rs.validator_for(schema).iter_errors(told["example"])
            ]

    assert wrong == []


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict):
                yield path, method, operation


def wrong_answers(operation, mode, key):
    """Send what the document allows, or forbids, and return what should not have come back."""
    found = set()

    @hypothesis.settings(
        max_examples=EXAMPLES,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(mode))
    def send(case):
        db.session.close()
        answer = case.call(headers={"Authorization": f"Bearer {key}"})
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            found.add(f"{operation.label}: {failure} {answer.text[:300]}")

    # Nothing wrong can be sent where nothing is read.
    with suppress(hypothesis.errors.Unsatisfiable):
        send()
    return found


@pytest.mark.parametrize("role", ROLES)
def test_the_api_answers_as_documented(app, key_of_role, role):
    key = key_of_role(role)
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    operations = [
        found.ok() for found in document.exclude(path_regex="/webhooks/").get_all_operations()
    ]
    wrong = [
        answer
        for operation in operations
        if ENDS_THE_KEY not in operation.path
        for mode in GenerationMode
        for answer in wrong_answers(operation, mode, key)
    ]

    assert len(operations) > 80
    assert wrong == []
