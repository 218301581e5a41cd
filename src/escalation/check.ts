import type { ChatMessage, QuestionHandler } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import type { Job } from '../platform/jobs/jobs.js';
import { mention, nameOf } from '../platform/outbox/outbox.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import { type Assessment, cardText, confirm, moreUrgent } from '../triage/index.js';
import type { Alerts } from './alerts.js';
import type { EscalationDeps } from './deps.js';
import type { TicketStore } from './store.js';
import { originOf, type Tickets } from './tickets.js';
import { isPressing, type Ticket } from './types.js';

const MINUTE_MS = 60_000;
const ASK_JOB = 'triage-check';
const UNANSWERED_JOB = 'triage-check-unanswered';
const CHECK_QUESTION = 'triage-check';
/** After the message itself was answered: a safety question replaces any other, and must not be replaced. */
const ASK_AFTER_MS = 1_500;
const UNANSWERED_AFTER_MS = 5 * MINUTE_MS;
/** From here on the question would only confuse. */
const TOO_LATE_MS = 360 * MINUTE_MS;
/** Chest pain, stroke, loss of consciousness, suicide: without an answer a doctor is told (SAFETY.md 2.4). */
const NOT_LEFT_OPEN: ReadonlySet<string> = new Set(['RF-01', 'RF-03', 'RF-04', 'RF-20']);

/**
 * The one-tap check of SAFETY.md 2.4: a red flag that was held back, but not for
 * certain (我前几天晕倒过). The person is asked whether somebody has this now;
 * 1 raises the alarm, 2 ends it, and silence is for a doctor where life is at risk.
 */
export function createChecks(
  deps: Pick<EscalationDeps, 'clock' | 'community' | 'outbox' | 'jobs' | 'rules' | 'audit' | 'loadMessage'> & {
    store: TicketStore;
    alerts: Alerts;
    raise(tx: Transaction, message: ChatMessage): Promise<unknown>;
    openSilently: Tickets['openSilently'];
    watch(tx: Transaction, ticket: Ticket, part: string): Promise<void>;
  },
) {
  const { clock, community, outbox, jobs, rules, audit, store, alerts } = deps;
  const { say } = community.replies;

  async function plan(tx: Transaction, { id, assessment, sentAt }: ChatMessage): Promise<void> {
    if (!assessment.cardIds.includes('check') || clock.now() - sentAt > TOO_LATE_MS) return;
    await jobs.add(tx, { kind: ASK_JOB, slot: id, dueAt: clock.now() + ASK_AFTER_MS, data: { messageId: id } });
  }

  async function ask(tx: Transaction, job: Job): Promise<void> {
    const message = await deps.loadMessage(tx, String(job.data.messageId));
    const { assessment, personId, room } = message;
    if (message.text === '' || !assessment.ifConfirmed) return;
    const reachable = room === undefined || (await community.isFriend(tx, personId));
    if (isUnlikely(assessment) && !reachable) return;
    await jobs.add(tx, {
      kind: UNANSWERED_JOB,
      slot: message.id,
      dueAt: clock.now() + UNANSWERED_AFTER_MS,
      data: { messageId: message.id },
    });
    // Of words about suicide a group hears nothing, not even a question.
    if (!reachable && assessment.ifConfirmed.privateOnly) return;
    await note(tx, message, 'triage-check-asked');
    await community.questions.open(tx, {
      personId,
      place: reachable ? 'private' : message.place,
      kind: CHECK_QUESTION,
      data: { messageId: message.id },
    });
    const words = cardText(rules, 'check');
    await outbox.add(tx, {
      key: `check:${message.id}`,
      to: reachable || !room ? { kind: 'private', personId } : { kind: 'room', roomId: room.id },
      kind: 'emergency',
      body: { kind: 'text', text: reachable ? words : `${mention(personId)} ${words}` },
      causeMessageId: message.id,
      expiresAt: clock.now() + 2 * UNANSWERED_AFTER_MS,
    });
  }

  const answer: QuestionHandler = async (tx, message, data) => {
    const has = /^(?:1|1\s*有|有|有的|是|是的|yes)$/u.test(message.normalised);
    if (!has && !/^(?:2|2\s*没有|没|没有|无|只是问问|不是|no)$/u.test(message.normalised)) return 'not-mine';
    const asked = await deps.loadMessage(tx, String(data.messageId));
    await jobs.cancel(tx, { kind: UNANSWERED_JOB, slot: asked.id });
    await note(tx, asked, has ? 'triage-check-yes' : 'triage-check-no');
    if (has) {
      await deps.raise(tx, {
        ...asked,
        text: asked.text || message.text,
        sentAt: message.sentAt,
        late: message.late,
        assessment: confirm(asked.assessment),
      });
    } else await say(tx, message, text.toAsker.checkEnded());
    return 'answered';
  };

  /** Nobody has said yes or no. */
  async function unanswered(tx: Transaction, job: Job): Promise<void> {
    const message = await deps.loadMessage(tx, String(job.data.messageId));
    const { assessment, personId } = message;
    if (message.text === '' || !assessment.ifConfirmed || isUnlikely(assessment)) return;
    const reasons = assessment.ifConfirmed.flags.map((flag) => flag.id);
    if (!reasons.some((id) => NOT_LEFT_OPEN.has(id))) return;
    const known = await store.findByMessage(tx, message.id);
    if (!known) {
      await deps.openSilently(tx, originOf(message), {
        kind: 'clinical',
        level: 'urgent',
        relation: assessment.about.kind === 'relative' ? assessment.about.relation : undefined,
        question: text.toDoctors.toVerify(message.text),
      });
      return;
    }
    if (isPressing(known.level)) return;
    await store.update(tx, known.id, { level: moreUrgent(known.level, 'urgent') });
    await alerts.doctors(
      tx,
      {
        communityId: known.communityId,
        ticketId: known.id,
        part: 'check-unanswered',
        kind: 'alert',
        text: text.toDoctors.toVerifyKnown(known.number, nameOf(personId), message.text),
      },
      { pressing: true },
    );
    await deps.watch(tx, { ...known, level: 'urgent' }, 'check-unanswered');
  }

  async function note(tx: Transaction, message: ChatMessage, action: string): Promise<void> {
    await audit.record(tx, { action, actorId: message.personId, target: { kind: 'message', id: message.id } });
  }

  return {
    plan,
    questions: { [CHECK_QUESTION]: answer },
    register(): void {
      jobs.register(ASK_JOB, { missed: { kind: 'skip-when-late', lateMs: TOO_LATE_MS }, apply: ask });
      jobs.register(UNANSWERED_JOB, { missed: { kind: 'always' }, apply: unanswered });
    },
  };
}

/** Nothing but a manner of speaking (愁得想死): one line in private at most, and no doctor is woken. */
function isUnlikely({ suppressed, ifConfirmed }: Assessment): boolean {
  const reasons = new Set(ifConfirmed?.flags.map((flag) => flag.id));
  const cues = suppressed.filter(({ id }) => reasons.has(id));
  return cues.length > 0 && cues.every(({ kind }) => kind === 'idiom');
}
