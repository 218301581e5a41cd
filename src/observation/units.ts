import type { Item, ItemKind } from './types.js';

/** LOINC code and UCUM unit of a stored value (CHECKIN-AND-POINTS 5); null where LOINC names no single code that fits. */
export interface Coding {
  loinc: string | null;
  ucum: string | null;
}

export const coding: Record<ItemKind, Coding> = {
  glucose: { loinc: '15074-8', ucum: 'mmol/L' },
  // The panel itself has no value: its parts are in `pressureParts`.
  'blood-pressure': { loinc: '85354-9', ucum: 'mm[Hg]' },
  'heart-rate': { loinc: '8867-4', ucum: '/min' },
  exercise: { loinc: '55411-3', ucum: 'min' },
  steps: { loinc: '55423-8', ucum: '{steps}' },
  distance: { loinc: '55430-3', ucum: 'km' },
  weight: { loinc: '29463-7', ucum: 'kg' },
  medication: { loinc: null, ucum: null },
  diet: { loinc: null, ucum: null },
  ketone: { loinc: '53060-9', ucum: 'mmol/L' },
  'urine-ketone': { loinc: '2514-8', ucum: '{grade}' },
  hba1c: { loinc: '4548-4', ucum: '%' },
  temperature: { loinc: '8310-5', ucum: 'Cel' },
  spo2: { loinc: '59408-5', ucum: '%' },
};

export const pressureParts: { systolic: Coding; diastolic: Coding } = {
  systolic: { loinc: '8480-6', ucum: 'mm[Hg]' },
  diastolic: { loinc: '8462-4', ucum: 'mm[Hg]' },
};

/** Units in which people give a value that is kept in another. */
export type ForeignUnit = 'mg/dL' | 'kPa' | 'jin' | 'li' | 'm' | 'h' | 'Fahrenheit' | 'mmol/mol';

/**
 * Into the canonical unit: mg/dL by 18 (the same to one decimal as 18.016),
 * kPa by 7.50062, 斤 by 1/2, 里 by 0.5; HbA1c in mmol/mol by the IFCC-NGSP
 * master equation.
 */
const conversions: Record<ForeignUnit, (value: number) => number> = {
  'mg/dL': (v) => rounded(v / 18, 1),
  kPa: (v) => rounded(v * 7.50062, 0),
  jin: (v) => rounded(v / 2, 2),
  li: (v) => rounded(v * 0.5, 2),
  m: (v) => rounded(v / 1000, 3),
  h: (v) => rounded(v * 60, 0),
  Fahrenheit: (v) => rounded((v - 32) / 1.8, 1),
  'mmol/mol': (v) => rounded(v * 0.09148 + 2.152, 1),
};

export function toCanonical(value: number, unit: ForeignUnit): number {
  return conversions[unit](value);
}

export function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round((value + Number.EPSILON) * scale) / scale;
}

/** Decimals a kind is shown with at least: 6 is shown as 6.0 mmol/L, 130 as 130 mmHg. */
const shownDecimals: Partial<Record<ItemKind, number>> = {
  glucose: 1,
  weight: 1,
  hba1c: 1,
  temperature: 1,
  ketone: 1,
};

/** The value as digits: `6.5`, `130/80`, `HI`; undefined where only the act was told. */
export function valueText(item: Item): string | undefined {
  if (item.kind === 'blood-pressure') {
    if (typeof item.value !== 'number' && item.diastolic == null) return undefined;
    return `${item.value ?? '–'}/${item.diastolic ?? '–'}`;
  }
  if (item.value === null) return undefined;
  if (typeof item.value === 'string') return item.value;
  const exact = String(rounded(item.value, 3));
  const decimals = exact.split('.')[1]?.length ?? 0;
  return decimals >= (shownDecimals[item.kind] ?? 0) ? exact : item.value.toFixed(shownDecimals[item.kind]);
}
