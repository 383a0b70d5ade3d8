"""Experts come to brands; their row is the first lock of all that they do at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from gigcx import outbox
from gigcx.db import db
from gigcx.errors import Conflict
from gigcx.experts import rules
from gigcx.experts.models import Application, Expert
from gigcx.experts.queries import ExpertNotFound
from gigcx.experts.rules import ApplicationState, Standing
from gigcx.identity import queries as identity
from gigcx.identity.service import people
from gigcx.ids import new_id
from gigcx.principal import Principal


class ApplicationWrongState(Conflict):
    """The application's state does not allow this move."""

    code = "experts/application-wrong-state"
    title = "The application is in another state"


def invite_expert(
    now: datetime,
    *,
    brand_id: UUID,
    email: str,
    name: str,
    password_hash: str | None = None,
    languages: Sequence[str] = ("en",),
    country: str = "DE",
    time_zone: str = "UTC",
    badge: str = "",
) -> Expert:
    """Let an owner of the brand's products work for it; who is there already is not made twice."""
    user = identity.find_user_by_email(email) or people.create_user(
        now, email=email, name=name, password_hash=password_hash
    )
    if user.password_hash is None:
        outbox.put(now, "identity.password_wanted", user_id=str(user.id))
    db.session.execute(
        insert(Expert)
        .values(
            id=user.id,
            standing=Standing.NEW,
            languages=list(languages),
            claims_max=3,
            time_zone=time_zone,
            country=country,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    known = db.session.scalars(
        sa.select(Application).where(
            Application.brand_id == brand_id, Application.expert_id == user.id
        )
    ).one_or_none()
    if known is None:
        application = Application(
            brand_id=brand_id,
            id=new_id(),
            expert_id=user.id,
            state=ApplicationState.APPLIED,
            badge=badge,
            applied_at=now,
        )
        db.session.add(application)
        db.session.flush()
        for state in rules.INVITED:
            application.state = state
            db.session.flush()
    return db.session.get_one(Expert, user.id)


def lock_expert(*, expert_id: UUID) -> Expert:
    """Return the expert, locked until the end of the transaction.

    :raises ExpertNotFound: if there is no such expert.
    """
    expert = db.session.scalars(
        sa.select(Expert)
        .where(Expert.id == expert_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if expert is None:
        raise ExpertNotFound("There is no such expert.")
    return expert


def move_application(
    now: datetime, *, brand_id: UUID, expert_id: UUID, wanted: ApplicationState
) -> None:
    """Move an application along its map.

    :raises ExpertNotFound: if they have not applied.
    :raises ApplicationWrongState: if rule R-experts-1 forbids it.
    """
    application = db.session.scalars(
        sa.select(Application)
        .where(Application.brand_id == brand_id, Application.expert_id == expert_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if application is None:
        raise ExpertNotFound("They have not applied.")
    if not rules.may_become(ApplicationState(application.state), wanted):
        raise ApplicationWrongState(f"The application is {application.state}.")
    application.state = wanted
    db.session.flush()


def pause(now: datetime, *, who: Principal, until: datetime | None) -> Expert:
    """Let an expert be offered nothing until then; None ends the pause. Absence lowers nothing."""
    expert = lock_expert(expert_id=who.user_id)
    expert.paused_until = until
    db.session.flush()
    return expert
