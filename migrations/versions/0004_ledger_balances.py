"""The ledger balances, forgets nothing and overdraws nobody.

Why: money moves only by balanced journal entries through one function, ``ledger_post``, which the
web may call and whose tables it may not write. An owned account keeps a balance whose row lock
orders the spenders; a platform account keeps none, because every payout would queue for it. The
balance is checked once per header at the commit, because once per leg is quadratic.

Signs are credit-positive: what we owe somebody is above zero.

Locks: none, the tables are new.
Deploy: before any code.
Undo: ``downgrade`` drops the ledger with its history; only before the first posting.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from migrations.machines import append_only

revision = "0004"
down_revision = "0003"

LEDGER = """
create table ledger_accounts (id bigint generated always as identity primary key,
  kind text not null check (kind in ('brand_available', 'brand_reserved', 'brand_receivable', 'expert_pending', 'expert_payable',
    'expert_receivable', 'payouts_in_transit', 'platform_fee', 'stripe_clearing', 'stripe_fees', 'write_off')),
  owner_id uuid not null default '00000000-0000-0000-0000-000000000000', currency char(3) not null check (currency = upper(currency)),
  brand_id uuid generated always as (case when kind like 'brand\\_%' then owner_id end) stored,
  expert_id uuid generated always as (case when kind like 'expert\\_%' then owner_id end) stored, balance_minor bigint, unique (kind, owner_id, currency), unique (id, currency),
  constraint account_platform_has_no_owner check (kind ~ '^(brand|expert)_' or owner_id = '00000000-0000-0000-0000-000000000000'),
  constraint account_owned_is_cached check ((kind ~ '^(brand|expert)_') = (balance_minor is not null)),
  constraint account_not_overdrawn check (balance_minor >= 0 or kind in ('brand_receivable', 'expert_receivable')) ) with (fillfactor = 50);
create index ledger_accounts_brand on ledger_accounts (brand_id); create index ledger_accounts_expert on ledger_accounts (expert_id);
-- What each event may move, and who may cause it.
create table journal_kinds (kind text primary key, takes_from text[] not null, gives_to text[] not null, by_roles text[] not null);
insert into journal_kinds values
  ('funding_succeeded', '{stripe_clearing}', '{brand_available}', '{gigcx_worker}'), ('funding_refunded', '{brand_available}', '{stripe_clearing}', '{gigcx_worker}'),
  ('funding_disputed', '{brand_available,brand_receivable}', '{stripe_clearing}', '{gigcx_worker}'), ('dispute_won', '{stripe_clearing}', '{brand_available,brand_receivable}', '{gigcx_worker}'),
  ('claim_reserved', '{brand_available}', '{brand_reserved}', '{gigcx_web,gigcx_worker}'), ('claim_returned', '{brand_reserved}', '{brand_available}', '{gigcx_web,gigcx_worker}'),
  ('resolution_settled', '{brand_reserved}', '{expert_pending,platform_fee,brand_available}', '{gigcx_web,gigcx_worker}'),
  ('extra_granted', '{brand_available}', '{expert_pending,platform_fee}', '{gigcx_web,gigcx_worker}'), ('earning_released', '{expert_pending}', '{expert_payable}', '{gigcx_worker}'),
  ('transfer_intended', '{expert_payable}', '{payouts_in_transit}', '{gigcx_worker}'), ('transfer_succeeded', '{payouts_in_transit}', '{stripe_clearing}', '{gigcx_worker}'),
  ('transfer_failed', '{payouts_in_transit}', '{expert_payable}', '{gigcx_worker}'), ('transfer_reversed', '{stripe_clearing}', '{expert_payable}', '{gigcx_worker}'),
  ('clawed_back', '{expert_pending,expert_payable,expert_receivable}', '{brand_available}', '{gigcx_worker,gigcx_finance}'),
  ('receivable_netted', '{expert_payable}', '{expert_receivable}', '{gigcx_worker}'),
  ('receivable_written_off', '{write_off}', '{brand_receivable,expert_receivable}', '{gigcx_finance}'), ('stripe_fee_charged', '{stripe_fees}', '{stripe_clearing}', '{gigcx_worker}'),
  ('reversal', '{}', '{}', '{gigcx_finance}');    -- the mirror of an entry, at most once, checked below
create table journal_entries (                   -- header
  id uuid primary key, kind text not null references journal_kinds, reference text not null,
  legs_sha256 bytea not null, reverses uuid unique references journal_entries, posted_at timestamptz not null,
  constraint entry_once_per_reference unique (kind, reference), constraint entry_reversal_names_its_entry check ((kind = 'reversal') = (reverses is not null)));
create table postings (                          -- legs; the key caps an entry at 100 of them, so every check stays small
  entry_id uuid references journal_entries, leg smallint check (leg between 1 and 100), account_id bigint not null, currency char(3) not null,
  amount_minor bigint not null check (amount_minor <> 0), posted_at timestamptz not null,
  primary key (entry_id, leg), foreign key (account_id, currency) references ledger_accounts (id, currency));   -- no foreign currency
create index postings_account on postings (account_id, posted_at) include (amount_minor);
create table ledger_checkpoints (                -- an hour late at least, so that no open transaction can still post before it
  account_id bigint references ledger_accounts, before timestamptz, balance_minor bigint not null, made_at timestamptz not null default now(),
  primary key (account_id, before), constraint checkpoint_is_settled check (before <= made_at - interval '1 hour'));
-- At commit, once per header (once per leg would be quadratic): two legs or more, zero per currency, accounts that fit the kind.
-- Definer: before PostgreSQL 18 a deferred trigger runs as the role that commits, which may not see the other party's legs.
create function entry_balances() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$ declare n int; bad text; begin
  select coalesce(sum(c), 0), min(currency) filter (where s <> 0) into n, bad from (select currency, count(*) c, sum(amount_minor) s from postings where entry_id = new.id group by currency) x;
  if n < 2 or bad is not null then raise exception 'entry % has % legs, unbalanced in %', new.id, n, bad using errcode = '23514', constraint = 'entry_balances'; end if;
  if new.reverses is null and exists (select from postings p join ledger_accounts a on a.id = p.account_id join journal_kinds k on k.kind = new.kind
      where p.entry_id = new.id and not a.kind = any (case when p.amount_minor < 0 then k.takes_from else k.gives_to end))
    or new.reverses is not null and exists (select account_id, sum(amount_minor) from postings where entry_id in (new.id, new.reverses) group by account_id having sum(amount_minor) <> 0)
  then raise exception 'entry %: % may not move these accounts', new.id, new.kind using errcode = '23514', constraint = 'entry_moves_what_its_kind_may'; end if; return null; end $$;
create constraint trigger entry_balances after insert on journal_entries deferrable initially deferred for each row execute function entry_balances();
-- All legs of an entry come in one statement: an entry that has legs takes no more, in this transaction or any other. An entry without legs
-- cannot be committed, so a committed entry is closed without a transaction id to compare: a restored dump has nothing to reopen.
create function postings_apply() returns trigger language plpgsql set search_path = public, pg_temp as $$ begin
  if exists (select from (select entry_id, count(*) n from fresh group by entry_id) f where n <> (select count(*) from postings p where p.entry_id = f.entry_id)) then
    raise exception 'a journal entry is closed' using errcode = '23514', constraint = 'entry_is_closed'; end if;
  perform from ledger_accounts where balance_minor is not null and id in (select account_id from fresh) order by id for no key update;
  update ledger_accounts a set balance_minor = a.balance_minor + s.d
    from (select account_id, sum(amount_minor) d from fresh group by account_id) s where a.id = s.account_id and a.balance_minor is not null; return null; end $$;
create trigger apply after insert on postings referencing new table as fresh for each statement execute function postings_apply();
create function account_guard() returns trigger language plpgsql as $$ begin   -- a balance moves only with its postings (one trigger deeper)
  if tg_op = 'INSERT' and coalesce(new.balance_minor, 0) = 0 or tg_op = 'UPDATE' and pg_trigger_depth() > 1
    and (new.kind, new.owner_id, new.currency) = (old.kind, old.owner_id, old.currency) then return new; end if;
  raise exception 'a balance changes by postings only' using errcode = '42501'; end $$;
create trigger guard before insert or update on ledger_accounts for each row execute function account_guard();
-- The one way in and the one round trip; the last statement of its transaction. legs: [{"account", "owner", "currency", "amount"}].
-- The same kind and reference with the same legs answer with the first entry; with others they are refused. Accounts open themselves.
create function ledger_post(p_id uuid, p_kind text, p_reference text, p_legs jsonb, p_at timestamptz, p_reverses uuid default null) returns uuid
language plpgsql security definer set search_path = public, pg_temp as $$
declare nil constant uuid := '00000000-0000-0000-0000-000000000000'; v_id uuid; sha bytea := sha256(convert_to(p_legs::text, 'UTF8'));
        caller text := case current_setting('role') when 'none' then session_user else current_setting('role') end; begin
  if caller like 'gigcx\\_%' and not exists (select from journal_kinds where kind = p_kind and caller = any (by_roles)) then
    raise exception '% may not post %', caller, p_kind using errcode = '42501'; end if;
  if caller = 'gigcx_web' and exists (select from jsonb_to_recordset(p_legs) l(account text, owner uuid) where account like 'brand\\_%' and not owner = any (app_brands())) then
    raise exception 'a leg belongs to another brand' using errcode = '42501'; end if;
  insert into ledger_accounts (kind, owner_id, currency, balance_minor) select distinct l.account, coalesce(l.owner, nil), l.currency, case when l.account ~ '^(brand|expert)_' then 0 end
      from jsonb_to_recordset(p_legs) l(account text, owner uuid, currency char(3))
     where (select a.id from ledger_accounts a where a.kind = l.account and a.owner_id = coalesce(l.owner, nil) and a.currency = l.currency) is null order by 1, 2, 3 on conflict do nothing;
  with h as (insert into journal_entries (id, kind, reference, legs_sha256, reverses, posted_at)
               values (p_id, p_kind, p_reference, sha, p_reverses, p_at) on conflict do nothing returning id)
  insert into postings (entry_id, leg, account_id, currency, amount_minor, posted_at)
    select h.id, l.n::smallint, (select a.id from ledger_accounts a      -- as a sub-select it is always an index look-up
              where a.kind = l.account and a.owner_id = coalesce(l.owner, nil) and a.currency = l.currency), l.currency, l.amount, p_at
      from h, rows from (jsonb_to_recordset(p_legs) as (account text, owner uuid, currency char(3), amount bigint)) with ordinality as l(account, owner, currency, amount, n);
  if found then return p_id; end if;
  select id into v_id from journal_entries where kind = p_kind and reference = p_reference and legs_sha256 = sha;
  if v_id is null then raise exception 'entry % or reference % was used for something else', p_id, p_reference using errcode = '23505', constraint = 'entry_once_per_reference'; end if; return v_id; end $$;
create function ledger_balance(p_account bigint) returns bigint language sql stable set search_path = public, pg_temp as $$
  select coalesce(c.balance_minor, 0) + coalesce((select sum(amount_minor) from postings p where p.account_id = p_account and p.posted_at >= coalesce(c.before, '-infinity')), 0)::bigint
    from (select 1) x left join lateral (select * from ledger_checkpoints where account_id = p_account order by before desc limit 1) c on true $$;
create view ledger_faults with (security_invoker = true) as      -- empty, or somebody is called: what no constraint can say
  select 'cache differs' fault, id::text subject from ledger_accounts a where balance_minor <> (select coalesce(sum(amount_minor), 0) from postings where account_id = a.id)
  union all select 'in transit below zero', id::text from ledger_accounts where kind = 'payouts_in_transit' and ledger_balance(id) < 0
  union all select 'unbalanced', entry_id::text from postings group by entry_id, currency having sum(amount_minor) <> 0
  union all select 'checkpoint differs', account_id::text from ledger_checkpoints c where balance_minor <> (select coalesce(sum(amount_minor), 0)
    from postings p where p.account_id = c.account_id and p.posted_at < c.before)
  union all select 'reserved less than claims', brand_id::text from reservations r where state = 'active' group by brand_id, currency having sum(amount_minor)
    > coalesce((select balance_minor from ledger_accounts a where a.kind = 'brand_reserved' and a.owner_id = r.brand_id and a.currency = r.currency), 0)
  union all select 'no legs', id::text from journal_entries e where not exists (select from postings where entry_id = e.id);
"""

GUARDS = (
    append_only("journal_entries"),
    append_only("postings"),
    append_only("ledger_checkpoints"),
    """
CREATE TRIGGER ledger_accounts_no_delete BEFORE DELETE ON ledger_accounts
    FOR EACH ROW EXECUTE FUNCTION refuse('ledger_accounts');
CREATE TRIGGER ledger_accounts_no_truncate BEFORE TRUNCATE ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse('ledger_accounts');
""",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    for statements in (LEDGER, *GUARDS):
        op.execute(statements)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("DROP VIEW ledger_faults")
    op.execute(
        "DROP FUNCTION ledger_balance, ledger_post(uuid, text, text, jsonb, timestamptz, uuid)"
    )
    op.execute(
        "DROP TABLE ledger_checkpoints, postings, journal_entries, journal_kinds, ledger_accounts"
    )
    op.execute("DROP FUNCTION account_guard, postings_apply, entry_balances")
