"""``/api/v1/queues`` and ``/api/v1/rewards``: what a brand posts, and what it pays."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.api.answers import REPEATABLE, create, paged
from gigcx.api.resource import Resource
from gigcx.api.schemas.kernel import PageArgumentsSchema, page_of
from gigcx.api.schemas.queues import (
    ContractSchema,
    QueueChangesSchema,
    QueueDetailSchema,
    QueueRequestSchema,
    QueueSchema,
    RewardArgumentsSchema,
    RewardRequestSchema,
    RewardSchema,
)
from gigcx.db import commit, now
from gigcx.http import paging
from gigcx.http.access import permit
from gigcx.rewards import queries as reward_tables
from gigcx.rewards import service as rewards
from gigcx.tickets import queries
from gigcx.tickets.service import queues as service

queues = Resource("queues", __name__, path="/queues")
tables = Resource("rewards", __name__, path="/rewards")


@queues.get("")
@permit("queues.read")
@queues.arguments(PageArgumentsSchema, location="query")
@queues.response(200, page_of(QueueSchema))
def list_queues(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the queues that one may see, the latest first."""
    return paged(queries.list_queues(principal.current(), paging.page_of(**arguments)))


@queues.post("")
@permit("queues.write")
@queues.doc(**REPEATABLE)
@queues.arguments(QueueRequestSchema)
@queues.response(201, QueueSchema)
def create_queue(asked: dict[str, Any]) -> Response:
    """Post a queue as a draft. Set a reward, then open it."""
    return create(QueueSchema(), service.create_queue, brand_id=_brand(), **asked)


@queues.get("/<id(queue):queue_id>")
@permit("queues.read")
@queues.response(200, QueueDetailSchema)
def get_queue(queue_id: UUID) -> Response:
    """Show a queue with its contract."""
    queue = queries.get_queue(principal.current(), queue_id)
    contract = queries.current_contract(brand_id=queue.brand_id, queue_id=queue_id, now=now())
    return jsonify(QueueSchema().dump(queue) | {"contract": ContractSchema().dump(contract)})


@queues.patch("/<id(queue):queue_id>")
@permit("queues.write")
@queues.arguments(QueueChangesSchema)
@queues.response(200, QueueSchema)
def change_queue(changes: dict[str, object], queue_id: UUID) -> Any:
    """Change what a queue says; changed terms make the contract's next version."""
    return commit(service.change_queue, brand_id=_brand(), queue_id=queue_id, changes=changes)


@queues.post("/<id(queue):queue_id>/open")
@permit("queues.write")
@queues.response(200, QueueSchema)
def open_queue(queue_id: UUID) -> Any:
    """Offer the queue's tickets to experts."""
    return commit(service.open_queue, brand_id=_brand(), queue_id=queue_id)


@queues.post("/<id(queue):queue_id>/pause")
@permit("queues.write")
@queues.response(200, QueueSchema)
def pause_queue(queue_id: UUID) -> Any:
    """Offer nothing more; what is claimed goes on."""
    return commit(service.pause_queue, brand_id=_brand(), queue_id=queue_id)


@tables.get("")
@permit("rewards.read")
@tables.arguments(RewardArgumentsSchema, location="query")
@tables.response(200, page_of(RewardSchema))
def list_rewards(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the rewards that hold now, the latest first."""
    queue_id = arguments.pop("queue", None)
    page = paging.page_of(**arguments)
    return paged(reward_tables.list_rewards(principal.current(), page, queue_id=queue_id))


@tables.post("")
@permit("rewards.write")
@tables.doc(**REPEATABLE)
@tables.arguments(RewardRequestSchema)
@tables.response(201, RewardSchema)
def set_reward(asked: dict[str, Any]) -> Response:
    """Set what a resolution earns from now on; the reward that it replaces ends."""
    return create(RewardSchema(), rewards.set_reward, brand_id=_brand(), **asked)


def _brand() -> UUID:
    """Return the brand of staff, who act for one."""
    return principal.current().brand_ids[0]
