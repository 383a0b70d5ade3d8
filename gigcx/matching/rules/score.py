"""How well an expert may know a topic, and how tickets are ranked for them: pure functions.

The weights are the fixed ones of the first day: chance of success first, then waiting, urgency and
a customer who knows the expert. Handling time is not among them and never will be.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import log2

PRIOR_SOLVED = 1.0
PRIOR_FAILED = 1.0
"""Counts before any evidence: every success rate is equally plausible."""
TEST_WEIGHT = 10.0
"""How many outcomes a passed product test counts as."""
OPTIMISM_DEVIATIONS = 1.28
"""How far above the mean a plausible rate lies, in standard deviations: about the 0.9 quantile."""
WAITING_WEIGHT = 0.1
"""Score for each doubling of the hours that a ticket has waited: age raises every ticket."""
PRIORITY_WEIGHT = 0.2
"""Score for each level of priority."""
ACQUAINTED_WEIGHT = 0.3
"""Score if the expert answered this ticket before."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of one expert on one topic."""

    test_bps: int
    """The product test's result, in basis points."""
    solved: int
    """Outcomes that helped the customer."""
    failed: int
    """Outcomes that did not: reopened, handed back."""


@dataclass(frozen=True, slots=True)
class Part:
    """One addend of a score, and what it says in words."""

    name: str
    points: float
    words: str


@dataclass(frozen=True, slots=True)
class Score:
    """The sum that ranks, with the parts that explain it."""

    parts: tuple[Part, ...]

    @property
    def points(self) -> float:
        """The sum of the parts."""
        return sum(part.points for part in self.parts)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The words of the parts that counted, the weightiest first."""
        counted = [part for part in self.parts if part.points > 0 and part.words]
        return tuple(
            part.words for part in sorted(counted, key=lambda part: part.points, reverse=True)
        )


def plausible_success(knowledge: Knowledge) -> float:
    """R-matching-1: An expert ranks by how good they may plausibly be, not by their average.

    Return the mean of the success rate's Beta posterior plus ``OPTIMISM_DEVIATIONS`` of its
    standard deviation, at most 1. Who passed the test with 80 % and has no outcome yet counts
    0.90; with 90 of 100 solved besides, 0.92; with none of ten, 0.54.

    Source: E. Kaufmann, O. Cappé, A. Garivier, "On Bayesian Upper Confidence Bounds for Bandit
    Problems", AISTATS 2012, PMLR 22, pp. 592-600, with the quantile by its normal approximation.
    """
    share = knowledge.test_bps / 10_000
    solved = PRIOR_SOLVED + TEST_WEIGHT * share + knowledge.solved
    failed = PRIOR_FAILED + TEST_WEIGHT * (1 - share) + knowledge.failed
    count = solved + failed
    mean = solved / count
    deviation = (mean * (1 - mean) / (count + 1)) ** 0.5
    return float(min(1.0, mean + OPTIMISM_DEVIATIONS * deviation))


def score_ticket(
    *,
    knowledge: Knowledge,
    topic: str,
    waited: timedelta,
    priority: int,
    is_acquainted: bool,
) -> Score:
    """R-matching-2: A ticket ranks by the expert's plausible success on its topic, then by how
    long it has waited, its priority, and whether the expert answered it before.

    :param topic: the topic's name, for the words.
    :param waited: since the ticket was opened.
    """
    hours = max(waited / timedelta(hours=1), 0.0)
    return Score(
        (
            Part("success", plausible_success(knowledge), _words_of(knowledge, topic)),
            Part(
                "waiting",
                WAITING_WEIGHT * log2(1 + hours),
                f"Waiting for {_duration(hours)}" if hours >= 1 else "",
            ),
            Part("priority", PRIORITY_WEIGHT * priority, "The brand calls it urgent"),
            Part(
                "acquainted",
                ACQUAINTED_WEIGHT * is_acquainted,
                "You answered this customer before",
            ),
        )
    )


def _words_of(knowledge: Knowledge, topic: str) -> str:
    tried = knowledge.solved + knowledge.failed
    if tried:
        return f"You helped with {knowledge.solved} of {tried} on {topic}"
    return f"You are certified for {topic} ({knowledge.test_bps // 100} %)"


def _duration(hours: float) -> str:
    if hours < 48:  # noqa: PLR2004 - people say hours up to two days
        return f"{hours:.0f} h"
    return f"{hours / 24:.0f} days"
