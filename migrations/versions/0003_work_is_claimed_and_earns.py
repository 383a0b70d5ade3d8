"""Work is claimed by one at a time and earns.

Why: the arbiter of a claim is ``UPDATE tickets … WHERE state = 'open'``; the partial unique index
is the guard behind it. Sums over an earning's reservation and resolution are counters with a
CHECK, so that they hold at every isolation level. Triggers look at OLD and NEW only.

Locks: none, the tables are new.
Deploy: before any code.
Undo: ``downgrade`` drops the tables with their rows.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

from migrations.machines import frozen, machine

revision = "0003"
down_revision = "0002"

CLAIMS = """
CREATE TABLE claims (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    claimant text NOT NULL
        CONSTRAINT claim_claimant_is_known CHECK (claimant IN ('expert', 'staff', 'bot')),
    claimant_id uuid NOT NULL,
    fence bigint NOT NULL,
    state text NOT NULL DEFAULT 'active',
    claimed_at timestamptz NOT NULL,
    first_replied_at timestamptz,
    lease_until timestamptz NOT NULL,
    ended_at timestamptz,
    ended_reason text CONSTRAINT claim_end_is_known CHECK (ended_reason IN
        ('resolved', 'released', 'expired', 'transferred', 'taken_over', 'handed_back')),
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets,
    CONSTRAINT claim_fence_is_new UNIQUE (brand_id, ticket_id, fence),
    CONSTRAINT claim_lasts CHECK (lease_until > claimed_at),
    CONSTRAINT claim_ended_has_reason
        CHECK ((state = 'ended') = (ended_reason IS NOT NULL) AND (state = 'ended') = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX claim_one_active ON claims (brand_id, ticket_id) WHERE state = 'active';
CREATE INDEX claims_active_of ON claims (brand_id, claimant_id) WHERE state = 'active';
CREATE INDEX claims_lease ON claims (lease_until) WHERE state = 'active';
CREATE INDEX claims_of ON claims (brand_id, claimant_id, claimed_at DESC);
CREATE TABLE reservations (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    claim_id uuid NOT NULL,
    reward_minor bigint NOT NULL CONSTRAINT reservation_reward_is_positive CHECK (reward_minor > 0),
    amount_minor bigint NOT NULL,
    currency char(3) NOT NULL,
    state text NOT NULL DEFAULT 'active',
    earned_minor bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT reservation_one_per_claim UNIQUE (brand_id, claim_id),
    CONSTRAINT reservation_has_currency UNIQUE (brand_id, id, currency),
    FOREIGN KEY (brand_id, claim_id) REFERENCES claims,
    CONSTRAINT reservation_covers_its_reward CHECK (amount_minor >= reward_minor),
    CONSTRAINT reservation_covers_earnings CHECK (earned_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT reservation_returned_unearned CHECK (state <> 'returned' OR earned_minor = 0)
);
CREATE TABLE resolutions (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    fence bigint NOT NULL,
    contract_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'submitted',
    shared_bps integer NOT NULL DEFAULT 0,
    submitted_at timestamptz NOT NULL,
    assumed_at timestamptz NOT NULL,
    decided_at timestamptz,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT resolution_one_per_claim UNIQUE (brand_id, claim_id),
    FOREIGN KEY (brand_id, claim_id) REFERENCES claims,
    FOREIGN KEY (brand_id, contract_id) REFERENCES contracts,
    FOREIGN KEY (brand_id, ticket_id, fence) REFERENCES claims (brand_id, ticket_id, fence),
    CONSTRAINT resolution_shares_at_most_all CHECK (shared_bps BETWEEN 0 AND 10000)
);
CREATE INDEX resolutions_of_ticket ON resolutions (brand_id, ticket_id);
CREATE INDEX resolutions_silent ON resolutions (assumed_at) WHERE state = 'submitted';
CREATE TABLE ratings (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    resolution_id uuid NOT NULL,
    claimant_id uuid NOT NULL,
    stars smallint NOT NULL CONSTRAINT rating_is_1_to_5 CHECK (stars BETWEEN 1 AND 5),
    comment text NOT NULL DEFAULT '',
    rated_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, resolution_id) REFERENCES resolutions,
    CONSTRAINT rating_one_per_resolution UNIQUE (brand_id, resolution_id)
);
CREATE INDEX ratings_of ON ratings (brand_id, claimant_id, rated_at DESC);
CREATE TABLE earnings (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT earning_kind_is_known CHECK (kind IN
        ('reward', 'bonus', 'training', 'diagnosis', 'review', 'cause', 'adjustment')),
    subject uuid NOT NULL,
    expert_id uuid NOT NULL,
    ticket_id uuid,
    reservation_id uuid,
    resolution_id uuid,
    contract_version integer,
    share_bps integer,
    amount_minor bigint NOT NULL CONSTRAINT earning_is_positive CHECK (amount_minor > 0),
    fee_minor bigint NOT NULL DEFAULT 0
        CONSTRAINT earning_fee_is_not_negative CHECK (fee_minor >= 0),
    currency char(3) NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    release_on date,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, resolution_id) REFERENCES resolutions,
    FOREIGN KEY (brand_id, reservation_id, currency) REFERENCES reservations (brand_id, id, currency),
    CONSTRAINT earning_once_per_subject UNIQUE (brand_id, kind, subject),
    CONSTRAINT earning_share_is_reserved CHECK (kind NOT IN ('reward', 'diagnosis')
        OR (reservation_id IS NOT NULL AND resolution_id IS NOT NULL AND contract_version IS NOT NULL
            AND share_bps IS NOT NULL AND share_bps BETWEEN 1 AND 10000)),
    CONSTRAINT earning_reward_subject CHECK (kind <> 'reward' OR subject = resolution_id),
    CONSTRAINT earning_available_is_confirmed
        CHECK (state <> 'available' OR (confirmed_at IS NOT NULL AND release_on IS NOT NULL))
);
CREATE INDEX earnings_expert ON earnings (brand_id, expert_id, state);
CREATE INDEX earnings_release ON earnings (release_on) WHERE state = 'pending';
CREATE INDEX earnings_available ON earnings (expert_id, currency) WHERE state = 'available';
"""

MACHINES = (
    machine("claim", "claims", "start>active active>ended"),
    machine("reservation", "reservations", "start>active active>spent active>returned"),
    machine(
        "resolution",
        "resolutions",
        "start>submitted submitted>confirmed submitted>assumed confirmed>reopened assumed>reopened"
        " submitted>disputed disputed>confirmed disputed>rejected",
    ),
    machine(
        "earning",
        "earnings",
        "start>pending pending>available pending>held available>held held>pending held>available"
        " pending>disputed disputed>pending disputed>rejected pending>clawed_back"
        " available>clawed_back",
    ),
)

FROZEN = (
    frozen("claims", "brand_id id ticket_id claimant claimant_id fence claimed_at"),
    frozen("reservations", "brand_id id claim_id reward_minor amount_minor currency"),
    frozen("resolutions", "brand_id id ticket_id claim_id fence contract_id submitted_at"),
    frozen(
        "earnings",
        "brand_id id kind subject expert_id reservation_id resolution_id share_bps amount_minor"
        " fee_minor currency",
    ),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statements in (CLAIMS, *MACHINES, *FROZEN):
        op.execute(statements)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP TABLE earnings, ratings, resolutions, reservations, claims")
    for thing in ("claim", "reservation", "resolution", "earning"):
        op.execute(f"DROP FUNCTION {thing}_moves_along_its_map, {thing}_may_become")
