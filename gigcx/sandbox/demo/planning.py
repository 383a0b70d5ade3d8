"""Which tickets there are, when each begins, and which way it goes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from gigcx.money import Money
from gigcx.sandbox.demo import scripts
from gigcx.sandbox.demo.cases import Case
from gigcx.sandbox.demo.dice import Dice
from gigcx.sandbox.demo.shops import CURRENCY, FEE_BPS, Shop
from gigcx.sandbox.demo.threads import Thread, tell, threads_of
from gigcx.sandbox.demo.timeline import Timeline

TICKETS = 110
"""Past tickets for experts of each brand, at full scale; others come on top."""
IN_HOUSE_EVERY = 9
"""After so many tickets for experts comes one for the brand's own staff."""
OPEN_OF_EACH_MODEL = 5
FIRST_AGO, LAST_AGO = timedelta(days=58), timedelta(days=4)


class Plan:
    """The tickets of one brand, put on the timeline as they are drawn."""

    def __init__(self, timeline: Timeline, shop: Shop) -> None:
        self._timeline = timeline
        self._shop = shop
        self._dice = Dice("plan", shop.maker.slug)
        threads = threads_of(shop.maker.slug)
        self._for_experts = [thread for thread in threads if not thread.is_in_house]
        self._for_staff = [thread for thread in threads if thread.is_in_house]
        self._deck: list[Thread] = []
        self._count = 0
        self.cost = Money(0, CURRENCY)
        """What the experts' tickets will have cost the brand by now."""

    def add_past(self, *, scale: float) -> None:
        """Draw the tickets whose stories are over."""
        count = round(TICKETS * scale)
        step = (FIRST_AGO - LAST_AGO) / count
        for n in range(count):
            ago = FIRST_AGO - n * step - timedelta(minutes=self._dice.below(600))
            self._begin(self._dice.pick(scripts.OF_THE_PAST), self._drawn(), ago=ago)
            if n % IN_HOUSE_EVERY == 0:
                self._begin(scripts.in_house, self._dice.pick(self._for_staff), ago=ago)

    def add_present(self) -> None:
        """Draw the tickets that are under way, and some of each product that wait for an expert."""
        for way, (times, low, high) in scripts.OF_TODAY.items():
            for _ in range(times):
                minutes = timedelta(minutes=self._dice.between(low, high))
                self._begin(way, self._drawn(), ago=minutes)
        for _ in range(2):
            minutes = timedelta(minutes=self._dice.between(200, 900))
            self._begin(scripts.assigned, self._dice.pick(self._for_staff), ago=minutes)
        for model in self._shop.maker.families:
            fitting = [thread for thread in self._for_experts if model in thread.models]
            for thread in self._dice.shuffled(fitting)[:OPEN_OF_EACH_MODEL]:
                minutes = timedelta(minutes=self._dice.between(5, 1000))
                self._begin(scripts.unclaimed, replace(thread, models=(model,)), ago=minutes)

    def _drawn(self) -> Thread:
        """Return each thread once before any comes again."""
        if not self._deck:
            self._deck = self._dice.shuffled(self._for_experts)
        return self._deck.pop()

    def _begin(self, way: scripts.Way, thread: Thread, *, ago: timedelta) -> None:
        self._count += 1
        case = self._case(thread, Dice("ticket", self._shop.maker.slug, self._count))
        self._timeline.add(way(case), ago=ago)
        self.cost += _cost(case, way)

    def _case(self, thread: Thread, dice: Dice) -> Case:
        customer = dice.pick(self._shop.customers)
        told = tell(
            thread,
            dice=dice,
            customer=customer[0],
            families=self._shop.maker.families,
            details=self._shop.maker.details,
        )
        return Case(self._shop, told, customer=customer, dice=dice)


def plan(timeline: Timeline, shops: Sequence[Shop], *, scale: float) -> Sequence[Money]:
    """Put all tickets on the timeline and return what those of each brand will cost it."""
    costs = []
    for shop in shops:
        drawn = Plan(timeline, shop)
        drawn.add_past(scale=scale)
        drawn.add_present()
        costs.append(drawn.cost)
    return costs


def _cost(case: Case, way: scripts.Way) -> Money:
    if way not in scripts.EARNING | scripts.RESERVING:
        return Money(0, CURRENCY)
    fee = case.reward.share(FEE_BPS)
    # What a reopened ticket has earned goes back to the brand; the fee on it does not.
    return case.reward + fee + (fee if way is scripts.reopened else Money(0, CURRENCY))
