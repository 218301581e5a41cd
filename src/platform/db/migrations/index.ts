import { firstSchema } from './0001-first-schema.js';
import { feedbackReason } from './0002-feedback-reason.js';
import { sentAnswers } from './0003-sent-answers.js';
import { modelCalls } from './0004-model.js';
import { entryLife } from './0005-entry-life.js';

export interface Migration {
  name: string;
  /** Statements for SQLite, each ending with a semicolon at a line's end; `dialect.ts` translates. */
  script: string;
}

/** In order; the position is the version. A migration that was released is never edited. */
export const migrations: Migration[] = [
  { name: '0001-first-schema', script: firstSchema },
  { name: '0002-feedback-reason', script: feedbackReason },
  { name: '0003-sent-answers', script: sentAnswers },
  { name: '0004-model', script: modelCalls },
  { name: '0005-entry-life', script: entryLife },
];
