import type { Item } from '../observation/types.js';
import type { SuppressionKind } from './rule-files.js';

/** Levels of SAFETY.md 2.1, most pressing first: L1, L2, L3, L4. */
export const LEVELS = ['emergency', 'urgent', 'clinical', 'information'] as const;
export type Level = (typeof LEVELS)[number];

export type SenderRole = 'patient' | 'doctor' | 'admin' | 'bot';

/** What is known of the talker. It is not applied when the message is about somebody else. */
export interface TriageProfile {
  pregnant?: boolean;
  /** Up to 12 weeks after birth. */
  postpartum?: boolean;
  ageYears?: number;
  insulinOrSulfonylurea?: boolean;
  diabetes?: boolean;
  sglt2Inhibitor?: boolean;
  anticoagulant?: boolean;
  heartOrStroke?: boolean;
  kidneyDisease?: boolean;
  livesAlone?: boolean;
}

export interface TriageInput {
  /** What the person wrote, the reply part only: quoted text is cut off by the caller. */
  text: string;
  /** Every reading in the text, whoever it belongs to. */
  readings: Item[];
  /** The same person's messages of the last minutes, this one not among them. */
  recent: { text: string; at: number }[];
  /** UTC ms. */
  now: number;
  role: SenderRole;
  /** A chat history, a link or a forwarded note. */
  forwarded?: boolean;
  profile?: TriageProfile;
}

export type About = { kind: 'self' } | { kind: 'relative'; relation: string };

/** Start and end in the normalised text, as `Item.span`. */
export type Span = [number, number];

export interface RaisedFlag {
  id: string;
  level: Level;
  spans: Span[];
}

export interface RaisedValue {
  row: string;
  level: Level;
  item: Item;
}

export interface Suppressed {
  id: string;
  cue: string;
  /** Negation, history, idiom, …: what kind of cue held it back. */
  kind: SuppressionKind;
}

/** What a message would amount to if what was held back in doubt is so after all. */
export type Confirmed = Pick<Assessment, 'level' | 'flags' | 'valueRows' | 'cardIds' | 'privateOnly'>;

export interface Assessment {
  level: Level;
  /** Every emergency or urgent reason is RF-20 or RF-21: nothing about it may be said in a group. */
  privateOnly: boolean;
  flags: RaisedFlag[];
  valueRows: RaisedValue[];
  suppressed: Suppressed[];
  about: About;
  /** A suppression in doubt (SAFETY.md 2.4): ask in private whether somebody has this now. */
  needsCheck?: boolean;
  /** There while `needsCheck`: the reasons that count once somebody says that they have it now. */
  ifConfirmed?: Confirmed;
  /** Private cards, most pressing first; `check` alone where somebody has to be asked. */
  cardIds: string[];
  ruleVersion: string;
}

export function moreUrgent(a: Level, b: Level): Level {
  return LEVELS.indexOf(a) <= LEVELS.indexOf(b) ? a : b;
}

export function oneLevelUp(level: Level): Level {
  return LEVELS[Math.max(0, LEVELS.indexOf(level) - 1)] ?? level;
}
