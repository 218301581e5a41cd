import type { ChatFeature, ChatMessage, Community, Step } from '../community/index.js';
import type { KnowledgeIndex, ServedEntry } from '../knowledge/index.js';
import type { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/db/database.js';
import type { Ids } from '../platform/ids.js';
import { type Provenance, answering as text } from '../text/zh-CN/answering.js';

const LISTEN_MS = 2 * 60_000;
const EVERYDAY =
  /^(?:谢谢|多谢|感谢|谢了|辛苦|收到|知道|明白|好的?|好嘞|嗯+|哦+|早上?好|中午好|下午好|晚上好|晚安|早安|大家早?|你好|您好|在吗|ok|thanks?|thank you|医生|大夫|主任|老师|护士|小杏|群友|您|你|们|了|啦|呀|啊|哈+|\p{Emoji_Presentation}|\[[^\]]{1,6}\]|[\s,.!~\u3001\u3002\uff01\uff5e])+$/u;

export interface AnsweringDeps {
  clock: Clock;
  ids: Ids;
  community: Community;
  timeZone: string;
  /** The index of the entries that are served now. */
  index(): KnowledgeIndex;
  escalate(tx: Transaction, message: ChatMessage): Promise<void>;
  /** While a ticket is open: the words that offer to tell the doctor of a voice message. */
  offerVoice(tx: Transaction, message: ChatMessage): Promise<string | undefined>;
}

/** Questions: a reviewed answer word for word, a choice of close ones, an honest offer, or a doctor. */
export function createAnswering({
  clock,
  ids,
  community,
  timeZone,
  index,
  escalate,
  offerVoice,
}: AnsweringDeps): ChatFeature & { step: Step } {
  const { say } = community.replies;

  async function record(
    tx: Transaction,
    message: ChatMessage,
    decision: string,
    found: { entry?: ServedEntry; candidates?: { entryId: string; score: number }[] } = {},
  ): Promise<string> {
    const id = ids.next();
    await tx
      .insertInto('question')
      .values({
        id,
        message_id: message.id,
        person_id: message.personId,
        room_id: message.room?.id ?? null,
        decision,
        entry_id: found.entry?.entry.id ?? null,
        entry_version: found.entry?.entry.version ?? null,
        candidates: JSON.stringify(found.candidates ?? []),
        created_at: clock.now(),
      })
      .onConflict((oc) => oc.column('message_id').doNothing())
      .execute();
    return id;
  }

  async function answer(tx: Transaction, message: ChatMessage): Promise<void> {
    const topics = message.room?.topics;
    const decision = index().decide(message.text, topics && topics.length > 0 ? { topics } : {});
    const personal = message.assessment.level === 'clinical';
    const entry = decision.kind === 'answer' ? index().find(decision.entryId) : undefined;
    if (personal) {
      await record(tx, message, 'escalate', { ...(entry ? { entry } : {}), candidates: decision.candidates });
      await escalate(tx, message);
      return;
    }
    if (entry) {
      const questionId = await record(tx, message, 'answer', { entry, candidates: decision.candidates });
      await sendAnswer(tx, message, entry, questionId);
      return;
    }
    if (decision.kind === 'clarify') {
      const choices = decision.candidates.slice(0, 3).map((c) => c.entryId);
      await record(tx, message, 'clarify', { candidates: decision.candidates });
      await say(tx, message, text.clarify(choices.map((id) => index().find(id)?.entry.question ?? id)));
      await ask(tx, message, 'choose-entry', { choices });
      return;
    }
    await record(tx, message, 'offer', { candidates: decision.candidates });
    await say(tx, message, text.offer());
  }

  async function sendAnswer(
    tx: Transaction,
    message: ChatMessage,
    served: ServedEntry,
    questionId: string,
  ): Promise<void> {
    const { entry } = served;
    const [source] = entry.sources;
    const reviewer = await reviewerOf(tx, message, served);
    await say(
      tx,
      message,
      text.answer({
        answer: entry.answer,
        seeDoctorWhen: entry.seeDoctorWhen,
        emergencyLine: entry.emergencyLine ?? undefined,
        provenance: {
          entryId: entry.id,
          version: entry.version,
          ...(reviewer ? { reviewer } : {}),
          source: source ? `${source.title}${source.edition ?? ''}` : '',
          drugs: entry.drugMentions.length > 0,
        },
      }),
    );
    await ask(tx, message, 'rate-answer', { questionId });
  }

  /** The last one who signed this version; nobody for a sample. */
  async function reviewerOf(
    tx: Transaction,
    message: ChatMessage,
    served: ServedEntry,
  ): Promise<Provenance['reviewer']> {
    const last = served.reviewers.at(-1);
    const doctor = last && (await community.findDoctor(tx, message.standing.communityId, last.personId));
    if (!last || !doctor) return undefined;
    const date = new Intl.DateTimeFormat('sv-SE', { timeZone: message.room?.timeZone ?? timeZone }).format(last.at);
    return {
      name: doctor.realName,
      institution: doctor.institution,
      speciality: doctor.speciality,
      date,
      simulated: doctor.simulated,
    };
  }

  async function ask(
    tx: Transaction,
    message: ChatMessage,
    kind: string,
    data: Record<string, unknown>,
    ttlMs?: number,
  ): Promise<void> {
    await community.questions.open(tx, {
      personId: message.personId,
      place: message.place,
      kind,
      data,
      ...(ttlMs ? { ttlMs } : {}),
    });
  }

  async function rate(
    tx: Transaction,
    message: ChatMessage,
    questionId: string,
    rating: 'useful' | 'useless',
  ): Promise<void> {
    await tx
      .insertInto('feedback')
      .values({ id: ids.next(), question_id: questionId, person_id: message.personId, rating, created_at: clock.now() })
      .onConflict((oc) => oc.columns(['question_id', 'person_id']).doUpdateSet({ rating }))
      .execute();
    await say(tx, message, rating === 'useful' ? text.thanksUseful() : text.thanksUseless());
  }

  return {
    commands: [],
    questions: {
      async 'rate-answer'(tx, message, data) {
        const useful = /^(?:有用|useful)$/.test(message.normalised);
        if (!useful && !/^(?:没用|useless)$/.test(message.normalised)) return 'not-mine';
        await rate(tx, message, String(data.questionId), useful ? 'useful' : 'useless');
        return 'answered';
      },
      async 'choose-entry'(tx, message, data) {
        const choice = /^([1-3])$/.exec(message.normalised)?.[1];
        const entryId = choice && (data.choices as string[])[Number(choice) - 1];
        const entry = entryId ? index().find(entryId) : undefined;
        if (!entry) return 'not-mine';
        const questionId = await record(tx, message, 'answer', { entry });
        await sendAnswer(tx, message, entry, questionId);
        return 'answered';
      },
      async listening(tx, message) {
        if (message.kind !== 'text' || message.normalised === '') return 'not-mine';
        // A command or a check-in said now is still that; only words that are neither are the question.
        return (await step(tx, { ...message, addressed: true })) ? 'answered' : 'not-mine';
      },
    },
    step,
  };

  /** What the bot cannot read: it says so in private, and in a group only to somebody it waits for. */
  async function notText(tx: Transaction, message: ChatMessage): Promise<boolean> {
    const words = message.kind === 'voice' ? text.noVoice() : message.kind === 'image' ? text.noPicture() : undefined;
    if (words === undefined || (message.room && !(await isAwaited(tx, message)))) return false;
    const offer = message.kind === 'voice' && !message.room ? await offerVoice(tx, message) : undefined;
    await say(tx, message, [words, offer].filter(Boolean).join('\n'));
    return true;
  }

  /** A rating may come or not; anything else that was asked is waited for. */
  async function isAwaited(tx: Transaction, { personId, place, kind }: ChatMessage): Promise<boolean> {
    const asked = await community.questions.openKind(tx, personId, place);
    return kind === 'voice' && asked !== undefined && asked !== 'rate-answer';
  }

  /** The last step: a question to the bot, or silence. */
  async function step(tx: Transaction, message: ChatMessage): Promise<boolean> {
    if (message.room?.kind === 'unset') return false;
    if (message.kind !== 'text') return notText(tx, message);
    if (!message.addressed) return false;
    if (message.normalised === '') {
      if (message.quoted) return false;
      await say(tx, message, text.listening());
      await ask(tx, message, 'listening', {}, LISTEN_MS);
      return true;
    }
    if (EVERYDAY.test(message.normalised) || !/[\p{L}\p{N}]/u.test(message.normalised)) return false;
    // Words about the bot's own message, with nothing asked: a quote is not yet a question to it.
    await answer(tx, message);
    return true;
  }
}
