export { createGapDigest } from './gap-digest.js';
export { listGaps } from './gaps.js';
export { createLastQuestion, createLastTopic } from './last-question.js';
export { createAnswering } from './service.js';
export {
  asksSomething,
  isAdvert,
  isBare,
  isComplaint,
  isEveryday,
  isForService,
  isKnock,
  isPrivacyComplaint,
  isRumour,
  isTalk,
} from './talk.js';
export { createQuestionReader } from './understanding.js';
