/** Which version of which entry went to whom: for a correction, when the entry is stopped. */
export const sentAnswers = `
create table sent_answer (
  id text primary key,
  person_id text not null references person (id),
  entry_id text not null,
  entry_version integer not null,
  created_at integer not null
) strict;
create index sent_answer_entry on sent_answer (entry_id, created_at);
`;
