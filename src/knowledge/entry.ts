import { createHash } from 'node:crypto';
import { z } from 'zod';

/** Folder of an entry by its first topic; `htn` is 高血压, `t2dm` 糖尿病, `general` 通用. */
export const FOLDER_OF_TOPIC = { t2dm: 'diabetes', htn: 'hypertension', general: 'general' } as const;

export const TOPICS = ['t2dm', 'htn', 'general'] as const;
export const ENTRY_TYPES = ['faq', 'emergency_card', 'rumor_rebuttal', 'policy', 'community_rule'] as const;
export const ENTRY_STATUSES = [
  'draft',
  'in_review_1',
  'in_review_2',
  'published',
  'expiring',
  'suspended',
  'retired',
] as const;

export type Topic = (typeof TOPICS)[number];
export type EntryType = (typeof ENTRY_TYPES)[number];
export type EntryStatus = (typeof ENTRY_STATUSES)[number];

/** Length as people count it: characters, white space left out. */
export function countChars(text: string): number {
  return [...text.replace(/\s/g, '')].length;
}

const atMost = (max: number) =>
  z
    .string()
    .refine((text) => text.trim() !== '', { error: 'must not be empty' })
    .refine((text) => countChars(text) <= max, {
      error: (issue) => `must have at most ${max} characters, it has ${countChars(String(issue.input))}`,
    });

const localDate = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, {
  error: 'must be a date like 2026-09-01',
});
const emptyOr = <T extends z.ZodType>(schema: T) => schema.nullable().default(null);

const sourceSchema = z
  .strictObject({
    title: atMost(80),
    org: atMost(60),
    edition: emptyOr(atMost(40)),
    /** Empty for a page or leaflet without a date. */
    year: emptyOr(z.int().min(1990).max(2100)),
    section: emptyOr(atMost(60)),
    url: emptyOr(z.url({ error: 'must be an address that starts with https:// or http://' })),
    accessed: emptyOr(localDate),
    checked: z.enum(['seen', 'memory']),
    quote: emptyOr(atMost(60)),
    why_older: emptyOr(atMost(60)),
  })
  .refine((source) => source.checked === 'memory' || (source.url !== null && source.accessed !== null), {
    error: 'a source that was seen needs `url` and `accessed`; write `checked: memory` otherwise',
  });

const reviewerSchema = z.strictObject({
  name: atMost(20),
  title: atMost(20),
  specialty: atMost(20),
  institution: atMost(40),
  licence_verified_on: localDate,
  date: localDate,
  decision: z.enum(['approved', 'returned']),
});

/** The front matter of an entry (SAFETY 6.1), `answer` being the body below it. */
export const entryFileSchema = z
  .strictObject({
    id: z.string().regex(/^KB-(?:\d{3,}|D\d+)$/, { error: 'must look like KB-031' }),
    version: z.int().min(1),
    type: z.enum(ENTRY_TYPES),
    topics: z.array(z.enum(TOPICS)).min(1),
    question: atMost(30),
    variants: z.array(atMost(60)).min(8),
    not_this: z.array(atMost(60)).min(3),
    answer_short: atMost(120),
    answer: atMost(400),
    see_doctor_when: z.array(atMost(80)).min(1).max(5),
    emergency_line: atMost(120),
    audience: atMost(60),
    contraindicated_audience: z.array(atMost(40)).min(1),
    drug_mentions: z.array(atMost(20)),
    sources: z.array(sourceSchema).min(1),
    evidence: z.strictObject({ level: z.enum(['A', 'B', 'C', '专家共识']), scheme: atMost(40) }),
    author: z.strictObject({ name: atMost(30), role: atMost(30) }),
    reviewer1: emptyOr(reviewerSchema),
    reviewer2: emptyOr(reviewerSchema),
    conflict_of_interest: atMost(80),
    status: z.enum(ENTRY_STATUSES),
    reviewed_on: emptyOr(localDate),
    next_review_on: emptyOr(localDate),
    llm_role: z.enum(['none', 'draft', 'variants_only']),
    sample: z.boolean().default(false),
    lay_test: emptyOr(z.string().regex(/^[0-5]\/5$/, { error: 'must look like 4/5' })),
    change_note: emptyOr(atMost(120)),
    supersedes: emptyOr(z.string()),
    created: emptyOr(localDate),
  })
  .superRefine((entry, ctx) => {
    const blame = (path: string, message: string) => ctx.addIssue({ code: 'custom', path: [path], message });
    if (entry.contraindicated_audience.includes('无'))
      blame('contraindicated_audience', 'give the reason with 无, like 无：内容适合所有成人');
    if (entry.type === 'emergency_card' && !entry.emergency_line.includes('120'))
      blame('emergency_line', 'an emergency card must name 120 here');
    if (entry.status !== 'published' && entry.status !== 'expiring') return;
    if (entry.sample) blame('status', 'a sample cannot be published; write your own entry');
    if (entry.reviewer1?.decision !== 'approved') blame('reviewer1', 'needed, with `decision: approved`, to publish');
    if (entry.drug_mentions.length > 0 && entry.reviewer2 === null)
      blame('reviewer2', 'needed to publish an entry that names a drug (a pharmacist)');
    if (entry.reviewed_on === null) blame('reviewed_on', 'needed to publish');
    if (entry.next_review_on === null) blame('next_review_on', 'needed to publish');
    const names = [entry.author.name, entry.reviewer1?.name, entry.reviewer2?.name].filter(
      (name) => name !== undefined,
    );
    if (new Set(names).size < names.length) blame('reviewer1', 'author and reviewers must be different people');
  });

export type EntryFile = z.infer<typeof entryFileSchema>;
export type EntrySource = EntryFile['sources'][number];
export type EntryReviewer = z.infer<typeof reviewerSchema>;

/** A knowledge entry as the rest of the program sees it. */
export interface Entry {
  id: string;
  version: number;
  type: EntryType;
  topics: readonly Topic[];
  question: string;
  variants: readonly string[];
  /** Near misses: questions that this entry must not answer. */
  notThis: readonly string[];
  answerShort: string;
  answer: string;
  seeDoctorWhen: readonly string[];
  /** `null` where the author wrote 无. */
  emergencyLine: string | null;
  audience: string;
  contraindicatedAudience: readonly string[];
  drugMentions: readonly string[];
  sources: readonly EntrySource[];
  evidence: EntryFile['evidence'];
  author: EntryFile['author'];
  reviewer1: EntryReviewer | null;
  reviewer2: EntryReviewer | null;
  conflictOfInterest: string;
  status: EntryStatus;
  reviewedOn: string | null;
  nextReviewOn: string | null;
  llmRole: EntryFile['llm_role'];
  sample: boolean;
  changeNote: string | null;
  supersedes: string | null;
  created: string | null;
  /** What reviewers sign: see `hashOfContent`. */
  hash: string;
}

/**
 * sha256 over what a reader may meet and a reviewer signs. Version, status,
 * reviews and dates are left out, so that signing an entry does not change
 * what was signed, and a changed word always does.
 */
export function hashOfContent(file: EntryFile): string {
  const { version, status, reviewer1, reviewer2, reviewed_on, next_review_on, lay_test, ...signed } = file;
  const { change_note, supersedes, created, ...content } = signed;
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

export function toEntry(file: EntryFile): Entry {
  return {
    id: file.id,
    version: file.version,
    type: file.type,
    topics: file.topics,
    question: file.question,
    variants: file.variants,
    notThis: file.not_this,
    answerShort: file.answer_short,
    answer: file.answer,
    seeDoctorWhen: file.see_doctor_when,
    emergencyLine: file.emergency_line === '无' ? null : file.emergency_line,
    audience: file.audience,
    contraindicatedAudience: file.contraindicated_audience,
    drugMentions: file.drug_mentions,
    sources: file.sources,
    evidence: file.evidence,
    author: file.author,
    reviewer1: file.reviewer1,
    reviewer2: file.reviewer2,
    conflictOfInterest: file.conflict_of_interest,
    status: file.status,
    reviewedOn: file.reviewed_on,
    nextReviewOn: file.next_review_on,
    llmRole: file.llm_role,
    sample: file.sample,
    changeNote: file.change_note,
    supersedes: file.supersedes,
    created: file.created,
    hash: hashOfContent(file),
  };
}
