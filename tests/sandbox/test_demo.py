"""The demo: everything in it came about through the services, and twice the same."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from gigcx.config import Settings
from gigcx.db import db, now
from gigcx.desk.queries.feed import list_feed
from gigcx.identity import queries as identity
from gigcx.ledger import queries as ledger
from gigcx.principal import SYSTEM, Principal
from gigcx.sandbox import demo
from gigcx.sandbox.demo.cast import EXPERTS, MAKERS
from gigcx.sandbox.demo.threads import threads_of
from tests.acting import acting
from tests.outside import standing_in
from tests.servers import cloned

SMALL = 0.05
THREADS_MIN = 40
"""Different threads of each brand, so that three hundred tickets are no copies."""
FIGURES = {
    "tickets": "SELECT state, route, count(*) FROM tickets GROUP BY 1, 2",
    "claims": "SELECT claimant, ended_reason, count(*) FROM claims GROUP BY 1, 2",
    "messages": "SELECT author, md5(original), count(*) FROM originals o"
    " JOIN messages m ON (m.brand_id, m.id) = (o.brand_id, o.id) GROUP BY 1, 2",
    "ratings": "SELECT stars, comment, count(*) FROM ratings GROUP BY 1, 2",
    "balances": "SELECT kind, sum(balance_minor) FROM ledger_accounts GROUP BY 1",
    "earnings": "SELECT state, count(*), sum(amount_minor) FROM earnings GROUP BY 1",
    "lines": "SELECT r.state, l.state, count(*), sum(l.amount_minor) FROM payout_lines l"
    " JOIN payout_runs r ON r.id = l.run_id GROUP BY 1, 2",
    "undone": "SELECT listener, state FROM outbox_deliveries WHERE state <> 'done'",
}


class Letters:
    """Everybody's mailbox."""

    def __init__(self):
        self.mails = []

    def send(self, mail):
        """Keep a mail."""
        self.mails.append(mail)
        return f"<{mail.reference}@gigcx.example>"


@pytest.fixture
def letters(app, monkeypatch):
    """Take the mails that the demo sends."""
    box = Letters()
    monkeypatch.setitem(app.extensions, "gigcx.mail", box)
    return box


@pytest.fixture
def loaded(app, committing, stripe, letters):
    """Load a small demo and return who signs in."""
    return demo.load(lambda *_: None, scale=SMALL)


def figures(settings) -> dict[str, Counter]:
    """Count what is there."""
    engine = sa.create_engine(settings.admin_url)
    with engine.connect() as connection:
        found = {
            name: Counter(map(tuple, connection.execute(sa.text(query))))
            for name, query in FIGURES.items()
        }
    engine.dispose()
    return found


@pytest.fixture
def elsewhere(request, app, worker, valkey_url, monkeypatch):
    """Return what lets a block work on one more database, with a Stripe of its own."""

    @contextmanager
    def moved() -> Iterator[Settings]:
        with standing_in() as other, monkeypatch.context() as patched:
            patched.setitem(app.extensions, "gigcx.stripe", other.gateway)
            with on_another_database(request, worker, valkey_url) as settings:
                yield settings

    return moved


@contextmanager
def on_another_database(request, worker, valkey_url) -> Iterator[Settings]:
    """Let all sessions of the block use one more clone."""
    db.session.remove()
    usual = dict(db.engines)
    with cloned(request.config, f"{worker}_second", valkey_url) as settings:
        engines = {name: sa.create_engine(settings.url_of(name or "web")) for name in usual}
        db.engines.update(engines)
        try:
            yield settings
        finally:
            db.session.remove()
            db.engines.update(usual)
            for engine in engines.values():
                engine.dispose()


def expert_of(login) -> Principal:
    """Return an expert as they are after sign-in."""
    with acting(SYSTEM):
        user = identity.find_user_by_email(login.email)
    hats = identity.hats_of(user.id)
    return identity.principal_of(user.id, next(hat for hat in hats if hat.role == "expert"))


class TestTheDemo:
    def test_is_the_same_each_time(self, committing, loaded, elsewhere):
        first = figures(committing)
        with elsewhere() as settings:
            assert demo.load(lambda *_: None, scale=SMALL) == loaded
            second = figures(settings)

        assert second == first
        assert first["undone"] == Counter()

    def test_shows_all_that_there_is_to_see(self, committing, loaded, letters):
        with acting(SYSTEM):
            assert ledger.audit() == []
        for login in loaded:
            if login.role == "expert":
                expert = expert_of(login)
                with acting(expert):
                    assert list_feed(expert, now=now(), limit=1), f"{login.name} sees nothing"

        found = figures(committing)
        states = {(state, route) for state, route, _ in found["tickets"]}
        assert {("waiting_on_customer", "expert"), ("open", "in_house"), ("open", "expert")} <= (
            states
        )
        assert {(run, line) for run, line, *_ in found["lines"]} == {
            ("completed", "paid"),
            ("submitted", "queued"),
        }
        assert letters.mails
        assert Counter(login.role for login in loaded) == Counter(
            expert=len(EXPERTS),
            finance=2,
            admin=1,
            **dict.fromkeys(("owner", "lead", "agent", "analyst"), len(MAKERS)),
        )
        assert all(login.totp_secret for login in loaded if login.role in {"finance", "admin"})


class TestThreads:
    @pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.slug)
    def test_are_many_and_whole(self, maker):
        threads = threads_of(maker.slug)

        assert len({thread.openings[0] for thread in threads}) > THREADS_MIN
        assert all(len(t.subjects) > 1 and len(t.openings) > 1 and t.turns for t in threads)
        known = {*maker.families, "Service"}
        assert all(known.issuperset(thread.models) for thread in threads)
