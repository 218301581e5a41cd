import { stringify } from 'yaml';
import type { Entry } from './entry.js';

/**
 * An entry as the file it is written in: reading it again gives the same
 * entry, word for word. Lists stand a line each, as authors write them.
 */
export function entryToFile(entry: Entry): string {
  const { answer, ...fields } = fieldsOf(entry);
  const frontMatter = stringify(fields, { lineWidth: 0, nullStr: '' }).trimEnd();
  return `---\n${frontMatter}\n---\n\n${answer}\n`;
}

function fieldsOf(entry: Entry) {
  return {
    id: entry.id,
    version: entry.version,
    type: entry.type,
    topics: entry.topics,
    status: entry.status,
    sample: entry.sample,
    question: entry.question,
    variants: entry.variants,
    not_this: entry.notThis,
    answer_short: entry.answerShort,
    see_doctor_when: entry.seeDoctorWhen,
    emergency_line: entry.emergencyLine ?? '无',
    audience: entry.audience,
    contraindicated_audience: entry.contraindicatedAudience,
    drug_mentions: entry.drugMentions,
    sources: entry.sources.map((source) =>
      Object.fromEntries(Object.entries(source).filter(([, value]) => value !== null)),
    ),
    evidence: entry.evidence,
    author: entry.author,
    reviewer1: entry.reviewer1,
    reviewer2: entry.reviewer2,
    conflict_of_interest: entry.conflictOfInterest,
    reviewed_on: entry.reviewedOn,
    next_review_on: entry.nextReviewOn,
    llm_role: entry.llmRole,
    ...(entry.changeNote === null ? {} : { change_note: entry.changeNote }),
    ...(entry.supersedes === null ? {} : { supersedes: entry.supersedes }),
    created: entry.created,
    answer: entry.answer,
  };
}
