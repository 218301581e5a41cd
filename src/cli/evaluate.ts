import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROUTES, type RoutingReport, readRoutingCases, routeCases } from '../conversation/routing-evaluation.js';
import {
  type AnswerStyle,
  evaluateFaq,
  type FaqReport,
  type FaqScores,
  readFaqEntries,
  readFaqQueries,
} from '../knowledge/index.js';
import { packageDir } from '../platform/config.js';
import { progressBar } from './progress.js';
import { table } from './table.js';

/** `xinglin eval faq`: the search on a corpus and questions of one's own. */
export async function evaluateFaqCommand(options: {
  entries: string;
  queries: string;
  style: AnswerStyle;
  json?: string;
}): Promise<void> {
  const { style } = options;
  const entries = readFaqEntries(readFileSync(options.entries, 'utf8'), options.entries);
  const queries = readFaqQueries(readFileSync(options.queries, 'utf8'), options.queries);
  const report = evaluateFaq(entries, queries, { style, progress: withTotal(progressBar(), queries.length) });
  print(report, { entries: entries.length, style });
  if (options.json) {
    const { records, worst: _, ...summary } = report;
    writeFileSync(options.json, `${JSON.stringify({ summary, queries: records }, null, 2)}\n`);
    process.stdout.write(`\nwritten: ${options.json}\n`);
  }
}

const COLUMNS: readonly [string, (scores: FaqScores) => string][] = [
  ['queries', (s) => `${s.queries}`],
  ['with entry', (s) => `${s.answerable}`],
  ['hit@1', (s) => s.hitAt1.toFixed(3)],
  ['hit@3', (s) => s.hitAt3.toFixed(3)],
  ['MRR', (s) => s.mrr.toFixed(3)],
  ['precision', (s) => s.precision.toFixed(3)],
  ['coverage', (s) => s.coverage.toFixed(3)],
  ['cov@90%', (s) => s.coverageAt90.toFixed(3)],
  ['cov@95%', (s) => s.coverageAt95.toFixed(3)],
  ['cov@97%', (s) => s.coverageAt97.toFixed(3)],
  ['AURC', (s) => s.aurc.toFixed(3)],
  ['cal. error', (s) => s.calibrationError.toFixed(3)],
];

function print(report: FaqReport, { entries, style }: { entries: number; style: AnswerStyle }): void {
  const lines = [
    `${entries} entries, indexed in ${report.buildMs.toFixed(0)} ms; a query takes ${report.p50Ms.toFixed(1)} ms (p50), ${report.p99Ms.toFixed(1)} ms (p99)`,
    '',
    ...table([
      ['', ...COLUMNS.map(([name]) => name)],
      ...[['all', report.scores] as const, ...Object.entries(report.byDomain)].map(([name, scores]) => [
        name,
        ...COLUMNS.map(([, show]) => show(scores)),
      ]),
    ]),
    '',
    `precision and coverage: at the thresholds of the product, style ${style}. cov@95%: right answers among the questions`,
    'that have an entry, at the threshold where 95 of 100 answers are right.',
    '',
    'share answered, the surest first → wrong among them',
    ...[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].flatMap((share) => {
      const point = report.riskCoverage[Math.ceil(share * report.riskCoverage.length) - 1];
      return point
        ? [`  ${(100 * share).toFixed(0).padStart(3)} %  ${(100 * point.risk).toFixed(1).padStart(5)} %`]
        : [];
    }),
    ...(report.worst.length > 0 ? ['', 'wrong, the surest first'] : []),
    ...report.worst.map(
      ({ text, gold, got, probability }) =>
        `  ${probability.toFixed(2)}  ${text}  got ${got ?? 'nothing'}, right ${gold.join(' or ') || 'none'}`,
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** `xinglin eval routing`: which way messages of one's own would take, with the model off. */
export async function evaluateRoutingCommand(options: { cases: string; json?: string }): Promise<void> {
  const cases = readRoutingCases(readFileSync(options.cases, 'utf8'), options.cases);
  const report = await routeCases(join(packageDir, 'knowledge'), cases, withTotal(progressBar(), cases.length));
  printRouting(report);
  if (options.json) {
    writeFileSync(options.json, `${JSON.stringify({ summary: report.summary, cases: report.cases }, null, 2)}\n`);
    process.stdout.write(`\nwritten: ${options.json}\n`);
  }
}

const MISSES_SHOWN = 50;

function printRouting({ summary, cases }: RoutingReport): void {
  const misses = cases.filter(({ route, got }) => route !== got);
  const lines = [
    `${summary.cases} messages, ${summary.right} of them take the way they should (${percent(summary.accuracy)})`,
    '',
    'should take (line) → takes (column)',
    ...table([
      ['', ...ROUTES, 'recall', 'precision'],
      ...ROUTES.map((route) => [
        route,
        ...ROUTES.map((got) => `${summary.confusion[route][got] || '·'}`),
        percent(summary.byRoute[route].recall),
        percent(summary.byRoute[route].precision),
      ]),
    ]),
    '',
    `less pressing than it should be: ${summary.underTriaged} (by two levels or more: ${summary.underTriagedByTwo})`,
    `taken for an emergency that is none: ${summary.falseEmergencies}`,
    ...(misses.length > 0 ? ['', 'misses'] : []),
    ...misses
      .slice(0, MISSES_SHOWN)
      .map(({ text, route, got, why }) => `  ${route} → ${got}  ${text.replaceAll('\n', ' ')}  (${why})`),
    ...(misses.length > MISSES_SHOWN ? [`  and ${misses.length - MISSES_SHOWN} more: --json has them all`] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(1)} %`;
}

function withTotal(bar: (done: number, total: number) => void, total: number): (done: number) => void {
  return (done) => bar(done, total);
}
