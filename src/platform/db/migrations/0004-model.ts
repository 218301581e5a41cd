/**
 * What was asked of a language model (never the words), answers that need not
 * be asked for twice, and vectors of texts.
 */
export const modelCalls = `
create table model_call (
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
create index model_call_created on model_call (created_at);
create table model_answer (
  key text primary key,
  answer_sealed text not null,
  created_at integer not null
) strict;
create table embedding (
  model text not null,
  text_hash text not null,
  vector text not null,
  created_at integer not null,
  primary key (model, text_hash)
) strict;
`;
