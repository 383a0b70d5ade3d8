"""The machines of the code and those of the database are the same."""

from itertools import product

import pytest
import sqlalchemy as sa

from gigcx import inbox, outbox
from gigcx.catalog import rules as catalog
from gigcx.desk import rules as desk
from gigcx.earnings import rules as earnings
from gigcx.experiments import rules as experiments
from gigcx.experts import rules as experts
from gigcx.funding import rules as funding
from gigcx.outgoing import rules as outgoing
from gigcx.payouts import rules as payouts
from gigcx.tickets import rules as tickets

MAPS = {
    "action_request": desk.REQUEST_NEXT,
    "application": experts.NEXT,
    "certificate": catalog.NEXT,
    "claim": desk.CLAIM_NEXT,
    "earning": earnings.NEXT,
    "experiment": experiments.EXPERIMENT_NEXT,
    "funding": funding.NEXT,
    "import": desk.IMPORT_NEXT,
    "incident": desk.INCIDENT_NEXT,
    "inbound_event": inbox.NEXT,
    "outbox_delivery": outbox.NEXT,
    "payout_account": payouts.ACCOUNT_NEXT,
    "payout_line": payouts.LINE_NEXT,
    "payout_run": payouts.RUN_NEXT,
    "queue": tickets.QUEUE_NEXT,
    "reservation": desk.RESERVATION_NEXT,
    "resolution": desk.RESOLUTION_NEXT,
    "stripe_call": outgoing.NEXT,
    "ticket": tickets.TICKET_NEXT,
}
MACHINES = sa.text(r"SELECT proname FROM pg_proc WHERE proname LIKE '%\_may\_become'")


@pytest.mark.parametrize("thing", MAPS)
def test_both_allow_the_same_moves(connection, thing):
    states = list(MAPS[thing])
    allowed = {
        (state, wanted)
        for state, wanted in product(states, states)
        if connection.scalar(
            sa.text(f"SELECT {thing}_may_become(:state, :wanted)"),
            {"state": state, "wanted": wanted},
        )
    }

    assert allowed == {(state, wanted) for state in states for wanted in MAPS[thing][state]}


def test_every_machine_of_the_database_has_its_map(connection):
    machines = {name.removesuffix("_may_become") for name in connection.scalars(MACHINES)}

    assert machines == set(MAPS)


@pytest.mark.parametrize("thing", MAPS)
def test_every_state_is_on_the_map(thing):
    states = type(next(iter(MAPS[thing])))

    assert set(MAPS[thing]) == set(states)
