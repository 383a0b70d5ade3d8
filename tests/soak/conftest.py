"""What takes minutes: run by ``make soak`` alone."""

from tests.faults.conftest import market, processes

__all__ = ["market", "processes"]
