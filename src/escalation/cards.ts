import { mention } from '../platform/outbox/outbox.js';
import { escalation as text } from '../text/zh-CN/escalation.js';
import { type Assessment, cardText, groupCard, privateCards, type TriageRules } from '../triage/index.js';

/** What decides the wording of the cards of one emergency. */
export interface CardSituation {
  assessment: Assessment;
  askerId: string;
  /** Who is being told: nobody in a group that is not set up. The card never says more. */
  staff: 'on-duty' | 'off-duty' | 'nobody';
  /** The message is older than ten minutes. */
  late: boolean;
  ticketNumber: number | undefined;
  /** A private message can reach the person. */
  reachable: boolean;
  /** Admins in the group, to be called when the person cannot be reached. */
  adminIds: readonly string[];
}

const CARDS_AT_MOST = 3;
const CALLED_AT_MOST = 3;
/** Stands for the ticket where there is none; a sentence that promises one is left out. */
const NO_TICKET = '\u0000';

/**
 * The card in the group, from the signed texts (SAFETY.md 2.3): no symptom, no
 * value, no diagnosis. Says so when the person cannot be reached in private.
 */
export function groupWords(rules: TriageRules, situation: CardSituation): string | undefined {
  const { assessment, reachable } = situation;
  const called = mention(situation.askerId);
  const card = groupCard(rules, assessment, {
    mention: called,
    duty: situation.staff === 'on-duty',
    late: situation.late,
  });
  if (card === undefined) return undefined;
  if (assessment.privateOnly) return reachable ? card : `${called} ${text.toGroup.wordInPrivateNotAFriend()}`;
  const urgent = assessment.level === 'urgent';
  // Somebody without a private chat reads the general advice here: it names nothing of what they said.
  const advice = urgent && !reachable ? `${called} ${urgentAdvice(rules, situation)}` : card;
  if (situation.staff === 'nobody') return urgent ? advice : withoutPromise(advice);
  const admins = situation.adminIds.slice(0, CALLED_AT_MOST).map(mention).join(' ');
  return reachable ? advice : `${advice}\n${text.toGroup.unreachable(admins)}`;
}

/** The cards in private, most pressing first. */
export function privateWords(rules: TriageRules, situation: CardSituation): string[] {
  const { assessment } = situation;
  const cards = privateCards(rules, assessment, {
    duty: situation.staff === 'on-duty',
    ticket: ticketWord(situation),
  })
    .slice(0, CARDS_AT_MOST)
    .map((card) => withoutTicketSentence(card.text));
  const late = situation.late && assessment.level === 'emergency' && !assessment.privateOnly;
  return late ? [cardText(rules, 'late'), ...cards] : cards;
}

function urgentAdvice(rules: TriageRules, situation: CardSituation): string {
  const id = situation.staff === 'on-duty' || situation.staff === 'nobody' ? 'urgent' : 'urgent-nobody';
  return withoutTicketSentence(cardText(rules, id, { ticket: ticketWord(situation) }));
}

function ticketWord({ ticketNumber }: CardSituation): string {
  return ticketNumber === undefined ? NO_TICKET : `#${ticketNumber}`;
}

function withoutTicketSentence(card: string): string {
  if (!card.includes(NO_TICKET)) return card;
  return card
    .split(/(?<=。)/u)
    .filter((sentence) => !sentence.includes(NO_TICKET))
    .join('');
}

/** The last line of an emergency card says who is being told. */
function withoutPromise(card: string): string {
  return card.split('\n').slice(0, -1).join('\n');
}
