"""Safety and experiments: which tickets are danger, and which way the others go."""

from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.desk.queries import incidents as register
from gigcx.desk.service import incidents
from gigcx.experiments import queries
from gigcx.experiments import service as experiments
from gigcx.http.access import permit
from gigcx.identity import queries as identity
from gigcx.web.brand import bp
from gigcx.web.forms import attempt, go, number, page, read, text

WORDS = 2_000


@bp.get("/safety")
@permit("incidents.read")
def list_incidents() -> ResponseReturnValue:
    """Show the register of incidents; what nobody has taken on stands out."""
    found = register.list_incidents(principal.current(), page())
    names = identity.names_of({row.owner_id for row in found.items if row.owner_id})
    return render_template("brand/safety.html", found=found, names=names)


@bp.post("/safety/<id(incident):incident_id>/investigate")
@permit("incidents.write")
def investigate_incident(incident_id: UUID) -> ResponseReturnValue:
    """Take an incident on."""
    attempt(
        "It is yours. Close it with what you found and did.",
        incidents.investigate_incident,
        who=principal.current(),
        incident_id=incident_id,
    )
    return go(url_for("web_brand.list_incidents"))


@bp.post("/safety/<id(incident):incident_id>/close")
@permit("incidents.write")
def close_incident(incident_id: UUID) -> ResponseReturnValue:
    """Close an incident with its conclusion."""
    conclusion = read(lambda: text("conclusion", "The conclusion", most=WORDS))
    if conclusion is not None:
        attempt(
            "Closed.",
            incidents.close_incident,
            who=principal.current(),
            incident_id=incident_id,
            conclusion=conclusion,
        )
    return go(url_for("web_brand.list_incidents"))


@bp.post("/tickets/<id(ticket):ticket_id>/flag")
@permit("tickets.flag")
def flag(ticket_id: UUID) -> ResponseReturnValue:
    """Take a ticket out because it speaks of danger."""
    said = read(
        lambda: (text("danger", "The danger"), text("evidence", "What shows it", most=WORDS))
    )
    if said is not None and said[0] in register.DANGERS:
        danger, evidence = said
        attempt(
            "It is in the safety lane now.",
            incidents.flag_ticket,
            who=principal.current(),
            ticket_id=ticket_id,
            danger=danger,
            evidence=evidence,
        )
    return go(url_for("web_brand.show_ticket", ticket_id=ticket_id))


@bp.get("/experiments")
@permit("experiments.read")
def list_experiments() -> ResponseReturnValue:
    """Show the experiments with how many customers were drawn into each arm."""
    found = queries.list_experiments(principal.current(), page())
    return render_template(
        "brand/experiments.html", found=found, drawn=queries.count_assigned(found.items)
    )


@bp.post("/experiments")
@permit("experiments.write")
def define_experiment() -> ResponseReturnValue:
    """Draft an experiment."""
    form = read(
        lambda: (
            text("name", "The name", most=120),
            number("expert", "The experts' share", least=0, most=100),
        )
    )
    if form is not None:
        name, expert = form
        attempt(
            "Drafted. Start it when everybody agrees.",
            experiments.define_experiment,
            brand_id=principal.current().brand_ids[0],
            name=name,
            expert_bps=expert * 100,
            in_house_bps=10_000 - expert * 100,
            bot_bps=0,
        )
    return go(url_for("web_brand.list_experiments"))


@bp.post("/experiments/<id(experiment):experiment_id>/<any(start, stop):move>")
@permit("experiments.write")
def move_experiment(experiment_id: UUID, move: str) -> ResponseReturnValue:
    """Start or stop an experiment."""
    service = {"start": experiments.start_experiment, "stop": experiments.stop_experiment}[move]
    done = "Every customer is drawn from now on." if move == "start" else "Nobody is drawn now."
    attempt(done, service, who=principal.current(), experiment_id=experiment_id)
    return go(url_for("web_brand.list_experiments"))
