"""Experiments as one may see them."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from gigcx.db import db
from gigcx.errors import NotFound
from gigcx.experiments.models import Assignment, Experiment
from gigcx.experiments.rules import Arm, ExperimentState
from gigcx.paging import Page, Slice, read
from gigcx.principal import Principal


class ExperimentNotFound(NotFound):
    """There is no such experiment, or it is another brand's."""

    code = "experiments/experiment-not-found"
    title = "No such experiment"


def visible_to(who: Principal) -> sa.Select[Experiment]:
    """R-experiments-3: Staff see their brand's experiments; nobody who answers or asks does."""
    experiments = sa.select(Experiment)
    if who.has("system"):
        return experiments
    if who.has("owner", "lead", "analyst"):
        return experiments.where(Experiment.brand_id.in_(who.brand_ids))
    return experiments.where(sa.false())


def list_experiments(who: Principal, page: Page) -> Slice[Experiment]:
    """Return the experiments that one may see, the latest first."""
    return read(
        visible_to(who),
        page,
        by=(Experiment.created_at, Experiment.id),
        key=lambda experiment: (experiment.created_at, experiment.id),
    )


def find_running(brand_id: UUID) -> Experiment | None:
    """Return the brand's running experiment, if there is one."""
    return db.session.scalars(
        sa.select(Experiment).where(
            Experiment.brand_id == brand_id, Experiment.state == ExperimentState.RUNNING
        )
    ).one_or_none()


def arms_of(experiment: Experiment, customer_ids: Collection[UUID]) -> Mapping[UUID, Arm]:
    """Return customer id → arm of those who are drawn."""
    rows = db.session.execute(
        sa.select(Assignment.customer_id, Assignment.arm).where(
            Assignment.brand_id == experiment.brand_id,
            Assignment.experiment_id == experiment.id,
            Assignment.customer_id.in_(customer_ids),
        )
    )
    return {customer_id: Arm(arm) for customer_id, arm in rows}


def count_assigned(experiments: Sequence[Experiment]) -> Mapping[UUID, Mapping[str, int]]:
    """Return experiment id → arm → customers."""
    rows = db.session.execute(
        sa.select(Assignment.experiment_id, Assignment.arm, sa.func.count())
        .where(
            Assignment.brand_id.in_({experiment.brand_id for experiment in experiments}),
            Assignment.experiment_id.in_([experiment.id for experiment in experiments]),
        )
        .group_by(Assignment.experiment_id, Assignment.arm)
    )
    counted: dict[UUID, dict[str, int]] = {experiment.id: {} for experiment in experiments}
    for experiment_id, arm, count in rows:
        counted[experiment_id][arm] = count
    return counted
