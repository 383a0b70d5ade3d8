"""Which job hears which message, and what runs when: one table to read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gigcx.jobs import (
    desk,
    earnings,
    funding,
    identity,
    imports,
    inbox,
    ledger,
    matching,
    outgoing,
    payouts,
    privacy,
)
from gigcx.switches import Stoppable

_MAIL = Stoppable.OUTGOING_MAIL
_PAYOUTS = Stoppable.PAYOUTS
Job = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Listener:
    """A job that hears a kind of message. Its name is stored with each delivery: never rename."""

    name: str
    run: Job
    retries: int = 8
    """Failures after the first try; then a person decides."""
    batch: int = 50
    """Deliveries that one queued job carries."""
    stopped_by: Stoppable | None = None
    """The switch that lets its deliveries wait."""


def _of(*jobs: Job, **options: Any) -> tuple[Listener, ...]:
    return tuple(
        Listener(f"{job.__module__.rsplit('.', 1)[-1]}.{job.__name__}", job, **options)
        for job in jobs
    )


LISTENERS: Mapping[str, Sequence[Listener]] = MappingProxyType(
    {
        "desk.ticket_changed": _of(desk.index_ticket),
        "desk.tickets_taken_in": _of(desk.index_tickets),
        "desk.ticket_claimed": (),
        "desk.customer_answered": _of(desk.write_to_customer, stopped_by=_MAIL),
        "desk.ticket_resolved": _of(desk.write_to_customer, stopped_by=_MAIL),
        "desk.resolution_reopened": _of(earnings.claw_back),
        "desk.answer_rated": (),
        "desk.clock_missed": (),
        "desk.note_missed_clocks": _of(desk.note_missed_clocks),
        "desk.incident_opened": _of(desk.alarm_brand, stopped_by=_MAIL),
        "desk.run_import": _of(imports.run_import, batch=1),
        "desk.end_lapsed_claims": _of(desk.end_lapsed_claims),
        "desk.assume_confirmations": _of(desk.assume_confirmations),
        "earnings.earning_available": (),
        "earnings.earning_rejected": (),
        "earnings.release_due": _of(earnings.release_due),
        "funding.open_checkout": _of(funding.open_checkout, batch=1),
        "identity.password_wanted": _of(identity.send_password_link, stopped_by=_MAIL),
        "inbox.process_event": _of(inbox.process_event),
        "ledger.audit": _of(ledger.audit),
        "matching.refit_topics": _of(matching.refit_topics, batch=1),
        "outgoing.sweep": _of(outgoing.sweep),
        "payouts.account_changed": (),
        "payouts.create_account": _of(payouts.create_account, batch=1),
        "payouts.create_link": _of(payouts.create_link, batch=1),
        "payouts.start_run": _of(payouts.start_run, batch=1, stopped_by=_PAYOUTS),
        "payouts.finish_run": _of(payouts.finish_run),
        "payouts.send_transfer": _of(payouts.send_transfer, batch=5, stopped_by=_PAYOUTS),
        "payouts.send_payout": _of(payouts.send_payout, batch=5, stopped_by=_PAYOUTS),
        "payouts.reverse_transfer": _of(payouts.reverse_transfer, batch=5),
        "payouts.sweep": _of(payouts.sweep),
        "payouts.import_balance_transactions": _of(payouts.import_balance_transactions),
        "privacy.erase_customer": _of(privacy.erase_customer),
        "privacy.forget_old": _of(privacy.forget_old),
        "inbox.sweep": _of(inbox.sweep),
    }
)
"""Kind → who hears it. A fact that nobody hears yet is listed with nobody, so that a misspelt
kind is noticed."""

NAMES: Mapping[str, Sequence[str]] = MappingProxyType(
    {kind: [listener.name for listener in heard] for kind, heard in LISTENERS.items()}
)
BY_NAME: Mapping[str, Listener] = MappingProxyType(
    {listener.name: listener for heard in LISTENERS.values() for listener in heard}
)

CRONS: Mapping[str, str] = MappingProxyType(
    {
        "desk.end_lapsed_claims": "* * * * *",
        "desk.assume_confirmations": "*/5 * * * *",
        "desk.note_missed_clocks": "* * * * *",
        "earnings.release_due": "* * * * *",
        "outgoing.sweep": "*/2 * * * *",
        "payouts.sweep": "*/15 * * * *",
        "inbox.sweep": "*/15 * * * *",
        "payouts.import_balance_transactions": "*/5 * * * *",
        "privacy.forget_old": "30 1 * * *",
        "ledger.audit": "30 2 * * *",
        "matching.refit_topics": "0 3 * * *",
    }
)
"""Kind → when the scheduler writes it, in UTC."""
