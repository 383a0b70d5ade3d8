"""Roles, and what each may do."""

import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType


class Role(enum.StrEnum):
    """The hats that one can wear, one at a time."""

    OWNER = "owner"
    LEAD = "lead"
    AGENT = "agent"
    ANALYST = "analyst"
    EXPERT = "expert"
    FINANCE = "finance"
    ADMIN = "admin"
    CUSTOMER = "customer"


STAFF = frozenset({Role.OWNER, Role.LEAD, Role.AGENT, Role.ANALYST})
"""Roles that hold within one brand."""

_READS = frozenset(
    {
        "queues.read",
        "rewards.read",
        "tickets.read",
        "experts.read",
        "certificates.read",
        "topics.read",
        "customers.read",
        "imports.read",
        "funding.read",
        "ledger.read",
        "earnings.read",
        "experiments.read",
    }
)
_ANSWERS = frozenset(
    {
        "tickets.reply",
        "tickets.resolve",
        "tickets.release",
        "tickets.escalate",
        "tickets.reopen",
        "tickets.take_over",
        "tickets.assign",
        "tickets.create",
        "tickets.flag",
        "originals.reveal",
        "tickets.tag",
        "tickets.merge",
        "actions.answer",
        "incidents.read",
        "incidents.write",
    }
)
_RUNS_THE_DESK = frozenset(
    {
        "queues.write",
        "rewards.write",
        "tickets.import",
        "customers.import",
        "orders.import",
        "experts.write",
        "certificates.write",
        "topics.write",
        "experiments.write",
        "answers.write",
        "customers.merge",
    }
)
_OWN = frozenset({"keys.read", "keys.write", "sign_in.read", "sign_in.write"})
"""One's own keys, and how one signs in."""

_CONSOLE = frozenset({"console.brand"})
_BALANCE = frozenset({"console.balance"})
"""Pages about one brand: finance and admin read the same facts elsewhere, of all brands."""

ACTIONS: Mapping[Role, frozenset[str]] = MappingProxyType(
    {
        Role.OWNER: _READS
        | _CONSOLE
        | _BALANCE
        | _ANSWERS
        | _RUNS_THE_DESK
        | _OWN
        | {
            "funding.write",
            "people.read",
            "people.write",
            "brands.read",
            "audit.read",
            "customers.export",
            "customers.erase",
        },
        Role.LEAD: _READS
        | _CONSOLE
        | _BALANCE
        | _ANSWERS
        | _RUNS_THE_DESK
        | _OWN
        | {"people.read", "brands.read"},
        Role.AGENT: _ANSWERS
        | _CONSOLE
        | _OWN
        | {"queues.read", "tickets.read", "topics.read", "brands.read", "imports.read"},
        Role.ANALYST: _READS | _CONSOLE | _BALANCE | _OWN | {"brands.read"},
        Role.EXPERT: _OWN
        | frozenset(
            {
                "feed.read",
                "queues.read",
                "rewards.read",
                "topics.read",
                "certificates.read",
                "tickets.read",
                "tickets.claim",
                "tickets.reply",
                "tickets.resolve",
                "tickets.release",
                "tickets.transfer",
                "tickets.hand_back",
                "tickets.escalate",
                "tickets.flag",
                "actions.request",
                "earnings.read",
                "statement.read",
                "payout_account.read",
                "payout_account.write",
                "account.export",
                "account.erase",
            }
        ),
        Role.FINANCE: _OWN
        | frozenset(
            {
                "payout_runs.read",
                "payout_runs.write",
                "payout_runs.approve",
                "ledger.read",
                "funding.read",
                "earnings.read",
                "brands.read",
                "queues.read",
                "rewards.read",
            }
        ),
        Role.ADMIN: _OWN
        | frozenset(
            {
                "people.read",
                "people.write",
                "brands.read",
                "brands.write",
                "outbox.read",
                "outbox.replay",
                "schedules.read",
                "people.see_as",
                "switches.write",
                "metrics.read",
                "audit.read",
                "ledger.read",
                "queues.read",
                "rewards.read",
            }
        ),
        Role.CUSTOMER: frozenset(
            {"tickets.read", "tickets.reply", "tickets.confirm", "tickets.reopen", "ratings.write"}
        ),
    }
)
"""What each role may do. Every route names one action; a test refuses a route without."""


def permitted(roles: Iterable[str]) -> frozenset[str]:
    """R-identity-1: A person may do what the role permits in which they act, and nothing else."""
    known = set(Role)
    return frozenset().union(*(ACTIONS[Role(role)] for role in roles if role in known))


def may_invite(role: Role, invited: Role) -> bool:
    """R-identity-2: An owner gives any role of the brand; nobody else gives any."""
    return role is Role.OWNER and invited in STAFF
