"""Posting queues, opening and pausing them, and what they pay."""

from calendar import day_abbr
from datetime import time
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from flask import current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.catalog import queries as catalog
from gigcx.db import now
from gigcx.desk.queries import tickets as desk
from gigcx.http import links
from gigcx.http.access import permit
from gigcx.paging import Page
from gigcx.rewards import queries as rewards
from gigcx.rewards import service as reward_service
from gigcx.tickets import queries
from gigcx.tickets.service import queues
from gigcx.web.brand import bp
from gigcx.web.forms import FormRefused, attempt, go, id_of, money, number, page, read, text

CURRENCIES = ("EUR", "USD", "GBP", "CHF")
DAYS = {str(n): name for n, name in enumerate(day_abbr)}
"""A form's value → what a day of the week is called."""
MINUTES_OF_DAY = 1440


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
        days=DAYS,
        zones=sorted(available_timezones()),
        clock=lambda minute: f"{minute // 60 % 24:02}:{minute % 60:02}",
        mail=links.queue_address(queue_id, sender=current_app.config["MAIL_FROM"]),
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


@bp.post("/queues/<id(queue):queue_id>/hours")
@permit("queues.write")
def set_hours(queue_id: UUID) -> ResponseReturnValue:
    """Say when the queue's clocks run, what they promise, and what staff's time costs."""
    queue = queries.get_queue(principal.current(), queue_id)
    changes = read(lambda: _read_hours(queue.currency))
    if changes is not None:
        attempt(
            "Running clocks are reckoned so from their next turn on.",
            queues.change_queue,
            brand_id=queue.brand_id,
            queue_id=queue_id,
            changes=changes,
        )
    return go(url_for("web_brand.show_queue", queue_id=queue_id))


def _read_hours(currency: str) -> dict[str, object]:
    has_cost = bool(request.form.get("in_house_cost", "").strip())
    return {
        "first_reply_minutes": number("first_reply", "The first reply", least=1, most=10_080),
        "follow_up_hours": number("follow_up", "A follow-up", least=1, most=720),
        "resolution_hours": number("resolution", "The resolution", least=1, most=2160),
        "in_house_cost": money("in_house_cost", "The cost", currency) if has_cost else None,
        "hours": queues.Hours(
            text("time_zone", "The time zone", most=64),
            tuple(int(day) for day in request.form.getlist("day") if day in DAYS),
            _minute("opens", "Clocks start"),
            _minute("closes", "Clocks stop") or MINUTES_OF_DAY,
            text("holidays_of", "The country", most=2, is_needed=False).upper(),
        ),
    }


def _minute(name: str, label: str) -> int:
    """Return a time of day as minutes; 00:00 is the start of the day, or its end."""
    try:
        at = time.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise FormRefused(f"{label}: write a time as 09:00.") from None
    return at.hour * 60 + at.minute


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
