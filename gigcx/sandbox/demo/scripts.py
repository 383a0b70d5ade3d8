"""The ways that a ticket can go. Each is told in steps, with the pauses that people make."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from gigcx.jobs.inline import drain
from gigcx.sandbox.demo import phrases
from gigcx.sandbox.demo.cases import Case
from gigcx.sandbox.demo.threads import ANSWER
from gigcx.sandbox.demo.timeline import Script

PLEASED = (5,) * 13 + (4,) * 5 + (3,) * 2
AVERAGE = (5,) * 6 + (4,) * 5 + (3,) * 3 + (2,) * 2 + (1,)
DISAPPOINTED = (4, 3, 3, 2, 2, 1)

Way = Callable[[Case], Script]


def solved(case: Case) -> Script:
    """Claimed, talked over, resolved; the customer confirms or says nothing more."""
    case.ask()
    yield from _claimed(case)
    yield from _talked(case)
    case.resolve()
    yield from _closed(case, odds=PLEASED)


def silent(case: Case) -> Script:
    """Answered, and never heard of again: the silence resolves it."""
    case.ask()
    yield from _claimed(case)
    yield case.pause(low=3, high=45)
    case.answer(_solution(case))


def handed_back(case: Case) -> Script:
    """The first expert finds something out and gives it back; a second one solves it."""
    case.ask()
    yield from _claimed(case)
    yield from _asked(case)
    yield case.pause(low=10, high=120)
    case.hand_back()
    yield from _finished_by_another(case)


def released(case: Case) -> Script:
    """Claimed and given back without a word; somebody else solves it."""
    case.ask()
    yield from _claimed(case)
    yield case.pause(low=3, high=30)
    case.release()
    yield from _finished_by_another(case)


def forgotten(case: Case) -> Script:
    """Claimed and forgotten: the lease lapses, and somebody else solves it."""
    case.ask()
    yield from _claimed(case)
    yield case.pause(low=63, high=80)
    drain("desk.end_lapsed_claims")
    yield from _finished_by_another(case)


def transferred(case: Case) -> Script:
    """Handed to a colleague who knows the product better."""
    case.ask()
    yield from _claimed(case)
    yield from _asked(case)
    yield case.pause(low=10, high=60)
    case.transfer()
    yield case.pause(low=4, high=40)
    case.answer(_solution(case))
    yield case.pause(low=20, high=300)
    case.write_back(case.dice.pick(phrases.THANKS))
    case.resolve()
    yield from _closed(case, odds=AVERAGE)


def escalated(case: Case) -> Script:
    """Beyond what an expert may do: the brand takes it over and decides."""
    case.ask()
    yield from _claimed(case)
    yield from _asked(case)
    yield case.pause(low=15, high=90)
    case.escalate()
    yield case.pause(low=60, high=900)
    case.assign()
    case.take_over()
    case.note()
    yield case.pause(low=10, high=60)
    case.answer(case.dice.pick(phrases.STAFF_ANSWERS))
    yield case.pause(low=60, high=600)
    case.write_back(case.dice.pick(phrases.THANKS))
    case.resolve()
    yield from _closed(case, odds=AVERAGE)


def reopened(case: Case) -> Script:
    """Confirmed too soon: it comes back, and whoever knows it solves it for good."""
    case.ask()
    yield from _claimed(case)
    yield from _talked(case)
    case.resolve()
    yield case.pause(low=20, high=300)
    case.confirm()
    yield case.pause(low=1200, high=2000)
    case.write_back(case.dice.pick(phrases.COME_BACK))
    drain()
    yield case.pause(low=20, high=100)
    yield from _claimed(case, again=True)
    yield case.pause(low=5, high=40)
    case.answer(case.dice.pick(phrases.SECOND_TRY))
    yield case.pause(low=200, high=900)
    case.write_back(case.dice.pick(phrases.THANKS))
    case.resolve()
    yield from _closed(case, odds=DISAPPOINTED)


def in_house(case: Case) -> Script:
    """Answered by the brand's own staff."""
    case.ask()
    yield case.pause(low=30, high=600)
    case.take_over()
    yield from _talked(case)
    case.resolve()
    yield from _closed(case, odds=AVERAGE)


def waiting(case: Case) -> Script:
    """Answered; the customer is to write back."""
    case.ask()
    yield from _claimed(case)
    yield case.pause(low=5, high=40)
    case.answer(_question(case)[0])


def in_work(case: Case) -> Script:
    """The customer has written back; the expert has begun to answer."""
    case.ask()
    yield from _claimed(case)
    yield from _asked(case)
    case.draft(_solution(case)[:90])


def unconfirmed(case: Case) -> Script:
    """Resolved a moment ago; the customer's word is missing."""
    case.ask()
    yield from _claimed(case)
    yield from _talked(case)
    case.resolve()


def unclaimed(case: Case) -> Script:
    """Asked, and open to everybody who knows the product."""
    case.ask()
    yield from ()


def escalated_lately(case: Case) -> Script:
    """Waits in the brand's inbox."""
    case.ask()
    yield from _claimed(case)
    yield from _asked(case)
    case.escalate()


def assigned(case: Case) -> Script:
    """Waits for the one who is to answer it in-house."""
    case.ask()
    yield case.pause(low=10, high=60)
    case.assign()


EARNING: frozenset[Way] = frozenset(
    {solved, silent, handed_back, released, forgotten, transferred, reopened}
)
"""Ways that end with an expert's pay."""
RESERVING: frozenset[Way] = frozenset({waiting, in_work, unconfirmed})
"""Ways that still hold money."""
OF_THE_PAST: Sequence[Way] = (
    *((solved,) * 24),
    *((silent,) * 6),
    *((handed_back,) * 3),
    *((released,) * 2),
    forgotten,
    transferred,
    *((escalated,) * 2),
    *((reopened,) * 2),
)
"""Each way as often as it happens."""
OF_TODAY: Mapping[Way, tuple[int, int, int]] = MappingProxyType(
    {
        waiting: (4, 900, 2300),
        in_work: (2, 600, 900),
        unconfirmed: (3, 2400, 3200),
        escalated_lately: (2, 700, 2300),
    }
)
"""How many of each are under way at each brand, begun between so many minutes ago."""


def _claimed(case: Case, *, again: bool = False) -> Script:
    yield case.pause(low=4, high=120)
    while not case.claim(again=again):
        yield case.pause(low=30, high=60)


def _asked(case: Case) -> Script:
    """The first question and what the customer says to it."""
    question, reply = _question(case)
    yield case.pause(low=3, high=45)
    case.answer(question)
    yield case.pause(low=10, high=400)
    case.write_back(reply)


def _talked(case: Case) -> Script:
    """The whole thread; a thanks at the end, most of the time."""
    for n, (mark, text) in enumerate(case.told.turns):
        if mark == ANSWER:
            yield case.pause(low=3, high=45)
            case.answer(_kindly(case, text) if n == len(case.told.turns) - 1 else text)
        else:
            yield case.pause(low=8, high=900)
            case.write_back(text)
    if case.told.turns[-1][0] == ANSWER and case.dice.hits(70):
        yield case.pause(low=30, high=1200)
        case.write_back(case.dice.pick(phrases.THANKS))
    yield case.pause(low=2, high=60)


def _closed(case: Case, *, odds: tuple[int, ...]) -> Script:
    """A bit more than half confirm by themselves, and most of those rate."""
    if not case.dice.hits(58):
        return
    yield case.pause(low=5, high=1500)
    case.confirm()
    if case.dice.hits(75):
        yield case.pause(low=1, high=30)
        case.rate(odds=odds)


def _finished_by_another(case: Case) -> Script:
    yield from _claimed(case)
    yield case.pause(low=4, high=40)
    case.answer(_solution(case))
    yield case.pause(low=30, high=700)
    case.write_back(case.dice.pick(phrases.THANKS))
    yield case.pause(low=5, high=60)
    case.resolve()
    yield from _closed(case, odds=PLEASED)


def _solution(case: Case) -> str:
    return _kindly(case, [text for mark, text in case.told.turns if mark == ANSWER][-1])


def _kindly(case: Case, text: str) -> str:
    farewell = "" if case.told.is_in_house else case.dice.pick(phrases.FAREWELLS)
    return f"{text}\n\n{farewell}" if farewell else text


def _question(case: Case) -> tuple[str, str]:
    """Return the thread's own question with its reply, or another where it asks none."""
    texts = [text for _, text in case.told.turns]
    if [mark for mark, _ in case.told.turns].count(ANSWER) == 1:
        return case.dice.pick(phrases.QUESTIONS)
    return texts[0], texts[1]
