"""What people write: threads from the data files, filled with details and put into a person's tone.

A file holds one thread per block. ``#`` models | topic | complexity, ``=`` a subject, ``?`` an
opening (one of each is drawn), ``>`` an answer, ``<`` what the customer replies, ``!`` what an
expert says who cannot go on. Lines without a mark continue the one before.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from gigcx.sandbox.demo.dice import Dice

ANSWER, REPLY = ">", "<"
_MARKS = "=?<>!"
_SLIPS = (
    ("because", "becuase"),
    ("doesn't", "doesnt"),
    ("can't", "cant"),
    ("machine", "mashine"),
    ("battery", "batery"),
    ("really", "realy"),
    ("which", "wich"),
    ("definitely", "definately"),
    ("I've", "ive"),
    ("the ", "teh "),
)
_HELLO = (
    "Hi,",
    "Hello,",
    "Hi there,",
    "Good morning,",
    "Hey all,",
    "Dear team,",
    "Hello everyone,",
)
_BYE = ("Thanks, {first}", "Best, {first}", "Kind regards\n{name}", "Cheers\n{first}", "{first}")


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread before anybody in particular has written it."""

    models: tuple[str, ...]
    topic: str
    is_in_house: bool
    complexity: int
    subjects: tuple[str, ...]
    openings: tuple[str, ...]
    turns: tuple[tuple[str, str], ...]
    """(mark, text): answers and replies in turn, beginning with an answer."""
    diagnosis: str


@dataclass(frozen=True, slots=True)
class Told:
    """A thread as one customer and one expert write it."""

    path: tuple[str, ...]
    is_in_house: bool
    complexity: int
    subject: str
    opening: str
    turns: tuple[tuple[str, str], ...]
    diagnosis: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asks, as the brand knows them."""

    external_id: str
    name: str
    email: str
    phone: str
    street: str
    tone: str
    """``plain``, ``polite``, ``hasty`` or ``shouting``."""


def threads_of(slug: str) -> Sequence[Thread]:
    """Return the threads of a brand's data file."""
    file = resources.files(__package__).joinpath("data", f"{slug}.txt")
    blocks = file.read_text(encoding="utf-8").split("\n# ")
    return [_parsed(block.removeprefix("# ")) for block in blocks]


def tell(
    thread: Thread,
    *,
    dice: Dice,
    customer: Customer,
    families: Mapping[str, str],
    details: Mapping[str, Sequence[str]],
) -> Told:
    """Let a customer write the thread.

    :param families: model → the family that it belongs to.
    :param details: slot → what may stand there.
    """
    model = dice.pick(thread.models)
    words = {name: dice.pick(options) for name, options in details.items()}
    words |= {"model": model, "name": customer.name, "order": f"{dice.between(10_000, 99_999)}-K"}
    if thread.is_in_house:
        words["model"] = dice.pick([name for name in families if name != model])
    opening = _toned(dice.pick(thread.openings), dice=dice, customer=customer, is_first=True)
    if dice.hits(10):
        opening += "\n" + _contact(dice, customer)
    turns = tuple(
        (mark, text if mark == ANSWER else _toned(text, dice=dice, customer=customer))
        for mark, text in thread.turns
    )
    return Told(
        path=(families[model], model, thread.topic) if model in families else _service(thread),
        is_in_house=thread.is_in_house,
        complexity=thread.complexity,
        subject=dice.pick(thread.subjects).format_map(words),
        opening=opening.format_map(words),
        turns=tuple((mark, text.format_map(words)) for mark, text in turns),
        diagnosis=thread.diagnosis.format_map(words),
    )


def _service(thread: Thread) -> tuple[str, ...]:
    return (*thread.models, *thread.topic.split(" / "))


def _parsed(block: str) -> Thread:
    head, _, body = block.partition("\n")
    fields = [field.strip() for field in head.split("|")]
    is_in_house = fields[-1] == "in_house"
    said: list[tuple[str, str]] = []
    for line in body.strip().splitlines():
        if line[:1] in _MARKS and line[1:2] == " ":
            said.append((line[0], line[2:]))
        else:
            mark, text = said.pop()
            said.append((mark, f"{text}\n{line}"))
    of = {mark: tuple(text for m, text in said if m == mark) for mark in _MARKS}
    return Thread(
        models=tuple(fields[0].split(", ")),
        topic=" / ".join(fields[1:-1]),
        is_in_house=is_in_house,
        complexity=1 if is_in_house else int(fields[-1]),
        subjects=of["="],
        openings=of["?"],
        turns=tuple((mark, text) for mark, text in said if mark in {ANSWER, REPLY}),
        diagnosis=" ".join(of["!"]),
    )


def _toned(text: str, *, dice: Dice, customer: Customer, is_first: bool = False) -> str:
    """Write a text as this customer writes. Slots in braces stay what they are."""
    first = customer.name.split()[0]
    if customer.tone == "hasty":
        slips = dict(dice.pick(_SLIPS) for _ in range(3))
        for right, wrong in slips.items():
            text = text.replace(right, wrong, 1)
        text = re.sub(r"(^|[.!?] )([A-Z])", lambda m: m[1] + m[2].lower(), text)
        return text.rstrip(".")
    if customer.tone == "shouting" and is_first:
        start, stop, rest = text.partition(". ")
        return (start if "{" in start else start.upper()) + (stop and "!!! ") + rest
    if customer.tone == "polite" and is_first:
        bye = dice.pick(_BYE).format(first=first, name=customer.name)
        return f"{dice.pick(_HELLO)}\n\n{text}\n\n{bye}"
    if is_first and dice.hits(40):
        return f"{dice.pick(_HELLO)} {text}"
    return text


def _contact(dice: Dice, customer: Customer) -> str:
    return dice.pick(
        (
            f"You can reach me at {customer.email}.",
            f"Best by phone, {customer.phone}, after six.",
            f"If you need to send something: {customer.name}, {customer.street}.",
            f"(mail: {customer.email}, mobile: {customer.phone})",
        )
    )
