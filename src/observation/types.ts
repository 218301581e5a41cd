/** What can be measured or done. LOINC and UCUM of each: `units.ts`. */
export type ItemKind =
  | 'glucose'
  | 'blood-pressure'
  | 'heart-rate'
  | 'exercise'
  | 'steps'
  | 'distance'
  | 'weight'
  | 'medication'
  | 'diet'
  | 'ketone'
  | 'urine-ketone'
  | 'hba1c'
  | 'temperature'
  | 'spo2';

/** When or how it was taken: `fasting`, `after-breakfast`, `walk`, `left-arm`; null when nothing was said. */
export type Context = string | null;

/** One item found in a text, in canonical units. */
export interface Item {
  kind: ItemKind;
  /**
   * The number in the item's canonical unit (glucose mmol/L, weight kg, exercise min, …);
   * the meter's own words HI and LO; the systolic pressure for a blood pressure; null where only the act was told.
   */
  value: number | 'HI' | 'LO' | null;
  /** Diastolic pressure in mm[Hg]; blood pressure only. */
  diastolic?: number | null;
  context: Context;
  /** Drug name or activity as written. */
  what?: string;
  /** Unit of a drug dose (`片`, `mg`, `U`); absent where none was said. */
  doseUnit?: string;
  /** Hours after the meal, where said. */
  hoursAfter?: number;
  /** From before today, or what is usual, by the person's own words: 上次, 平时. Never stored. */
  past?: true;
  /** A lower bound of what was said: 20多 is 20. */
  floor?: true;
  /** As the person wrote it, before conversion. */
  original: string;
  /** Where it stands in the normalised text: [start, end). */
  span: [number, number];
}

/** A value that is not recorded as it stands; the readings it may mean, most likely first. */
export interface Doubt {
  item: Item;
  candidates: Item[];
  reason: 'implausible' | 'ambiguous' | 'swapped' | 'unit';
}

export type Intent =
  | 'checkin'
  | 'bare'
  | 'makeup'
  | 'correction'
  | 'retract'
  | 'negative'
  | 'question'
  | 'plan'
  | 'reference'
  | 'proxy'
  | 'chain'
  | 'quote'
  | 'system-echo'
  | 'clarify'
  | 'chat';

/** Everything the parser knows about one message. */
export interface MessageReading {
  intent: Intent;
  /** Starts with 打卡, 签到 or what dictation makes of them. */
  explicit: boolean;
  /** What may be stored on the sender. Empty for a question, another person's values, a plan, a quote. */
  items: Item[];
  /** Every reading in the text, whoever it belongs to: alert detection runs on these. */
  readings: Item[];
  doubts: Doubt[];
  /** 0 today, -1 yesterday (CHECKIN-AND-POINTS 2.1); absent when nothing was said. */
  dayOffset?: number;
  /** A calendar date as written, where no day word was said; the year is the reader's to choose. */
  date?: { month: number; day: number };
  /** A question is asked beside the check-in: 打卡 空腹6.5 正常吗. */
  asks?: true;
  /** Whom it is about when that is not the sender, as written: 我妈. */
  subject?: string;
  /** What a correction says was wrong: 6.5 in 不是6.5是5.6. */
  replaces?: number;
}
