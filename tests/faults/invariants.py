"""What must hold of a marketplace after anything died: nothing lost, nothing twice."""

import sqlalchemy as sa

from gigcx.ledger import queries as ledger
from gigcx.principal import SYSTEM
from tests.acting import acting
from tests.faults.processes import Processes
from tests.outside import StandIn

FAULTS = {
    "tickets with two claims": """
        SELECT count(*) FROM (SELECT FROM claims WHERE state = 'active'
                               GROUP BY brand_id, ticket_id HAVING count(*) > 1) t""",
    "claimed tickets without a claim": """
        SELECT count(*) FROM tickets t WHERE state IN ('claimed', 'waiting_on_customer')
           AND NOT EXISTS (SELECT FROM claims c WHERE (c.brand_id, c.ticket_id) = (t.brand_id, t.id)
                              AND c.state = 'active')""",
    "claims without a claimed ticket": """
        SELECT count(*) FROM claims c
          JOIN tickets t ON (t.brand_id, t.id) = (c.brand_id, c.ticket_id)
         WHERE c.state = 'active' AND t.state NOT IN ('claimed', 'waiting_on_customer')""",
    "active claims without their reservation": """
        SELECT count(*) FROM claims c WHERE c.state = 'active' AND c.claimant = 'expert'
           AND (SELECT count(*) FROM reservations r
                 WHERE (r.brand_id, r.claim_id) = (c.brand_id, c.id)
                   AND r.state = 'active') <> 1""",
    "resolved tickets without one live resolution": """
        SELECT count(*) FROM tickets t WHERE state IN ('resolved', 'closed')
           AND (SELECT count(*) FROM resolutions r
                 WHERE (r.brand_id, r.ticket_id) = (t.brand_id, t.id)
                   AND r.state <> 'reopened') <> 1""",
    "resolutions with two earnings": """
        SELECT count(*) FROM (SELECT FROM earnings WHERE kind = 'reward' GROUP BY brand_id, subject
                              HAVING count(*) > 1) e""",
    "tickets that nobody finds": """
        SELECT count(*) FROM tickets t WHERE NOT EXISTS (
            SELECT FROM search_documents d WHERE (d.brand_id, d.id) = (t.brand_id, t.id))""",
    "deliveries that were given up": """
        SELECT count(*) FROM outbox_deliveries WHERE state = 'dead'""",
    "messages that nobody delivered": """
        SELECT count(*) FROM outbox_messages WHERE seq IS NULL""",
}
PAID = sa.text("SELECT CAST(id AS text), amount_minor FROM payout_lines WHERE state = 'paid'")


def found_in(processes: Processes) -> list[str]:
    """Return what does not hold, in words."""
    wrong = [name for name, question in FAULTS.items() if processes.count(question)]
    with acting(SYSTEM):
        return wrong + [str(fault) for fault in ledger.audit()]


def sent_by(stripe: StandIn) -> dict[str, list[int]]:
    """Return line → amounts of its transfers at the stand-in."""
    sent: dict[str, list[int]] = {}
    for transfer in stripe.store.all("transfer"):
        sent.setdefault(transfer["metadata"]["line_id"], []).append(transfer["amount"])
    return sent


def paid_in(processes: Processes) -> dict[str, list[int]]:
    """Return line → its amount, of every line that the program calls paid."""
    with processes.engine.connect() as connection:
        return {line: [amount] for line, amount in connection.execute(PAID)}
