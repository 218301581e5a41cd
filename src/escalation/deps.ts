import type { ChatMessage, Community } from '../community/index.js';
import type { Audit } from '../platform/audit/audit.js';
import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import type { Seal } from '../platform/db/sealed.js';
import type { Ids } from '../platform/ids.js';
import type { Jobs } from '../platform/jobs/jobs.js';
import type { Log } from '../platform/log.js';
import type { Outbox } from '../platform/outbox/outbox.js';
import type { TriageRules } from '../triage/index.js';
import type { Drafting } from './draft.js';
import type { ServiceHours } from './service-hours.js';

/** Posts JSON to the operator's alert address; rejects when it did not arrive. */
type PostJson = (url: string, body: unknown) => Promise<unknown>;

export interface EscalationDeps {
  clock: Clock;
  ids: Ids;
  seal: Seal;
  log: Log;
  community: Community;
  outbox: Outbox;
  jobs: Jobs;
  audit: Audit;
  /** For the wording of the cards. */
  rules: TriageRules;
  operator: { operator: string; department: string };
  /** In which doctors' service hours are meant. */
  timeZone: string;
  serviceHours?: ServiceHours;
  /** The operator's alert address. */
  webhook: string | undefined;
  post: PostJson;
  /** A message of earlier, as the features see it; without words once it was recalled or its time is over. */
  loadMessage(tx: Transaction, messageId: string): Promise<ChatMessage>;
  /** What this person asked last in this place, where the answering knows it: the question of a bare 转医生. */
  lastQuestion?(reader: Reader, asker: { personId: string; place: string }): Promise<string | undefined>;
  /** Where a language model is set: what drafts are made with. */
  drafting?: Drafting | undefined;
  /** Recent values in words, shown to the answering doctor alone, where the patient has agreed. */
  recentValues?(tx: Transaction, personId: string): Promise<string | undefined>;
}
