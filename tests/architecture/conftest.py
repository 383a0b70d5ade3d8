"""The database itself, below every service."""

import pytest

from tests.rows import Desk, People


@pytest.fixture
def people(connection):
    """Return an expert and two people of finance."""
    return People(connection)


@pytest.fixture
def desk(connection, people):
    """Return a brand with a row in every table of its own."""
    return Desk(connection, people)
