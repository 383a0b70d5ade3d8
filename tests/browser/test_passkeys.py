"""Passkeys, made and used by Chromium with a device that answers by itself."""

import pytest
from playwright.sync_api import expect

from gigcx.http.login import hash_password
from tests.browser.conftest import PASSWORD, violations
from tests.factories import identity

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def window(app, visit, address, monkeypatch):
    """A window under the site's name, on a computer with a fingerprint reader."""
    named = address.replace("127.0.0.1", "localhost")
    monkeypatch.setitem(app.config, "PUBLIC_URL", named)
    page = visit()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto(named + "/sign-in")
    return page, named


class TestAPasskey:
    def test_is_added_and_lets_its_person_in_without_a_password(self, window):
        page, site = window
        who = identity.staff(identity.brand().id, "owner", password_hash=hash_password(PASSWORD))
        page.fill("#email", identity.email_of(who))
        page.fill("#password", PASSWORD)
        page.click("main button >> nth=0")
        page.goto(site + "/account")
        assert violations(page) == []
        page.fill("#name", "Work laptop")
        page.fill("#passkey-password", PASSWORD)
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_text("From now on you can sign in with it.")).to_be_visible()
        page.get_by_role("button", name="Sign out", exact=True).click()

        page.goto(site + "/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/brand")

        page.goto(site + "/account")
        page.get_by_role("button", name="Remove Work laptop").click()
        expect(page.get_by_text("It opens nothing any more.")).to_be_visible()
        page.get_by_role("button", name="Sign out everywhere").click()
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("Nobody here has this passkey.")).to_be_visible()

    def test_says_what_to_do_where_a_device_has_none(self, window):
        page, _site = window
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("Your device gave no passkey.")).to_be_visible()
