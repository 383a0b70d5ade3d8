"""The pages that people see at Stripe."""

import pytest

from gigcx.sandbox.stripe.accounts import LINK_SECONDS

BACK, AGAIN = "http://127.0.0.1/back", "http://127.0.0.1/again"


@pytest.fixture
def link(caller):
    account = caller.post("/v1/accounts", country="DE").json["id"]
    asked = {"account": account, "refresh_url": AGAIN, "return_url": BACK}
    made = caller.post("/v1/account_links", type="account_onboarding", **asked)
    return made.json["url"].removeprefix("http://localhost")


class TestOnboarding:
    def test_the_button_makes_the_account_active(self, caller, link):
        page = caller.people.get(link)
        pressed = caller.people.post(link)

        (account,) = caller.get("/v1/accounts")["data"]
        assert "Complete identity check" in page.text
        assert pressed.location == BACK
        assert account["payouts_enabled"]
        assert account["external_accounts"]["data"][0]["fingerprint"]

    def test_a_link_is_used_once(self, caller, link):
        caller.people.post(link)

        assert caller.people.get(link).location == AGAIN
        assert caller.people.post(link).location == AGAIN

    def test_a_link_ends_soon(self, caller, link):
        caller.switch(f"clock?shift={LINK_SECONDS + 1}")

        assert caller.people.post(link).location == AGAIN
        assert not caller.get("/v1/accounts")["data"][0]["payouts_enabled"]

    def test_a_guessed_link_leads_nowhere(self, caller, link):
        assert caller.people.get(link + "0").status_code == 404


class TestCheckout:
    @pytest.mark.parametrize(
        ("currency", "amount", "shown"), [("eur", 1_250, "€12.50"), ("jpy", 1_250, "¥1,250")]
    )
    def test_shows_the_amount_as_people_write_it(self, caller, currency, amount, shown):
        session = caller.open_checkout(amount, currency)
        page = caller.people.get(f"/checkout/{session['id']}")

        assert f"Pay {shown}" in page.text
        assert f'href="{session["cancel_url"]}"' in page.text

    def test_paying_twice_pays_once(self, caller):
        session = caller.open_checkout()
        places = [caller.people.post(f"/checkout/{session['id']}").location for _ in range(2)]

        assert places == [session["success_url"]] * 2
        assert len(caller.get("/v1/balance_transactions")["data"]) == 1

    def test_nobody_pays_after_the_end(self, caller):
        session = caller.open_checkout()
        caller.switch("clock?shift=90000")

        assert caller.people.post(f"/checkout/{session['id']}").location == session["cancel_url"]
        assert caller.get("/v1/balance_transactions")["data"] == []
