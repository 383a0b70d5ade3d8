"""Tickets are routed: experiments with a sticky draw, what was known then, incidents, topic models.

Why: which way a ticket goes is decided once, from facts that exist before anybody answers, and
written down as it was decided. Danger is taken out first, then whoever objects or chooses, then
the draw per customer.

Locks: ``customers`` gains a column with a constant default and loses one that nothing wrote, and
``tickets`` gains one: ACCESS EXCLUSIVE for an instant each.
Deploy: before the code that routes.
Undo: ``downgrade`` drops the tables with their rows.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

from migrations.machines import append_only, frozen, machine, of_one_brand

revision = "0008"
down_revision = "0007"

BRAND_OWNED = ("experiments", "assignments", "routings", "incidents", "topic_models")

EXPERIMENTS = """
CREATE TABLE experiments (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    name text NOT NULL CONSTRAINT experiment_has_name CHECK (name <> ''),
    salt text NOT NULL,
    expert_bps integer NOT NULL CONSTRAINT experiment_expert_is_a_share CHECK (expert_bps >= 0),
    in_house_bps integer NOT NULL CONSTRAINT experiment_in_house_is_a_share CHECK (in_house_bps >= 0),
    bot_bps integer NOT NULL CONSTRAINT experiment_bot_is_a_share CHECK (bot_bps >= 0),
    state text NOT NULL DEFAULT 'draft',
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    stopped_at timestamptz,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT experiment_shares_are_a_whole CHECK (expert_bps + in_house_bps + bot_bps = 10000),
    CONSTRAINT experiment_started_at_a_time CHECK ((state = 'draft') = (started_at IS NULL))
);
CREATE UNIQUE INDEX experiment_one_runs ON experiments (brand_id) WHERE state = 'running';
CREATE TABLE assignments (
    brand_id uuid NOT NULL,
    experiment_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    point integer NOT NULL CONSTRAINT assignment_point_is_a_share CHECK (point BETWEEN 0 AND 9999),
    drawn text NOT NULL
        CONSTRAINT assignment_drawn_is_known CHECK (drawn IN ('expert', 'in_house', 'bot')),
    arm text NOT NULL
        CONSTRAINT assignment_arm_is_known CHECK (arm IN ('expert', 'in_house', 'bot')),
    assigned_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, experiment_id, customer_id),
    FOREIGN KEY (brand_id, experiment_id) REFERENCES experiments,
    FOREIGN KEY (brand_id, customer_id) REFERENCES customers
);
"""

ROUTINGS = """
CREATE TABLE routings (
    brand_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    route text NOT NULL CONSTRAINT routing_route_is_known
        CHECK (route IN ('expert', 'in_house', 'bot', 'safety')),
    because text NOT NULL CONSTRAINT routing_because_is_known
        CHECK (because IN ('danger', 'choice', 'objection', 'arm', 'standard')),
    is_eligible boolean NOT NULL,
    reasons text[] NOT NULL,
    experiment_id uuid,
    topic_guess text,
    topic_bps integer CONSTRAINT routing_topic_is_a_share CHECK (topic_bps BETWEEN 0 AND 10000),
    language text NOT NULL,
    intention text NOT NULL CONSTRAINT routing_intention_is_known
        CHECK (intention IN ('positive', 'neutral', 'negative')),
    urgency smallint NOT NULL,
    complexity smallint NOT NULL,
    model_id uuid,
    routed_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, ticket_id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets,
    CONSTRAINT routing_of_the_eligible CHECK (is_eligible = (cardinality(reasons) = 0)),
    CONSTRAINT routing_by_arm_has_experiment CHECK ((because = 'arm') = (experiment_id IS NOT NULL))
);
CREATE INDEX routings_by_time ON routings (brand_id, routed_at);
CREATE TABLE incidents (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    dangers text[] NOT NULL CONSTRAINT incident_has_danger CHECK (cardinality(dangers) > 0),
    evidence text NOT NULL,
    flagged_by uuid,
    state text NOT NULL DEFAULT 'open',
    owner_id uuid,
    conclusion text NOT NULL DEFAULT '',
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets,
    CONSTRAINT incident_of_ticket UNIQUE (brand_id, ticket_id),
    CONSTRAINT incident_investigated_by_somebody CHECK (state = 'open' OR owner_id IS NOT NULL),
    CONSTRAINT incident_closed_has_conclusion CHECK (
        (state = 'closed') = (closed_at IS NOT NULL) AND (state <> 'closed' OR conclusion <> ''))
);
CREATE INDEX incidents_open ON incidents (brand_id, due_at) WHERE state <> 'closed';
CREATE TABLE topic_models (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    packed bytea NOT NULL,
    examples integer NOT NULL,
    accuracy_bps integer NOT NULL
        CONSTRAINT topic_model_accuracy_is_a_share CHECK (accuracy_bps BETWEEN 0 AND 10000),
    is_current boolean NOT NULL,
    fitted_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id)
);
CREATE UNIQUE INDEX topic_model_one_current ON topic_models (brand_id) WHERE is_current;
ALTER TABLE customers ADD COLUMN objects_to_experiments boolean NOT NULL DEFAULT false;
ALTER TABLE customers DROP COLUMN arm;
ALTER TABLE tickets ADD COLUMN intention text NOT NULL DEFAULT 'neutral'
    CONSTRAINT ticket_intention_is_known CHECK (intention IN ('positive', 'neutral', 'negative'));
"""

GRANTS = """
GRANT UPDATE (state, started_at, stopped_at) ON experiments TO gigcx_web;
GRANT UPDATE (state, owner_id, conclusion, closed_at, dangers, evidence) ON incidents
    TO gigcx_web, gigcx_worker;
GRANT UPDATE (is_current) ON topic_models TO gigcx_worker;
GRANT EXECUTE ON FUNCTION experiment_may_become(text, text), incident_may_become(text, text)
    TO PUBLIC;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(EXPERIMENTS)
    op.execute(machine("experiment", "experiments", "start>draft draft>running running>stopped"))
    op.execute(
        frozen("experiments", "brand_id id name salt expert_bps in_house_bps bot_bps created_at")
    )
    op.execute(append_only("assignments"))
    op.execute(ROUTINGS)
    op.execute(append_only("routings"))
    op.execute(
        machine(
            "incident",
            "incidents",
            "start>open open>investigating investigating>closed closed>investigating",
        )
    )
    for table in BRAND_OWNED:
        op.execute(of_one_brand(table))
    op.execute(GRANTS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("ALTER TABLE tickets DROP COLUMN intention")
    op.execute("ALTER TABLE customers DROP COLUMN objects_to_experiments")
    op.execute("ALTER TABLE customers ADD COLUMN arm text")
    for table in reversed(BRAND_OWNED):
        op.execute(f"DROP TABLE {table}")
    for thing in ("experiment", "incident"):
        op.execute(f"DROP FUNCTION {thing}_moves_along_its_map, {thing}_may_become")
