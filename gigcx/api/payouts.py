"""``/api/v1/payout-runs``: drafted, reviewed line by line, approved by a second person, sent."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.api.answers import REPEATABLE, create, paged
from gigcx.api.resource import Resource
from gigcx.api.schemas.kernel import PageArgumentsSchema, page_of
from gigcx.api.schemas.money import (
    ApprovalSchema,
    HoldSchema,
    LineSchema,
    ReviewedLineSchema,
    RunDetailSchema,
    RunRequestSchema,
    RunSchema,
)
from gigcx.api.schemas.tickets import ReasonSchema
from gigcx.db import commit
from gigcx.http import login, paging
from gigcx.http.access import permit
from gigcx.payouts.queries import runs as queries
from gigcx.payouts.service import runs as service

runs = Resource("payout-runs", __name__, path="/payout-runs")


@runs.get("")
@permit("payout_runs.read")
@runs.arguments(PageArgumentsSchema, location="query")
@runs.response(200, page_of(RunSchema))
def list_runs(arguments: dict[str, Any]) -> ResponseReturnValue:
    """List the payout runs, the latest first."""
    return paged(queries.list_runs(principal.current(), paging.page_of(**arguments)))


@runs.post("")
@permit("payout_runs.write")
@runs.doc(**REPEATABLE)
@runs.arguments(RunRequestSchema)
@runs.response(201, RunSchema)
def draft_run(asked: dict[str, Any]) -> Response:
    """Put everything that is available and may leave on the lines of a new run."""
    return create(RunSchema(), service.draft_run, who=principal.current(), **asked)


@runs.get("/<id(run):run_id>")
@permit("payout_runs.read")
@runs.response(200, RunDetailSchema)
def get_run(run_id: UUID) -> Response:
    """Show a run with its sums by currency and its lines by state."""
    view = queries.get_run(principal.current(), run_id)
    sums = RunDetailSchema(only=("totals", "counts")).dump(view)
    return jsonify(RunSchema().dump(view.run) | sums)


@runs.get("/<id(run):run_id>/lines")
@permit("payout_runs.read")
@runs.arguments(PageArgumentsSchema, location="query")
@runs.response(200, page_of(ReviewedLineSchema))
def list_lines(arguments: dict[str, Any], run_id: UUID) -> ResponseReturnValue:
    """List a run's lines, the largest first."""
    page = paging.page_of(**arguments)
    return paged(queries.list_lines(principal.current(), run_id, page))


@runs.post("/<id(run):run_id>/submit")
@permit("payout_runs.write")
@runs.response(200, RunSchema)
def submit_run(run_id: UUID) -> Response:
    """Hand a draft to a second person. What it would pay is hashed."""
    submitted = commit(service.submit_run, who=principal.current(), run_id=run_id)
    return jsonify(RunSchema().dump(submitted))


@runs.post("/<id(run):run_id>/approve")
@permit("payout_runs.approve")
@runs.arguments(ApprovalSchema)
@runs.response(200, RunSchema)
def approve_run(seen: dict[str, Any], run_id: UUID) -> Response:
    """Approve exactly what was seen, as a second person, with a one-time code of this moment.

    409 ``payouts/same-eyes``, 403 ``sign-in/code-refused``.
    """
    who = principal.current()
    commit(login.step_up, user_id=who.user_id, code=seen.pop("code"))
    approved = commit(service.approve_run, who=who, run_id=run_id, **seen)
    return jsonify(RunSchema().dump(approved))


@runs.post("/<id(run):run_id>/execute")
@permit("payout_runs.write")
@runs.response(200, RunSchema)
def execute_run(run_id: UUID) -> Response:
    """Let the approved lines go, one job each."""
    executing = commit(service.execute_run, who=principal.current(), run_id=run_id)
    return jsonify(RunSchema().dump(executing))


@runs.post("/<id(run):run_id>/cancel")
@permit("payout_runs.write")
@runs.response(200, RunSchema)
def cancel_run(run_id: UUID) -> Response:
    """Give up a run before it is executed. Its earnings are free for the next one."""
    cancelled = commit(service.cancel_run, who=principal.current(), run_id=run_id)
    return jsonify(RunSchema().dump(cancelled))


@runs.post("/lines/<id(line):line_id>/hold")
@permit("payout_runs.write")
@runs.arguments(HoldSchema)
@runs.response(200, LineSchema)
def hold_line(why: dict[str, Any], line_id: UUID) -> Response:
    """Stop a line until a date, for a reason that its expert will read."""
    held = commit(service.hold_line, who=principal.current(), line_id=line_id, **why)
    return jsonify(LineSchema().dump(held))


@runs.post("/lines/<id(line):line_id>/release")
@permit("payout_runs.write")
@runs.response(200, LineSchema)
def release_line(line_id: UUID) -> Response:
    """End a hold. In a run that is executing the line goes at once."""
    released = commit(service.release_line, who=principal.current(), line_id=line_id)
    return jsonify(LineSchema().dump(released))


@runs.post("/lines/<id(line):line_id>/skip")
@permit("payout_runs.write")
@runs.arguments(ReasonSchema)
@runs.response(200, LineSchema)
def skip_line(why: dict[str, Any], line_id: UUID) -> Response:
    """Leave a line out of its run; its earnings are free for the next one."""
    skipped = commit(service.skip_line, who=principal.current(), line_id=line_id, **why)
    return jsonify(LineSchema().dump(skipped))
