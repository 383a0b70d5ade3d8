"""The same request with the same key is done once and answered twice, over HTTP."""

import pytest

from tests.factories import identity


@pytest.fixture
def ask(app, undone):
    """What posts a queue with a key."""
    owner = identity.staff(identity.brand().id, "owner")
    headers = {"Authorization": f"Bearer {identity.key_of(owner)}"}

    def post(name, key):
        body = {"name": name, "brief": "Help owners", "currency": "EUR"}
        sent = headers | {"Idempotency-Key": key}
        return app.test_client().post("/api/v1/queues", json=body, headers=sent)

    return post


def test_a_repeated_request_makes_one_queue(ask):
    first, again, other = ask("One", "a-key"), ask("One", "a-key"), ask("One", "b-key")

    assert [first.status_code, again.status_code] == [201, 201]
    assert first.get_json() == again.get_json()
    assert other.status_code != 500
    assert other.get_json() != first.get_json()


def test_a_key_answers_one_request_only(ask):
    ask("One", "a-key")
    refused = ask("Two", "a-key")

    assert refused.status_code == 409
    assert refused.get_json()["type"] == "/problems/idempotency/key-reused"


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_a_length(ask, key):
    assert ask("One", key).status_code == 422
