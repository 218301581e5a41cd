-- Dumped from the migrations by `npm run schema`; a test compares. Not edited by hand.

CREATE TABLE account (
  id text primary key,
  provider text not null,
  external_id text not null,
  last_alive_at integer not null default 0,
  created_at integer not null,
  unique (provider, external_id)
) strict;

CREATE TABLE audit (
  sequence integer primary key autoincrement,
  id text not null unique,
  action text not null,
  actor_id text not null,
  target_kind text not null,
  target_id text not null,
  details text not null,
  previous_hash text not null,
  hash text not null,
  created_at integer not null
) strict;

CREATE TABLE balance (
  book_id text not null references community (id),
  account text not null,
  amount integer not null,
  created_at integer not null,
  primary key (book_id, account)
) strict;

CREATE TABLE campaign (
  id text primary key,
  community_id text not null references community (id),
  name text not null,
  template text not null,
  state text not null,
  version integer not null,
  time_zone text not null,
  day_start_minutes integer not null,
  starts_on text not null,
  ends_on text not null,
  closed_at integer,
  created_by text references person (id),
  created_at integer not null
) strict;

CREATE TABLE campaign_pause (
  id text primary key,
  campaign_id text not null references campaign (id),
  from_day text not null,
  to_day text,
  ended_at integer,
  created_at integer not null
) strict;

CREATE TABLE campaign_room (
  id text primary key,
  campaign_id text not null references campaign (id),
  room_id text not null references room (id),
  leaderboard_at integer not null default 0,
  created_at integer not null,
  unique (campaign_id, room_id)
) strict;

CREATE TABLE campaign_version (
  id text primary key,
  campaign_id text not null references campaign (id),
  version integer not null,
  definition text not null,
  created_at integer not null,
  unique (campaign_id, version)
) strict;

CREATE TABLE checkin_award (
  id text primary key,
  book_id text not null references community (id),
  person_id text not null references person (id),
  campaign_id text not null references campaign (id),
  local_day text not null,
  rule text not null,
  slot text not null,
  points integer not null,
  version integer not null,
  ledger_transaction_id text not null,
  reversed_by text,
  created_at integer not null,
  unique (book_id, person_id, campaign_id, local_day, rule, slot, version)
) strict;

CREATE TABLE community (
  id text primary key,
  name text not null unique,
  muted integer not null default 0,
  next_ticket_number integer not null default 1,
  created_at integer not null
) strict;

CREATE TABLE consent (
  id text primary key,
  person_id text not null references person (id),
  purpose text not null,
  decision text not null,
  version text not null,
  wording_hash text not null,
  room_id text references room (id),
  message_id text,
  created_at integer not null
) strict;

CREATE TABLE embedding (
  model text not null,
  text_hash text not null,
  vector text not null,
  created_at integer not null,
  primary key (model, text_hash)
) strict;

CREATE TABLE entry (
  id text primary key,
  state text not null,
  version integer not null,
  published_version integer,
  sample integer not null default 0,
  published_at integer,
  created_at integer not null
, published_round integer, review_due_at integer, expiring_at integer, noticed_days integer, stopped_at integer) strict;

CREATE TABLE entry_event (
  id text primary key,
  entry_id text not null references entry (id),
  version integer not null,
  event text not null,
  state text not null,
  actor_id text not null,
  reason text,
  created_at integer not null
) strict;

CREATE TABLE "entry_review" (
  id text primary key,
  entry_id text not null references entry (id),
  version integer not null,
  round integer not null,
  hash text not null,
  reviewer_id text not null references person (id),
  decision text not null,
  checks text,
  reason text,
  created_at integer not null,
  unique (entry_id, version, round, reviewer_id)
) strict;

CREATE TABLE entry_revision (
  id text primary key,
  entry_id text not null references entry (id),
  version integer not null,
  hash text not null,
  content text not null,
  author text not null,
  created_at integer not null, fixes_version integer,
  unique (entry_id, version)
) strict;

CREATE TABLE external_identity (
  id text primary key,
  provider text not null,
  account_id text not null references account (id),
  kind text not null,
  external_id text not null,
  person_id text references person (id),
  room_id text references room (id),
  stable integer not null default 1,
  friend integer not null default 0,
  first_seen_at integer not null,
  last_seen_at integer not null,
  created_at integer not null,
  unique (provider, account_id, kind, external_id)
) strict;

CREATE TABLE feedback (
  id text primary key,
  question_id text not null references question (id),
  person_id text not null references person (id),
  rating text not null,
  created_at integer not null, reason text,
  unique (question_id, person_id)
) strict;

CREATE TABLE guideline_change (
  id text primary key,
  guideline text not null,
  edition text not null,
  actor_id text not null,
  created_at integer not null,
  unique (guideline, edition)
) strict;

CREATE TABLE job (
  id text primary key,
  kind text not null,
  slot text not null,
  due_at integer not null,
  data text not null,
  state text not null,
  attempts integer not null default 0,
  last_error text,
  finished_at integer,
  created_at integer not null,
  unique (kind, slot)
) strict;

CREATE TABLE leaderboard_choice (
  id text primary key,
  community_id text not null references community (id),
  person_id text not null references person (id),
  shown integer not null,
  nickname_sealed text,
  created_at integer not null,
  unique (community_id, person_id)
) strict;

CREATE TABLE ledger_entry (
  sequence integer primary key autoincrement,
  id text not null unique,
  book_id text not null references community (id),
  transaction_id text not null references ledger_transaction (id),
  account text not null,
  amount integer not null,
  previous_hash text not null,
  hash text not null,
  created_at integer not null
) strict;

CREATE TABLE ledger_transaction (
  id text primary key,
  book_id text not null references community (id),
  idempotency_key text not null unique,
  input_hash text not null,
  reason text not null,
  actor_id text not null,
  source_id text not null,
  reverses_id text unique references ledger_transaction (id),
  created_at integer not null
) strict;

CREATE TABLE lot (
  id text primary key,
  book_id text not null references community (id),
  person_id text not null references person (id),
  transaction_id text not null references ledger_transaction (id),
  amount integer not null,
  remaining integer not null check (remaining >= 0 and remaining <= amount),
  expires_at integer not null,
  created_at integer not null
) strict;

CREATE TABLE membership (
  id text primary key,
  room_id text not null references room (id),
  person_id text not null references person (id),
  alias_sealed text,
  joined_at integer not null,
  welcomed_at integer,
  left_at integer,
  created_at integer not null,
  unique (room_id, person_id)
) strict;

CREATE TABLE message (
  id text primary key,
  account_id text not null references account (id),
  platform_id text not null,
  content_key text not null,
  kind text not null,
  room_id text references room (id),
  person_id text references person (id),
  self integer not null default 0,
  mentions_bot integer not null default 0,
  mentioned text not null default '[]',
  text_sealed text,
  quoted_sealed text,
  details text not null default '{}',
  sent_at integer not null,
  received_at integer not null,
  seq integer not null,
  triage_level text not null default 'information',
  triage text,
  handled_at integer,
  waits_for text,
  tries integer not null default 0,
  next_try_at integer not null default 0,
  error_id text,
  keep_until integer,
  recalled_at integer,
  created_at integer not null,
  unique (account_id, platform_id),
  unique (account_id, content_key)
) strict;

CREATE TABLE meta (
  key text primary key,
  value text not null,
  created_at integer not null
) strict;

CREATE TABLE model_answer (
  key text primary key,
  answer_sealed text not null,
  created_at integer not null
) strict;

CREATE TABLE model_call (
  id text primary key,
  prompt text not null,
  prompt_version integer not null,
  model text not null,
  way text,
  person_id text references person (id),
  outcome text not null,
  input_tokens integer not null,
  output_tokens integer not null,
  duration_ms integer not null,
  created_at integer not null
) strict;

CREATE TABLE observation (
  id text primary key,
  person_id text not null references person (id),
  talker_id text not null references person (id),
  message_id text not null references message (id),
  room_id text references room (id),
  item integer not null,
  kind text not null,
  slot text not null,
  value_sealed text not null,
  local_day text not null,
  time_zone text not null,
  day_start_minutes integer not null,
  measured_at integer not null,
  status text not null,
  supersedes_id text references observation (id),
  created_at integer not null,
  unique (message_id, item)
) strict;

CREATE TABLE outbox (
  id text primary key,
  account_id text not null references account (id),
  dedupe_key text not null unique,
  conversation text not null,
  kind text not null,
  body_sealed text not null,
  is_file integer not null default 0,
  priority integer not null,
  must_deliver integer not null default 0,
  not_before integer not null,
  expires_at integer,
  gather_key text,
  state text not null,
  tries integer not null default 0,
  attempted_at integer,
  unknown_since integer,
  rendered_hash text,
  platform_id text,
  cause_message_id text,
  ticket_id text,
  sent_at integer,
  error text,
  created_at integer not null
) strict;

CREATE TABLE pending_question (
  id text primary key,
  person_id text not null references person (id),
  place text not null,
  kind text not null,
  data_sealed text not null,
  reminded_at integer,
  opened_at integer not null,
  expires_at integer not null,
  created_at integer not null,
  unique (person_id, place)
) strict;

CREATE TABLE person (
  id text primary key,
  name_sealed text,
  simulated integer not null default 0,
  erased_at integer,
  created_at integer not null
) strict;

CREATE TABLE question (
  id text primary key,
  message_id text not null unique references message (id),
  person_id text not null references person (id),
  room_id text references room (id),
  decision text not null,
  entry_id text,
  entry_version integer,
  candidates text not null default '[]',
  created_at integer not null
) strict;

CREATE TABLE role (
  id text primary key,
  community_id text not null references community (id),
  person_id text not null references person (id),
  role text not null,
  real_name text,
  speciality text,
  institution text,
  licence_sealed text,
  verified_at integer,
  verified_by text references person (id),
  simulated integer not null default 0,
  removed_at integer,
  created_at integer not null
) strict;

CREATE TABLE room (
  id text primary key,
  account_id text not null references account (id),
  community_id text references community (id),
  kind text not null,
  topics text not null default '[]',
  name_sealed text,
  time_zone text not null,
  day_start_minutes integer not null default 180,
  answer_style text not null default 'standard',
  values_mode text not null default 'group',
  quiet_from_minutes integer not null default 1320,
  quiet_to_minutes integer not null default 420,
  muted integer not null default 0,
  introduced_at integer,
  invited_by text references person (id),
  left_at integer,
  last_message_at integer not null default 0,
  created_at integer not null
) strict;

CREATE TABLE schema_version (version integer primary key, applied_at integer not null);

CREATE TABLE sent_answer (
  id text primary key,
  person_id text not null references person (id),
  entry_id text not null,
  entry_version integer not null,
  created_at integer not null
) strict;

CREATE TABLE ticket (
  id text primary key,
  number integer not null,
  community_id text not null references community (id),
  account_id text not null references account (id),
  kind text not null,
  level text not null,
  state text not null,
  room_id text references room (id),
  asker_id text not null references person (id),
  relation text,
  message_id text not null unique references message (id),
  question_sealed text not null,
  claimed_by text references person (id),
  acknowledged_at integer,
  acknowledged_by text references person (id),
  answered_at integer,
  answered_by text references person (id),
  due_at integer,
  closed_at integer,
  outcome text,
  created_at integer not null,
  unique (community_id, number)
) strict;

CREATE TABLE ticket_event (
  id text primary key,
  ticket_id text not null references ticket (id),
  kind text not null,
  actor_id text references person (id),
  message_id text,
  text_sealed text,
  created_at integer not null
) strict;

CREATE INDEX consent_person on consent (person_id, purpose, created_at);

CREATE INDEX entry_event_entry on entry_event (entry_id, version);

CREATE INDEX external_identity_person on external_identity (person_id);

CREATE INDEX external_identity_room on external_identity (room_id);

CREATE INDEX job_due on job (state, due_at);

CREATE INDEX ledger_entry_account on ledger_entry (book_id, account);

CREATE INDEX lot_person on lot (book_id, person_id, expires_at);

CREATE INDEX membership_person on membership (person_id);

CREATE INDEX message_keep on message (keep_until) where keep_until is not null;

CREATE INDEX message_person on message (person_id, sent_at);

CREATE INDEX message_room on message (room_id, sent_at);

CREATE INDEX message_unhandled on message (account_id, seq) where handled_at is null;

CREATE INDEX model_call_created on model_call (created_at);

CREATE INDEX observation_day on observation (person_id, local_day);

CREATE INDEX outbox_cause on outbox (cause_message_id) where cause_message_id is not null;

CREATE INDEX outbox_conversation on outbox (account_id, conversation, attempted_at) where attempted_at is not null;

CREATE INDEX outbox_echo on outbox (rendered_hash) where rendered_hash is not null and platform_id is null;

CREATE INDEX outbox_gather on outbox (gather_key, created_at) where gather_key is not null;

CREATE INDEX outbox_platform on outbox (platform_id) where platform_id is not null;

CREATE INDEX outbox_state on outbox (state, account_id, priority, id);

CREATE INDEX pending_question_expiry on pending_question (expires_at);

CREATE INDEX question_person on question (person_id, created_at);

CREATE UNIQUE INDEX role_current on role (community_id, person_id, role) where removed_at is null;

CREATE INDEX role_person on role (person_id);

CREATE INDEX sent_answer_entry on sent_answer (entry_id, created_at);

CREATE INDEX ticket_asker on ticket (asker_id, created_at);

CREATE INDEX ticket_event_ticket on ticket_event (ticket_id, created_at);

CREATE INDEX ticket_open on ticket (community_id, state);

CREATE TRIGGER audit_no_delete before delete on audit begin select raise(abort, 'the audit is append-only'); end;

CREATE TRIGGER audit_no_update before update on audit begin select raise(abort, 'the audit is append-only'); end;

CREATE TRIGGER entry_event_no_delete before delete on entry_event begin select raise(abort, 'the history of an entry is append-only'); end;

CREATE TRIGGER entry_event_no_update before update on entry_event begin select raise(abort, 'the history of an entry is append-only'); end;

CREATE TRIGGER entry_revision_no_update before update on entry_revision begin select raise(abort, 'a version of an entry is never changed'); end;

CREATE TRIGGER ledger_entry_no_delete before delete on ledger_entry begin select raise(abort, 'the ledger is append-only'); end;

CREATE TRIGGER ledger_entry_no_update before update on ledger_entry begin select raise(abort, 'the ledger is append-only'); end;

CREATE TRIGGER ledger_transaction_no_delete before delete on ledger_transaction begin select raise(abort, 'the ledger is append-only'); end;

CREATE TRIGGER ledger_transaction_no_update before update on ledger_transaction begin select raise(abort, 'the ledger is append-only'); end;
