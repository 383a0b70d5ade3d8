"""Questions are understood, then sent their way: once, from what is known before any answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any
from uuid import UUID

from gigcx import bulk
from gigcx.catalog import queries as topics
from gigcx.catalog import service as catalog
from gigcx.catalog.rules import GENERAL
from gigcx.desk.models import Routing
from gigcx.desk.rules import Because, Path, choose_path
from gigcx.desk.service import incidents
from gigcx.experiments import queries as experiments
from gigcx.experiments import service as draws
from gigcx.experiments.rules import Arm
from gigcx.matching import queries as matching
from gigcx.matching.rules.danger import Sign, recognize_dangers
from gigcx.matching.rules.reading import Reading, read_text
from gigcx.matching.rules.topics import SURE_ENOUGH, Guess, guess_topics
from gigcx.tickets.rules import Route

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "no", "fi", "cs", "tr")
"""What questions are asked in, as far as we can tell."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, masked, with what was told about it."""

    text: str
    topic_id: UUID | None
    language: str
    """Of the queue, for a text that does not show its own."""
    customer_id: UUID
    """Whoever they are merged into, if they are."""
    wants_staff: bool
    """Whether the customer asks for the brand's own staff."""
    objects: bool
    """Whether they object to experiments."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a question was taken for."""

    topic_id: UUID
    reading: Reading
    signs: tuple[Sign, ...]
    guess: Guess | None
    model_id: UUID | None


@dataclass(frozen=True, slots=True)
class Routed:
    """Which way a ticket goes, and by which experiment."""

    path: Path
    experiment_id: UUID | None


def understand(now: datetime, *, brand_id: UUID, asked: Sequence[Asked]) -> list[Understood]:
    """Read questions. A topic that is told is believed; else the brand's model is asked, and
    where it is not sure the question is a general one.
    """
    current = matching.find_model(brand_id)
    guesses: list[Guess | None] = [None] * len(asked)
    if current is not None and asked:
        guesses = [*guess_topics(current.model, [one.text for one in asked])]
    sure = {UUID(guess.topic) for guess in guesses if guess and guess.confidence >= SURE_ENOUGH}
    known = topics.names_of(brand_id, sure) if sure else {}
    general = cache(partial(catalog.topic_of_path, now, brand_id=brand_id, names=[GENERAL]))

    def topic_of(told: UUID | None, guess: Guess | None) -> UUID:
        if told is not None:
            return told
        if guess is not None and guess.confidence >= SURE_ENOUGH and UUID(guess.topic) in known:
            return UUID(guess.topic)
        return general()

    return [
        Understood(
            topic_of(one.topic_id, guess),
            read_text(one.text, fallback=one.language, among=LANGUAGES),
            recognize_dangers(one.text),
            guess,
            current.id if current else None,
        )
        for one, guess in zip(asked, guesses, strict=True)
    ]


def route(
    now: datetime, *, brand_id: UUID, asked: Sequence[Asked], understood: Sequence[Understood]
) -> list[Routed]:
    """Choose the way of each question; who is eligible is drawn, once and for good."""
    both = list(zip(asked, understood, strict=True))
    running = experiments.find_running(brand_id)
    arms: Mapping[UUID, Arm] = {}
    if running is not None:
        arms = draws.draw_customers(
            now,
            experiment=running,
            customer_ids=[
                one.customer_id
                for one, read in both
                if not (read.signs or one.wants_staff or one.objects)
            ],
        )
    paths = [
        choose_path(
            dangers=[sign.danger for sign in read.signs],
            wants_staff=one.wants_staff,
            objects=one.objects,
            arm=Route(arms[one.customer_id]) if one.customer_id in arms else None,
        )
        for one, read in both
    ]
    return [
        Routed(path, running.id if running is not None and path.because is Because.ARM else None)
        for path in paths
    ]


def log_routings(
    now: datetime, *, brand_id: UUID, routings: Sequence[tuple[UUID, Understood, Routed]]
) -> None:
    """Write down which way new tickets went and what was known; open an incident for danger.

    :param routings: (ticket id, what it was taken for, where it goes).
    """
    bulk.insert_all(
        Routing,
        [
            {"brand_id": brand_id, "ticket_id": ticket_id, "routed_at": now} | _log(read, routed)
            for ticket_id, read, routed in routings
        ],
    )
    for ticket_id, read, _ in routings:
        if read.signs:
            incidents.open_incident(
                now,
                brand_id=brand_id,
                ticket_id=ticket_id,
                dangers=[sign.danger for sign in read.signs],
                evidence="; ".join(sign.words for sign in read.signs),
            )


def _log(understood: Understood, routed: Routed) -> dict[str, Any]:
    path, reading, guess = routed.path, understood.reading, understood.guess
    return {
        "route": path.route,
        "because": path.because,
        "is_eligible": not path.reasons,
        "reasons": list(path.reasons),
        "experiment_id": routed.experiment_id,
        "topic_guess": guess.topic if guess else None,
        "topic_bps": round(guess.confidence * 10_000) if guess else None,
        "language": reading.language,
        "intention": reading.intention,
        "urgency": reading.urgency,
        "complexity": reading.complexity,
        "model_id": understood.model_id,
    }
