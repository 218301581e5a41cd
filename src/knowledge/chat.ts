import type { ChatFeature, ChatMessage, Command, Community, Where } from '../community/index.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import { normaliseText } from '../platform/text-normalise.js';
import { knowledge as text } from '../text/zh-CN/knowledge.js';
import { idOf, withId } from './entry-id.js';
import { findGuideline, type Guideline, titledGuideline } from './guidelines.js';
import type { EntryLives, Review, ReviewOutcome, Staff } from './life.js';
import { createLifeCommands } from './life-chat.js';
import { CHECKS, type Check, isAuthor, isPharmacy, type Reviewer } from './review.js';
import type { EntryRecord, EntryStore } from './store.js';

const DOCTORS: readonly Where[] = ['doctors', 'private'];

export interface ReviewChatDeps {
  community: Community;
  store: EntryStore;
  lives: EntryLives;
  guidelines: readonly Guideline[];
  timeZone: string;
}

/** The doctors' review queue: one entry at a time, exactly the words that are signed. */
export function createReviewChat(deps: ReviewChatDeps): ChatFeature {
  const { community, store, lives, guidelines, timeZone } = deps;
  const { say } = community.replies;
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone });

  /** Runs only for a verified doctor; an unverified one is told why not. */
  async function asDoctor(tx: Transaction, message: ChatMessage, run: () => Promise<unknown>): Promise<void> {
    if (message.standing.doctor) await run();
    else await say(tx, message, text.review.unverified());
  }

  async function reviewerOf(tx: Transaction, message: ChatMessage): Promise<Reviewer> {
    const doctor = await community.findDoctor(tx, message.standing.communityId, message.personId);
    return { personId: message.personId, realName: doctor?.realName ?? '' };
  }

  async function staffOf(tx: Transaction, message: ChatMessage): Promise<Staff> {
    const doctors = await community.listDoctors(tx, message.standing.communityId);
    return { doctors: doctors.length, pharmacists: doctors.filter(({ speciality }) => isPharmacy(speciality)) };
  }

  async function show(tx: Transaction, message: ChatMessage): Promise<void> {
    const reviewer = await reviewerOf(tx, message);
    const staff = await staffOf(tx, message);
    const waiting: EntryRecord[] = [];
    for (const record of await store.listWaiting(tx)) {
      const { signedBy } = await lives.standing(tx, record, staff);
      if (!signedBy.includes(reviewer.personId) && !isAuthor(record.author, reviewer)) waiting.push(record);
    }
    const [first] = waiting;
    if (!first) await say(tx, message, text.review.empty());
    else await say(tx, message, text.review.queue(waiting.length, await describe(tx, message, first)), { plain: true });
  }

  async function showOne(tx: Transaction, message: ChatMessage, id: string): Promise<void> {
    const record = await lives.findForReview(tx, id);
    if (record) await say(tx, message, await describe(tx, message, record), { plain: true });
    else await say(tx, message, text.review.unknown(id));
  }

  async function describe(tx: Transaction, message: ChatMessage, record: EntryRecord): Promise<string> {
    const { entry, life } = record;
    const staff = await staffOf(tx, message);
    const { signedBy, missing, purpose } = await lives.standing(tx, record, staff);
    const names: string[] = [];
    for (const personId of signedBy) {
      const doctor = await community.findDoctor(tx, message.standing.communityId, personId);
      names.push(doctor?.realName || text.review.someReviewer);
    }
    const newer = await newEditions(tx);
    return text.review.entry({
      ...entry,
      sources: entry.sources.map((source) => ({ ...source, newer: newer.get(titledGuideline(source.title).key) })),
      version: record.version,
      author: entry.author.name,
      approvedBy: names,
      missing,
      noPharmacist: entry.drugMentions.length > 0 && staff.pharmacists.length === 0,
      fixes: record.fixesVersion,
      renewUntil: purpose === 'renewal' && life.served ? day.format(life.served.dueAt) : undefined,
    });
  }

  /** The newest edition that was told of a guideline, by the key of each of its titles. */
  async function newEditions(reader: Reader): Promise<Map<string, string>> {
    const changes = await store.listGuidelineChanges(reader);
    return new Map(
      changes.flatMap(({ guideline, edition }) => {
        const { titles } = findGuideline(guidelines, guideline) ?? titledGuideline(guideline);
        return [...titles].map((title): [string, string] => [title, edition]);
      }),
    );
  }

  async function reviewOf(
    tx: Transaction,
    message: ChatMessage,
    decided: Pick<Review, 'record' | 'decision' | 'checks' | 'reason'>,
  ): Promise<Review> {
    return { ...decided, reviewer: await reviewerOf(tx, message), staff: await staffOf(tx, message) };
  }

  interface Named {
    id: string;
    version?: number | undefined;
  }

  /** The entry that is meant; undefined, and said so, where there is none or it has other words by now. */
  async function findNamed(
    tx: Transaction,
    message: ChatMessage,
    { id, version }: Named,
  ): Promise<EntryRecord | undefined> {
    const record = await lives.findForReview(tx, id);
    if (record && (version === undefined || version === record.version)) return record;
    await say(tx, message, record ? text.review.outdated(id) : text.review.unknown(id));
    return undefined;
  }

  /** 通过 is where signing begins: it asks for the six points, and the answer signs. */
  async function approve(tx: Transaction, message: ChatMessage, named: Named): Promise<void> {
    const record = await findNamed(tx, message, named);
    if (!record) return;
    const { id, hash } = record.entry;
    const { outcome } = await lives.weigh(tx, await reviewOf(tx, message, { record, decision: 'approve' }));
    if (outcome.kind === 'refused') {
      await say(tx, message, wording(record, outcome));
      return;
    }
    const said = await say(tx, message, text.review.confirm(id, record.version, hash));
    if (said !== 'queued') return;
    const { personId, place } = message;
    await community.questions.open(tx, {
      personId,
      place,
      kind: 'confirm-entry',
      data: { id, version: record.version, hash },
    });
  }

  async function giveBack(tx: Transaction, message: ChatMessage, named: Named & { reason: string }): Promise<void> {
    const record = await findNamed(tx, message, named);
    if (record) await decide(tx, message, { record, decision: 'return', reason: named.reason });
  }

  async function decide(
    tx: Transaction,
    message: ChatMessage,
    decided: Pick<Review, 'record' | 'decision' | 'checks' | 'reason'>,
  ): Promise<void> {
    const outcome = await lives.review(tx, await reviewOf(tx, message, decided));
    const renewed = outcome.kind === 'done' ? await store.find(tx, decided.record.entry.id) : undefined;
    await say(tx, message, wording(renewed ?? decided.record, outcome, decided));
  }

  /** The answer to the six points: all of them, those that are not fulfilled, or not now. */
  async function confirm(
    tx: Transaction,
    message: ChatMessage,
    { id, version, hash }: { id: string; version: number; hash: string },
  ): Promise<'answered' | 'not-mine'> {
    const answer = readConfirmation(message.normalised);
    const aboutAnother = message.quoted && quotedEntry(message)?.id !== id;
    if (!answer || aboutAnother || !message.standing.doctor) return 'not-mine';
    if (answer === 'not-now') {
      await say(tx, message, text.review.notSigned(id));
      return 'answered';
    }
    const record = await findNamed(tx, message, { id, version });
    if (!record) return 'answered';
    if (record.entry.hash !== hash) {
      await say(tx, message, text.review.outdated(id));
      return 'answered';
    }
    const checks = Object.fromEntries(CHECKS.map((check) => [check, !answer.includes(check)]));
    if (answer.length === 0) await decide(tx, message, { record, decision: 'approve', checks });
    else await decide(tx, message, { record, decision: 'return', checks, reason: text.review.unfulfilled(answer) });
    return 'answered';
  }

  function wording(
    record: EntryRecord,
    outcome: ReviewOutcome,
    { reason = '' }: Pick<Partial<Review>, 'reason'> = {},
  ): string {
    const { version, life } = record;
    const { id, hash } = record.entry;
    const renewal = life.served?.version === version;
    switch (outcome.kind) {
      case 'done':
        return outcome.purpose === 'renewal'
          ? text.review.renewed(id, version, hash, day.format(life.served?.dueAt))
          : text.review.published(id, version, hash);
      case 'signed':
        return (renewal ? text.review.renewalSigned : text.review.approved)(id, version, hash, outcome.missing);
      case 'returned':
        return (outcome.withdrawn ? text.review.withdrawn : text.review.returned)(id, version, reason);
      case 'refused':
        if (outcome.reason === 'own-entry') return text.review.ownEntry(id);
        if (outcome.reason === 'already-signed') return text.review.alreadyApproved(id);
        if (outcome.reason === 'no-reason') return text.review.returnNeedsReason(id);
        if (life.state === 'suspended') return text.review.stopped(id, text.states[life.state]);
        return text.review.notWaiting(id, text.states[life.state]);
    }
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
          approve(tx, message, { id, version: version === undefined ? undefined : Number(version) }),
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
          giveBack(tx, message, { id: idOf(match[1] ?? match[2]), reason: (match[3] ?? '').trim() }),
        ),
    },
    {
      name: 'approve-quoted',
      pattern: /^(?:通过|approved?)$/u,
      who: 'doctor',
      where: DOCTORS,
      async run(tx, message) {
        const quoted = quotedEntry(message);
        if (quoted) await asDoctor(tx, message, () => approve(tx, message, quoted));
      },
    },
    {
      name: 'return-quoted',
      pattern: /^(?:退回|return)(?:[\s:,]+([\s\S]*))?$/u,
      who: 'doctor',
      where: DOCTORS,
      async run(tx, message, match) {
        const quoted = quotedEntry(message);
        const reason = (match[1] ?? '').trim();
        if (quoted) await asDoctor(tx, message, () => giveBack(tx, message, { ...quoted, reason }));
      },
    },
    ...createLifeCommands(deps),
  ];

  return {
    commands,
    questions: {
      'confirm-entry': (tx, message, data) =>
        confirm(tx, message, { id: String(data.id), version: Number(data.version), hash: String(data.hash) }),
    },
  };
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

/** The points that are not fulfilled: none after 都确认, or their numbers. Undefined where the words are no answer. */
function readConfirmation(normalised: string): Check[] | 'not-now' | undefined {
  const words = normalised.replace(/[\s.!~。]+$/u, '');
  if (/^(?:(?:都|全部?|六[点条项]都?|6[点条项]都?)\s*(?:确认|做到|满足|符合)了?|(?:all )?confirm(?:ed)?)$/u.test(words))
    return [];
  if (/^(?:算了|取消|先?不签了?|cancel|no)$/u.test(words)) return 'not-now';
  if (!/^[1-6](?:[\s,、.和]*[1-6])*$/u.test(words)) return undefined;
  return CHECKS.filter((_, i) => words.includes(String(i + 1)));
}
