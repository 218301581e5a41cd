import type { ChatFeature, ChatMessage, Command, Step, Where } from '../community/index.js';
import type { Transaction } from '../platform/db/database.js';
import { normaliseText } from '../platform/text-normalise.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import type { Asking } from './asking.js';
import type { EscalationDeps } from './deps.js';
import type { Desk, Source } from './desk.js';
import type { Relay } from './relay.js';
import type { TicketStore } from './store.js';
import { readTicketLine, ticketNumberIn } from './talk.js';
import type { Ticket } from './types.js';

const ANYWHERE: readonly Where[] = ['private', 'patients', 'doctors', 'admins', 'test'];
const WITH_PATIENTS: readonly Where[] = ['private', 'patients', 'test'];
const STAFF: readonly Where[] = ['private', 'doctors', 'admins'];

/** Longer than any command word, in characters as written. */
const COMMAND_AT_MOST = 24;

export type EscalationChat = ChatFeature & { quoteStep: Step };

/** The rows about tickets in CONVERSATION.md: what patients, doctors and admins say. */
export function createEscalationChat(
  deps: Pick<EscalationDeps, 'community'> & {
    store: TicketStore;
    desk: Desk;
    relay: Relay;
    asking: Asking;
    /** Questions that nobody but their own feature asks. */
    others: readonly Required<Pick<ChatFeature, 'questions'>>[];
  },
): EscalationChat {
  const { community, store, desk, relay, asking, others } = deps;

  /** One line about one ticket: from the desk, from its asker, or from a doctor among patients. */
  async function about(
    tx: Transaction,
    message: ChatMessage,
    ticket: Ticket,
    { line, source }: { line: string; source: Source },
  ): Promise<boolean> {
    if (isAtDesk(message) && !isOwnInPrivate(message, ticket)) {
      await desk.act(tx, message, ticket, line, source);
      return true;
    }
    if (ticket.askerId === message.personId) {
      await asking.write(tx, message, ticket, line);
      return true;
    }
    if (message.room && message.standing.doctor && ticket.kind === 'clinical') {
      await relay.recordOwn(tx, message, ticket, line);
      return true;
    }
    return false;
  }

  async function byNumber(tx: Transaction, message: ChatMessage, number: number): Promise<Ticket | undefined> {
    return store.findByNumber(tx, message.standing.communityId, number);
  }

  async function typed(tx: Transaction, message: ChatMessage, number: number, line: string): Promise<void> {
    const ticket = await byNumber(tx, message, number);
    const mine = ticket && (await about(tx, message, ticket, { line, source: 'command' }));
    if (mine) return;
    // In a group somebody else's number is not the bot's business.
    if (isAtDesk(message)) await community.replies.say(tx, message, text.desk.unknownTicket(number));
    else if (message.room === undefined) await community.replies.say(tx, message, text.toAsker.notYours(number));
  }

  /** What a quote is about: the number in it; a message without any number is known by what was sent. */
  async function quotedTicket(tx: Transaction, message: ChatMessage): Promise<Ticket | undefined> {
    const { quoted } = message;
    if (!quoted) return undefined;
    if (/#\d/u.test(normaliseText(quoted.text))) {
      const number = quoted.bySelf ? ticketNumberIn(quoted.text) : undefined;
      return number === undefined ? undefined : byNumber(tx, message, number);
    }
    const known = quoted.ticketId ? await store.find(tx, quoted.ticketId) : undefined;
    return known?.communityId === message.standing.communityId ? known : undefined;
  }

  const commands: Command[] = [
    {
      name: 'ticket-line',
      pattern: /^\/?(?:(?:回复|答复|回答|回)\s*:?\s*)?#\s*\d{1,7}(?!\d)/u,
      who: 'anyone',
      where: ANYWHERE,
      async run(tx, message) {
        const read = readTicketLine(message.text) ?? readTicketLine(message.normalised);
        if (read) await typed(tx, message, read.number, read.rest);
      },
    },
    {
      name: 'ticket-claim',
      pattern: /^(?:我?接|claim)\s*#\s*(\d{1,7})$/u,
      who: 'doctor',
      where: STAFF,
      help: { order: 30, line: text.help.reply },
      run: (tx, message, match) => typed(tx, message, Number(match[1]), 'claim'),
    },
    ...forStaff({
      name: 'todo',
      pattern: /^(?:待办|todo)$/u,
      where: STAFF,
      help: { doctor: { order: 31, line: text.help.todo }, admin: { order: 41, line: text.help.adminTodo } },
      run: (tx, message) => desk.list(tx, message, { mine: false }),
    }),
    ...forStaff({
      name: 'todo-mine',
      pattern: /^(?:待办\s*我的|我的待办|todo mine|my todo)$/u,
      where: STAFF,
      run: (tx, message) => desk.list(tx, message, { mine: true }),
    }),
    ...forStaff({
      name: 'ticket-acknowledge',
      pattern: /^(?:收到|ack|acknowledged?)\s*#\s*(\d{1,7})$/u,
      where: STAFF,
      help: { doctor: { order: 32, line: text.help.acknowledge }, admin: { order: 42, line: text.help.adminReply } },
      run: (tx, message, match) => typed(tx, message, Number(match[1]), 'ack'),
    }),
    ...forStaff({
      name: 'ticket-close',
      pattern: /^(?:关闭|close)\s*#\s*(\d{1,7})(?!\d)\s*([\s\S]*)$/u,
      where: STAFF,
      run: (tx, message, match) => typed(tx, message, Number(match[1]), `close ${match[2] ?? ''}`),
    }),
    ...forStaff({
      name: 'take-back',
      pattern: /^(?:撤回?|undo)$/u,
      where: STAFF,
      run: (tx, message) => relay.takeBack(tx, message),
    }),
    {
      name: 'ask-doctor',
      pattern: /^(?:转医生|转给医生|找医生|问医生|call a? ?doctor|ask a? ?doctor)$/u,
      who: 'anyone',
      where: WITH_PATIENTS,
      help: { order: 12, line: text.help.askDoctor },
      run: (tx, message) => asking.callDoctor(tx, message),
    },
    {
      name: 'ask-doctor-bare',
      pattern: /^doctor$/u,
      who: 'anyone',
      where: WITH_PATIENTS,
      needsAddress: true,
      run: (tx, message) => asking.callDoctor(tx, message),
    },
    {
      name: 'ask-doctor-words',
      // 找医生看病要挂号 is talk; after a space, or with 我 or 请问, it is meant for the bot.
      pattern: /^(?:转(?:给)?医生[\s:,]*|(?:找|问)医生(?:[\s:,]+|(?=我|请问))|doctor[\s:,]+)(\S[\s\S]*)$/u,
      who: 'anyone',
      where: WITH_PATIENTS,
      async run(tx, message, match) {
        await asking.open(tx, message, 'clinical', asWritten(message.text, match[1] ?? ''));
      },
    },
    {
      name: 'ask-doctor-words-addressed',
      pattern: /^(?:找|问)医生(\S[\s\S]*)$/u,
      who: 'anyone',
      where: WITH_PATIENTS,
      needsAddress: true,
      async run(tx, message, match) {
        await asking.open(tx, message, 'clinical', asWritten(message.text, match[1] ?? ''));
      },
    },
    {
      name: 'ask-human',
      pattern:
        /^(?:(?:转|找)?人工(?:客服|服务)?|有(?:医生|大夫)在?(?:吗|么)\??|(?:医生|大夫)在(?:吗|么|不在|线吗)\??|human|agent)$/u,
      who: 'anyone',
      where: WITH_PATIENTS,
      run: (tx, message) => asking.askWhom(tx, message),
    },
    {
      name: 'my-tickets',
      pattern: /^(?:我的求助|我的工单|my tickets)$/u,
      who: 'anyone',
      where: WITH_PATIENTS,
      help: { order: 13, line: text.help.myTickets },
      run: (tx, message) => asking.listOwn(tx, message),
    },
    {
      name: 'solved',
      pattern: /^(?:已?解决了|solved)$/u,
      who: 'anyone',
      where: WITH_PATIENTS,
      async run(tx, message) {
        const quoted = await quotedTicket(tx, message);
        if (quoted?.askerId === message.personId) await asking.solve(tx, message, quoted);
        else if (!quoted) await asking.solvedLately(tx, message);
      },
    },
    {
      name: 'complaint',
      pattern: /^(?:投诉|建议|complaint|suggestion)[\s:,]+(\S[\s\S]*)$/u,
      who: 'anyone',
      where: WITH_PATIENTS,
      help: { order: 19, line: text.help.complain },
      async run(tx, message) {
        await asking.open(tx, message, 'service', message.text);
      },
    },
    {
      name: 'complaint-addressed',
      pattern: /^(?:投诉|建议)(?!\s)(\S[\s\S]*)$/u,
      who: 'anyone',
      where: WITH_PATIENTS,
      needsAddress: true,
      async run(tx, message) {
        await asking.open(tx, message, 'service', message.text);
      },
    },
    {
      name: 'complaint-bare',
      pattern: /^(?:投诉|complaint)$/u,
      who: 'anyone',
      where: WITH_PATIENTS,
      run: (tx, message) => asking.complaintForm(tx, message),
    },
  ];

  return {
    commands,
    questions: Object.assign({}, desk.questions, asking.questions, ...others.map(({ questions }) => questions)),
    async quoteStep(tx, message) {
      if (message.kind !== 'text' || message.text.trim() === '') return false;
      const ticket = await quotedTicket(tx, message);
      if (isCheckIn(message)) return false;
      if (!ticket) return asking.writesInDanger(tx, message);
      const said = await store.findByMessage(tx, message.id);
      if (said) return true;
      return about(tx, message, ticket, { line: message.text, source: 'quote' });
    },
  };
}

/** One command for doctors and for admins: the same words, each with the line of help that is theirs. */
function forStaff({
  help,
  ...command
}: Omit<Command, 'who' | 'help'> & { help?: Record<'doctor' | 'admin', NonNullable<Command['help']>> }): Command[] {
  return (['doctor', 'admin'] as const).map((who) => ({
    ...command,
    name: `${command.name}-${who}`,
    who,
    ...(help ? { help: help[who] } : {}),
  }));
}

/** Doctors and admins where they work: their groups, or alone with the bot. */
function isAtDesk({ room, standing }: ChatMessage): boolean {
  const staff = standing.doctor || standing.admin || standing.unverifiedDoctor;
  return staff && (room === undefined || room.kind === 'doctors' || room.kind === 'admins');
}

/** Staff are people too: about their own question they speak as its asker. */
function isOwnInPrivate(message: ChatMessage, ticket: Ticket): boolean {
  return message.room === undefined && ticket.askerId === message.personId;
}

function isCheckIn(message: ChatMessage): boolean {
  return message.room?.kind !== 'doctors' && /^(?:打卡|签到)/u.test(message.normalised);
}

/** The end of `text` that normalises to `wanted`, as it was written. */
function asWritten(written: string, wanted: string): string {
  for (let from = 0; from < Math.min(written.length, COMMAND_AT_MOST); from += 1) {
    const end = written.slice(from);
    if (normaliseText(end).replace(/[。.!~]+$/u, '') === wanted) return end.trim();
  }
  return wanted;
}
