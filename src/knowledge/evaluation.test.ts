import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverageAt, evaluateFaq } from './evaluation.js';
import { LabelledFileError, readFaqEntries, readFaqQueries } from './evaluation-files.js';
import { CONFIDENCE_INPUTS, loadSearchModel, probability, RANK_INPUTS } from './model.js';

const corpus = readFaqEntries(
  [
    '{"id":"E1","question":"糖尿病能吃西瓜吗","alternatives":["糖友吃西瓜行不行","西瓜糖尿病人能吃么"]}',
    '{"id":"E2","question":"糖尿病能喝酒吗","alternatives":["糖友能喝点酒不","喝酒对糖尿病有影响吗"]}',
    '{"id":"E3","question":"高血压一天吃多少盐","alternatives":["血压高每天盐吃几克"]}',
    '',
  ].join('\n'),
  'corpus.jsonl',
);

describe('an evaluation', () => {
  const report = evaluateFaq(corpus, [
    { id: 'a', text: '糖尿病能吃西瓜吗', gold: ['E1'], domain: 'food' },
    { id: 'b', text: '糖尿病人可以喝酒吗', gold: ['E2'], domain: 'drink' },
    { id: 'c', text: '今天天气真好', gold: [], domain: 'talk' },
  ]);

  it('scores what has an entry, and keeps a record of every query in order', () => {
    expect(report.scores).toMatchObject({ queries: 3, answerable: 2, hitAt1: 1, hitAt3: 1, mrr: 1 });
    expect(report.records.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(report.records[0]).toMatchObject({
      decision: 'answer',
      top: expect.arrayContaining([expect.objectContaining({ id: 'E1' })]),
    });
    expect(report.records[2]).toMatchObject({ decision: 'offer' });
    expect(Object.keys(report.byDomain)).toEqual(['food', 'drink', 'talk']);
    expect(report.byDomain.talk).toMatchObject({ answerable: 0, hitAt1: 0, coverageAt95: 0 });
  });

  it('counts a wrong answer as a risk, and shows it', () => {
    const wrong = evaluateFaq(corpus, [{ text: '糖尿病能吃西瓜吗', gold: ['E2'] }]);
    expect(wrong.scores).toMatchObject({ hitAt1: 0, precision: 0, coverage: 0, aurc: 1 });
    expect(wrong.worst).toEqual([expect.objectContaining({ got: 'E1', gold: ['E2'] })]);
    expect(wrong.scores.calibrationError).toBeGreaterThan(0.5);
  });

  it('of nothing is nothing', () => {
    expect(evaluateFaq(corpus, []).scores).toMatchObject({ queries: 0, hitAt1: 0, aurc: 0, calibrationError: 0 });
    expect(evaluateFaq([], [{ text: '糖尿病', gold: [] }]).records).toEqual([
      { id: undefined, decision: 'offer', probability: 0, top: [] },
    ]);
  });
});

describe('coverage at a precision', () => {
  const judged = fc.array(fc.record({ confidence: fc.constantFrom(0.1, 0.5, 0.7, 0.9), right: fc.boolean() }));

  it('is what the best threshold gives', () => {
    fc.assert(
      fc.property(judged, fc.constantFrom(0.5, 0.9, 0.95), (all, precision) => {
        const byThreshold = [0.1, 0.5, 0.7, 0.9].map((threshold) => {
          const answered = all.filter(({ confidence }) => confidence >= threshold);
          const right = answered.filter((one) => one.right).length;
          return answered.length > 0 && right / answered.length >= precision ? right : 0;
        });
        expect(coverageAt(precision, all, 10)).toBeCloseTo(Math.max(...byThreshold) / 10);
      }),
    );
  });
});

describe('a labelled file', () => {
  it('that cannot be read is told with its line', () => {
    expect(() => readFaqQueries('{"text":"a","gold":[]}\n{"text":1,"gold":[]}', 'q.jsonl')).toThrow(LabelledFileError);
    expect(() => readFaqQueries('{"text":"a","gold":[]}\n{"text":1,"gold":[]}', 'q.jsonl')).toThrow(/^q.jsonl:2: text/);
    expect(() => readFaqEntries('\n{"id":', 'e.jsonl')).toThrow(/^e.jsonl:2: is not JSON/);
  });
});

it('the weights in the repository fit the features of the program, and no other', () => {
  const { withAnswers, questionsOnly } = loadSearchModel();
  for (const { rank, confidence } of [withAnswers, questionsOnly]) {
    expect(Object.keys(rank.weights).sort()).toEqual([...RANK_INPUTS].sort());
    expect(Object.keys(confidence.weights).sort()).toEqual([...CONFIDENCE_INPUTS].sort());
  }
  expect(probability({ intercept: 0, weights: { a: 2 } }, ['a'], [0])).toBe(0.5);
  expect(probability({ intercept: -1, weights: { a: 2 } }, ['a'], [0.5])).toBe(0.5);
});
