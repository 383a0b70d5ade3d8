"""One ticket of the demo: each method is one thing that one person does with it."""

from datetime import timedelta

from gigcx.db import commit
from gigcx.desk.service import claims, conversation, handover, intake, rating, resolving
from gigcx.principal import Principal, acting_as
from gigcx.sandbox.demo import phrases
from gigcx.sandbox.demo.dice import Dice
from gigcx.sandbox.demo.shops import REWARDS, Shop
from gigcx.sandbox.demo.threads import Customer, Told


class Case:
    """A question on its way: who asked, what is written, who holds it."""

    def __init__(
        self, shop: Shop, told: Told, *, customer: tuple[Customer, Principal], dice: Dice
    ) -> None:
        self.shop = shop
        self.told = told
        self.dice = dice
        self.writer, self.customer = customer
        self.reward = REWARDS[told.complexity]
        self._holder: Principal | None = None
        self._fence = 0
        self._greeted = False

    def ask(self) -> None:
        """Let the customer ask."""
        topic_id = self.shop.topic(self.told.path)
        with acting_as(self.shop.staff["owner"]):
            ticket = commit(
                intake.take_in,
                brand_id=self.shop.brand_id,
                question=intake.Question(
                    queue_id=self.shop.queue_id,
                    customer_id=self.customer.user_id,
                    topic_id=topic_id,
                    subject=self.told.subject,
                    text=self.told.opening,
                    complexity=self.told.complexity,
                    priority=int(self.dice.hits(8)),
                    wants_staff=self.told.is_in_house,
                ),
            )
        assert ticket is not None, "nothing of the demo has an external id"
        self._ticket_id = ticket.id

    def claim(self, *, again: bool = False) -> bool:
        """Let one of those who may take it take it, and say whether one had room.

        :param again: whether it goes to whoever had it before.
        """
        before = self._holder
        able = self.dice.shuffled(self.shop.certified[self.told.path[1]])
        wanted = [one for one in able if (one == before) is again] or able
        for expert in wanted:
            with acting_as(expert):
                try:
                    claim = commit(
                        claims.claim_ticket,
                        who=expert,
                        ticket_id=self._ticket_id,
                        seen=self.reward,
                    )
                except claims.TicketNotOpen:
                    continue
            self._holder, self._fence = expert, claim.fence
            self._greeted = again
            return True
        return False

    def answer(self, text: str) -> None:
        """Let whoever holds it write to the customer."""
        holder = self._held_by()
        if holder.has("expert") and not self._greeted:
            text = self._greeting(holder) + text
        self._greeted = True
        with acting_as(holder):
            commit(
                conversation.reply,
                who=holder,
                ticket_id=self._ticket_id,
                text=text,
                fence=self._fence,
            )

    def write_back(self, text: str) -> None:
        """Let the customer write: it wakes the ticket, or opens it again."""
        with acting_as(self.customer):
            commit(conversation.reply, who=self.customer, ticket_id=self._ticket_id, text=text)

    def resolve(self) -> None:
        """Let whoever holds it say that the customer is helped."""
        holder = self._held_by()
        with acting_as(holder):
            commit(
                resolving.resolve_ticket, who=holder, ticket_id=self._ticket_id, fence=self._fence
            )

    def confirm(self) -> None:
        """Let the customer say that it helped."""
        with acting_as(self.customer):
            commit(resolving.confirm_resolution, who=self.customer, ticket_id=self._ticket_id)

    def rate(self, *, odds: tuple[int, ...]) -> None:
        """Let the customer rate the answer.

        :param odds: each number of stars as often as it is drawn.
        """
        stars = self.dice.pick(odds)
        comment = self.dice.pick(phrases.COMMENTS[stars]) if self.dice.hits(60) else ""
        with acting_as(self.customer):
            commit(
                rating.rate_resolution,
                who=self.customer,
                ticket_id=self._ticket_id,
                stars=stars,
                comment=comment,
            )

    def release(self) -> None:
        """Let the expert give it back without a word."""
        holder = self._held_by()
        with acting_as(holder):
            commit(
                handover.release_ticket, who=holder, ticket_id=self._ticket_id, fence=self._fence
            )

    def hand_back(self) -> None:
        """Let the expert give it back with what they found out."""
        holder = self._held_by()
        with acting_as(holder):
            commit(
                handover.hand_back,
                who=holder,
                ticket_id=self._ticket_id,
                fence=self._fence,
                diagnosis=self.told.diagnosis or self.dice.pick(phrases.HAND_BACKS),
            )

    def transfer(self) -> None:
        """Let the expert hand it to another one who has room, if there is one."""
        holder = self._held_by()
        for other in self.dice.shuffled(self.shop.certified[self.told.path[1]]):
            if other == holder:
                continue
            with acting_as(holder):
                try:
                    claim = commit(
                        handover.transfer_ticket,
                        who=holder,
                        ticket_id=self._ticket_id,
                        fence=self._fence,
                        to_expert_id=other.user_id,
                    )
                except handover.NotForThem:
                    continue
            self._holder, self._fence, self._greeted = other, claim.fence, False
            return

    def escalate(self) -> None:
        """Let the expert send it to the brand."""
        holder = self._held_by()
        with acting_as(holder):
            commit(
                handover.escalate_ticket,
                who=holder,
                ticket_id=self._ticket_id,
                reason=self.told.diagnosis or self.dice.pick(phrases.ESCALATIONS),
            )

    def assign(self) -> None:
        """Let the lead say who of the brand's own staff answers it."""
        lead = self.shop.staff["lead"]
        with acting_as(lead):
            commit(
                handover.assign_ticket,
                who=lead,
                ticket_id=self._ticket_id,
                assignee_id=self.shop.staff["agent"].user_id,
            )

    def take_over(self) -> None:
        """Let the brand's agent take it."""
        agent = self.shop.staff["agent"]
        with acting_as(agent):
            claim = commit(handover.take_over, who=agent, ticket_id=self._ticket_id)
        self._holder, self._fence = agent, claim.fence

    def note(self) -> None:
        """Let the brand's agent note something that only the brand reads."""
        agent = self.shop.staff["agent"]
        with acting_as(agent):
            commit(
                conversation.reply,
                who=agent,
                ticket_id=self._ticket_id,
                text=self.dice.pick(phrases.NOTES),
                is_internal=True,
            )

    def draft(self, text: str) -> None:
        """Let whoever holds it begin an answer and leave it for later."""
        holder = self._held_by()
        with acting_as(holder):
            commit(conversation.save_draft, who=holder, ticket_id=self._ticket_id, text=text)

    def pause(self, *, low: int, high: int) -> timedelta:
        """Return some minutes between the two."""
        return timedelta(minutes=self.dice.between(low, high))

    def _held_by(self) -> Principal:
        assert self._holder is not None, "somebody claims before they write"
        return self._holder

    def _greeting(self, expert: Principal) -> str:
        adept = self.shop.adepts[expert.user_id]
        greeting = self.dice.pick(phrases.GREETINGS)
        if not greeting:
            return ""
        first = adept.name.split()[0]
        return greeting.format(expert=first, year=adept.since) + "\n\n"
