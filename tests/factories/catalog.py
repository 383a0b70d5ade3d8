"""Topics, and who is certified for them."""

from uuid import UUID

from gigcx.catalog import queries, service
from gigcx.catalog.models import Certificate
from gigcx.db import commit
from gigcx.principal import Principal
from tests.acting import acting
from tests.factories.identity import owner_of


def topic(brand_id: UUID, *names: str) -> UUID:
    """Find or make the topic at this path, ``Returns`` if none is named."""
    with acting(owner_of(brand_id)):
        return commit(service.topic_of_path, brand_id=brand_id, names=names or ("Returns",))


def certify(brand_id: UUID, expert_id: UUID, topic_id: UUID, **changes) -> Certificate:
    """Issue a certificate that holds for a year."""
    with acting(owner_of(brand_id)):
        return commit(
            service.issue_certificate,
            brand_id=brand_id,
            expert_id=expert_id,
            topic_id=topic_id,
            **changes,
        )


def certify_for_all(brand_id: UUID, experts: list[Principal]) -> None:
    """Certify experts for everything that the brand's catalogue holds."""
    with acting(owner_of(brand_id)) as owner:
        tops = [topic.id for topic, depth in queries.tree_of(owner) if depth == 0]
    for expert in experts:
        for topic_id in tops:
            certify(brand_id, expert.user_id, topic_id, score_bps=9000)
