"""Ratings on the one scale of the house."""

from collections.abc import Sequence

STARS_MAX = 5


def on_scale(stars: float) -> float:
    """R-quality-1: Stars count on a scale of 0 to 100, linearly: one star is 0, five are 100.

    :param stars: 1 to 5, or a mean of such.
    """
    return (stars - 1) / (STARS_MAX - 1) * 100


def mean_rating(stars: Sequence[int]) -> float | None:
    """R-quality-2: An average of ratings is on the scale of 0 to 100; of none there is none."""
    return on_scale(sum(stars) / len(stars)) if stars else None
