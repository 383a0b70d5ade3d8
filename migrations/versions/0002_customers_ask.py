"""Customers ask: catalogue, customers with orders, queues with rewards, tickets with messages.

Why: the first half of the main job, up to the moment at which somebody claims.

Locks: none, the tables are new.
Deploy: before any code.
Undo: ``downgrade`` drops the tables with their rows.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from migrations.machines import frozen, machine

revision = "0002"
down_revision = "0001"

CATALOG = """
CREATE TABLE topics (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    parent_id uuid,
    name text NOT NULL CONSTRAINT topic_has_name CHECK (name <> ''),
    path uuid[] NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT topic_path_ends_here CHECK (path[cardinality(path)] = id)
);
CREATE UNIQUE INDEX topic_name_is_new ON topics
    (brand_id, coalesce(parent_id, '00000000-0000-0000-0000-000000000000'), lower(name));
CREATE TABLE certificates (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    expert_id uuid NOT NULL,
    topic_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'valid',
    score_bps integer NOT NULL
        CONSTRAINT certificate_score_is_a_share CHECK (score_bps BETWEEN 0 AND 10000),
    issued_at timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT certificate_lasts CHECK (valid_until > issued_at)
);
CREATE UNIQUE INDEX certificate_one_valid ON certificates (brand_id, expert_id, topic_id)
    WHERE state = 'valid';
CREATE TABLE customers (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    external_id text NOT NULL,
    name text NOT NULL DEFAULT '',
    email text,
    language text NOT NULL DEFAULT 'en',
    user_id uuid,
    arm text CONSTRAINT customer_arm_is_known CHECK (arm IN ('expert', 'in_house', 'bot')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT customer_external_id_is_new UNIQUE (brand_id, external_id)
);
CREATE INDEX customers_email ON customers (brand_id, email);
CREATE TABLE orders (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    customer_id uuid NOT NULL,
    external_id text NOT NULL,
    topic_id uuid,
    amount_minor bigint NOT NULL CONSTRAINT order_amount_is_not_negative CHECK (amount_minor >= 0),
    currency char(3) NOT NULL,
    ordered_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT order_external_id_is_new UNIQUE (brand_id, external_id)
);
CREATE INDEX orders_customer ON orders (brand_id, customer_id, ordered_at);
"""

QUEUES = """
CREATE TABLE queues (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    name text NOT NULL CONSTRAINT queue_has_name CHECK (name <> ''),
    brief text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'draft',
    currency char(3) NOT NULL,
    language text NOT NULL DEFAULT 'en',
    is_funded boolean NOT NULL DEFAULT false,
    estimated_minutes smallint NOT NULL DEFAULT 10
        CONSTRAINT queue_estimate_is_positive CHECK (estimated_minutes > 0),
    first_reply_minutes integer NOT NULL DEFAULT 60
        CONSTRAINT queue_first_reply_is_positive CHECK (first_reply_minutes > 0),
    follow_up_hours integer NOT NULL DEFAULT 24
        CONSTRAINT queue_follow_up_is_positive CHECK (follow_up_hours > 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT queue_name_is_new UNIQUE (brand_id, name),
    CONSTRAINT queue_has_currency UNIQUE (brand_id, id, currency)
);
CREATE TABLE contracts (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    queue_id uuid NOT NULL,
    version integer NOT NULL CONSTRAINT contract_version_is_positive CHECK (version > 0),
    silence_hours integer NOT NULL DEFAULT 48
        CONSTRAINT contract_silence_is_positive CHECK (silence_hours > 0),
    hold_days integer NOT NULL DEFAULT 3
        CONSTRAINT contract_hold_is_not_negative CHECK (hold_days >= 0),
    reopen_days integer NOT NULL DEFAULT 14
        CONSTRAINT contract_reopen_is_not_negative CHECK (reopen_days >= 0),
    effective_from timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, queue_id) REFERENCES queues,
    CONSTRAINT contract_version_is_new UNIQUE (brand_id, queue_id, version)
);
CREATE TABLE rewards (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    queue_id uuid NOT NULL,
    topic_id uuid,
    complexity smallint CONSTRAINT reward_complexity_is_1_to_3 CHECK (complexity BETWEEN 1 AND 3),
    language text,
    amount_minor bigint NOT NULL CONSTRAINT reward_is_positive CHECK (amount_minor > 0),
    currency char(3) NOT NULL,
    effective_from timestamptz NOT NULL,
    effective_until timestamptz,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT reward_of_queue FOREIGN KEY (brand_id, queue_id) REFERENCES queues,
    CONSTRAINT reward_in_currency_of_queue
        FOREIGN KEY (brand_id, queue_id, currency) REFERENCES queues (brand_id, id, currency),
    CONSTRAINT reward_of_topic FOREIGN KEY (brand_id, topic_id) REFERENCES topics,
    CONSTRAINT reward_lasts CHECK (effective_until > effective_from)
);
CREATE UNIQUE INDEX reward_one_current ON rewards (brand_id, queue_id,
    coalesce(topic_id, '00000000-0000-0000-0000-000000000000'), coalesce(complexity, 0),
    coalesce(language, '')) WHERE effective_until IS NULL;
"""

TICKETS = """
CREATE TABLE tickets (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    queue_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    asker_id uuid,
    topic_id uuid NOT NULL,
    external_id text,
    state text NOT NULL DEFAULT 'open',
    route text NOT NULL CONSTRAINT ticket_route_is_known
        CHECK (route IN ('expert', 'in_house', 'bot', 'safety')),
    priority smallint NOT NULL DEFAULT 0,
    complexity smallint NOT NULL DEFAULT 1
        CONSTRAINT ticket_complexity_is_1_to_3 CHECK (complexity BETWEEN 1 AND 3),
    language text NOT NULL DEFAULT 'en',
    subject text NOT NULL,
    fence bigint NOT NULL DEFAULT 0,
    first_expert_id uuid,
    first_until timestamptz,
    opened_at timestamptz NOT NULL,
    resolved_at timestamptz,
    closed_at timestamptz,
    escalated_at timestamptz,
    assignee_id uuid,
    merged_into_id uuid,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, queue_id) REFERENCES queues,
    FOREIGN KEY (brand_id, customer_id) REFERENCES customers,
    FOREIGN KEY (brand_id, topic_id) REFERENCES topics,
    FOREIGN KEY (brand_id, merged_into_id) REFERENCES tickets,
    CONSTRAINT ticket_merged_has_target
        CHECK ((state = 'merged') = (merged_into_id IS NOT NULL) AND merged_into_id <> id)
) WITH (fillfactor = 80);
CREATE INDEX tickets_feed ON tickets (brand_id, queue_id, priority DESC, opened_at)
    WHERE state = 'open';
CREATE INDEX tickets_customer ON tickets (brand_id, customer_id, opened_at);
CREATE INDEX tickets_list ON tickets (brand_id, opened_at DESC, id);
CREATE INDEX tickets_inbox ON tickets (brand_id, route, opened_at)
    WHERE state IN ('open', 'claimed', 'waiting_on_customer');
CREATE UNIQUE INDEX ticket_external_id_is_new ON tickets (brand_id, external_id)
    WHERE external_id IS NOT NULL;
CREATE STATISTICS tickets_queue_has_brand (dependencies, mcv) ON brand_id, queue_id, state FROM tickets;
CREATE FUNCTION ticket_fence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.state = 'claimed' AND OLD.state IN ('open', 'resolved', 'closed') THEN
        NEW.fence := OLD.fence + 1;
    ELSIF NEW.fence NOT IN (OLD.fence, OLD.fence + 1) THEN
        RAISE EXCEPTION 'fence of ticket % may only grow by one', NEW.id
            USING ERRCODE = '23514', CONSTRAINT = 'ticket_fence_grows_by_one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ticket_fence BEFORE UPDATE ON tickets FOR EACH ROW EXECUTE FUNCTION ticket_fence();
CREATE TABLE messages (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    author text NOT NULL CONSTRAINT message_author_is_known
        CHECK (author IN ('customer', 'expert', 'staff', 'bot', 'system')),
    author_id uuid,
    fence bigint,
    masked_text text NOT NULL,
    is_internal boolean NOT NULL DEFAULT false,
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets,
    CONSTRAINT message_of_expert_has_fence CHECK ((author = 'expert') = (fence IS NOT NULL))
);
CREATE INDEX messages_thread ON messages (brand_id, ticket_id, sent_at);
CREATE TABLE originals (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    field text NOT NULL CONSTRAINT original_field_is_known CHECK (field IN ('subject', 'text')),
    original text NOT NULL,
    PRIMARY KEY (brand_id, id, field)
);
CREATE TABLE drafts (
    brand_id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    user_id uuid NOT NULL,
    draft text NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, ticket_id, user_id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets
);
CREATE TABLE ticket_events (
    brand_id uuid NOT NULL,
    id uuid NOT NULL,
    ticket_id uuid NOT NULL,
    kind text NOT NULL,
    actor_id uuid NOT NULL,
    detail text NOT NULL DEFAULT '',
    at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_events_of ON ticket_events (brand_id, ticket_id, at);
CREATE TABLE search_documents (
    brand_id uuid NOT NULL REFERENCES brands,
    kind text NOT NULL,
    id uuid NOT NULL,
    tsv tsvector NOT NULL,
    PRIMARY KEY (brand_id, kind, id)
);
CREATE INDEX search_documents_tsv ON search_documents USING gin (tsv);
CREATE FUNCTION search(p_brands uuid[], p_query text, p_limit int)
RETURNS TABLE (brand_id uuid, kind text, id uuid, rank real)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.brand_id, d.kind, d.id, ts_rank(d.tsv, q)
      FROM websearch_to_tsquery('simple', p_query) q, search_documents d
     WHERE d.tsv @@ q
       AND d.brand_id = ANY (array(SELECT unnest(p_brands) INTERSECT SELECT unnest(app_brands())))
     ORDER BY 4 DESC, d.id LIMIT least(p_limit, 1000)
$$;
"""

IMPORTS = """
CREATE TABLE imports (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT import_kind_is_known
        CHECK (kind IN ('tickets', 'customers', 'orders')),
    queue_id uuid,
    file_name text NOT NULL,
    file_sha256 bytea NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'received',
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    bytes_total bigint NOT NULL,
    bytes_done bigint NOT NULL DEFAULT 0,
    lines_done integer NOT NULL DEFAULT 0,
    accepted integer NOT NULL DEFAULT 0,
    known integer NOT NULL DEFAULT 0,
    refused integer NOT NULL DEFAULT 0,
    finished_at timestamptz,
    failure text,
    PRIMARY KEY (brand_id, id),
    FOREIGN KEY (brand_id, queue_id) REFERENCES queues,
    CONSTRAINT import_counts_add_up CHECK (accepted + known + refused = lines_done)
);
CREATE TABLE import_chunks (
    brand_id uuid NOT NULL,
    import_id uuid NOT NULL,
    n integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (brand_id, import_id, n),
    FOREIGN KEY (brand_id, import_id) REFERENCES imports
);
CREATE TABLE import_refusals (
    brand_id uuid NOT NULL,
    import_id uuid NOT NULL,
    line_number integer NOT NULL,
    field text NOT NULL DEFAULT '',
    reason text NOT NULL,
    PRIMARY KEY (brand_id, import_id, line_number),
    FOREIGN KEY (brand_id, import_id) REFERENCES imports
);
"""

MACHINES = (
    machine("certificate", "certificates", "start>valid valid>expired valid>revoked"),
    machine("queue", "queues", "start>draft draft>open open>paused paused>open paused>closed"),
    machine(
        "ticket",
        "tickets",
        "start>open open>claimed open>merged"
        " claimed>waiting_on_customer claimed>resolved claimed>open claimed>merged"
        " waiting_on_customer>claimed waiting_on_customer>resolved waiting_on_customer>open"
        " waiting_on_customer>merged resolved>closed resolved>open resolved>claimed resolved>merged"
        " closed>open closed>claimed closed>merged",
    ),
    machine(
        "import",
        "imports",
        "start>received received>running running>finished running>stopped stopped>running"
        " received>failed running>failed",
    ),
)

FROZEN = (
    frozen("certificates", "brand_id id expert_id topic_id issued_at"),
    frozen(
        "rewards",
        "brand_id id queue_id topic_id complexity language amount_minor currency effective_from",
    ),
    frozen(
        "contracts",
        "brand_id id queue_id version silence_hours hold_days reopen_days effective_from",
    ),
    frozen("queues", "brand_id id currency"),
    frozen("messages", "brand_id id ticket_id author author_id fence sent_at"),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statements in (CATALOG, QUEUES, TICKETS, IMPORTS, *MACHINES, *FROZEN):
        op.execute(statements)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP FUNCTION search")
    op.execute(
        "DROP TABLE import_refusals, import_chunks, imports, search_documents, ticket_events, drafts,"
        " originals, messages, tickets, rewards, contracts, queues, orders, customers, certificates,"
        " topics"
    )
    op.execute("DROP FUNCTION ticket_fence")
    for thing in ("certificate", "queue", "ticket", "import"):
        op.execute(f"DROP FUNCTION {thing}_moves_along_its_map, {thing}_may_become")
