"""Conversations have channels: mail, files, tags, canned answers, requests, clocks, reveals.

Why: a thread is one, whether its messages come by mail or by the page; what is asked of the brand
inside a claim is seen by both sides; clocks are a log of events, so that a pause or a move is
reckoned again and never overwritten. What a person really wrote is read only with a purpose: the
web's row policy on ``originals`` asks for ``app.purpose``, so that no forgotten query shows it.

Locks: ``queues`` and ``customers`` gain columns with constant defaults: ACCESS EXCLUSIVE for an
instant each. The policy of ``originals`` is replaced in the same instant.
Deploy: before the code; the old code reads originals only for a customer's own page, which shows
the masked text until the new code is there.
Undo: ``downgrade`` drops the tables with their rows and opens ``originals`` to the brand again.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

from migrations.machines import OF_THE_BRANDS, append_only, frozen, machine, of_one_brand

revision = "0009"
down_revision = "0008"

BRAND_OWNED = (
    "reveals",
    "mails",
    "tags",
    "canned_answers",
    "action_requests",
    "files",
    "attachments",
    "customer_merges",
    "clock_events",
)

REVEALS = """
CREATE TABLE reveals (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    original_id uuid NOT NULL,
    field text NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL CONSTRAINT reveal_has_purpose CHECK (purpose <> ''),
    revealed_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets,
    CONSTRAINT reveal_ends CHECK (until > revealed_at)
);
CREATE INDEX reveals_live ON reveals (brand_id, user_id, ticket_id, until);
"""

MAILS = """
CREATE TABLE mails (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    ticket_id uuid,
    message_id uuid,
    direction text NOT NULL CONSTRAINT mail_direction_is_known CHECK (direction IN ('in', 'out')),
    kind text NOT NULL CONSTRAINT mail_kind_is_known
        CHECK (kind IN ('message', 'bounce', 'auto_reply', 'loop', 'refused')),
    name text NOT NULL CONSTRAINT mail_has_name CHECK (name <> ''),
    detail text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets,
    CONSTRAINT mail_name_is_new UNIQUE (brand_id, direction, name)
);
CREATE INDEX mails_of_ticket ON mails (brand_id, ticket_id, at);
ALTER TABLE customers ADD COLUMN mail_bounced_at timestamptz;
ALTER TABLE customers ADD COLUMN merged_into_id uuid;
ALTER TABLE customers ADD CONSTRAINT customer_merges_into_another
    CHECK (merged_into_id <> id);
CREATE TABLE customer_merges (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    from_id uuid NOT NULL,
    into_id uuid NOT NULL,
    merged_by uuid NOT NULL,
    merged_at timestamptz NOT NULL,
    undone_at timestamptz,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, from_id) REFERENCES customers,
    FOREIGN KEY (brand_id, into_id) REFERENCES customers,
    CONSTRAINT merge_is_of_two CHECK (from_id <> into_id)
);
CREATE UNIQUE INDEX merge_one_live ON customer_merges (brand_id, from_id) WHERE undone_at IS NULL;
"""

WORKSPACE = """
CREATE TABLE tags (
    brand_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    tag text NOT NULL CONSTRAINT tag_is_a_word
        CHECK (tag ~ '^[[:alnum:]][[:alnum:]_-]{0,39}$'),
    PRIMARY KEY (brand_id, ticket_id, tag),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets
);
CREATE INDEX tags_by_word ON tags (brand_id, tag);
CREATE TABLE canned_answers (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    title text NOT NULL CONSTRAINT canned_answer_has_title CHECK (title <> ''),
    answer text NOT NULL CONSTRAINT canned_answer_has_answer CHECK (answer <> ''),
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT canned_answer_title_is_new UNIQUE (brand_id, title)
);
CREATE TABLE action_requests (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT action_request_kind_is_known
        CHECK (kind IN ('refund', 'replacement', 'unlock', 'order_change', 'other')),
    detail text NOT NULL,
    state text NOT NULL DEFAULT 'open',
    answer text NOT NULL DEFAULT '',
    requested_by uuid NOT NULL,
    answered_by uuid,
    requested_at timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets,
    FOREIGN KEY (brand_id, claim_id) REFERENCES claims,
    CONSTRAINT action_request_answered_by_somebody CHECK (
        (state = 'open') = (answered_at IS NULL) AND (state = 'open') = (answered_by IS NULL))
);
CREATE INDEX action_requests_open ON action_requests (brand_id, requested_at)
    WHERE state = 'open';
CREATE INDEX action_requests_of_ticket ON action_requests (brand_id, ticket_id);
CREATE TABLE files (
    brand_id uuid NOT NULL REFERENCES brands,
    sha256 bytea NOT NULL CONSTRAINT file_hash_is_sha256 CHECK (octet_length(sha256) = 32),
    content bytea NOT NULL
        CONSTRAINT file_is_not_too_large CHECK (octet_length(content) BETWEEN 1 AND 10485760),
    PRIMARY KEY (brand_id, sha256)
);
CREATE TABLE attachments (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    message_id uuid NOT NULL,
    name text NOT NULL CONSTRAINT attachment_has_name CHECK (name <> ''),
    type text NOT NULL,
    size_bytes integer NOT NULL,
    sha256 bytea NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets,
    FOREIGN KEY (brand_id, message_id) REFERENCES messages,
    FOREIGN KEY (brand_id, sha256) REFERENCES files
);
CREATE INDEX attachments_of_ticket ON attachments (brand_id, ticket_id);
CREATE INDEX attachments_of_file ON attachments (brand_id, sha256);
"""

CLOCKS = """
ALTER TABLE queues ADD COLUMN resolution_hours integer NOT NULL DEFAULT 72
    CONSTRAINT queue_resolves_within_hours CHECK (resolution_hours > 0);
ALTER TABLE queues ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';
ALTER TABLE queues ADD COLUMN work_days smallint[] NOT NULL DEFAULT '{0,1,2,3,4,5,6}'
    CONSTRAINT queue_works_some_day CHECK (cardinality(work_days) > 0);
ALTER TABLE queues ADD COLUMN opens_minute integer NOT NULL DEFAULT 0;
ALTER TABLE queues ADD COLUMN closes_minute integer NOT NULL DEFAULT 1440
    CONSTRAINT queue_opens_before_it_closes
        CHECK (0 <= opens_minute AND opens_minute < closes_minute AND closes_minute <= 1440);
ALTER TABLE queues ADD COLUMN holidays_of text NOT NULL DEFAULT '';
CREATE TABLE clock_events (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    clock text NOT NULL CONSTRAINT clock_is_known
        CHECK (clock IN ('first_reply', 'next_reply', 'resolution')),
    kind text NOT NULL CONSTRAINT clock_event_is_known
        CHECK (kind IN ('started', 'paused', 'resumed', 'moved', 'met', 'missed', 'stopped')),
    spent_minutes integer NOT NULL
        CONSTRAINT clock_spends_no_less_than_nothing CHECK (spent_minutes >= 0),
    due_at timestamptz,
    at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets,
    CONSTRAINT clock_that_runs_is_due
        CHECK ((kind IN ('started', 'resumed', 'moved')) = (due_at IS NOT NULL))
);
CREATE INDEX clock_events_of ON clock_events (brand_id, ticket_id, clock, id);
CREATE INDEX clock_events_due ON clock_events (due_at) WHERE due_at IS NOT NULL;
"""

POLICIES = f"""
DROP POLICY brand ON originals;
CREATE POLICY brand ON originals FOR SELECT TO gigcx_web
    USING ({OF_THE_BRANDS} AND current_setting('app.purpose', true) <> '');
CREATE POLICY written ON originals FOR INSERT TO gigcx_web WITH CHECK ({OF_THE_BRANDS});
GRANT UPDATE (state, answer, answered_by, answered_at) ON action_requests
    TO gigcx_web, gigcx_worker;
GRANT UPDATE, DELETE ON canned_answers TO gigcx_web;
GRANT DELETE ON tags TO gigcx_web, gigcx_worker;
GRANT UPDATE (undone_at) ON customer_merges TO gigcx_web;
GRANT UPDATE (queue_id) ON tickets TO gigcx_web;
GRANT EXECUTE ON FUNCTION action_request_may_become(text, text) TO PUBLIC;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for tables in (REVEALS, MAILS, WORKSPACE, CLOCKS):
        op.execute(tables)
    op.execute(machine("action_request", "action_requests", "start>open open>done open>declined"))
    op.execute(frozen("action_requests", "brand_id id ticket_id claim_id kind detail requested_by"))
    for table in ("reveals", "mails", "clock_events"):
        op.execute(append_only(table))
    for table in BRAND_OWNED:
        op.execute(of_one_brand(table))
    op.execute(POLICIES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP POLICY written ON originals")
    op.execute("DROP POLICY brand ON originals")
    op.execute(
        f"CREATE POLICY brand ON originals TO gigcx_web"
        f" USING ({OF_THE_BRANDS}) WITH CHECK ({OF_THE_BRANDS})"
    )
    for table in ("attachments", *(one for one in BRAND_OWNED if one != "attachments")):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION action_request_moves_along_its_map, action_request_may_become")
    for column in ("mail_bounced_at", "merged_into_id"):
        op.execute(f"ALTER TABLE customers DROP COLUMN {column}")
    for column in (
        "resolution_hours",
        "time_zone",
        "work_days",
        "opens_minute",
        "closes_minute",
        "holidays_of",
    ):
        op.execute(f"ALTER TABLE queues DROP COLUMN {column}")
