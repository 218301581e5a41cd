/** How an answer of a given form is asked for; providers differ in what they know. */
export const OUTPUT_WAYS = ['json-schema', 'tools', 'plain'] as const;
export type OutputWay = (typeof OUTPUT_WAYS)[number];

/** The client reads what comes by JSON schema itself, and fails where that is no JSON. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError;
}
