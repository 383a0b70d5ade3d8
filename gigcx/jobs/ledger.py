"""The ledger checks itself every night."""

import structlog

from gigcx.ledger import queries

log = structlog.get_logger()


class LedgerFaults(Exception):
    """The ledger shows what it must never show. Somebody is called."""


def audit(**_later_arguments: object) -> None:
    """Look for what no constraint can say.

    :raises LedgerFaults: if anything is wrong: the delivery dies, and dead ones raise the alarm.
    """
    faults = queries.audit()
    log.info("ledger audited", faults=len(faults))
    if faults:
        raise LedgerFaults("; ".join(f"{fault.fault}: {fault.subject}" for fault in faults))
