"""Invited or forgotten: a link in a mail, once, and the old sessions end."""

from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from gigcx.db import db
from gigcx.http import passwords
from gigcx.identity import queries
from gigcx.identity.models import User
from gigcx.outbox import OutboxMessage
from gigcx.principal import NOBODY, SYSTEM
from tests.acting import acting
from tests.factories import identity
from tests.http.test_sign_in import sign_in, token_in

GOOD = "four words are good"


@pytest.fixture
def person(undone):
    """Somebody who was invited and has no password."""
    return identity.staff(identity.brand().id, "owner")


@pytest.fixture
def browser(app):
    """A browser of its own."""
    return app.test_client()


def link_of(who):
    with acting(NOBODY):
        return passwords.sign(queries.get_user(who.user_id))


def choose(browser, link, password=GOOD, code=""):
    form = {"password": password, "code": code, "csrf_token": token_in(browser.get("/sign-in"))}
    return browser.post(f"/password/{link}", data=form)


def ask(browser, email):
    token = token_in(browser.get("/password"))
    return browser.post("/password", data={"email": email, "csrf_token": token})


def wanted():
    with acting(SYSTEM):
        kinds = sa.select(OutboxMessage).where(OutboxMessage.kind == "identity.password_wanted")
        return len(db.session.scalars(kinds).all())


class TestALink:
    def test_lets_its_person_choose_a_password_once(self, app, browser, person):
        link = link_of(person)
        assert "Choose your password" in browser.get(f"/password/{link}").text

        assert choose(browser, link).location == "/sign-in"
        assert sign_in(browser, person, GOOD).status_code == 303
        assert app.test_client().get(f"/password/{link}").status_code == 409

    def test_ends_the_sessions_that_there_were(self, app, browser, person):
        choose(browser, link_of(person))
        sign_in(browser, person, GOOD)
        assert browser.get("/brand").status_code == 200

        choose(app.test_client(), link_of(person), "another good sentence")
        assert browser.get("/brand").status_code != 200
        assert sign_in(app.test_client(), person, GOOD).status_code != 303

    @pytest.mark.parametrize("password", ["short", "x" * 201, "Sam Smith"])
    def test_takes_no_weak_password(self, browser, person, password):
        link = link_of(person)
        assert choose(browser, link, password).location == f"/password/{link}"
        assert "Choose another password" in browser.get(f"/password/{link}").text

    def test_is_good_for_a_while_and_cannot_be_forged(self, browser, person, monkeypatch):
        link = link_of(person)
        assert browser.get(f"/password/{link[:-2]}xx").status_code == 404
        monkeypatch.setattr(passwords, "LASTS", timedelta(seconds=-1))
        assert browser.get(f"/password/{link}").status_code == 409

    def test_sets_up_one_time_codes_where_the_role_needs_them(self, app, browser, undone):
        reviewer = identity.finance()
        link = link_of(reviewer)
        with acting(NOBODY):
            secret = passwords.secret_to_show(link)
        assert secret in browser.get(f"/password/{link}").text
        assert choose(browser, link, code="000000").location == f"/password/{link}"

        assert choose(browser, link, code=pyotp.TOTP(secret).now()).location == "/sign-in"
        with acting(NOBODY):
            kept = db.session.scalar(sa.select(User.totp_secret).where(User.id == reviewer.user_id))
        assert secret not in kept
        assert "six digits" in sign_in(app.test_client(), reviewer, GOOD).text


class TestAskingForALink:
    def test_tells_nobody_who_is_here(self, browser, person):
        before = wanted()
        told = [
            (ask(browser, email).location, browser.get("/sign-in").text.count("is on its way"))
            for email in (identity.email_of(person), "nobody@example.org")
        ]
        assert told[0] == told[1]
        assert wanted() == before + 1

    def test_is_refused_who_asks_too_often(self, browser, person):
        statuses = [ask(browser, "nobody@example.org").status_code for _ in range(6)]
        assert statuses == [303] * 5 + [429]
