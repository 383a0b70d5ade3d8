"""Money: integer minor units with a currency. Never a float, never a bare int."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering

from babel.numbers import format_currency, get_currency_precision
from typing_extensions import override

WHOLE_BPS = 10_000
"""One hundred percent in basis points."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's smallest unit, as 1250 EUR for 12.50 euros."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        """Add an amount of the same currency."""
        self._check(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Subtract an amount of the same currency."""
        self._check(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def __neg__(self) -> "Money":
        """Turn the sign."""
        return Money(-self.amount_minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Compare with an amount of the same currency."""
        self._check(other)
        return self.amount_minor < other.amount_minor

    def __bool__(self) -> bool:
        """Nothing is false."""
        return self.amount_minor != 0

    def share(self, bps: int) -> "Money":
        """Return this share of the amount, rounded half up to a whole minor unit.

        :param bps: basis points, 10,000 are the whole.
        """
        return Money((self.amount_minor * bps + WHOLE_BPS // 2) // WHOLE_BPS, self.currency)

    @property
    def major(self) -> Decimal:
        """The amount as people write it: ``12.50``."""
        return Decimal(self.amount_minor).scaleb(-get_currency_precision(self.currency))

    @override
    def __str__(self) -> str:
        """Write the amount for people: ``€12.50``, ``¥1,250``."""
        return format_currency(self.major, self.currency, locale="en_US")

    def _check(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")


def total(amounts: Iterable[Money], *, currency: str) -> Money:
    """Sum amounts of one currency; nothing sums to zero of ``currency``."""
    return sum(amounts, start=Money(0, currency))
