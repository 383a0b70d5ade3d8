"""Experiments are defined, started and stopped; each customer is drawn once."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from gigcx import bulk
from gigcx.db import db, violated
from gigcx.errors import Conflict
from gigcx.experiments import queries
from gigcx.experiments.models import Assignment, Experiment
from gigcx.experiments.rules import Arm, ExperimentState, draw_arm, may_become
from gigcx.ids import new_id
from gigcx.principal import Principal


class SharesNotWhole(Conflict):
    """The arms' shares are not a whole together."""

    code = "experiments/shares-not-whole"
    title = "The shares do not add up"


class WrongState(Conflict):
    """The experiment's state does not allow this move."""

    code = "experiments/wrong-state"
    title = "The experiment is in another state"


class AnotherRuns(Conflict):
    """Two draws at once would be none."""

    code = "experiments/another-runs"
    title = "Another experiment runs"


def define_experiment(
    now: datetime, *, brand_id: UUID, name: str, expert_bps: int, in_house_bps: int, bot_bps: int
) -> Experiment:
    """Draft an experiment. Its shares are for good: other shares are another experiment.

    :raises SharesNotWhole: if they are not 10,000 basis points together.
    """
    if expert_bps + in_house_bps + bot_bps != 10_000:  # noqa: PLR2004 - basis points of a whole
        raise SharesNotWhole("The shares of all arms must be 100 % together.")
    experiment = Experiment(
        brand_id=brand_id,
        id=new_id(),
        name=name,
        salt=secrets.token_hex(16),
        expert_bps=expert_bps,
        in_house_bps=in_house_bps,
        bot_bps=bot_bps,
        state=ExperimentState.DRAFT,
        created_at=now,
    )
    db.session.add(experiment)
    db.session.flush()
    return experiment


def start_experiment(now: datetime, *, who: Principal, experiment_id: UUID) -> Experiment:
    """Draw from now on.

    :raises ExperimentNotFound: if it is not this person's.
    :raises WrongState: if it has run before.
    :raises AnotherRuns: if the brand has one that runs.
    """
    experiment = _move(who=who, experiment_id=experiment_id, to=ExperimentState.RUNNING)
    experiment.started_at = now
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:
        if violated(error) == "experiment_one_runs":
            raise AnotherRuns("Stop the experiment that runs, then start this one.") from error
        raise
    return experiment


def stop_experiment(now: datetime, *, who: Principal, experiment_id: UUID) -> Experiment:
    """Draw no more. Who was drawn stays on record.

    :raises ExperimentNotFound: if it is not this person's.
    :raises WrongState: if it does not run.
    """
    experiment = _move(who=who, experiment_id=experiment_id, to=ExperimentState.STOPPED)
    experiment.stopped_at = now
    db.session.flush()
    return experiment


def draw_customers(
    now: datetime, *, experiment: Experiment, customer_ids: Iterable[UUID], is_bot_on: bool = False
) -> Mapping[UUID, Arm]:
    """Return customer id → arm, drawn at a customer's first ticket and kept since.

    :param is_bot_on: whether a bot may answer; off, its share goes to the others.
    """
    asked = sorted(set(customer_ids))
    known = queries.arms_of(experiment, asked)
    drawn = [
        {
            "brand_id": experiment.brand_id,
            "experiment_id": experiment.id,
            "customer_id": customer_id,
            "assigned_at": now,
        }
        | asdict(
            draw_arm(
                salt=experiment.salt,
                customer_id=customer_id,
                shares=experiment.shares,
                is_bot_on=is_bot_on,
            )
        )
        for customer_id in asked
        if customer_id not in known
    ]
    if not drawn:
        return known
    # A twin may be quicker: the draw is a function of both, so it drew the same unless the bot
    # came or went in between, and then what is on record counts.
    bulk.insert_all(Assignment, drawn, lambda rows: rows.on_conflict_do_nothing())
    return queries.arms_of(experiment, asked)


def _move(*, who: Principal, experiment_id: UUID, to: ExperimentState) -> Experiment:
    experiment = db.session.scalars(
        queries.visible_to(who)
        .where(Experiment.id == experiment_id)
        .with_for_update(key_share=True, of=Experiment)
    ).one_or_none()
    if experiment is None:
        raise queries.ExperimentNotFound("There is no such experiment.")
    if not may_become(ExperimentState(experiment.state), to):
        raise WrongState(f"It is {experiment.state}.", state=experiment.state)
    experiment.state = to
    return experiment
