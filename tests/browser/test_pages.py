"""Every console's pages, in light and dark, on a desk and a phone: axe finds nothing."""

import pyotp
import pytest

from gigcx import ids
from tests.browser.conftest import DESK, PHONE, Person, violations
from tests.factories import experts, identity
from tests.factories.catalog import certify
from tests.factories.desk import claim, desk, ticket

LOOKS = [(DESK, "light"), (PHONE, "dark")]


@pytest.fixture
def at(committing):
    """A desk with a ticket that is claimed and one that is open."""
    made = desk()
    made_ticket = ticket(made)
    claim(made, made_ticket.id)
    ticket(made, subject="The second one")
    return made, made_ticket


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
class TestPages:
    def look(self, visit, person, pages, size, scheme):
        page = visit(size=size, color_scheme=scheme, bypass_csp=True)
        if person is not None:
            person.sign_in(page)
        found = {}
        for address in pages:
            answer = page.goto(address)
            assert answer.status == 200, (address, answer.status)
            found[address] = violations(page)
            wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, (address, wider)
        assert found == {address: [] for address in pages}

    def test_of_visitors(self, visit, at, size, scheme):
        made, _ = at
        brand, queue = ids.shown("brand", made.brand_id), ids.shown("queue", made.queue_id)

        self.look(
            visit,
            None,
            ["/", "/sign-in", "/password", "/privacy", f"/ask/{brand}/{queue}"],
            size,
            scheme,
        )

    def test_of_experts(self, visit, at, size, scheme, password_hash):
        made, _ = at
        expert = experts.expert(made.brand_id, password_hash=password_hash)
        certify(made.brand_id, expert.user_id, made.topic_id)
        claimed = claim(made, ticket(made).id, expert)
        address = f"/expert/tickets/{ids.shown('ticket', claimed.ticket_id)}"

        pages = [
            "/account",
            "/expert",
            "/expert/tickets",
            "/expert/statement",
            "/expert/account",
            address,
        ]
        self.look(visit, Person(identity.email_of(expert)), pages, size, scheme)

    def test_of_brands(self, visit, at, size, scheme, password_hash):
        made, asked = at
        owner = identity.staff(made.brand_id, "owner", password_hash=password_hash)
        pages = [
            "/brand",
            "/brand/queues",
            "/brand/queues/new",
            f"/brand/queues/{ids.shown('queue', made.queue_id)}",
            "/brand/tickets",
            f"/brand/tickets/{ids.shown('ticket', asked.id)}",
            "/brand/inbox",
            "/brand/imports",
            "/brand/customers",
            f"/brand/customers/{ids.shown('customer', made.customer.user_id)}",
            "/brand/tickets?q=second",
            "/brand/requests",
            "/brand/safety",
            "/brand/experiments",
            "/brand/canned-answers",
            "/brand/experts",
            "/brand/funding",
        ]

        self.look(visit, Person(identity.email_of(owner)), pages, size, scheme)

    def test_of_admins(self, visit, at, size, scheme, password_hash):
        made, _ = at
        secret = pyotp.random_base32()
        who = identity.admin(password_hash=password_hash, totp_secret=secret)
        staff = identity.staff(made.brand_id, "owner")
        pages = [
            "/admin",
            "/admin/people",
            f"/admin/people/{ids.shown('user', staff.user_id)}/see-as",
            "/admin/deliveries",
            "/admin/schedule",
        ]

        self.look(visit, Person(identity.email_of(who), secret), pages, size, scheme)

    def test_of_finance(self, visit, at, size, scheme, finance_person):
        pages = ["/finance", "/finance/ledger", "/finance/reconciliation"]

        self.look(visit, finance_person(), pages, size, scheme)
