/**
 * How long what is published stands, the rounds of its reviews, and what has
 * happened to an entry. A version is never changed.
 */
export const entryLife = `
alter table entry add column published_round integer;
alter table entry add column review_due_at integer;
alter table entry add column expiring_at integer;
alter table entry add column noticed_days integer;
alter table entry add column stopped_at integer;
update entry set published_round = 1 where published_version is not null;

alter table entry_revision add column fixes_version integer;
create trigger entry_revision_no_update before update on entry_revision begin select raise(abort, 'a version of an entry is never changed'); end;

create table entry_review_by_round (
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
insert into entry_review_by_round
  select id, entry_id, version, 1, hash, reviewer_id, decision, null, reason, created_at from entry_review;
drop table entry_review;
alter table entry_review_by_round rename to entry_review;

create table entry_event (
  id text primary key,
  entry_id text not null references entry (id),
  version integer not null,
  event text not null,
  state text not null,
  actor_id text not null,
  reason text,
  created_at integer not null
) strict;
create index entry_event_entry on entry_event (entry_id, version);
create trigger entry_event_no_update before update on entry_event begin select raise(abort, 'the history of an entry is append-only'); end;
create trigger entry_event_no_delete before delete on entry_event begin select raise(abort, 'the history of an entry is append-only'); end;

create table guideline_change (
  id text primary key,
  guideline text not null,
  edition text not null,
  actor_id text not null,
  created_at integer not null,
  unique (guideline, edition)
) strict;
`;
