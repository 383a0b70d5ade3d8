"""Finance's console: runs, their lines, the ledger, and whether Stripe agrees."""

from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gigcx import principal
from gigcx.http import login, passkeys
from gigcx.http.access import permit
from gigcx.http.etag import conditional
from gigcx.identity import queries as identity
from gigcx.ledger import queries as ledger
from gigcx.payouts.queries import reconciliation, runs
from gigcx.payouts.service import runs as payouts
from gigcx.principal import Principal, acting_as
from gigcx.web.forms import attempt, go, page, read, text

bp = Blueprint("web_finance", __name__, url_prefix="/finance")

MOVES = {
    "submit": (payouts.submit_run, "Submitted. A second person approves it."),
    "execute": (payouts.execute_run, "On its way. Each line is a transfer of its own."),
    "cancel": (payouts.cancel_run, "Cancelled. Its earnings are free for the next run."),
}


@bp.get("")
@permit("payout_runs.read")
def list_runs() -> ResponseReturnValue:
    """Show the runs, the latest first."""
    return render_template("finance/runs.html", found=runs.list_runs(principal.current(), page()))


@bp.post("/runs")
@permit("payout_runs.write")
def draft_run() -> ResponseReturnValue:
    """Draft a run of everything that is available."""
    drafted = attempt("Drafted from the ledger.", payouts.draft_run, who=principal.current())
    if drafted is None:
        return go(url_for("web_finance.list_runs"))
    return go(url_for("web_finance.show_run", run_id=drafted.id))


@bp.get("/runs/<id(run):run_id>")
@permit("payout_runs.read")
def show_run(run_id: UUID) -> ResponseReturnValue:
    """Show a run with its sums, the invariants and its lines."""
    who = principal.current()
    template = "finance/_run.html" if "part" in request.args else "finance/run.html"
    page_ = render_template(
        template,
        view=runs.get_run(who, run_id),
        lines=runs.list_lines(who, run_id, page()),
        faults=ledger.audit(),
    )
    return conditional(make_response(page_))


@bp.post("/runs/<id(run):run_id>/<any(submit, execute, cancel):move>")
@permit("payout_runs.write")
def move_run(run_id: UUID, move: str) -> ResponseReturnValue:
    """Submit, execute or cancel a run."""
    service, done = MOVES[move]
    attempt(done, service, who=principal.current(), run_id=run_id)
    return go(url_for("web_finance.show_run", run_id=run_id))


@bp.post("/runs/<id(run):run_id>/approve")
@permit("payout_runs.approve")
def approve_run(run_id: UUID) -> ResponseReturnValue:
    """Approve exactly what is on the screen, with a one-time code of this moment."""
    who = principal.current()
    if _step_up(who):
        attempt(
            "Approved. Lines can still be held or skipped, never added or raised.",
            payouts.approve_run,
            who=who,
            run_id=run_id,
            content_sha256=bytes.fromhex(request.form.get("content", "")),
        )
    return go(url_for("web_finance.show_run", run_id=run_id))


def _step_up(who: Principal) -> bool:
    """Ask for the code or the passkey of this moment; say whether it was right."""
    credential = request.form.get("credential", "")
    if not credential:
        code = request.form.get("code", "")
        return attempt("", login.step_up, user_id=who.user_id, code=code) is not None
    with acting_as(Principal(who.user_id)):
        proven = attempt(
            "",
            passkeys.step_up,
            user_id=who.user_id,
            credential=credential,
            asked=passkeys.asked(),
        )
    return proven is not None


@bp.post("/runs/<id(run):run_id>/lines/<id(line):line_id>/<any(hold, release, skip):move>")
@permit("payout_runs.write")
def move_line(run_id: UUID, line_id: UUID, move: str) -> ResponseReturnValue:
    """Hold, release or skip a line."""
    who = principal.current()
    if move == "release":
        attempt("Released.", payouts.release_line, who=who, line_id=line_id)
    else:
        reason = read(lambda: text("reason", "The reason", most=500))
        if reason is not None:
            service = payouts.hold_line if move == "hold" else payouts.skip_line
            attempt("Done.", service, who=who, line_id=line_id, reason=reason)
    return go(url_for("web_finance.show_run", run_id=run_id))


@bp.get("/ledger")
@permit("payout_runs.read")
def show_ledger() -> ResponseReturnValue:
    """Show the accounts and the journal."""
    who = principal.current()
    accounts = ledger.list_accounts(who)
    owners = {account.owner_id for account in accounts if account.owner_id is not None}
    return render_template(
        "finance/ledger.html",
        accounts=accounts,
        names={**identity.names_of(owners), **identity.brand_names(owners)},
        found=ledger.list_entries(who, page(), reference=request.args.get("reference") or None),
        faults=ledger.audit(),
    )


@bp.get("/reconciliation")
@permit("payout_runs.read")
def show_reconciliation() -> ResponseReturnValue:
    """Show what Stripe has moved beside what the ledger says."""
    clearing = [
        account
        for account in ledger.list_accounts(principal.current())
        if account.kind in {"stripe_clearing", "payouts_in_transit"}
    ]
    return render_template(
        "finance/reconciliation.html", found=reconciliation.reconciliation(), clearing=clearing
    )
