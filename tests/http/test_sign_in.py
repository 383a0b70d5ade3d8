"""Sign-in: safe from the start."""

import re
import time
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from gigcx.db import db, shifted
from gigcx.http import login
from gigcx.identity.models import User
from tests.acting import acting
from tests.factories import identity
from tests.factories.identity import ADMIN

PASSWORD = "coffee-and-bicycles"
COOKIE = "gigcx"


@pytest.fixture(scope="module")
def password_hash():
    """One hash for all: it is slow on purpose."""
    return login.hash_password(PASSWORD)


@pytest.fixture
def owner(undone, password_hash):
    """Somebody who owns a brand."""
    return identity.staff(identity.brand().id, "owner", password_hash=password_hash)


@pytest.fixture
def browser(app):
    """A browser of its own."""
    return app.test_client()


def token_in(page):
    return re.search(r'name="csrf-token" content="([^"]+)"', page.text)[1]


def sign_in(browser, who, password=PASSWORD, code=""):
    token = token_in(browser.get("/sign-in"))
    form = {
        "email": identity.email_of(who),
        "password": password,
        "code": code,
        "csrf_token": token,
    }
    return browser.post("/sign-in", data=form)


def cookie_of(browser):
    return browser.get_cookie(COOKIE).value


class TestSigningIn:
    def test_leads_to_ones_console_with_a_new_session(self, browser, owner):
        browser.get("/sign-in")
        before = cookie_of(browser)
        answer = sign_in(browser, owner)

        assert answer.status_code == 303
        assert cookie_of(browser) != before
        assert browser.get("/brand").status_code == 200

    def test_says_the_same_of_a_wrong_password_and_of_nobody(self, browser, owner):
        told = [
            browser.post(
                "/sign-in",
                data={
                    "email": email,
                    "password": "wrong",
                    "csrf_token": token_in(browser.get("/sign-in")),
                },
            ).text
            for email in (identity.email_of(owner), "nobody@example.org")
        ]
        for page in told:
            assert "E-mail, password or code are wrong." in page

    def test_is_refused_after_too_many_tries_and_lets_in_again_later(self, browser, owner):
        for _ in range(login.TRIES_PER_ACCOUNT):
            sign_in(browser, owner, password="wrong")
        assert sign_in(browser, owner).status_code == 429
        with shifted(login.WINDOW + timedelta(seconds=1)):
            assert sign_in(browser, owner).status_code == 303

    def test_is_refused_to_who_is_suspended(self, browser, owner):
        from gigcx.db import commit  # noqa: PLC0415
        from gigcx.identity.service import people  # noqa: PLC0415

        with acting(ADMIN):
            commit(people.suspend_user, who=ADMIN, user_id=owner.user_id, is_suspended=True)
        assert sign_in(browser, owner).status_code != 303

    def test_keeps_passwords_as_argon2_only(self, owner):
        with acting(ADMIN):
            kept = db.session.scalar(sa.select(User.password_hash).where(User.id == owner.user_id))
        assert kept.startswith("$argon2id$")


class TestOneTimeCodes:
    @pytest.fixture
    def secret(self):
        return pyotp.random_base32()

    @pytest.fixture
    def reviewer(self, undone, password_hash, secret):
        return identity.finance(password_hash=password_hash, totp_secret=secret)

    def test_are_asked_of_finance(self, browser, reviewer):
        answer = sign_in(browser, reviewer)
        assert answer.status_code != 303
        assert "Enter the six digits" in answer.text

    def test_are_good_once(self, app, reviewer, secret):
        code = pyotp.TOTP(secret).at(int(time.time()))
        assert sign_in(app.test_client(), reviewer, code=code).status_code == 303
        assert sign_in(app.test_client(), reviewer, code=code).status_code != 303

    @pytest.mark.parametrize("code", ["000000", "abcdef", "1", "12345678"])
    def test_that_are_wrong_let_nobody_in(self, browser, reviewer, secret, code):
        assert sign_in(browser, reviewer, code=code).status_code != 303

    def test_are_missed_by_finance_who_has_none(self, browser, undone, password_hash):
        who = identity.finance(password_hash=password_hash, totp_secret=None)
        assert "Your role asks for one-time codes." in sign_in(browser, who).text


class TestASession:
    def test_ends_on_the_server_when_one_signs_out(self, app, browser, owner):
        sign_in(browser, owner)
        kept = cookie_of(browser)
        token = token_in(browser.get("/brand"))
        out = browser.post("/sign-out", data={"csrf_token": token})
        assert out.headers["Clear-Site-Data"] == '"cache", "storage"'

        again = app.test_client()
        again.set_cookie(COOKIE, kept)
        assert again.get("/brand").status_code != 200

    def test_changes_nothing_without_its_token(self, browser, owner):
        sign_in(browser, owner)
        refused = browser.post("/brand/queues/new", data={"name": "Q", "reward": "1"})
        assert refused.status_code == 400

    def test_changes_nothing_for_another_site(self, browser, owner):
        sign_in(browser, owner)
        token = token_in(browser.get("/brand"))
        refused = browser.post(
            "/brand/queues/new",
            data={"name": "Q", "reward": "1", "csrf_token": token},
            headers={"Origin": "https://evil.example"},
        )
        assert refused.status_code == 400

    def test_speaks_for_the_api_only_with_its_token(self, browser, owner):
        sign_in(browser, owner)
        body = {"name": "Q", "currency": "EUR"}
        assert browser.post("/api/v1/queues", json=body).status_code == 400
        token = token_in(browser.get("/brand"))
        made = browser.post("/api/v1/queues", json=body, headers={"X-CSRFToken": token})
        assert made.status_code == 201

    def test_is_not_read_by_scripts_nor_sent_by_other_sites(self, browser, owner):
        told = " ".join(sign_in(browser, owner).headers.getlist("Set-Cookie"))
        assert "HttpOnly" in told
        assert "SameSite=Lax" in told or "SameSite=Strict" in told


class TestEveryAnswer:
    @pytest.mark.parametrize("path", ["/sign-in", "/api/v1/tickets", "/nowhere", "/readyz"])
    def test_tells_browsers_what_they_may_not_do(self, browser, undone, path):
        headers = browser.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"] or (
            "default-src 'none'" in headers["Content-Security-Policy"]
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
