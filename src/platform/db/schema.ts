import type { Generated } from 'kysely';

/**
 * All tables on one page: the same columns as `migrations/`, compared by a test.
 * Instants are UTC milliseconds; `…Sealed` columns hold what `sealed.ts` wrote; flags are 0 or 1.
 */
export interface Schema {
  meta: MetaTable;
  account: AccountTable;
  community: CommunityTable;
  person: PersonTable;
  room: RoomTable;
  external_identity: ExternalIdentityTable;
  membership: MembershipTable;
  role: RoleTable;
  consent: ConsentTable;
  message: MessageTable;
  pending_question: PendingQuestionTable;
  outbox: OutboxTable;
  job: JobTable;
  campaign: CampaignTable;
  campaign_version: CampaignVersionTable;
  campaign_room: CampaignRoomTable;
  campaign_pause: CampaignPauseTable;
  observation: ObservationTable;
  checkin_award: CheckinAwardTable;
  ledger_transaction: LedgerTransactionTable;
  ledger_entry: LedgerEntryTable;
  balance: BalanceTable;
  lot: LotTable;
  leaderboard_choice: LeaderboardChoiceTable;
  entry: EntryTable;
  entry_revision: EntryRevisionTable;
  entry_review: EntryReviewTable;
  entry_event: EntryEventTable;
  guideline_change: GuidelineChangeTable;
  question: QuestionTable;
  sent_answer: SentAnswerTable;
  feedback: FeedbackTable;
  ticket: TicketTable;
  ticket_event: TicketEventTable;
  model_call: ModelCallTable;
  model_answer: ModelAnswerTable;
  embedding: EmbeddingTable;
  audit: AuditTable;
}

interface MetaTable {
  key: string;
  value: string;
  created_at: number;
}

interface AccountTable {
  id: string;
  provider: string;
  external_id: string;
  last_alive_at: Generated<number>;
  created_at: number;
}

interface CommunityTable {
  id: string;
  name: string;
  muted: Generated<number>;
  next_ticket_number: Generated<number>;
  created_at: number;
}

interface PersonTable {
  id: string;
  name_sealed: string | null;
  simulated: Generated<number>;
  erased_at: number | null;
  created_at: number;
}

interface RoomTable {
  id: string;
  account_id: string;
  community_id: string | null;
  kind: string;
  topics: Generated<string>;
  name_sealed: string | null;
  time_zone: string;
  day_start_minutes: Generated<number>;
  answer_style: Generated<string>;
  values_mode: Generated<string>;
  quiet_from_minutes: Generated<number>;
  quiet_to_minutes: Generated<number>;
  muted: Generated<number>;
  introduced_at: number | null;
  invited_by: string | null;
  left_at: number | null;
  last_message_at: Generated<number>;
  created_at: number;
}

interface ExternalIdentityTable {
  id: string;
  provider: string;
  account_id: string;
  kind: string;
  external_id: string;
  person_id: string | null;
  room_id: string | null;
  stable: Generated<number>;
  friend: Generated<number>;
  first_seen_at: number;
  last_seen_at: number;
  created_at: number;
}

interface MembershipTable {
  id: string;
  room_id: string;
  person_id: string;
  alias_sealed: string | null;
  joined_at: number;
  welcomed_at: number | null;
  left_at: number | null;
  created_at: number;
}

interface RoleTable {
  id: string;
  community_id: string;
  person_id: string;
  role: string;
  real_name: string | null;
  speciality: string | null;
  institution: string | null;
  licence_sealed: string | null;
  verified_at: number | null;
  verified_by: string | null;
  simulated: Generated<number>;
  removed_at: number | null;
  created_at: number;
}

interface ConsentTable {
  id: string;
  person_id: string;
  purpose: string;
  decision: string;
  version: string;
  wording_hash: string;
  room_id: string | null;
  message_id: string | null;
  created_at: number;
}

interface MessageTable {
  id: string;
  account_id: string;
  platform_id: string;
  content_key: string;
  kind: string;
  room_id: string | null;
  person_id: string | null;
  self: Generated<number>;
  mentions_bot: Generated<number>;
  mentioned: Generated<string>;
  text_sealed: string | null;
  quoted_sealed: string | null;
  details: Generated<string>;
  sent_at: number;
  received_at: number;
  seq: number;
  triage_level: Generated<string>;
  triage: string | null;
  handled_at: number | null;
  waits_for: string | null;
  tries: Generated<number>;
  next_try_at: Generated<number>;
  error_id: string | null;
  keep_until: number | null;
  recalled_at: number | null;
  created_at: number;
}

interface PendingQuestionTable {
  id: string;
  person_id: string;
  place: string;
  kind: string;
  data_sealed: string;
  reminded_at: number | null;
  opened_at: number;
  expires_at: number;
  created_at: number;
}

interface OutboxTable {
  id: string;
  account_id: string;
  dedupe_key: string;
  conversation: string;
  kind: string;
  body_sealed: string;
  is_file: Generated<number>;
  priority: number;
  must_deliver: Generated<number>;
  not_before: number;
  expires_at: number | null;
  gather_key: string | null;
  state: string;
  tries: Generated<number>;
  attempted_at: number | null;
  unknown_since: number | null;
  rendered_hash: string | null;
  platform_id: string | null;
  cause_message_id: string | null;
  ticket_id: string | null;
  sent_at: number | null;
  error: string | null;
  created_at: number;
}

interface JobTable {
  id: string;
  kind: string;
  slot: string;
  due_at: number;
  data: string;
  state: string;
  attempts: Generated<number>;
  last_error: string | null;
  finished_at: number | null;
  created_at: number;
}

interface CampaignTable {
  id: string;
  community_id: string;
  name: string;
  template: string;
  state: string;
  version: number;
  time_zone: string;
  day_start_minutes: number;
  starts_on: string;
  ends_on: string;
  closed_at: number | null;
  created_by: string | null;
  created_at: number;
}

interface CampaignVersionTable {
  id: string;
  campaign_id: string;
  version: number;
  definition: string;
  created_at: number;
}

interface CampaignRoomTable {
  id: string;
  campaign_id: string;
  room_id: string;
  leaderboard_at: Generated<number>;
  created_at: number;
}

interface CampaignPauseTable {
  id: string;
  campaign_id: string;
  from_day: string;
  to_day: string | null;
  ended_at: number | null;
  created_at: number;
}

interface ObservationTable {
  id: string;
  person_id: string;
  talker_id: string;
  message_id: string;
  room_id: string | null;
  item: number;
  kind: string;
  slot: string;
  value_sealed: string;
  local_day: string;
  time_zone: string;
  day_start_minutes: number;
  measured_at: number;
  status: string;
  supersedes_id: string | null;
  created_at: number;
}

interface CheckinAwardTable {
  id: string;
  book_id: string;
  person_id: string;
  campaign_id: string;
  local_day: string;
  rule: string;
  slot: string;
  points: number;
  version: number;
  ledger_transaction_id: string;
  reversed_by: string | null;
  created_at: number;
}

interface LedgerTransactionTable {
  id: string;
  book_id: string;
  idempotency_key: string;
  input_hash: string;
  reason: string;
  actor_id: string;
  source_id: string;
  reverses_id: string | null;
  created_at: number;
}

interface LedgerEntryTable {
  sequence: Generated<number>;
  id: string;
  book_id: string;
  transaction_id: string;
  account: string;
  amount: number;
  previous_hash: string;
  hash: string;
  created_at: number;
}

interface BalanceTable {
  book_id: string;
  account: string;
  amount: number;
  created_at: number;
}

interface LotTable {
  id: string;
  book_id: string;
  person_id: string;
  transaction_id: string;
  amount: number;
  remaining: number;
  expires_at: number;
  created_at: number;
}

interface LeaderboardChoiceTable {
  id: string;
  community_id: string;
  person_id: string;
  shown: number;
  nickname_sealed: string | null;
  created_at: number;
}

interface EntryTable {
  id: string;
  state: string;
  version: number;
  published_version: number | null;
  sample: Generated<number>;
  published_at: number | null;
  published_round: number | null;
  review_due_at: number | null;
  expiring_at: number | null;
  noticed_days: number | null;
  stopped_at: number | null;
  created_at: number;
}

interface EntryRevisionTable {
  id: string;
  entry_id: string;
  version: number;
  hash: string;
  content: string;
  author: string;
  created_at: number;
  fixes_version: number | null;
}

interface EntryReviewTable {
  id: string;
  entry_id: string;
  version: number;
  round: number;
  hash: string;
  reviewer_id: string;
  decision: string;
  checks: string | null;
  reason: string | null;
  created_at: number;
}

interface EntryEventTable {
  id: string;
  entry_id: string;
  version: number;
  event: string;
  state: string;
  actor_id: string;
  reason: string | null;
  created_at: number;
}

interface GuidelineChangeTable {
  id: string;
  guideline: string;
  edition: string;
  actor_id: string;
  created_at: number;
}

interface QuestionTable {
  id: string;
  message_id: string;
  person_id: string;
  room_id: string | null;
  decision: string;
  entry_id: string | null;
  entry_version: number | null;
  candidates: Generated<string>;
  created_at: number;
}

interface SentAnswerTable {
  id: string;
  person_id: string;
  entry_id: string;
  entry_version: number;
  created_at: number;
}

interface FeedbackTable {
  id: string;
  question_id: string;
  person_id: string;
  rating: string;
  created_at: number;
  reason: string | null;
}

interface TicketTable {
  id: string;
  number: number;
  community_id: string;
  account_id: string;
  kind: string;
  level: string;
  state: string;
  room_id: string | null;
  asker_id: string;
  relation: string | null;
  message_id: string;
  question_sealed: string;
  claimed_by: string | null;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  answered_at: number | null;
  answered_by: string | null;
  due_at: number | null;
  closed_at: number | null;
  outcome: string | null;
  created_at: number;
}

interface TicketEventTable {
  id: string;
  ticket_id: string;
  kind: string;
  actor_id: string | null;
  message_id: string | null;
  text_sealed: string | null;
  created_at: number;
}

interface AuditTable {
  sequence: Generated<number>;
  id: string;
  action: string;
  actor_id: string;
  target_kind: string;
  target_id: string;
  details: string;
  previous_hash: string;
  hash: string;
  created_at: number;
}

interface ModelCallTable {
  id: string;
  prompt: string;
  prompt_version: number;
  model: string;
  way: string | null;
  person_id: string | null;
  outcome: string;
  input_tokens: number;
  output_tokens: number;
  duration_ms: number;
  created_at: number;
}

interface ModelAnswerTable {
  key: string;
  answer_sealed: string;
  created_at: number;
}

interface EmbeddingTable {
  model: string;
  text_hash: string;
  /** 32-bit floats, little endian, base64. */
  vector: string;
  created_at: number;
}
