"""What a text says besides its topic: language, intention, urgency, complexity. Pure functions.

Only facts that exist before anybody answers. Each is a rule that a person can read; the topic is
learnt (``topics.py``).
"""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

TEXT_MAX = 20_000
"""Characters that are looked at."""
SURE_ENOUGH = 0.7
"""Probability from which a detected language outweighs the queue's own."""
LANGUAGE_SHOWS = 400
"""Characters that show a text's language."""
LETTERS_MIN = 20
"""Below so many letters a language is a guess."""
LONG_WORDS = 150
VERY_LONG_WORDS = 400
"""Words of a question from which it counts as harder."""


class Intention(enum.StrEnum):
    """With what the customer comes. Source: MAT-1."""

    POSITIVE = "positive"
    """Has a vision, researches."""
    NEUTRAL = "neutral"
    """Wants it done."""
    NEGATIVE = "negative"
    """In crisis: never an FAQ or a bot."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a text."""

    language: str
    """ISO 639-1."""
    intention: Intention
    urgency: int
    """0 to 2."""
    complexity: int
    """1 to 3."""


# Patterns without a word on case are asked of the text in lower case: sixfold the speed.
_NEGATIVE = re.compile(
    r"\b(?:urgent(?:ly)?|emergency|asap|immediately|furious|angry|disappointed|unacceptable"
    r"|ridiculous|terrible|horrible|worst|useless|fed up|desperate|stuck|stranded|locked out"
    r"|refund me|never again|third time|still (?:no|not|waiting)|ruined|awful|disgusting"
    r"|dringend|sofort|wütend|enttäuscht|unverschämt|katastrophe|frechheit|verzweifelt"
    r"|ausgesperrt|immer noch (?:nicht|kein)|furieux|furieuse|déçue?|inadmissible|scandaleux"
    r"|toujours pas|désespérée?|furios[oa]|decepcionad[oa]|inaceptable|desesperad[oa]|todavía no"
    r"|arrabbiat[oa]|delus[oa]|inaccettabile|disperat[oa]|ancora non)\b|!!+"
)
_SHOUTING = re.compile(r"(?:\b(?!X+\b)[A-Z]{4,}\b\W+){2}(?!X+\b)[A-Z]{4,}\b")
"""Three words in capitals in a row; a row of X is a redaction."""
_POSITIVE = re.compile(
    r"\b(?:thinking (?:of|about)|planning to|considering|would like to (?:know|learn|buy|try)"
    r"|which (?:one|model|version)? ?(?:should|would|do you)|recommend|compare|difference between"
    r"|best way to|upgrade|interested in|curious|love (?:my|this|the|your)|looking (?:for|to buy)"
    r"|überlege|empfehl\w*|unterschied zwischen|interessiere|welche[rsn]? (?:soll|würde)|plane"
    r"|envisage|recommand\w*|différence entre|intéressée?|pensando en|recomiend\w*|diferencia entre"
    r"|sto pensando|consigli\w*|differenza tra)\b"
)
_URGENT = re.compile(
    r"\b(?:urgent(?:ly)?|emergency|asap|immediately|right now|today|tonight|stranded|locked out"
    r"|cannot (?:work|drive|leave)|dringend|sofort|heute noch|notfall|ausgesperrt|urgence"
    r"|immédiatement|aujourd'hui|urgente|inmediatamente|hoy mismo|subito|immediatamente|oggi)\b"
)
_STEPS = re.compile(r"^\s*(?:\d+[.)]|[-*•])\s", re.MULTILINE)
_TECHNICAL = re.compile(
    r"\b(?:error|exception|code|firmware|version|log|config\w*|api|driver|stack ?trace|fehler"
    r"(?:code)?|erreur|errore|0x[0-9a-f]+|v?\d+\.\d+(?:\.\d+)?)\b|[{}<>;]{2,}"
)
_LETTER = re.compile(r"[^\W\d_]")


def read_text(text: str, *, fallback: str, among: Sequence[str] = ()) -> Reading:
    """R-matching-4: A text is read for language, intention, urgency and complexity before anybody
    answers it, and only from what the customer wrote.

    :param fallback: the language when the text does not show one.
    :param among: the languages that come into question; any of them if empty.
    """
    looked_at = text[:TEXT_MAX]
    return Reading(
        language=language_of(looked_at, fallback=fallback, among=among),
        intention=intention_of(looked_at),
        urgency=urgency_of(looked_at),
        complexity=complexity_of(looked_at),
    )


def language_of(text: str, *, fallback: str, among: Sequence[str] = ()) -> str:
    """R-matching-5: A text's language is what its letters show; one too short or too mixed to
    tell is taken for the queue's.
    """
    looked_at = text[:LANGUAGE_SHOWS]
    if len(_LETTER.findall(looked_at)) < LETTERS_MIN:
        return fallback
    language, probability = _identifier(tuple(among)).classify(looked_at)
    return str(language) if probability >= SURE_ENOUGH else fallback


def intention_of(text: str) -> Intention:
    """R-matching-6: Who writes in crisis is *negative* whatever else they write; who weighs and
    researches is *positive*; who wants it done is *neutral*.
    """
    said = text.lower()
    if _NEGATIVE.search(said) or _SHOUTING.search(text):
        return Intention.NEGATIVE
    return Intention.POSITIVE if _POSITIVE.search(said) else Intention.NEUTRAL


def urgency_of(text: str) -> int:
    """R-matching-7: A question is urgent if it says so, and most urgent if it says so in crisis."""
    says_so = _URGENT.search(text.lower()) is not None
    return int(says_so) + int(says_so and intention_of(text) is Intention.NEGATIVE)


def complexity_of(text: str) -> int:
    """R-matching-8: A question is harder the longer it is, and if it lists steps or cites
    technical details; 1 is easy, 3 is hard.
    """
    words = len(text.split())
    points = (
        (words > LONG_WORDS)
        + (words > VERY_LONG_WORDS)
        + (len(_STEPS.findall(text)) > 1)
        + (len(_TECHNICAL.findall(text.lower())) > 1)
    )
    return 1 + min(points, 2)


@cache
def _identifier(among: tuple[str, ...]) -> "LanguageIdentifier":
    # Half a second to import, which a process that reads no text need not wait for.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if among:
        identifier.set_languages(among)
    return identifier
