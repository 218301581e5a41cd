import type { TriageRules } from './load.js';
import type { Assessment } from './types.js';

export interface GroupCardValues {
  /** How the person is addressed, `@张阿姨`. */
  mention: string;
  /** A doctor is on duty now. */
  duty: boolean;
  /** The message is old: the person may have called already. */
  late: boolean;
}

export interface PrivateCardValues {
  duty: boolean;
  /** The ticket's number as people see it, `#12`. */
  ticket: string;
}

export interface ChatCard {
  id: string;
  text: string;
}

/**
 * What a group sees. Never a symptom, a value or a diagnosis; of words about
 * suicide nothing but the wish to talk. Undefined below the urgent level.
 */
export function groupCard(rules: TriageRules, assessment: Assessment, values: GroupCardValues): string | undefined {
  const { group } = rules.cards;
  if (assessment.level !== 'emergency' && assessment.level !== 'urgent') return undefined;
  if (assessment.privateOnly) return fill(group.crisis, values);
  if (assessment.level === 'urgent') return fill(group.urgent, values);
  const { emergency } = group;
  const police = isForPolice(assessment);
  const lines = [
    firstLine(rules, assessment, values),
    ...(police ? emergency.body_police : emergency.body),
    values.duty ? emergency.last_duty : emergency.last_nobody,
  ];
  return lines.map((line) => fill(line, { ...values, relation: relationOf(assessment) })).join('\n');
}

function firstLine(rules: TriageRules, assessment: Assessment, { late }: GroupCardValues): string {
  const { emergency } = rules.cards.group;
  if (isForPolice(assessment)) return emergency.first_police;
  if (assessment.about.kind === 'relative') return late ? emergency.first_late_relative : emergency.first_relative;
  return late ? emergency.first_late : emergency.first;
}

/** RF-22 alone: the police come first. */
function isForPolice({ flags, valueRows }: Assessment): boolean {
  const emergencies = [...flags, ...valueRows].filter(({ level }) => level === 'emergency');
  return emergencies.length > 0 && emergencies.every((reason) => 'id' in reason && reason.id === 'RF-22');
}

/** What the person is sent in private, most pressing first. */
export function privateCards(
  rules: TriageRules,
  assessment: Assessment,
  values: PrivateCardValues = { duty: true, ticket: '' },
): ChatCard[] {
  return assessment.cardIds.map((id) => {
    const shown = id === 'urgent' && !values.duty ? 'urgent-nobody' : id;
    return { id: shown, text: cardText(rules, shown, { ticket: values.ticket, relation: relationOf(assessment) }) };
  });
}

/** One card by its id, for the questions that come after: `check`, `follow-up`, `late`, `unclear-glucose`. */
export function cardText(rules: TriageRules, id: string, values: Record<string, string> = {}): string {
  return fill(rules.cards.private[id] ?? rules.cards.private.emergency ?? '', values);
}

function relationOf({ about }: Assessment): string {
  return about.kind === 'relative' ? about.relation : '';
}

/** An empty value takes the brackets around it away. */
function fill(text: string, values: object): string {
  const known = new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  return text.replace(/\{([a-z]+)\}/gu, (whole, name: string) => known.get(name) ?? whole).replace(/\(\)/gu, '');
}
