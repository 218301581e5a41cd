/** Why an answer did not help, as one of a few words. */
export const feedbackReason = `
alter table feedback add column reason text;
`;
