"""A question is understood, then sent its way: once, from what is known before anybody answers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from gigcx import outbox
from gigcx.catalog import queries as topics
from gigcx.catalog import service as catalog
from gigcx.catalog.rules import GENERAL
from gigcx.db import db
from gigcx.desk.models import Routing
from gigcx.desk.rules import Because, Path, choose_path
from gigcx.desk.service import incidents
from gigcx.experiments import queries as experiments
from gigcx.experiments import service as draws
from gigcx.matching import queries as matching
from gigcx.matching.rules.danger import Sign, recognize_dangers
from gigcx.matching.rules.reading import Reading, read_text
from gigcx.matching.rules.topics import SURE_ENOUGH, Guess, guess_topics
from gigcx.tickets.rules import Route

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "no", "fi", "cs", "tr")
"""What questions are asked in, as far as we can tell."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a question was taken for."""

    topic_id: UUID
    reading: Reading
    signs: tuple[Sign, ...]
    guess: Guess | None
    model_id: UUID | None


def understand(
    now: datetime, *, brand_id: UUID, topic_id: UUID | None, language: str, text: str
) -> Understood:
    """Read a question. A topic that is told is believed; else the brand's model is asked, and
    where it is not sure the question is a general one.

    :param language: of the queue, for a text that does not show its own.
    :param text: masked.
    """
    current = matching.find_model(brand_id)
    guess = guess_topics(current.model, text, most=1)[0] if current else None
    if topic_id is None and guess is not None and guess.confidence >= SURE_ENOUGH:
        guessed = UUID(guess.topic)
        topic_id = guessed if topics.names_of(brand_id, [guessed]) else None
    return Understood(
        topic_id or catalog.topic_of_path(now, brand_id=brand_id, names=[GENERAL]),
        read_text(text, fallback=language, among=LANGUAGES),
        recognize_dangers(text),
        guess,
        current.id if current else None,
    )


@dataclass(frozen=True, slots=True)
class Routed:
    """Which way a ticket goes, and by which experiment."""

    path: Path
    experiment_id: UUID | None


def route_question(
    now: datetime,
    *,
    brand_id: UUID,
    customer_id: UUID,
    understood: Understood,
    wants_staff: bool,
    objects: bool,
) -> Routed:
    """Choose a question's way; who is eligible is drawn, once and for good.

    :param wants_staff: whether the customer asks for the brand's own staff.
    :param objects: whether they object to experiments.
    """
    dangers = [sign.danger for sign in understood.signs]
    running = experiments.find_running(brand_id)
    arm = None
    if running is not None and not (dangers or wants_staff or objects):
        arm = Route(draws.draw_customer(now, experiment=running, customer_id=customer_id))
    path = choose_path(dangers=dangers, wants_staff=wants_staff, objects=objects, arm=arm)
    is_drawn = path.because is Because.ARM
    return Routed(path, running.id if running is not None and is_drawn else None)


def log_routing(
    now: datetime, *, brand_id: UUID, ticket_id: UUID, understood: Understood, routed: Routed
) -> None:
    """Write down which way a new ticket went and what was known; open an incident for danger."""
    path, reading, guess = routed.path, understood.reading, understood.guess
    db.session.execute(
        insert(Routing).values(
            brand_id=brand_id,
            ticket_id=ticket_id,
            route=path.route,
            because=path.because,
            is_eligible=not path.reasons,
            reasons=list(path.reasons),
            experiment_id=routed.experiment_id,
            topic_guess=guess.topic if guess else None,
            topic_bps=round(guess.confidence * 10_000) if guess else None,
            language=reading.language,
            intention=reading.intention,
            urgency=reading.urgency,
            complexity=reading.complexity,
            model_id=understood.model_id,
            routed_at=now,
        )
    )
    if understood.signs:
        incidents.open_incident(
            now,
            brand_id=brand_id,
            ticket_id=ticket_id,
            dangers=[sign.danger for sign in understood.signs],
            evidence="; ".join(sign.words for sign in understood.signs),
        )
    outbox.put(now, "desk.ticket_changed", brand_id=brand_id, ticket_id=str(ticket_id))
