"""The brand's console: promises of a queue, who may answer no more, one person, what is found."""

import csv
import io
from datetime import timedelta

import pytest

from gigcx import ids
from gigcx.catalog import queries as catalog
from gigcx.customers import queries as customers
from gigcx.db import shifted
from gigcx.jobs.inline import drain
from gigcx.paging import Page
from gigcx.tickets import queries as queues
from tests.acting import acting
from tests.factories import identity
from tests.factories.customers import customer
from tests.factories.desk import claim, desk, ticket

HOURS = {
    "first_reply": "30",
    "follow_up": "12",
    "resolution": "48",
    "in_house_cost": "7.50",
    "day": ["0", "1", "2"],
    "opens": "09:00",
    "closes": "17:30",
    "time_zone": "Europe/Berlin",
    "holidays_of": "de",
}


@pytest.fixture
def at(undone):
    """A brand's desk."""
    return desk()


@pytest.fixture
def owner(at):
    """A key of the brand's owner."""
    return identity.key_of(identity.staff(at.brand_id, "owner"))


@pytest.fixture
def get(app, owner):
    """What opens a page as the owner."""
    return lambda path: app.test_client().get(path, headers={"Authorization": f"Bearer {owner}"})


@pytest.fixture
def post(app, owner):
    """What sends a form as the owner."""
    return lambda path, **form: app.test_client().post(
        path, data=form, headers={"Authorization": f"Bearer {owner}"}
    )


def queue_of(at):
    with acting(at.owner):
        return queues.get_queue(at.owner, at.queue_id)


class TestAQueue:
    def test_promises_hours_in_its_own_zone(self, at, get, post):
        page = f"/brand/queues/{ids.shown('queue', at.queue_id)}"
        post(f"{page}/hours", **HOURS)
        queue = queue_of(at)

        assert queue.hours.work_days == (0, 1, 2)
        assert (queue.hours.opens_minute, queue.hours.closes_minute) == (540, 1050)
        assert (queue.hours.time_zone, queue.hours.holidays_of) == ("Europe/Berlin", "DE")
        assert queue.in_house_cost.amount_minor == 750
        assert (queue.first_reply_minutes, queue.resolution_hours) == (30, 48)
        assert 'value="7.50"' in get(page).text

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"time_zone": "Mars/Base"}, "There is no time zone"),
            ({"opens": "noon"}, "write a time as 09:00"),
            ({"opens": "18:00"}, "must end later than they begin"),
            ({"day": []}, "at least one day"),
            ({"holidays_of": "QQ"}, "are not known"),
            ({"in_house_cost": "a lot"}, "must be an amount"),
            ({"resolution": "0"}, "must be a whole number"),
        ],
    )
    def test_says_what_is_wrong_with_its_hours_and_keeps_them(
        self, app, at, post, monkeypatch, changed, told
    ):
        said = []
        monkeypatch.setattr("gigcx.web.forms.flash", lambda text, _kind: said.append(text))
        before = queue_of(at).hours

        post(f"/brand/queues/{ids.shown('queue', at.queue_id)}/hours", **HOURS | changed)

        assert told in said[0]
        assert queue_of(at).hours == before

    def test_says_where_customers_write(self, at, get):
        assert "ask+" in get(f"/brand/queues/{ids.shown('queue', at.queue_id)}").text

    def test_takes_its_hours_over_the_api(self, app, at, owner):
        path = f"/api/v1/queues/{ids.shown('queue', at.queue_id)}"
        hours = {"time_zone": "Asia/Tokyo", "work_days": [5, 6], "opens_minute": 60}
        bearer = {"Authorization": f"Bearer {owner}"}

        changed = app.test_client().patch(path, json={"hours": hours}, headers=bearer)
        refused = app.test_client().patch(
            path, json={"hours": {"time_zone": "Mars/Base"}}, headers=bearer
        )

        assert changed.json["hours"]["work_days"] == [5, 6]
        assert changed.json["hours"]["closes_minute"] == 1440
        assert refused.json["type"] == "/problems/tickets/hours-refused"


class TestWhoMayAnswerNoMore:
    def test_is_told_by_a_revoked_certificate(self, at, get, post):
        with acting(at.owner):
            (held,) = catalog.list_certificates(at.owner, Page()).items

        post(f"/brand/certificates/{ids.shown('certificate', held.id)}/revoke")

        with acting(at.owner):
            (kept,) = catalog.list_certificates(at.owner, Page()).items
        assert kept.state == "revoked"

    def test_is_a_key_that_was_revoked(self, app, at):
        who = identity.staff(at.brand_id, "lead")
        key = identity.key_of(who)
        bearer = {"Authorization": f"Bearer {key}"}
        listed = app.test_client().get("/api/v1/api-keys", headers=bearer).json["data"]

        app.test_client().post(f"/brand/keys/{listed[0]['id']}/revoke", headers=bearer)

        assert app.test_client().get("/brand", headers=bearer).status_code == 401


class TestACustomer:
    def test_is_found_to_be_another_and_two_again(self, at, get, post):
        one = customer(at.brand_id, email="kim@example.org", name="Kim").user_id
        other = customer(at.brand_id, email="kim@example.org", name="Kim by mail").user_id
        page = f"/brand/customers/{ids.shown('customer', one)}"
        assert "Kim by mail" in get(page).text

        post(f"{page}/merge", customer=ids.shown("customer", other))
        with acting(at.owner):
            assert customers.get_customer(at.owner, other).merged_into_id == one
        assert "The same person" in get(page).text

        post(f"/brand/customers/{ids.shown('customer', other)}/unmerge")
        with acting(at.owner):
            assert customers.get_customer(at.owner, other).merged_into_id is None


class TestWhatIsFound:
    def test_shows_the_words_where_they_stand(self, at, get):
        ticket(at, subject="My grinder <b>rattles</b> since Monday")
        drain()
        page = get("/brand/tickets?q=rattles").text

        assert "<mark>rattles</mark>" in page
        assert "<b>rattles" not in page

    def test_is_saved_as_a_table_without_formulas(self, at, get):
        ticket(at, subject='=HYPERLINK("https://evil.example","click")')
        ticket(at, subject="A plain question")
        saved = get("/brand/tickets.csv")
        rows = list(csv.DictReader(io.StringIO(saved.text)))

        assert saved.headers["Content-Disposition"] == "attachment; filename=tickets.csv"
        assert [row["subject"][:11] for row in rows] == ["A plain que", "'=HYPERLINK"]
        assert rows[0]["id"].startswith("tkt_")

    def test_is_narrowed_alike_on_the_page_and_in_the_table(self, at, get):
        claim(at, ticket(at, subject="Claimed").id)
        ticket(at, subject="Open")
        rows = list(csv.DictReader(io.StringIO(get("/brand/tickets.csv?state=open").text)))

        assert [row["subject"] for row in rows] == ["Open"]


class TestAStuckLease:
    def test_is_shown_to_admins_until_it_is_freed(self, app, at):
        asked = ticket(at)
        held = claim(at, asked.id)
        bearer = {"Authorization": f"Bearer {identity.key_of(identity.admin())}"}
        client = app.test_client()
        name = ids.shown("ticket", asked.id)

        with shifted(held.lease_until - held.claimed_at + timedelta(minutes=11)):
            assert name in client.get("/admin/schedule", headers=bearer).text
            drain("desk.end_lapsed_claims")
            assert name not in client.get("/admin/schedule", headers=bearer).text
