"""The catalogue and who is certified for what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx.catalog.models import Certificate, Topic
from gigcx.catalog.rules import CertificateState
from gigcx.db import db
from gigcx.errors import NotFound
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal


class TopicNotFound(NotFound):
    """The brand's catalogue has no such topic."""

    code = "catalog/topic-not-found"
    title = "No such topic"


class CertificateNotFound(NotFound):
    """There is no such certificate, or it is not this person's to see."""

    code = "catalog/certificate-not-found"
    title = "No such certificate"


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """A topic with its place in the tree."""

    id: UUID
    name: str
    path: tuple[UUID, ...]


def topics_visible_to(who: Principal) -> sa.Select[Topic]:
    """R-catalog-2: Staff, experts and customers see their brands' catalogues."""
    topics = sa.select(Topic)
    if who.has("system", "admin"):
        return topics
    return topics.where(Topic.brand_id.in_(who.brand_ids))


def certificates_visible_to(who: Principal) -> sa.Select[Certificate]:
    """R-catalog-3: Staff see their brand's certificates, experts their own."""
    certificates = sa.select(Certificate)
    if who.has("system"):
        return certificates
    certificates = certificates.where(Certificate.brand_id.in_(who.brand_ids))
    if who.has("owner", "lead", "agent", "analyst"):
        return certificates
    return certificates.where(Certificate.expert_id == who.user_id)


def list_topics(who: Principal, page: Page) -> Slice[Topic]:
    """Return topics of the catalogues that one may see, the latest first."""
    return read(
        topics_visible_to(who),
        page,
        by=(Topic.created_at, Topic.id),
        key=lambda topic: (topic.created_at, topic.id),
    )


def tree_of(who: Principal) -> Sequence[tuple[Topic, int]]:
    """Return the whole catalogue in reading order, each topic with its depth from 0."""
    topics = list(db.session.scalars(topics_visible_to(who)))
    names = {topic.id: topic.name.lower() for topic in topics}
    topics.sort(key=lambda topic: [names[node] for node in topic.path])
    return [(topic, len(topic.path) - 1) for topic in topics]


def get_topic_of(*, brand_id: UUID, topic_id: UUID) -> Topic:
    """Return a brand's topic.

    :raises TopicNotFound: if its catalogue has none such.
    """
    topic = db.session.get(Topic, (brand_id, topic_id))
    if topic is None:
        raise TopicNotFound("The catalogue has no such topic.")
    return topic


def topics_by_id(brand_id: UUID, topic_ids: Collection[UUID]) -> Mapping[UUID, TopicFacts]:
    """Return topic id → facts."""
    rows = db.session.execute(
        sa.select(Topic.id, Topic.name, Topic.path).where(
            Topic.brand_id == brand_id, Topic.id.in_(topic_ids)
        )
    )
    return {row.id: TopicFacts(row.id, row.name, tuple(row.path)) for row in rows}


def names_of(brand_id: UUID, topic_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return topic id → name with those above it, as ``Machines / One / Grinder``."""
    rows = topics_by_id(brand_id, topic_ids)
    above = topics_by_id(brand_id, {node for facts in rows.values() for node in facts.path})
    return {
        topic_id: " / ".join(above[node].name for node in facts.path)
        for topic_id, facts in rows.items()
    }


def ids_by_path(brand_id: UUID) -> Mapping[tuple[str, ...], UUID]:
    """Return the names from the top down to each topic, in lower case, → its id."""
    rows = db.session.execute(
        sa.select(Topic.id, Topic.path, sa.func.lower(Topic.name)).where(Topic.brand_id == brand_id)
    ).all()
    names = {topic_id: name for topic_id, _, name in rows}
    return {tuple(names[node] for node in path): topic_id for topic_id, path, _ in rows}


def list_certificates(
    who: Principal, page: Page, *, expert_id: UUID | None = None
) -> Slice[Certificate]:
    """Return the certificates that one may see, the latest first."""
    certificates = certificates_visible_to(who)
    if expert_id is not None:
        certificates = certificates.where(Certificate.expert_id == expert_id)
    return read(
        certificates,
        page,
        by=(Certificate.issued_at, Certificate.id),
        key=lambda certificate: (certificate.issued_at, certificate.id),
    )


def certified_counts(brand_id: UUID) -> Mapping[UUID, int]:
    """Return topic id → number of experts whose certificate covers it."""
    rows = db.session.execute(
        sa.select(Topic.id, sa.func.count(sa.distinct(Certificate.expert_id)))
        .join(
            Certificate,
            sa.and_(
                Certificate.brand_id == Topic.brand_id,
                Certificate.topic_id == sa.any_(Topic.path),
            ),
        )
        .where(Topic.brand_id == brand_id, Certificate.state == CertificateState.VALID)
        .group_by(Topic.id)
    )
    return dict(rows.all())


def test_results(who: Principal, *, now: datetime) -> Mapping[UUID, int]:
    """Return topic id → basis points of the test, for each certificate that counts now."""
    rows = db.session.execute(
        sa.select(Certificate.topic_id, Certificate.score_bps).where(
            Certificate.brand_id.in_(who.brand_ids),
            Certificate.expert_id == who.user_id,
            Certificate.state == CertificateState.VALID,
            Certificate.valid_until > now,
        )
    )
    return dict(rows.all())
