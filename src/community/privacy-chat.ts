import type { Audit } from '../platform/audit/audit.js';
import type { Clock } from '../platform/clock.js';
import type { Reader, Transaction } from '../platform/db/database.js';
import { type Operator, community as text } from '../text/zh-CN/community.js';
import type { ChatFeature, ChatMessage, Command } from './chat.js';
import type { ConsentPurpose } from './consent.js';
import { deleteQuestionsOf, listConsents } from './consent-store.js';
import { bareWord } from './open-questions.js';
import { erasePerson } from './people-store.js';
import type { CommunityService } from './service.js';

const ANYWHERE = ['private', 'unset', 'patients', 'doctors', 'admins', 'test'] as const;

/** A feature that keeps something about people: it can hand it out, and erase it. */
export interface PersonalDataHolder {
  /** The part of the export that this feature brings, by name. */
  name: string;
  exportPerson(reader: Reader, personId: string): Promise<unknown>;
  /** Erases or de-identifies; sums of the books stay whole. Running it again changes nothing. */
  erasePerson(tx: Transaction, personId: string): Promise<void>;
}

interface Deps {
  /** A language model is set. */
  hasModel: boolean;
  clock: Clock;
  audit: Audit;
  operator: Operator;
  community: CommunityService;
  /** Asked at every use: features are added after this one. */
  holders(): PersonalDataHolder[];
  pointsOf(reader: Reader, personId: string): Promise<number>;
  /** Remembers an erasure outside of the database, so that a restored backup does not bring the data back. */
  onErased(tx: Transaction, personId: string): Promise<void>;
}

/** Consent at any time, the full privacy text, and people's rights to their data. */
export function createPrivacyChat({
  hasModel,
  clock,
  audit,
  operator,
  community,
  holders,
  pointsOf,
  onErased,
}: Deps): ChatFeature {
  const { say, sendFile } = community.replies;

  const grant = (name: string, pattern: RegExp, purpose: ConsentPurpose): Command => ({
    name,
    pattern,
    who: 'anyone',
    where: ANYWHERE,
    async run(tx, message) {
      await community.consents.record(tx, message, purpose, 'granted');
      await say(tx, message, text.consent.granted(purpose));
    },
  });

  async function withdraw(tx: Transaction, message: ChatMessage): Promise<void> {
    const given: ConsentPurpose[] = [];
    for (const purpose of ['values', 'doctor', 'model'] as const) {
      if (await community.consents.has(tx, message.personId, purpose)) given.push(purpose);
    }
    for (const purpose of given) await community.consents.record(tx, message, purpose, 'withdrawn');
    if (given.length === 0) await say(tx, message, text.consent.nothingToWithdraw());
    else if (given.every((purpose) => purpose === 'model')) await say(tx, message, text.consent.withdrawnModel());
    else await say(tx, message, text.consent.withdrawn());
  }

  async function exportOf(tx: Transaction, personId: string): Promise<Record<string, unknown>> {
    const parts: Record<string, unknown> = { exportedAt: new Date(clock.now()).toISOString(), personId };
    for (const holder of holders()) parts[holder.name] = await holder.exportPerson(tx, personId);
    await audit.record(tx, { action: 'data-exported', actorId: personId, target: { kind: 'person', id: personId } });
    return parts;
  }

  async function showData(tx: Transaction, message: ChatMessage): Promise<void> {
    // Whether a private chat is possible is known only by trying: the summary goes first, the file with it.
    const everything = await exportOf(tx, message.personId);
    const purposes = text.consent.purposes;
    const consents: string[] = [];
    for (const [purpose, label] of Object.entries(purposes)) {
      if (await community.consents.has(tx, message.personId, purpose as ConsentPurpose)) consents.push(label);
    }
    const rooms = await community.listRoomsOfPerson(tx, message.personId);
    const roomNames = await Promise.all(rooms.map((room) => community.names.roomName(tx, room.id)));
    const count = (part: unknown) => (Array.isArray(part) ? part.length : 0);
    const outcome = await say(
      tx,
      message,
      text.data.summary({
        name: await community.displayName(tx, message.personId),
        rooms: roomNames.filter(Boolean).join('、'),
        consents: consents.join('、'),
        observations: count(everything.observations),
        tickets: count(everything.tickets),
        points: await pointsOf(tx, message.personId),
      }),
      { private: true },
    );
    if (outcome === 'queued') {
      await sendFile(tx, message, {
        name: 'my-data.json',
        bytes: Buffer.from(`${JSON.stringify(everything, null, 2)}\n`),
      });
    }
  }

  return {
    commands: [
      grant('consent-values', /^(?:同意记录|agree to records)$/, 'values'),
      grant('consent-doctor', /^(?:同意医生看|agree to doctors)$/, 'doctor'),
      grant('consent-model', /^(?:同意模型|agree to model)$/, 'model'),
      { name: 'withdraw', pattern: /^(?:撤回同意|withdraw consent)$/, who: 'anyone', where: ANYWHERE, run: withdraw },
      {
        name: 'privacy',
        pattern: /^(?:隐私|privacy)$/,
        who: 'anyone',
        where: ANYWHERE,
        help: { order: 30, line: text.helpLines.privacy() },
        run: async (tx, message) =>
          void (await say(tx, message, text.privacy(operator, { model: hasModel }), { plain: true })),
      },
      { name: 'my-data', pattern: /^(?:我的数据|my data)$/, who: 'anyone', where: ANYWHERE, run: showData },
      {
        name: 'correct-data',
        pattern: /^(?:更正资料|correct my data)$/,
        who: 'anyone',
        where: ANYWHERE,
        run: async (tx, message) => void (await say(tx, message, text.data.correct())),
      },
      {
        name: 'erase',
        pattern: /^(?:删除我的数据|erase my data)$/,
        who: 'anyone',
        where: ANYWHERE,
        async run(tx, message) {
          const place = message.room ? 'private' : message.place;
          const outcome = await say(tx, message, text.data.confirmErase(), { private: true });
          if (outcome !== 'queued') return;
          await community.questions.open(tx, {
            personId: message.personId,
            place,
            kind: 'erase',
            data: {},
          });
        },
      },
    ],
    questions: {
      async erase(tx, message) {
        if (!/^(?:是的?|yes)$/.test(bareWord(message))) return 'not-mine';
        for (const holder of holders()) await holder.erasePerson(tx, message.personId);
        await audit.record(tx, {
          action: 'data-erased',
          actorId: message.personId,
          target: { kind: 'person', id: message.personId },
        });
        await onErased(tx, message.personId);
        await say(tx, message, text.data.erased());
        return 'answered';
      },
    },
  };
}

/** What the community itself and the record of messages keep about a person. */
export function createCommunityDataHolder({
  clock,
  forgetWords,
}: {
  clock: Clock;
  /** Blanks the words of every message of this person. */
  forgetWords(tx: Transaction, personId: string): Promise<void>;
}): PersonalDataHolder {
  return {
    name: 'consents',
    exportPerson: listConsents,
    async erasePerson(tx, personId) {
      await erasePerson(tx, personId, clock.now());
      await forgetWords(tx, personId);
      await deleteQuestionsOf(tx, personId);
    },
  };
}
