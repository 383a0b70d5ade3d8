"""The platform's console: brands, people, what was given up, and what runs by the clock."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import inbox, outbox, principal, schedules, switches
from gigcx.db import now
from gigcx.desk.queries import tickets as desk
from gigcx.http import invitations, login
from gigcx.http.access import permit
from gigcx.identity import queries as identity
from gigcx.identity.service import people
from gigcx.switches import Stoppable
from gigcx.web.forms import attempt, go, id_of, number, page, read, text

bp = Blueprint("web_admin", __name__, url_prefix="/admin")


@bp.get("")
@permit("brands.read")
def list_brands() -> ResponseReturnValue:
    """Show the brands."""
    found = identity.list_brands(principal.current(), page())
    return render_template("admin/brands.html", found=found)


@bp.post("/brands")
@permit("brands.write")
def create_brand() -> ResponseReturnValue:
    """Let a brand in."""
    form = read(
        lambda: (
            text("name", "The name", most=120),
            text("slug", "The address", most=60),
            number("fee_bps", "The fee", least=0, most=10_000),
        )
    )
    if form is not None:
        name, slug, fee_bps = form
        attempt("The brand is in.", people.create_brand, name=name, slug=slug, fee_bps=fee_bps)
    return go(url_for("web_admin.list_brands"))


@bp.post("/brands/<id(brand):brand_id>/suspend")
@permit("brands.write")
def suspend_brand(brand_id: UUID) -> ResponseReturnValue:
    """Stop a brand's queues, or let them again."""
    attempt(
        "Done.",
        people.suspend_brand,
        who=principal.current(),
        brand_id=brand_id,
        is_suspended=request.form.get("suspended") == "1",
    )
    return go(url_for("web_admin.list_brands"))


@bp.get("/people")
@permit("people.read")
def list_people() -> ResponseReturnValue:
    """Show everybody who can sign in."""
    found = identity.list_people(principal.current(), page())
    brands = identity.list_brands(principal.current(), page()).items
    return render_template("admin/people.html", found=found, brands=brands, roles=invitations.GIVEN)


@bp.post("/people")
@permit("people.write")
def create_person() -> ResponseReturnValue:
    """Give a person a role. Who is new gets a mail with a link to choose a password."""
    form = read(
        lambda: (
            text("name", "The name", most=120),
            text("email", "The e-mail", most=200),
            text("role", "The role", most=20),
            id_of("brand", "brand", "a brand") if request.form.get("brand") else None,
        )
    )
    if form is not None and form[2] in invitations.GIVEN:
        name, email, role, brand_id = form
        attempt(
            "They have the role. Who is new gets a mail with a link.",
            invitations.invite_person,
            who=principal.current(),
            name=name,
            email=email,
            role=role,
            brand_id=brand_id,
        )
    return go(url_for("web_admin.list_people"))


@bp.post("/people/<id(user):user_id>/suspend")
@permit("people.write")
def suspend_person(user_id: UUID) -> ResponseReturnValue:
    """Keep a person out, or let them in again."""
    attempt(
        "Done.",
        people.suspend_user,
        who=principal.current(),
        user_id=user_id,
        is_suspended=request.form.get("suspended") == "1",
    )
    return go(url_for("web_admin.list_people"))


@bp.get("/people/<id(user):user_id>/see-as")
@permit("people.see_as")
def show_see_as(user_id: UUID) -> ResponseReturnValue:
    """Ask in which role to see what a person sees, and why."""
    return render_template(
        "admin/see_as.html", person=identity.get_user(user_id), hats=identity.hats_of(user_id)
    )


@bp.post("/people/<id(user):user_id>/see-as")
@permit("people.see_as")
def see_as(user_id: UUID) -> ResponseReturnValue:
    """Show what a person sees; nothing can be changed, and the audit says who looked and why."""
    reason = read(lambda: text("reason", "The reason", most=300))
    if reason is None:
        return go(url_for("web_admin.show_see_as", user_id=user_id))
    seen = attempt(
        "", login.look_through, user_id=user_id, hat=request.form.get("hat", ""), reason=reason
    )
    if seen is None:
        return go(url_for("web_admin.show_see_as", user_id=user_id))
    login.see_as(seen)
    return go(url_for("web_account.home"))


@bp.get("/deliveries")
@permit("outbox.read")
def list_deliveries() -> ResponseReturnValue:
    """Show what was given up and how much is on its way."""
    return render_template(
        "admin/deliveries.html",
        found=outbox.list_dead(page()),
        counts=sorted(outbox.counts().items()),
        events=inbox.list_dead(page()).items,
    )


@bp.post("/deliveries/<uuid:message_id>/<listener>/replay")
@permit("outbox.replay")
def replay_delivery(message_id: UUID, listener: str) -> ResponseReturnValue:
    """Try a delivery again that was given up."""
    attempt("It is due again.", outbox.replay_delivery, message_id=message_id, listener=listener)
    return go(url_for("web_admin.list_deliveries"))


@bp.post("/events/replay")
@permit("outbox.replay")
def replay_event() -> ResponseReturnValue:
    """Try an event again that was given up."""
    name = inbox.EventName(
        request.form.get("source", ""),
        request.form.get("account", ""),
        request.form.get("event_id", ""),
    )
    attempt("It is received again.", inbox.replay_event, name=name)
    return go(url_for("web_admin.list_deliveries"))


@bp.post("/switches/<any(claims, payouts, outgoing_mail):work>")
@permit("switches.write")
def turn_switch(work: str) -> ResponseReturnValue:
    """Stop a kind of work for everybody, or let it go on."""
    is_stopped = request.form.get("stopped") == "1"
    attempt(
        "Stopped." if is_stopped else "It goes on.",
        switches.turn,
        who=principal.current(),
        work=Stoppable(work),
        is_stopped=is_stopped,
        reason=request.form.get("reason", "")[:300],
    )
    return go(url_for("web_admin.show_schedule"))


@bp.get("/schedule")
@permit("schedules.read")
def show_schedule() -> ResponseReturnValue:
    """Show what can be stopped, and what runs by the clock with its last and next run."""
    return render_template(
        "admin/schedule.html",
        found=schedules.list_schedules(),
        switches=switches.list_switches(),
        stuck=desk.list_stuck(now()),
    )
