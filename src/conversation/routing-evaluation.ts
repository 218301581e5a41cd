import { join } from 'node:path';
import { z } from 'zod';
import { buildIndex, loadEntries, readLines } from '../knowledge/index.js';
import { createParser, loadPlausibility } from '../observation/index.js';
import { assess, loadTriageRules } from '../triage/index.js';
import { ROUTES, type Route, routeOf } from './routing.js';

export { ROUTES } from './routing.js';

const caseLine = z.object({ text: z.string(), route: z.enum(ROUTES) });
export type RoutingCase = z.infer<typeof caseLine>;

export interface RoutedCase extends RoutingCase {
  got: Route;
  why: string;
}

export interface RoutingReport {
  summary: {
    cases: number;
    right: number;
    /** Shares from 0 to 1; null where there is nothing to divide by. */
    accuracy: number | null;
    byRoute: Record<Route, { cases: number; recall: number | null; precision: number | null }>;
    /** By the route it should take, then by the one it takes. */
    confusion: Record<Route, Record<Route, number>>;
    /** Emergency, urgent or clinical messages that go a less pressing way; by two levels or more. */
    underTriaged: number;
    underTriagedByTwo: number;
    falseEmergencies: number;
  };
  /** In the order of the input. */
  cases: RoutedCase[];
}

/** Labelled messages, a JSON object a line. @throws LabelledFileError with file and line */
export function readRoutingCases(text: string, file: string): RoutingCase[] {
  return readLines(text, file, caseLine);
}

/** Which way each message takes with the rules and entries in `knowledgeDir`; nothing is kept. */
export async function routeCases(
  knowledgeDir: string,
  cases: readonly RoutingCase[],
  progress: (done: number) => void = () => {},
): Promise<RoutingReport> {
  const triageDir = join(knowledgeDir, 'triage');
  const rules = loadTriageRules(triageDir);
  const parser = createParser(loadPlausibility(triageDir));
  const index = buildIndex((await loadEntries(knowledgeDir)).entries);
  const routed = cases.map(({ text, route }, i): RoutedCase => {
    const reading = parser.read(text);
    const { readings } = reading;
    const assessment = assess(rules, { text, readings, recent: [], now: 0, role: 'patient' });
    const { route: got, why } = routeOf(text, { assessment, reading, decision: index.decide(text) });
    progress(i + 1);
    return { text, route, got, why };
  });
  return { summary: summaryOf(routed), cases: routed };
}

function summaryOf(cases: readonly RoutedCase[]): RoutingReport['summary'] {
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  const count = (fits: (one: RoutedCase) => boolean) => cases.filter(fits).length;
  const each = <T>(make: (route: Route) => T) =>
    Object.fromEntries(ROUTES.map((route) => [route, make(route)])) as Record<Route, T>;
  const right = count(({ route, got }) => route === got);
  const lower = cases.map(({ route, got }) => pressing(got) - pressing(route));
  return {
    cases: cases.length,
    right,
    accuracy: share(right, cases.length),
    byRoute: each((route) => {
      const hits = count((one) => one.route === route && one.got === route);
      return {
        cases: count((one) => one.route === route),
        recall: share(
          hits,
          count((one) => one.route === route),
        ),
        precision: share(
          hits,
          count((one) => one.got === route),
        ),
      };
    }),
    confusion: each((route) => each((got) => count((one) => one.route === route && one.got === got))),
    underTriaged: lower.filter((steps) => steps > 0).length,
    underTriagedByTwo: lower.filter((steps) => steps > 1).length,
    falseEmergencies: count(({ route, got }) => got === 'emergency' && route !== 'emergency'),
  };
}

/** 0 for an emergency to 3 for what is not about anybody's health now. */
function pressing(route: Route): number {
  return Math.min(ROUTES.indexOf(route), ROUTES.indexOf('clinical') + 1);
}
