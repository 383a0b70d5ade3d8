"""Posting queues, opening and pausing them, and what they pay."""

from typing import Any
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.catalog import queries as catalog
from gigcx.db import now
from gigcx.desk.queries import tickets as desk
from gigcx.http.access import permit
from gigcx.paging import Page
from gigcx.rewards import queries as rewards
from gigcx.rewards import service as reward_service
from gigcx.tickets import queries
from gigcx.tickets.service import queues
from gigcx.web.brand import bp
from gigcx.web.forms import FormRefused, attempt, go, id_of, money, number, page, text

CURRENCIES = ("EUR", "USD", "GBP", "CHF")


@bp.get("/queues")
@permit("console.brand")
def list_queues() -> ResponseReturnValue:
    """Show the brand's queues with what waits in each."""
    who = principal.current()
    return render_template(
        "brand/queues.html",
        found=queries.list_queues(who, page()),
        waiting=desk.count_open(who),
    )


@bp.get("/queues/new")
@permit("queues.write")
def show_new_queue() -> ResponseReturnValue:
    """Ask what a queue needs."""
    return render_template("brand/new_queue.html", form={}, currencies=CURRENCIES)


@bp.post("/queues/new")
@permit("queues.write")
def post_queue() -> ResponseReturnValue:
    """Post a queue with its reward, as a draft."""
    brand_id = principal.current().brand_ids[0]
    try:
        values = _read_queue()
        pays = money("reward", "The reward", values["currency"])
    except FormRefused as refusal:
        flash(refusal.detail, "error")
        page_ = render_template("brand/new_queue.html", form=request.form, currencies=CURRENCIES)
        return page_, 422
    posted = attempt("", queues.create_queue, brand_id=brand_id, **values)
    if posted is None:
        page_ = render_template("brand/new_queue.html", form=request.form, currencies=CURRENCIES)
        return page_, 409
    attempt(
        "Posted as a draft. Open it when the balance is funded.",
        reward_service.set_reward,
        brand_id=brand_id,
        queue_id=posted.id,
        amount=pays,
    )
    return go(url_for("web_brand.show_queue", queue_id=posted.id))


@bp.get("/queues/<id(queue):queue_id>")
@permit("console.brand")
def show_queue(queue_id: UUID) -> ResponseReturnValue:
    """Show a queue with its rewards and its contract."""
    who = principal.current()
    queue = queries.get_queue(who, queue_id)
    table = rewards.list_rewards(who, Page(limit=100), queue_id=queue_id).items
    topics = catalog.names_of(queue.brand_id, [row.topic_id for row in table if row.topic_id])
    return render_template(
        "brand/queue.html",
        queue=queue,
        table=table,
        topics=topics,
        tree=catalog.tree_of(who),
        contract=queries.current_contract(brand_id=queue.brand_id, queue_id=queue_id, now=now()),
        waiting=desk.count_open(who).get(queue_id, 0),
    )


@bp.post("/queues/<id(queue):queue_id>/<any(open, pause, close):move>")
@permit("queues.write")
def move_queue(queue_id: UUID, move: str) -> ResponseReturnValue:
    """Open, pause or close a queue."""
    service = {"open": queues.open_queue, "pause": queues.pause_queue, "close": queues.close_queue}
    attempt("", service[move], brand_id=principal.current().brand_ids[0], queue_id=queue_id)
    return go(url_for("web_brand.show_queue", queue_id=queue_id))


@bp.post("/queues/<id(queue):queue_id>/rewards")
@permit("rewards.write")
def set_reward(queue_id: UUID) -> ResponseReturnValue:
    """Set what a resolution earns, for all tickets or for a topic."""
    queue = queries.get_queue(principal.current(), queue_id)
    try:
        amount = money("reward", "The reward", queue.currency)
        topic_id = id_of("topic", "topic", "a topic") if request.form.get("topic") else None
    except FormRefused as refusal:
        flash(refusal.detail, "error")
    else:
        attempt(
            "The reward holds from now on.",
            reward_service.set_reward,
            brand_id=queue.brand_id,
            queue_id=queue_id,
            amount=amount,
            topic_id=topic_id,
        )
    return go(url_for("web_brand.show_queue", queue_id=queue_id))


def _read_queue() -> dict[str, Any]:
    currency = text("currency", "The currency", most=3)
    if currency not in CURRENCIES:
        raise FormRefused("Choose a currency from the list.")
    return {
        "name": text("name", "The name", most=120),
        "brief": text("brief", "The brief", most=4000, is_needed=False),
        "currency": currency,
        "estimated_minutes": number("minutes", "Minutes for an answer", least=1, most=240),
        "silence_hours": number("silence", "Hours of silence", least=1, most=720),
        "hold_days": number("hold", "Hold days", least=0, most=60),
    }
