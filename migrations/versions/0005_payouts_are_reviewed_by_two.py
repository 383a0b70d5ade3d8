"""Payouts are reviewed by two people and every call to Stripe is written down first.

Why: what was approved is a ceiling. The content of a run is hashed at submission, at approval and
at execution; people are facts of the session (``app_user()``), never arguments. A call to Stripe
has its row, key and body before it is made, and at most one of a kind and subject is open.

Locks: none, the tables are new.
Deploy: before any code.
Undo: ``downgrade`` drops the tables with their rows.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

from migrations.machines import frozen, machine

revision = "0005"
down_revision = "0004"

CALLS = """
CREATE TABLE stripe_calls (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT call_kind_is_known CHECK (kind IN
        ('account', 'link', 'transfer', 'payout', 'reversal', 'refund', 'checkout')),
    subject uuid NOT NULL,
    n smallint NOT NULL CONSTRAINT call_n_is_positive CHECK (n >= 1),
    key text NOT NULL CONSTRAINT call_key_is_new UNIQUE,
    request jsonb NOT NULL,
    request_sha256 bytea NOT NULL
        CONSTRAINT call_hash_is_sha256 CHECK (octet_length(request_sha256) = 32),
    state text NOT NULL DEFAULT 'intent',
    stripe_id text CONSTRAINT call_stripe_id_is_new UNIQUE,
    failure_code text,
    released_by uuid REFERENCES users,
    created_at timestamptz NOT NULL,
    first_sent_at timestamptz,
    sent_at timestamptz,
    CONSTRAINT call_n_is_new UNIQUE (kind, subject, n),
    CONSTRAINT call_key_names_it CHECK (key = kind || ':' || subject || ':' || n),
    CONSTRAINT call_sent_has_time CHECK (state = 'intent' OR sent_at IS NOT NULL),
    CONSTRAINT call_succeeded_has_id
        CHECK (state <> 'succeeded' OR kind = 'link' OR stripe_id IS NOT NULL),
    CONSTRAINT call_failed_has_code CHECK (state <> 'failed' OR failure_code IS NOT NULL),
    CONSTRAINT call_released_is_expired CHECK (released_by IS NULL OR state = 'expired_unknown')
);
CREATE UNIQUE INDEX call_one_open ON stripe_calls (kind, subject)
    WHERE state IN ('intent', 'sent', 'unknown') OR (state = 'succeeded' AND kind <> 'link')
        OR (state = 'expired_unknown' AND released_by IS NULL);
CREATE INDEX calls_open ON stripe_calls (sent_at) WHERE state IN ('intent', 'sent', 'unknown');
CREATE TABLE balance_transactions (
    id text PRIMARY KEY,
    type text NOT NULL,
    source text,
    amount_minor bigint NOT NULL,
    fee_minor bigint NOT NULL,
    currency char(3) NOT NULL,
    created_at timestamptz NOT NULL,
    imported_at timestamptz NOT NULL
);
CREATE INDEX balance_transactions_source ON balance_transactions (source);
"""

PAYOUTS = """
CREATE TABLE payout_accounts (
    id uuid PRIMARY KEY,
    expert_id uuid NOT NULL REFERENCES experts,
    state text NOT NULL DEFAULT 'none',
    country char(2) NOT NULL,
    stripe_account text CONSTRAINT payout_account_stripe_id_is_new UNIQUE,
    fingerprint text,
    requirement text NOT NULL DEFAULT '',
    link_url text,
    link_until timestamptz,
    cooldown_until timestamptz,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX payout_account_one_live ON payout_accounts (expert_id)
    WHERE state NOT IN ('disabled', 'rejected', 'closed');
CREATE TABLE payout_runs (
    id uuid PRIMARY KEY,
    state text NOT NULL DEFAULT 'draft',
    note text NOT NULL DEFAULT '',
    created_by uuid NOT NULL REFERENCES users,
    last_edited_by uuid NOT NULL REFERENCES users,
    editors uuid[] NOT NULL DEFAULT '{}',
    submitted_by uuid REFERENCES users,
    submitted_at timestamptz,
    approved_by uuid REFERENCES users,
    approved_at timestamptz,
    content_sha256 bytea,
    approved_sha256 bytea,
    executed_sha256 bytea,
    executed_at timestamptz,
    completed_at timestamptz,
    waiting_reason text,
    created_at timestamptz NOT NULL,
    CONSTRAINT run_submitted_has_content CHECK (state IN ('draft', 'cancelled')
        OR (content_sha256 IS NOT NULL AND submitted_by IS NOT NULL)),
    CONSTRAINT run_approved_has_approver CHECK (state IN ('draft', 'submitted', 'cancelled')
        OR (approved_by IS NOT NULL AND approved_at IS NOT NULL
            AND approved_sha256 IS NOT NULL AND approved_sha256 = content_sha256)),
    CONSTRAINT run_executed_is_recorded
        CHECK (state NOT IN ('executing', 'completed') OR executed_sha256 IS NOT NULL),
    CONSTRAINT run_four_eyes CHECK (approved_by IS NULL
        OR (approved_by NOT IN (created_by, last_edited_by, submitted_by)
            AND approved_by <> ALL (editors)))
);
CREATE TABLE payout_lines (
    id uuid PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES payout_runs,
    expert_id uuid NOT NULL REFERENCES experts,
    currency char(3) NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT line_is_positive CHECK (amount_minor > 0),
    netted_minor bigint NOT NULL DEFAULT 0
        CONSTRAINT line_netted_is_not_negative CHECK (netted_minor >= 0),
    payout_account_id uuid NOT NULL REFERENCES payout_accounts,
    fingerprint text NOT NULL,
    state text NOT NULL DEFAULT 'queued',
    reason text NOT NULL DEFAULT '',
    held_until timestamptz,
    CONSTRAINT line_one_per_expert UNIQUE (run_id, expert_id, currency),
    CONSTRAINT line_aside_has_reason CHECK (state NOT IN ('held', 'skipped') OR reason <> ''),
    CONSTRAINT line_held_has_end CHECK (state <> 'held' OR held_until IS NOT NULL)
);
CREATE INDEX payout_lines_expert ON payout_lines (expert_id);
CREATE TABLE payout_line_earnings (
    line_id uuid NOT NULL REFERENCES payout_lines ON DELETE CASCADE,
    brand_id uuid NOT NULL,
    earning_id uuid NOT NULL,
    is_live boolean NOT NULL DEFAULT true,
    PRIMARY KEY (line_id, brand_id, earning_id)
);
CREATE UNIQUE INDEX earning_in_one_live_line ON payout_line_earnings (brand_id, earning_id)
    WHERE is_live;
CREATE FUNCTION payout_run_sha256(p_run uuid, p_all boolean) RETURNS bytea
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT sha256(convert_to(coalesce(string_agg(
        concat_ws('|', l.expert_id, l.currency, l.amount_minor, l.netted_minor,
            l.payout_account_id, l.fingerprint,
            (SELECT string_agg(e.brand_id || '/' || e.earning_id, ',' ORDER BY e.brand_id, e.earning_id)
               FROM payout_line_earnings e WHERE e.line_id = l.id)),
        E'\\n' ORDER BY l.expert_id, l.currency), ''), 'UTF8'))
      FROM payout_lines l
     WHERE l.run_id = p_run AND (p_all OR l.state NOT IN ('held', 'skipped'))
$$;
"""

RUN_GUARD = """
CREATE FUNCTION run_adds_up(p_run uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM payout_lines WHERE run_id = p_run) AND NOT EXISTS (
        SELECT FROM payout_lines l
          LEFT JOIN payout_line_earnings i ON i.line_id = l.id
          LEFT JOIN earnings e ON e.brand_id = i.brand_id AND e.id = i.earning_id
         WHERE l.run_id = p_run
         GROUP BY l.id
        HAVING l.amount_minor + l.netted_minor <> coalesce(sum(e.amount_minor), 0)
            OR bool_or((e.expert_id, e.currency, e.state, i.is_live)
                       IS DISTINCT FROM (l.expert_id, l.currency, 'available', true)))
$$;
CREATE FUNCTION run_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.created_by := app_user(); NEW.last_edited_by := app_user(); RETURN NEW;
    END IF;
    IF NEW.created_by <> OLD.created_by
        OR (NEW.last_edited_by, NEW.editors, NEW.content_sha256)
            IS DISTINCT FROM (OLD.last_edited_by, OLD.editors, OLD.content_sha256)
            AND (OLD.state <> 'draft' OR pg_trigger_depth() = 1)
        OR OLD.approved_by IS NOT NULL
            AND (NEW.approved_by, NEW.approved_at, NEW.approved_sha256)
                IS DISTINCT FROM (OLD.approved_by, OLD.approved_at, OLD.approved_sha256) THEN
        RAISE EXCEPTION 'run % is frozen', OLD.id
            USING ERRCODE = '23514', CONSTRAINT = 'run_is_frozen';
    END IF;
    IF NEW.state = OLD.state THEN RETURN NEW; END IF;
    IF NEW.state = 'submitted' THEN
        IF NOT run_adds_up(NEW.id) THEN
            RAISE EXCEPTION 'run % does not add up to available earnings', NEW.id
                USING ERRCODE = '23514', CONSTRAINT = 'run_adds_up';
        END IF;
        NEW.submitted_by := app_user();
        NEW.content_sha256 := payout_run_sha256(NEW.id, true);
    ELSIF NEW.state = 'approved' THEN
        -- approved_sha256 is what the approver saw; the content is hashed again.
        NEW.approved_by := app_user();
        NEW.content_sha256 := payout_run_sha256(NEW.id, true);
    ELSIF NEW.state = 'executing' THEN
        IF payout_run_sha256(NEW.id, true) <> NEW.approved_sha256 THEN
            RAISE EXCEPTION 'run % changed after approval', NEW.id
                USING ERRCODE = '23514', CONSTRAINT = 'run_executes_what_was_approved';
        END IF;
        NEW.executed_sha256 := payout_run_sha256(NEW.id, false);
    ELSIF NEW.state = 'completed' AND EXISTS (SELECT FROM payout_lines WHERE run_id = NEW.id
            AND state NOT IN ('paid', 'held', 'skipped', 'failed', 'returned')) THEN
        RAISE EXCEPTION 'run % has open lines', NEW.id
            USING ERRCODE = '23514', CONSTRAINT = 'run_completed_has_no_open_line';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER run_guard BEFORE INSERT OR UPDATE ON payout_runs
    FOR EACH ROW EXECUTE FUNCTION run_guard();
"""

LINE_GUARDS = """
-- Lines and their earnings come and go in a draft only; the lock orders edit and submission.
CREATE FUNCTION run_must_be_draft(p_run uuid) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
    PERFORM FROM payout_runs WHERE state = 'draft' AND id = p_run FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is not a draft', p_run
            USING ERRCODE = '23514', CONSTRAINT = 'run_is_a_draft';
    END IF;
END $$;
CREATE FUNCTION line_in_draft() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM run_must_be_draft(coalesce(NEW.run_id, OLD.run_id));
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER line_in_draft BEFORE INSERT OR DELETE ON payout_lines
    FOR EACH ROW EXECUTE FUNCTION line_in_draft();
CREATE FUNCTION item_in_draft() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN RETURN OLD; END IF;
    PERFORM run_must_be_draft(
        (SELECT run_id FROM payout_lines WHERE id = coalesce(NEW.line_id, OLD.line_id)));
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER item_in_draft BEFORE INSERT OR DELETE ON payout_line_earnings
    FOR EACH ROW EXECUTE FUNCTION item_in_draft();
CREATE FUNCTION item_leaves_with_its_line() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF pg_trigger_depth() = 1 OR NEW.is_live THEN
        RAISE EXCEPTION 'an earning leaves with its line'
            USING ERRCODE = '23514', CONSTRAINT = 'item_leaves_with_its_line';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER item_leaves_with_its_line BEFORE UPDATE ON payout_line_earnings
    FOR EACH ROW EXECUTE FUNCTION item_leaves_with_its_line();
-- A hold, a claw-back or a changed bank account after the approval still stops the money.
CREATE FUNCTION line_may_leave() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM earnings e JOIN payout_line_earnings i USING (brand_id)
      WHERE e.id = i.earning_id AND i.line_id = NEW.id FOR NO KEY UPDATE OF e;
    IF NOT EXISTS (SELECT FROM payout_runs r JOIN payout_accounts a ON a.id = NEW.payout_account_id
            WHERE r.id = NEW.run_id AND r.state = 'executing' AND a.expert_id = NEW.expert_id
              AND a.state = 'active' AND a.fingerprint = NEW.fingerprint
              AND coalesce(a.cooldown_until, now()) <= now())
        OR EXISTS (SELECT FROM payout_line_earnings i
            JOIN earnings e ON e.brand_id = i.brand_id AND e.id = i.earning_id
            WHERE i.line_id = NEW.id AND e.state <> 'available') THEN
        RAISE EXCEPTION 'line % may not leave now', NEW.id
            USING ERRCODE = '23514', CONSTRAINT = 'line_may_leave';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_may_leave BEFORE UPDATE ON payout_lines FOR EACH ROW
    WHEN (NEW.state = 'transferring' AND OLD.state <> 'transferring')
    EXECUTE FUNCTION line_may_leave();
CREATE FUNCTION line_ended() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    UPDATE payout_line_earnings SET is_live = false WHERE line_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER line_ended AFTER UPDATE ON payout_lines FOR EACH ROW
    WHEN (NEW.state IN ('failed', 'skipped', 'returned') AND OLD.state <> NEW.state)
    EXECUTE FUNCTION line_ended();
CREATE FUNCTION run_edited() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    UPDATE payout_runs SET last_edited_by = app_user(),
        editors = CASE WHEN app_user() = ANY (editors) THEN editors ELSE editors || app_user() END
      WHERE id IN (SELECT run_id FROM changed);
    RETURN NULL;
END $$;
CREATE TRIGGER run_edited_by_new_line AFTER INSERT ON payout_lines
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION run_edited();
CREATE TRIGGER run_edited_by_lost_line AFTER DELETE ON payout_lines
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION run_edited();
"""

MACHINES = (
    machine(
        "payout_account",
        "payout_accounts",
        "start>none none>created created>onboarding onboarding>active onboarding>restricted"
        " active>restricted restricted>active active>disabled active>rejected active>closed"
        " restricted>disabled restricted>rejected restricted>closed onboarding>disabled"
        " onboarding>rejected onboarding>closed",
    ),
    machine(
        "payout_run",
        "payout_runs",
        "start>draft draft>submitted submitted>draft submitted>approved approved>executing"
        " executing>completed draft>cancelled submitted>cancelled approved>cancelled",
    ),
    machine(
        "payout_line",
        "payout_lines",
        "start>queued queued>held held>queued queued>skipped held>skipped queued>transferring"
        " transferring>transferred transferring>failed transferring>unknown unknown>transferred"
        " unknown>failed transferred>paying_out paying_out>paid paying_out>returned paid>returned",
    ),
    machine(
        "stripe_call",
        "stripe_calls",
        "start>intent intent>sent sent>succeeded sent>failed sent>unknown unknown>succeeded"
        " unknown>failed unknown>expired_unknown",
    ),
)

FROZEN = (
    frozen("stripe_calls", "id kind subject n key request request_sha256 created_at"),
    frozen(
        "payout_lines",
        "id run_id expert_id currency amount_minor netted_minor payout_account_id fingerprint",
    ),
    frozen("payout_line_earnings", "line_id brand_id earning_id"),
)

FUNDING = """
CREATE TABLE fundings (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT funding_is_positive CHECK (amount_minor > 0),
    currency char(3) NOT NULL,
    state text NOT NULL DEFAULT 'created',
    checkout_url text,
    payment_intent text,
    refunded_minor bigint NOT NULL DEFAULT 0,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    succeeded_at timestamptz,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT funding_payment_is_new UNIQUE (brand_id, payment_intent),
    CONSTRAINT funding_refunds_at_most_all CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT funding_succeeded_has_payment CHECK (payment_intent IS NOT NULL
        OR state IN ('created', 'pending', 'expired', 'failed', 'cancelled'))
);
"""

FUNDING_MACHINE = machine(
    "funding",
    "fundings",
    "start>created created>pending pending>processing pending>succeeded processing>succeeded"
    " succeeded>partially_refunded succeeded>refunded partially_refunded>refunded"
    " succeeded>disputed partially_refunded>disputed disputed>won disputed>lost created>expired"
    " pending>expired created>failed pending>failed processing>failed created>cancelled"
    " pending>cancelled",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statements in (CALLS, PAYOUTS, FUNDING, RUN_GUARD, LINE_GUARDS):
        op.execute(statements)
    for statements in (*MACHINES, FUNDING_MACHINE, *FROZEN):
        op.execute(statements)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP FUNCTION run_adds_up, payout_run_sha256")
    op.execute(
        "DROP TABLE fundings, payout_line_earnings, payout_lines, payout_runs, payout_accounts,"
        " balance_transactions, stripe_calls"
    )
    op.execute(
        "DROP FUNCTION run_edited, line_ended, line_may_leave, item_leaves_with_its_line,"
        " item_in_draft, line_in_draft, run_must_be_draft, run_guard"
    )
    for thing in ("payout_account", "payout_run", "payout_line", "stripe_call", "funding"):
        op.execute(f"DROP FUNCTION {thing}_moves_along_its_map, {thing}_may_become")
