"""How one signs in is one's own: shown, changed with the password, and ended by inactivity."""

import re
import time
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from gigcx import ids
from gigcx.audit import AuditRow
from gigcx.db import db, shifted
from gigcx.http import login, sessions
from tests.acting import acting
from tests.factories import identity
from tests.factories.identity import ADMIN
from tests.http.test_sign_in import COOKIE, PASSWORD, sign_in, token_in

NEW = "another good sentence"


@pytest.fixture(scope="module")
def password_hash():
    """One hash for all: it is slow on purpose."""
    return login.hash_password(PASSWORD)


@pytest.fixture
def owner(undone, password_hash):
    """Somebody who owns a brand."""
    return identity.staff(identity.brand().id, "owner", password_hash=password_hash)


@pytest.fixture
def browser(app, owner):
    """A browser in which they are signed in."""
    made = app.test_client()
    sign_in(made, owner)
    return made


def post(browser, path, **form):
    return browser.post(path, data={"csrf_token": token_in(browser.get("/account")), **form})


def secret_on(page):
    return re.search(r"<code>([A-Z2-7]{32})</code>", page.text)[1]


class TestASession:
    def test_is_over_when_nobody_uses_it(self, browser):
        with shifted(sessions.IDLE - timedelta(minutes=10)):
            assert browser.get("/brand").status_code == 200
        with shifted(2 * sessions.IDLE - timedelta(minutes=20)):
            assert browser.get("/brand").status_code == 200
        with shifted(3 * sessions.IDLE):
            assert browser.get("/brand").status_code == 401

    def test_is_listed_and_ended_by_its_person(self, app, owner, browser):
        other = app.test_client()
        sign_in(other, owner)
        listed = re.findall(r"/account/sessions/(ses_\w+)/end", browser.get("/account").text)

        post(browser, f"/account/sessions/{listed[0]}/end")

        assert len(listed) == 1
        assert other.get("/brand").status_code == 401
        assert browser.get("/brand").status_code == 200

    def test_of_somebody_else_goes_on(self, app, browser, password_hash, undone):
        stranger = identity.staff(identity.brand().id, "owner", password_hash=password_hash)
        theirs, second = app.test_client(), app.test_client()
        sign_in(theirs, stranger)
        sign_in(second, stranger)
        listed = re.findall(r"/account/sessions/(ses_\w+)/end", theirs.get("/account").text)

        post(browser, f"/account/sessions/{listed[0]}/end")

        assert second.get("/brand").status_code == 200

    def test_ends_everywhere_at_once(self, app, owner, browser):
        other = app.test_client()
        sign_in(other, owner)

        post(browser, "/account/sessions/end")

        assert [one.get("/brand").status_code for one in (browser, other)] == [401, 401]


class TestThePassword:
    def test_is_changed_by_who_knows_it(self, app, owner, browser):
        post(browser, "/account/password", current=PASSWORD, password=NEW)

        assert browser.get("/brand").status_code == 401
        assert sign_in(app.test_client(), owner, NEW).status_code == 303

    @pytest.mark.parametrize(
        ("current", "password"),
        [("wrong", NEW), (PASSWORD, "passwordpassword"), (PASSWORD, "qwertyuiop123")],
    )
    def test_stays_as_it_is_otherwise(self, app, owner, browser, current, password):
        post(browser, "/account/password", current=current, password=password)

        assert browser.get("/brand").status_code == 200
        assert sign_in(app.test_client(), owner).status_code == 303

    def test_is_not_guessed_here(self, browser):
        for _ in range(login.TRIES_PER_ACCOUNT):
            post(browser, "/account/password", current="wrong", password=NEW)
        refused = post(browser, "/account/password", current=PASSWORD, password=NEW)
        assert refused.status_code == 429


class TestOneTimeCodes:
    def test_are_set_up_by_anybody_and_asked_from_then_on(self, app, owner, browser):
        secret = secret_on(browser.get("/account"))
        post(browser, "/account/codes", current=PASSWORD, code="000000")
        assert secret_on(browser.get("/account")) == secret
        used = pyotp.TOTP(secret).at(int(time.time()) - login.STEP_SECONDS)
        post(browser, "/account/codes", current=PASSWORD, code=used)

        assert "Enter the six digits" in sign_in(app.test_client(), owner).text
        assert sign_in(app.test_client(), owner, code=used).status_code != 303
        now = pyotp.TOTP(secret).now()
        assert sign_in(app.test_client(), owner, code=now).status_code == 303

    def test_are_dropped_with_the_password_only(self, app, owner, browser):
        secret = secret_on(browser.get("/account"))
        post(browser, "/account/codes", current=PASSWORD, code=pyotp.TOTP(secret).now())
        post(browser, "/account/codes/drop", current="wrong")
        assert sign_in(app.test_client(), owner).status_code != 303

        post(browser, "/account/codes/drop", current=PASSWORD)
        assert sign_in(app.test_client(), owner).status_code == 303

    def test_stay_with_who_moves_money(self, app, undone, password_hash):
        secret = pyotp.random_base32()
        who = identity.finance(password_hash=password_hash, totp_secret=secret)
        browser = app.test_client()
        sign_in(browser, who, code=pyotp.TOTP(secret).now())

        post(browser, "/account/codes/drop", current=PASSWORD)

        assert "You sign in with a one-time code" in browser.get("/account").text


class TestAKey:
    @pytest.mark.parametrize("path", ["/account/password", "/account/sessions/end"])
    def test_changes_nothing_of_how_its_person_signs_in(self, app, owner, path):
        bearer = {"Authorization": f"Bearer {identity.key_of(owner)}"}
        assert app.test_client().post(path, headers=bearer).status_code == 409


class TestAPasskey:
    @pytest.mark.parametrize("credential", ["", "{}", "no json", '{"rawId": "AAAA"}', "[1]", "7"])
    def test_that_is_none_lets_nobody_in(self, app, undone, credential):
        browser = app.test_client()
        token = token_in(browser.get("/sign-in"))
        asked = browser.post("/sign-in/passkey/options", headers={"X-CSRFToken": token})
        assert asked.json["userVerification"] == "required"

        told = browser.post(
            "/sign-in/passkey", data={"credential": credential, "csrf_token": token}
        )

        assert told.location == "/sign-in"
        assert "The passkey is not accepted" in browser.get("/sign-in").text

    @pytest.mark.parametrize("credential", ["", "{}", "no json", "[1]", '{"rawId": "AAAA"}'])
    def test_that_no_device_made_is_not_kept(self, browser, credential):
        token = token_in(browser.get("/account"))
        browser.post("/account/passkeys/options", headers={"X-CSRFToken": token})
        post(browser, "/account/passkeys", name="Key", current=PASSWORD, credential=credential)

        assert "/drop" not in browser.get("/account").text.replace("/codes/drop", "")


class TestSeeingAs:
    @pytest.fixture
    def admin(self, app, undone, password_hash):
        """An administrator's browser."""
        secret = pyotp.random_base32()
        who = identity.admin(password_hash=password_hash, totp_secret=secret)
        made = app.test_client()
        sign_in(made, who, code=pyotp.TOTP(secret).now())
        return made

    def look(self, admin, who, reason="Case 12"):
        path = f"/admin/people/{ids.shown('user', who.user_id)}/see-as"
        hat = re.search(r'<option value="(owner:[^"]+)"', admin.get(path).text)[1]
        form = {"csrf_token": token_in(admin.get(path)), "hat": hat, "reason": reason}
        return admin.post(path, data=form)

    def test_shows_what_they_see_and_changes_nothing(self, owner, admin):
        self.look(admin, owner)
        page = admin.get("/brand")
        assert page.status_code == 200
        assert "You can change nothing." in page.text
        form = {"csrf_token": token_in(page), "name": "Q", "reward": "1"}
        assert admin.post("/brand/queues/new", data=form).status_code == 403
        assert admin.get("/admin/schedule").status_code == 403

        admin.post("/see-as/end", data={"csrf_token": token_in(page)})
        assert admin.get("/admin/schedule").status_code == 200
        assert admin.get("/brand").status_code == 403

    def test_needs_a_reason_that_the_audit_keeps(self, owner, admin):
        self.look(admin, owner, reason=" ")
        assert admin.get("/brand").status_code == 403
        self.look(admin, owner, reason="Case 12")
        with acting(ADMIN):
            kept = sa.select(AuditRow.data).where(AuditRow.action == "identity.seen_as")
            assert [row["reason"] for row in db.session.scalars(kept)] == ["Case 12"]

    def test_is_nobody_elses(self, app, owner, browser):
        path = f"/admin/people/{ids.shown('user', owner.user_id)}/see-as"
        assert browser.get(path).status_code == 403
        assert browser.get_cookie(COOKIE) is not None
