"""Experts who may work for a brand."""

from uuid import UUID

from gigcx.db import commit
from gigcx.experts import service
from gigcx.ids import new_id
from gigcx.principal import Principal
from tests.acting import acting
from tests.factories.catalog import certify
from tests.factories.identity import owner_of


def expert(brand_id: UUID, *topic_ids: UUID, **changes) -> Principal:
    """Make an active expert of the brand who is certified for these topics."""
    # With a password of their own they are sent no link.
    values = {"email": f"{new_id()}@example.org", "name": "Alex Doe", "password_hash": "$none"}
    with acting(owner_of(brand_id)):
        made = commit(service.invite_expert, brand_id=brand_id, **values | changes)
    for topic_id in topic_ids:
        certify(brand_id, made.id, topic_id)
    return Principal(made.id, brand_ids=(brand_id,), roles=frozenset({"expert"}))
