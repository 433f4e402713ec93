import assert from 'node:assert/strict';
import { combineJudges, type CombinationRule } from '../../../server/judges/combine.ts';
import { contentHash, createHumanJudge, type HumanLabel } from '../../../server/judges/labels/human.ts';
import type { Judge, Verdict } from '../../../server/judges/judge/judge.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';

const says = (score: number | string, name = 'model'): Judge => ({
  kind: 'classifier',
  name,
  hash: `${name}${score}`,
  threshold: 0.5,
  judge: async (items) =>
    Promise.resolve(
      items.map((): Verdict =>
        typeof score === 'string'
          ? { kind: 'unjudged', reason: score }
          : { kind: 'judged', score, toxic: score >= 0.5, categories: { insult: score }, evidence: [] },
      ),
    ),
});

const text = { text: 'such a fool' };
const label = (given: HumanLabel['label'], time: number, reason?: string): HumanLabel => ({
  content: contentHash(text),
  label: given,
  author: 'ada',
  time,
  ...(reason !== undefined && { reason }),
});

async function decide(judges: readonly Judge[], rule?: CombinationRule): Promise<Verdict> {
  const [verdict] = await combineJudges(judges, rule && { rule }).judge([text]);
  assert.ok(verdict);
  return verdict;
}

const outcome = (verdict: Verdict) => (verdict.kind === 'judged' ? [verdict.toxic, verdict.score] : verdict.reason);

describe('human judge', () => {
  it('gives the latest label with author and reason, whatever the order of the history', async () => {
    const judge = createHumanJudge([label('benign', 20, 'a quote'), label('toxic', 10)]);
    const [verdict] = await judge.judge([text]);
    assert.ok(verdict?.kind === 'judged');
    assert.deepEqual([verdict.toxic, verdict.score, verdict.why], [false, 0, 'ada: a quote']);
  });

  it('gives no verdict where nobody labelled, nobody was sure, or the prompt is another', async () => {
    assert.deepEqual(await createHumanJudge([]).judge([text]), [
      { kind: 'unjudged', reason: 'nobody labelled the text' },
    ]);
    const unsure = await createHumanJudge([label('unsure', 1)]).judge([text]);
    assert.deepEqual(unsure, [{ kind: 'unjudged', reason: 'ada was not sure' }]);
    const [other] = await createHumanJudge([label('toxic', 1)]).judge([{ ...text, prompt: 'He was' }]);
    assert.equal(other?.kind, 'unjudged');
  });
});

describe('combineJudges', () => {
  it('puts a human before every model, whatever the rule and order', async () => {
    const human = createHumanJudge([label('benign', 1)]);
    for (const rule of ['first', 'any', 'all', 'majority', 'mean'] as const) {
      assert.deepEqual(outcome(await decide([says(0.9), says(0.8), human], rule)), [false, 0]);
    }
    assert.deepEqual(outcome(await decide([createHumanJudge([]), says(0.9)])), [true, 0.9]);
  });

  it('decides among models by the rule', async () => {
    const models = [says(0.2), says(0.9), says(0.6)];
    assert.deepEqual(outcome(await decide(models, 'first')), [false, 0.2]);
    assert.deepEqual(outcome(await decide(models, 'any')), [true, 0.9]);
    assert.deepEqual(outcome(await decide(models, 'all')), [false, 0.2]);
    assert.deepEqual(outcome(await decide(models, 'majority')), [true, 2 / 3]);
    const [toxic, score] = outcome(await decide(models, 'mean')) as [boolean, number];
    assert.ok(toxic && Math.abs(score - 1.7 / 3) < 1e-12);
  });

  it('leaves out judges that gave none or threw, and is unjudged only when all did', async () => {
    const throws: Judge = { ...says(1, 'broken'), judge: () => Promise.reject(new Error('gone')) };
    assert.deepEqual(outcome(await decide([says('too long'), throws, says(0.3)], 'all')), [false, 0.3]);
    assert.equal(
      outcome(await decide([says('too long', 'a'), throws], 'any')),
      'a: too long; broken: the judge failed: gone',
    );
  });

  it('refuses no judges, rejects when cancelled, and hashes rule and judges', async () => {
    assert.throws(() => combineJudges([]), RankscopeError);
    await assert.rejects(combineJudges([says(1)]).judge([text], AbortSignal.abort()), RankscopeError);
    const hashes = [combineJudges([says(1)]), combineJudges([says(0)]), combineJudges([says(1)], { rule: 'any' })].map(
      (j) => j.hash,
    );
    assert.equal(new Set(hashes).size, 3);
  });
});
