"""A marketplace whose processes may die."""

import pytest
import sqlalchemy as sa

from gigcx import ids
from tests.factories import identity
from tests.factories.desk import claim, desk, ticket
from tests.faults.processes import Processes


class Market:
    """An open desk, its people's keys, and the processes that serve it."""

    def __init__(self, processes: Processes) -> None:
        self.processes = processes
        self.at = desk()
        self.rival = self.at.another_expert()
        self.key = identity.key_of(self.at.expert)
        self.rival_key = identity.key_of(self.rival)

    def asked(self) -> str:
        """Let the customer ask; return the ticket's public id."""
        return ids.shown("ticket", ticket(self.at).id)

    def held(self) -> tuple[str, int]:
        """Let the expert hold a new ticket; return it with the claim's fence."""
        new = ticket(self.at)
        return ids.shown("ticket", new.id), claim(self.at, new.id).fence


@pytest.fixture
def processes(committing, stripe):
    """Whatever the test starts; all of it is killed in the end."""
    engine = sa.create_engine(committing.admin_url)
    made = Processes(committing, stripe, engine)
    yield made
    made.kill_all()
    engine.dispose()


@pytest.fixture
def market(processes):
    """A marketplace that nothing serves yet."""
    return Market(processes)
