"""People can sign in, brands exist, experts are people.

Why: everything else belongs to a brand or to a person. Brand-owned tables have the key
(brand_id, id) and no foreign key to shared ones, so that brands can later live on shards.

Locks: none, the tables are new.
Deploy: before any code.
Undo: ``downgrade`` drops the tables with their rows.

Revision ID: 0001
Revises:
"""

from alembic import op

from migrations.machines import machine

revision = "0001"
down_revision = None

GUARDS = """
CREATE FUNCTION app_brands() RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_to_array(nullif(current_setting('app.brand_ids', true), ''), ',')::uuid[], '{}')
$$;
CREATE FUNCTION app_user() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('app.user_id', true), '')::uuid
$$;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '% on % is never allowed', tg_op, tg_argv[0] USING ERRCODE = '42501';
END $$;
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE c text; BEGIN
    FOREACH c IN ARRAY tg_argv LOOP
        IF to_jsonb(OLD) -> c IS DISTINCT FROM to_jsonb(NEW) -> c THEN
            RAISE EXCEPTION '% is frozen', c USING ERRCODE = '23514', CONSTRAINT = 'column_is_frozen';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
"""

TABLES = """
CREATE TABLE brands (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT brand_has_name CHECK (name <> ''),
    slug text NOT NULL CONSTRAINT brand_slug_is_free UNIQUE,
    fee_bps integer NOT NULL DEFAULT 2500
        CONSTRAINT brand_fee_is_a_share CHECK (fee_bps BETWEEN 0 AND 10000),
    expert_title text NOT NULL DEFAULT 'Advocate',
    created_at timestamptz NOT NULL,
    suspended_at timestamptz
);
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL CONSTRAINT user_email_is_lower CHECK (email = lower(email)),
    name text NOT NULL,
    password_hash text,
    totp_secret text,
    totp_last_step bigint NOT NULL DEFAULT 0,
    platform_role text CONSTRAINT user_platform_role_is_known
        CHECK (platform_role IN ('finance', 'admin')),
    created_at timestamptz NOT NULL,
    suspended_at timestamptz,
    CONSTRAINT user_email_is_free UNIQUE (email)
);
CREATE TABLE memberships (
    brand_id uuid NOT NULL REFERENCES brands,
    user_id uuid NOT NULL,
    role text NOT NULL CONSTRAINT membership_role_is_known
        CHECK (role IN ('owner', 'lead', 'agent', 'analyst')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);
CREATE TABLE sessions (
    token_sha256 bytea PRIMARY KEY,
    user_id uuid,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    name text NOT NULL,
    role text NOT NULL CONSTRAINT api_key_role_is_known
        CHECK (role IN ('owner', 'lead', 'agent', 'analyst', 'expert', 'finance', 'admin')),
    brand_id uuid,
    sha256 bytea NOT NULL CONSTRAINT api_key_is_unique UNIQUE,
    actions text[],
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_on date,
    CONSTRAINT api_key_of_staff_names_its_brand
        CHECK ((role IN ('owner', 'lead', 'agent', 'analyst')) = (brand_id IS NOT NULL))
);
CREATE INDEX api_keys_user ON api_keys (user_id);
CREATE TABLE login_attempts (
    subject text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX login_attempts_recent ON login_attempts (subject, at);
CREATE TABLE experts (
    id uuid PRIMARY KEY REFERENCES users,
    standing text NOT NULL DEFAULT 'new' CONSTRAINT expert_standing_is_known
        CHECK (standing IN ('new', 'good', 'warned', 'suspended')),
    languages text[] NOT NULL DEFAULT '{en}',
    claims_max smallint NOT NULL DEFAULT 3
        CONSTRAINT expert_claims_are_few CHECK (claims_max BETWEEN 0 AND 20),
    time_zone text NOT NULL DEFAULT 'UTC',
    country char(2) NOT NULL DEFAULT 'DE',
    paused_until timestamptz,
    payout_fingerprint text,
    created_at timestamptz NOT NULL
);
CREATE TABLE applications (
    brand_id uuid NOT NULL REFERENCES brands,
    id uuid NOT NULL,
    expert_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'applied',
    declined_reason text,
    badge text NOT NULL DEFAULT '',
    applied_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, id),
    CONSTRAINT application_one_per_expert UNIQUE (brand_id, expert_id),
    CONSTRAINT application_declined_has_reason
        CHECK ((state = 'declined') = (declined_reason IS NOT NULL))
);
CREATE INDEX applications_expert ON applications (expert_id);
"""

MACHINE = machine(
    "application",
    "applications",
    "start>applied applied>verified applied>waitlisted applied>declined verified>testing"
    " verified>waitlisted verified>declined testing>active testing>waitlisted testing>declined"
    " waitlisted>verified waitlisted>testing waitlisted>declined"
    " active>paused active>left paused>active paused>left",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    # A definer function is nobody's until it is granted.
    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    op.execute(GUARDS)
    op.execute(TABLES)
    op.execute(MACHINE)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute(
        "DROP TABLE applications, experts, login_attempts, api_keys, sessions, memberships, users, brands"
    )
    op.execute("DROP FUNCTION application_moves_along_its_map, application_may_become")
    op.execute("DROP FUNCTION keep, refuse, app_user, app_brands")
