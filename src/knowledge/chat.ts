import type { ChatFeature, ChatMessage, Command, Community, Where } from '../community/index.js';
import type { Audit } from '../platform/audit/audit.js';
import type { Transaction } from '../platform/db/database.js';
import { nameOf } from '../platform/outbox/outbox.js';
import { normaliseText } from '../platform/text-normalise.js';
import { knowledge as text } from '../text/zh-CN/knowledge.js';
import { approvalsNeeded, decideReview, isAuthor, maySuspend, type ReviewOutcome } from './review.js';
import type { EntryRecord, EntryStore, ReviewRecord } from './store.js';

const DOCTORS: readonly Where[] = ['doctors', 'private'];
/** Of those who got an entry that is stopped; the command line names them all. */
const NAMED_AT_MOST = 20;
const STAFF: readonly Where[] = ['doctors', 'admins', 'private'];

/** The doctors' review queue: one entry at a time, exactly the words that are signed. */
export function createReviewChat(deps: { community: Community; audit: Audit; store: EntryStore }): ChatFeature {
  const { community, audit, store } = deps;
  const { say } = community.replies;

  /** Runs only for a verified doctor; an unverified one is told why not. */
  async function asDoctor(tx: Transaction, message: ChatMessage, run: () => Promise<unknown>): Promise<void> {
    if (message.standing.doctor) await run();
    else await say(tx, message, text.review.unverified());
  }

  async function reviewerOf(tx: Transaction, message: ChatMessage) {
    const doctor = await community.findDoctor(tx, message.standing.communityId, message.personId);
    return { personId: message.personId, realName: doctor?.realName ?? '' };
  }

  async function show(tx: Transaction, message: ChatMessage): Promise<void> {
    const reviewer = await reviewerOf(tx, message);
    const waiting: EntryRecord[] = [];
    for (const record of await store.listWaiting(tx)) {
      const reviews = await store.listReviews(tx, record.entry.id, record.version);
      const done = reviews.some((review) => review.reviewerId === reviewer.personId);
      if (!done && !isAuthor(record.author, reviewer)) waiting.push(record);
    }
    const [first] = waiting;
    if (!first) await say(tx, message, text.review.empty());
    else await say(tx, message, text.review.queue(waiting.length, await describe(tx, message, first)), { plain: true });
  }

  async function showOne(tx: Transaction, message: ChatMessage, id: string): Promise<void> {
    const record = await store.find(tx, id);
    if (record) await say(tx, message, await describe(tx, message, record), { plain: true });
    else await say(tx, message, text.review.unknown(id));
  }

  async function describe(tx: Transaction, message: ChatMessage, record: EntryRecord): Promise<string> {
    const { entry } = record;
    const approvals = approvalsOf(await store.listReviews(tx, entry.id, record.version));
    const names: string[] = [];
    for (const personId of approvals) {
      const doctor = await community.findDoctor(tx, message.standing.communityId, personId);
      names.push(doctor?.realName || text.review.someReviewer);
    }
    const needed = approvalsNeeded(await circumstances(tx, message, record));
    return text.review.entry({
      ...entry,
      version: record.version,
      author: entry.author.name,
      approvedBy: names,
      missing: Math.max(0, needed - approvals.length),
    });
  }

  async function circumstances(tx: Transaction, message: ChatMessage, { entry }: EntryRecord) {
    const doctors = await community.listDoctors(tx, message.standing.communityId);
    return { doctors: doctors.length, namesDrug: entry.drugMentions.length > 0 };
  }

  async function decide(
    tx: Transaction,
    message: ChatMessage,
    {
      id,
      version,
      decision,
      reason,
    }: { id: string; version?: number | undefined; decision: 'approve' | 'return'; reason?: string },
  ): Promise<void> {
    const record = await store.find(tx, id);
    if (!record) {
      await say(tx, message, text.review.unknown(id));
      return;
    }
    if (version !== undefined && version !== record.version) {
      await say(tx, message, text.review.outdated(id));
      return;
    }
    if (decision === 'return' && !reason) {
      await say(tx, message, text.review.returnNeedsReason(id));
      return;
    }
    const outcome = decideReview(
      {
        state: record.state,
        author: record.author,
        approvedBy: approvalsOf(await store.listReviews(tx, id, record.version)),
        ...(await circumstances(tx, message, record)),
      },
      await reviewerOf(tx, message),
      decision,
    );
    if (outcome.kind !== 'refused') await recordDecision(tx, message, record, outcome, reason);
    await say(tx, message, wording(record, outcome));
  }

  async function recordDecision(
    tx: Transaction,
    message: ChatMessage,
    record: EntryRecord,
    outcome: Exclude<ReviewOutcome, { kind: 'refused' }>,
    reason: string | undefined,
  ): Promise<void> {
    const decision = outcome.kind === 'returned' ? 'returned' : 'approved';
    await store.recordReview(tx, { record, reviewerId: message.personId, decision, reason, state: outcome.kind });
    const target = { kind: 'entry', id: record.entry.id };
    const details = { version: record.version, hash: record.entry.hash };
    await audit.record(tx, { action: `entry-${decision}`, actorId: message.personId, target, details });
    if (outcome.kind !== 'published') return;
    await audit.record(tx, { action: 'entry-published', actorId: message.personId, target, details });
  }

  async function suspend(tx: Transaction, message: ChatMessage, id: string, reason: string): Promise<void> {
    const record = await store.find(tx, id);
    if (!record) {
      await say(tx, message, text.review.unknown(id));
      return;
    }
    if (reason === '') {
      await say(tx, message, text.review.suspendNeedsReason(id));
      return;
    }
    if (!maySuspend(record.state, record.publishedVersion !== undefined)) {
      await say(tx, message, text.review.alreadySuspended(id));
      return;
    }
    await store.suspend(tx, id);
    await audit.record(tx, {
      action: 'entry-suspended',
      actorId: message.personId,
      target: { kind: 'entry', id },
      details: { version: record.version, hash: record.entry.hash },
    });
    const recipients = await store.listRecipients(tx, id);
    const names = recipients.slice(0, NAMED_AT_MOST).map((personId) => nameOf(personId));
    await say(tx, message, text.review.suspended(id, recipients.length, names));
  }

  /** The one entry a quoted message shows, and its version where it stands there. */
  function quotedEntry({ quoted }: ChatMessage): { id: string; version: number | undefined } | undefined {
    if (!quoted?.bySelf) return undefined;
    const found = [...normaliseText(quoted.text).matchAll(/(kb-d?\d+)(?:\s*v(\d+))?/gu)];
    const [first] = found;
    const ids = new Set(found.map((match) => match[1]));
    if (!first?.[1] || ids.size !== 1) return undefined;
    return { id: first[1].toUpperCase(), version: first[2] === undefined ? undefined : Number(first[2]) };
  }

  const commands: Command[] = [
    {
      name: 'review',
      pattern: /^(?:审核|待审核?|review)$/u,
      who: 'doctor',
      where: DOCTORS,
      help: { order: 33, line: text.help.review },
      run: (tx, message) => asDoctor(tx, message, () => show(tx, message)),
    },
    {
      name: 'review-one',
      pattern: withId('^(?:审核|review)\\s*(ID)$'),
      who: 'doctor',
      where: DOCTORS,
      run: (tx, message, match) => asDoctor(tx, message, () => showOne(tx, message, idOf(match[1]))),
    },
    {
      name: 'review-batch',
      pattern: withId(
        '^(?:(?:全部|都|所有)(?:条目)?\\s*通过|(?:approve\\s+)?ID(?:[\\s,、和]+ID)+\\s*(?:通过|approve)?|approve all)$',
      ),
      who: 'doctor',
      where: DOCTORS,
      run: (tx, message) => asDoctor(tx, message, () => say(tx, message, text.review.oneAtATime())),
    },
    {
      name: 'approve',
      pattern: withId('^(?:(ID)\\s*(?:v(\\d+))?\\s*(?:通过|approved?)|(?:通过|approve)\\s*(ID)(?:\\s*v(\\d+))?)$'),
      who: 'doctor',
      where: DOCTORS,
      run: (tx, message, match) => {
        const version = match[2] ?? match[4];
        const id = idOf(match[1] ?? match[3]);
        return asDoctor(tx, message, () =>
          decide(tx, message, {
            id,
            version: version === undefined ? undefined : Number(version),
            decision: 'approve',
          }),
        );
      },
    },
    {
      name: 'return',
      pattern: withId('^(?:(ID)\\s*(?:v\\d+)?\\s*(?:退回|return)|(?:退回|return)\\s*(ID))[\\s:,]*([\\s\\S]*)$'),
      who: 'doctor',
      where: DOCTORS,
      run: (tx, message, match) =>
        asDoctor(tx, message, () =>
          decide(tx, message, { id: idOf(match[1] ?? match[2]), decision: 'return', reason: match[3] ?? '' }),
        ),
    },
    {
      name: 'approve-quoted',
      pattern: /^(?:通过|approved?)$/u,
      who: 'doctor',
      where: DOCTORS,
      async run(tx, message) {
        const quoted = quotedEntry(message);
        if (quoted) await asDoctor(tx, message, () => decide(tx, message, { ...quoted, decision: 'approve' }));
      },
    },
    {
      name: 'return-quoted',
      pattern: /^(?:退回|return)(?:[\s:,]+([\s\S]*))?$/u,
      who: 'doctor',
      where: DOCTORS,
      async run(tx, message, match) {
        const quoted = quotedEntry(message);
        const reason = match[1] ?? '';
        if (quoted) await asDoctor(tx, message, () => decide(tx, message, { ...quoted, decision: 'return', reason }));
      },
    },
    ...(['doctor', 'admin'] as const).map(
      (who): Command => ({
        name: `suspend-entry-${who}`,
        pattern: withId('^(?:停用条目|suspend)\\s*(ID)[\\s:,]*([\\s\\S]*)$'),
        who,
        where: STAFF,
        help: { order: 34, line: text.help.suspend },
        async run(tx, message, match) {
          if (message.standing.doctor || message.standing.admin) {
            await suspend(tx, message, idOf(match[1]), (match[2] ?? '').trim());
          } else await say(tx, message, text.review.unverified());
        },
      }),
    ),
  ];

  return { commands };
}

function approvalsOf(reviews: readonly ReviewRecord[]): string[] {
  return reviews.filter((review) => review.decision === 'approved').map((review) => review.reviewerId);
}

function wording(record: EntryRecord, outcome: ReviewOutcome): string {
  const { id, hash } = record.entry;
  switch (outcome.kind) {
    case 'published':
      return text.review.published(id, record.version, hash);
    case 'in_review':
      return text.review.approved(id, record.version, hash, outcome.missing);
    case 'returned':
      return text.review.returned(id, record.version);
    case 'refused':
      if (outcome.reason === 'own-entry') return text.review.ownEntry(id);
      if (outcome.reason === 'already-approved') return text.review.alreadyApproved(id);
      return text.review.notWaiting(id, text.states[record.state]);
  }
}

/** A pattern in which `ID` stands for the id of an entry as people type it: KB-050, kb050, kb 50, KB-D7. */
function withId(pattern: string): RegExp {
  return new RegExp(pattern.replaceAll('ID', 'kb\\s?[-_—–]?\\s?d?\\d{1,6}'), 'u');
}

function idOf(written: string | undefined): string {
  const [, draft = '', number = ''] = /(d?)(\d+)$/iu.exec(written ?? '') ?? [];
  return `KB-${draft.toUpperCase()}${draft === '' ? number.padStart(3, '0') : number}`;
}
