"""The main job by hand in the browser: from posting a queue to a paid line."""

import re

import pytest
from playwright.sync_api import expect

from gigcx.desk.queries.tickets import list_tickets
from gigcx.http import links, passwords
from gigcx.identity.queries import find_user_by_email
from gigcx.jobs.inline import drain
from gigcx.paging import Page
from gigcx.principal import SYSTEM
from tests.acting import acting
from tests.browser.conftest import PASSWORD, Person, violations
from tests.factories import identity
from tests.story.lines import queue_lines


@pytest.fixture
def owner(password_hash):
    """Somebody who owns a new brand."""
    brand = identity.brand(name="Orlavelli")
    return Person(identity.email_of(identity.staff(brand.id, "owner", password_hash=password_hash)))


class TestTheMainJob:
    def test_is_done_by_hand(self, app, visit, stripe, owner, finance_person, tmp_path):
        brand = owner.sign_in(visit())
        self.pay_in(brand, stripe)
        self.post_a_queue(brand)
        self.import_tickets(brand, tmp_path)
        self.let_an_expert_in(brand)

        newcomer = visit()
        self.choose_a_password(newcomer)
        expert = Person("kim@mail.example").sign_in(newcomer)
        self.claim_and_answer(expert)
        customer = visit()
        customer.goto(self.link_of_the_customer(app))
        self.talk_and_resolve(customer, expert)
        self.confirm_and_rate(customer)

        drain("earnings.release_due")
        self.set_up_payouts(expert, stripe)
        self.pay(finance_person().sign_in, finance_person(), visit, stripe)
        expert.goto("/expert/statement")
        expect(expert.get_by_role("cell", name="Paid")).to_be_visible()

    def pay_in(self, brand, stripe):
        brand.goto("/brand/funding")
        brand.fill("#amount", "100.00")
        brand.get_by_role("button", name="Make a payment page").click()
        drain()
        brand.goto("/brand/funding")
        brand.get_by_role("link", name="Pay at Stripe").click()
        brand.get_by_role("button", name=re.compile("Pay")).click()
        stripe.tell()
        drain()
        brand.goto("/brand/funding")
        expect(brand.get_by_text("€100.00").first).to_be_visible()

    def post_a_queue(self, brand):
        brand.goto("/brand/queues/new")
        brand.fill("#name", "Owners help owners")
        brand.fill("#reward", "-1")
        brand.get_by_role("button", name="Post as a draft").click()
        expect(brand.get_by_text("The reward must be above zero")).to_be_visible()
        expect(brand.locator("#name")).to_have_value("Owners help owners")
        brand.fill("#reward", "2.50")
        brand.fill("#hold", "0")
        brand.get_by_role("button", name="Post as a draft").click()
        brand.get_by_role("button", name="Open").click()
        expect(brand.get_by_text("Open", exact=True).first).to_be_visible()

    def import_tickets(self, brand, tmp_path):
        file = tmp_path / "questions.jsonl"
        file.write_bytes(queue_lines(3) + b"not json\n")
        brand.goto("/brand/imports")
        brand.select_option("#queue", label="Owners help owners")
        brand.set_input_files("#file", str(file))
        brand.get_by_role("button", name="Look at the file").click()
        expect(brand.get_by_text("Nothing is read yet.")).to_be_visible()
        brand.get_by_role("button", name="Import tickets").click()
        drain()
        expect(brand.get_by_text("3 new")).to_be_visible()
        expect(brand.get_by_text("The line is not JSON.")).to_be_visible()

    def let_an_expert_in(self, brand):
        brand.goto("/brand/experts")
        brand.fill("#name", "Kim Novak")
        brand.fill("#email", "kim@mail.example")
        brand.get_by_role("button", name="Invite", exact=True).click()
        topics = brand.get_by_label("Topic for Kim Novak").locator("option").all_text_contents()
        for topic in [topic for topic in topics if not topic.startswith("·")]:
            brand.get_by_label("Topic for Kim Novak").select_option(label=topic)
            brand.get_by_role("button", name="Certify Kim Novak").click()
            expect(brand.get_by_text("Certified for a year.")).to_be_visible()

    def choose_a_password(self, newcomer):
        with acting(SYSTEM):
            token = passwords.sign(find_user_by_email("kim@mail.example"))
        newcomer.goto(f"/password/{token}")
        assert violations(newcomer) == []
        newcomer.fill("#password", PASSWORD)
        newcomer.get_by_role("button", name="Set the password").click()
        expect(newcomer.get_by_text("Your password is set.")).to_be_visible()

    def claim_and_answer(self, expert):
        expect(expert.get_by_text("€2.50").first).to_be_visible()
        expert.get_by_role("button", name=re.compile("Claim:")).first.click()
        expect(expert.get_by_text("It is yours.")).to_be_visible()
        expert.fill("#text", "Which version do you have?")
        expert.get_by_role("button", name="Send", exact=True).click()
        expect(expert.get_by_text("Waiting on customer")).to_be_visible()

    def link_of_the_customer(self, app):
        with acting(SYSTEM):
            ticket = list_tickets(SYSTEM, Page(), state="waiting_on_customer").items[0]
        token = links.sign(
            brand_id=ticket.brand_id, ticket_id=ticket.id, customer_id=ticket.customer_id
        )
        return f"/c/{token}"

    def talk_and_resolve(self, customer, expert):
        expect(customer.get_by_text("Which version do you have?")).to_be_visible()
        customer.fill("#text", "Version 3. Write to jo.miller@example.com")
        customer.get_by_role("button", name="Send").click()
        expect(customer.get_by_text("jo.miller@example.com")).to_be_visible()
        expert.reload()
        expect(expert.get_by_text("Write to [email·")).to_be_visible()
        expert.fill("#text", "Then update it, and all is well.")
        expert.get_by_role("button", name="Send and resolve").click()
        expect(expert.get_by_text("Resolved", exact=True).first).to_be_visible()

    def confirm_and_rate(self, customer):
        customer.reload()
        customer.get_by_role("button", name="Yes, it helped").click()
        customer.get_by_label("5 stars").check()
        customer.get_by_role("button", name="Rate").click()
        expect(customer.get_by_text("Thank you for your rating.")).to_be_visible()

    def set_up_payouts(self, expert, stripe):
        expert.goto("/expert/statement")
        expect(expert.get_by_text("€2.50").first).to_be_visible()
        expert.get_by_role("button", name="Set up payouts").click()
        drain()
        expert.goto("/expert/statement")
        expert.get_by_role("link", name="Continue at Stripe").click()
        expert.get_by_role("button", name="Complete identity check").click()
        stripe.tell()
        drain()
        expert.goto("/expert/statement")
        expect(expert.get_by_text("Active", exact=True)).to_be_visible()

    def pay(self, sign_in, approver, visit, stripe):
        reviewer = sign_in(visit())
        reviewer.get_by_role("button", name="Draft a run").click()
        reviewer.get_by_role("button", name="Submit for approval").click()
        run = reviewer.url
        second = approver.sign_in(visit())
        second.goto(run)
        second.fill("#code", approver.code())
        second.get_by_role("button", name="Approve").click()
        second.get_by_role("button", name="Execute").click()
        drain()
        stripe.settle_payouts()
        drain("payouts.import_balance_transactions")
        second.goto(run)
        expect(second.get_by_text("Completed", exact=True)).to_be_visible()
        expect(second.get_by_role("cell", name="Paid")).to_be_visible()
        second.goto("/finance/reconciliation")
        expect(second.get_by_text("Agrees to the cent")).to_be_visible()
