import type { ChatMessage, QuestionHandler } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import { normaliseText } from '../platform/text-normalise.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import type { EscalationDeps } from './deps.js';
import { preview } from './desk.js';
import { afterAction, OWED } from './states.js';
import type { TicketStore } from './store.js';
import type { OpenOutcome, Tickets } from './tickets.js';
import { isPressing, type Ticket, type TicketKind } from './types.js';

const WORDS_QUESTION = 'ticket-question';
const WHOM_QUESTION = 'doctor-or-admin';
const VOICE_QUESTION = 'voice-to-doctor';
/** 解决了 is everyday talk: it counts this long after the reply, or under a quote of it. */
const SOLVED_WITHIN_MS = 10 * 60_000;
/** So long after an alarm what the person writes is about it. */
const IN_DANGER_MS = 60 * 60_000;
/** In a group, and below an emergency, only words that are clearly about it; a question to the bot in a group is none. */
const ABOUT_DANGER =
  /120|救护车|打(?:过|了|通)|(?:到|去|在)医院|好(?:一?点|些|多)了|更(?:疼|痛|难受|厉害)|还(?:是|在)(?:疼|痛|难受|喘|晕|吐)|醒(?:了|过来)/u;
const LIST_AT_MOST = 8;
const NEVER_MIND = /^(?:算了|不用了?|不问了|没事了?|取消|never mind)$/u;
/** Another command or a check-in is not the question that was waited for. */
const SOMETHING_ELSE = /^(?:打卡|签到|打开\s*(?:空腹|餐后|饭后)|#\d|帮助|help|我的|转人工|投诉|撤回同意|隐私)/u;

export type Asking = ReturnType<typeof createAsking>;

/** What patients say to reach a doctor or an admin, and about their own tickets. */
export function createAsking(
  deps: Pick<EscalationDeps, 'clock' | 'community' | 'lastQuestion'> & { store: TicketStore; tickets: Tickets },
) {
  const { clock, community, store, tickets } = deps;
  const { say } = community.replies;

  async function open(tx: Transaction, message: ChatMessage, kind: TicketKind, question: string): Promise<OpenOutcome> {
    const { about, level } = message.assessment;
    return tickets.open(tx, message, {
      kind,
      level: kind === 'service' ? 'information' : level === 'information' ? 'clinical' : level,
      relation: kind === 'clinical' && about.kind === 'relative' ? about.relation : undefined,
      question,
    });
  }

  async function waitForWords(tx: Transaction, message: ChatMessage, kind: TicketKind): Promise<void> {
    await community.questions.open(tx, {
      personId: message.personId,
      place: message.place,
      kind: WORDS_QUESTION,
      data: { kind },
    });
    await say(tx, message, kind === 'service' ? text.toAsker.askServiceQuestion() : text.toAsker.askQuestion());
  }

  /** 转医生 alone: what was asked last here; where nothing is known, the next sentence. */
  async function callDoctor(tx: Transaction, message: ChatMessage): Promise<void> {
    const known = await deps.lastQuestion?.(tx, { personId: message.personId, place: message.place });
    if (known) await open(tx, message, 'clinical', known);
    else await waitForWords(tx, message, 'clinical');
  }

  const words: QuestionHandler = async (tx, message, data) => {
    if (message.kind !== 'text' || message.text.trim() === '' || SOMETHING_ELSE.test(message.normalised))
      return 'not-mine';
    if (NEVER_MIND.test(message.normalised)) return 'answered';
    await open(tx, message, data.kind === 'service' ? 'service' : 'clinical', message.text);
    return 'answered';
  };

  const whom: QuestionHandler = async (tx, message) => {
    if (/^(?:1|医生|找医生)$/u.test(message.normalised)) await callDoctor(tx, message);
    else if (/^(?:2|管理员|找管理员)$/u.test(message.normalised)) await waitForWords(tx, message, 'service');
    else return 'not-mine';
    return 'answered';
  };

  const voice: QuestionHandler = async (tx, message, data) => {
    if (!/^(?:是|要|好的?|yes)$/u.test(message.normalised)) return 'not-mine';
    const ticket = await store.find(tx, String(data.ticketId));
    if (!ticket) return 'not-mine';
    await tickets.append(tx, message, ticket, text.toDoctors.voice());
    return 'answered';
  };

  async function solve(tx: Transaction, message: ChatMessage, ticket: Ticket): Promise<void> {
    const state = afterAction(ticket.state, 'close');
    if (state === undefined) return;
    if (isPressing(ticket.level)) {
      // How an emergency ended is for a doctor or an admin to say (SAFETY.md 2.5.4): the words are passed on.
      await tickets.append(tx, message, ticket, message.text);
      return;
    }
    await store.update(tx, ticket.id, { state, closedAt: clock.now(), outcome: 'solved' });
    await store.addEvent(tx, {
      ticketId: ticket.id,
      kind: 'close',
      actorId: message.personId,
      messageId: message.id,
    });
    await say(tx, message, text.toAsker.solved(ticket.number));
  }

  return {
    open,
    callDoctor,
    solve,
    questions: { [WORDS_QUESTION]: words, [WHOM_QUESTION]: whom, [VOICE_QUESTION]: voice },

    async offerVoice(tx: Transaction, message: ChatMessage): Promise<string | undefined> {
      const own = await store.listOfAsker(tx, message.personId, { limit: LIST_AT_MOST });
      const waiting = own.find((ticket) => ticket.kind === 'clinical' && [...OWED, 'waiting'].includes(ticket.state));
      if (!waiting || message.late) return undefined;
      await community.questions.open(tx, {
        personId: message.personId,
        place: message.place,
        kind: VOICE_QUESTION,
        data: { ticketId: waiting.id },
      });
      return text.toAsker.offerVoice(waiting.number);
    },

    async askWhom(tx: Transaction, message: ChatMessage): Promise<void> {
      await community.questions.open(tx, {
        personId: message.personId,
        place: message.place,
        kind: WHOM_QUESTION,
        data: {},
      });
      await say(tx, message, text.toAsker.doctorOrAdmin());
    },

    async complaintForm(tx: Transaction, message: ChatMessage): Promise<void> {
      await say(tx, message, text.toAsker.complaintForm());
    },

    /** 解决了 without a quote: only soon after a reply, where it was asked. */
    async solvedLately(tx: Transaction, message: ChatMessage): Promise<void> {
      const since = clock.now() - SOLVED_WITHIN_MS;
      for (const ticket of await store.listOfAsker(tx, message.personId, { limit: 20 })) {
        if (ticket.state !== 'answered' || (ticket.answeredAt ?? 0) < since) continue;
        // A personal reply came in private, wherever it was asked.
        const inPrivate = (await store.listEvents(tx, ticket.id)).at(-1)?.kind === 'reply-private';
        if ((inPrivate ? undefined : ticket.roomId) === message.room?.id) {
          await solve(tx, message, ticket);
          return;
        }
      }
    },

    /** Somebody whose alarm is running writes on, without quoting anything: the doctors read it. */
    async writesInDanger(tx: Transaction, message: ChatMessage): Promise<boolean> {
      if (message.quoted || message.late) return false;
      const clearly = ABOUT_DANGER.test(message.normalised);
      if (message.room && (message.addressed || !clearly)) return false;
      const { personId, standing } = message;
      const since = clock.now() - IN_DANGER_MS;
      const running = await store.findPressingOf(tx, { askerId: personId, communityId: standing.communityId, since });
      if (!running || (running.level !== 'emergency' && !clearly)) return false;
      if ((await store.findByMessage(tx, message.id))?.id === running.id) return true;
      return (await tickets.append(tx, message, running, message.text)) !== 'too-old';
    },

    /** The asker about their own ticket: more words, or that it is solved. */
    async write(tx: Transaction, message: ChatMessage, ticket: Ticket, line: string): Promise<void> {
      if (/^(?:已?解决了?|solved)$/u.test(normaliseText(line).replace(/[。.!]$/u, '')))
        await solve(tx, message, ticket);
      else await tickets.append(tx, message, ticket, line);
    },

    async listOwn(tx: Transaction, message: ChatMessage): Promise<void> {
      const own = (await store.listOfAsker(tx, message.personId, { limit: LIST_AT_MOST })).filter(
        (ticket) => ticket.state !== 'withdrawn',
      );
      if (own.length === 0) {
        await say(tx, message, text.toAsker.noTickets());
        return;
      }
      const lines = own.map((ticket) =>
        text.toAsker.myTicketLine({
          number: ticket.number,
          state: ticket.state,
          service: ticket.kind === 'service',
          // Nothing of a question is repeated in a group.
          question: message.room ? undefined : preview(ticket.question) || undefined,
        }),
      );
      await say(tx, message, text.toAsker.myTickets(lines));
    },
  };
}
