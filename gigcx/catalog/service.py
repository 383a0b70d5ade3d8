"""Topics are added, certificates issued and revoked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from gigcx.catalog import rules
from gigcx.catalog.models import Certificate, Topic
from gigcx.catalog.queries import CertificateNotFound, get_topic_of
from gigcx.catalog.rules import CertificateState
from gigcx.db import db
from gigcx.errors import Conflict
from gigcx.ids import new_id
from gigcx.principal import Principal

VALID_DAYS = 365
"""How long a certificate counts. Policy: ONB-3."""


class CertificateEnded(Conflict):
    """The certificate counts no more."""

    code = "catalog/certificate-ended"
    title = "The certificate has ended already"


def save_topic(now: datetime, *, brand_id: UUID, name: str, parent_id: UUID | None = None) -> Topic:
    """Return the topic of this name below its parent, made if it is new.

    :raises TopicNotFound: if the parent is not in the brand's catalogue.
    """
    above = get_topic_of(brand_id=brand_id, topic_id=parent_id).path if parent_id else []
    known = _find(brand_id, name, parent_id)
    if known is not None:
        return known
    topic_id = new_id()
    topic = Topic(
        brand_id=brand_id,
        id=topic_id,
        parent_id=parent_id,
        name=name,
        path=[*above, topic_id],
        created_at=now,
    )
    db.session.add(topic)
    db.session.flush()
    return topic


def topic_of_path(now: datetime, *, brand_id: UUID, names: Sequence[str]) -> UUID:
    """Return the topic that is reached from the top by these names, made where it is new."""
    parent: UUID | None = None
    for name in names:
        parent = save_topic(now, brand_id=brand_id, name=name, parent_id=parent).id
    assert parent is not None, "a path has a name at least"
    return parent


def issue_certificate(
    now: datetime,
    *,
    brand_id: UUID,
    expert_id: UUID,
    topic_id: UUID,
    score_bps: int = 10_000,
    valid_days: int = VALID_DAYS,
) -> Certificate:
    """Certify an expert for a topic; the certificate that they have for it ends.

    :param score_bps: the product test's result in basis points.
    :raises TopicNotFound: if the topic is not in the brand's catalogue.
    """
    get_topic_of(brand_id=brand_id, topic_id=topic_id)
    db.session.execute(
        sa.update(Certificate)
        .where(
            Certificate.brand_id == brand_id,
            Certificate.expert_id == expert_id,
            Certificate.topic_id == topic_id,
            Certificate.state == CertificateState.VALID,
        )
        .values(state=CertificateState.EXPIRED)
        .execution_options(synchronize_session=False)
    )
    certificate = Certificate(
        brand_id=brand_id,
        id=new_id(),
        expert_id=expert_id,
        topic_id=topic_id,
        state=CertificateState.VALID,
        score_bps=score_bps,
        issued_at=now,
        valid_until=now + timedelta(days=valid_days),
    )
    db.session.add(certificate)
    db.session.flush()
    return certificate


def revoke_certificate(now: datetime, *, who: Principal, certificate_id: UUID) -> Certificate:
    """Let a certificate count no more.

    :raises CertificateNotFound: if it is not one of the brand's.
    :raises CertificateEnded: if it has ended already.
    """
    certificate = db.session.scalars(
        sa.select(Certificate)
        .where(Certificate.brand_id.in_(who.brand_ids), Certificate.id == certificate_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if certificate is None:
        raise CertificateNotFound("There is no such certificate.")
    if not rules.may_become(CertificateState(certificate.state), CertificateState.REVOKED):
        raise CertificateEnded(f"The certificate is {certificate.state}.")
    certificate.state = CertificateState.REVOKED
    db.session.flush()
    return certificate


def _find(brand_id: UUID, name: str, parent_id: UUID | None) -> Topic | None:
    return db.session.scalars(
        sa.select(Topic).where(
            Topic.brand_id == brand_id,
            Topic.parent_id.is_not_distinct_from(parent_id),
            sa.func.lower(Topic.name) == name.lower(),
        )
    ).one_or_none()
