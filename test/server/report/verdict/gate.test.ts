import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import type { ArmMetrics, RunMetrics } from '../../../../server/protocol/run.ts';
import type { ArmVerdict, RunVerdict } from '../../../../server/protocol/runVerdict.ts';
import { checkRequirement, overall } from '../../../../server/report/verdict/gate.ts';
import { junitXml } from '../../../../server/report/verdict/junit.ts';
import { goldenToxicityRun } from '../../../golden/goldenRun.ts';
import { rankscope } from '../../cli/fakeEngine.ts';

const arm = (rank: number, word: ArmVerdict['word']): ArmVerdict => ({
  arm: `r${rank}`,
  rank,
  word,
  why: `r${rank} why.`,
});
const verdict = (over: Partial<RunVerdict> = {}): RunVerdict => ({
  ...{ answer: 'The answer.', why: [], next: [], goal: 'mitigate', templates: 9, smallestSafe: 8 },
  arms: [arm(2, 'unsafe'), arm(4, 'broken'), arm(8, 'safe'), arm(16, 'undecided')],
  ...over,
});
const r8: ArmMetrics = {
  ...{ id: 'r8', method: 'lora', rank: 8, seed: 0, trainableParameters: 1 },
  toxicity: { value: 0.1, low: 0.06, high: 0.14, n: 100 },
  kl: { value: 0.3, low: 0.2, high: 0.4, n: 100 },
  heldOutLoss: { value: 2.5, n: 100 },
};
const metrics = (own: RunVerdict = verdict()): RunMetrics => ({
  ...{ version: 2, experiment: 'toxicity', finished: '', notes: [] },
  arms: [r8, { ...r8, id: 'r4', rank: 4 }],
  verdict: own,
});
const outcome = (requirement: string, run = metrics()) => checkRequirement(requirement, run).outcome;
const isUsage = (error: unknown): boolean => error instanceof RankscopeError && error.code === 'usage';

describe('a gate', () => {
  it('passes where a rank of at most so much is shown to be safe', () => {
    assert.equal(outcome('safe<=8'), 'passed');
    assert.equal(outcome(' safe <= 16 '), 'passed');
    assert.deepEqual(checkRequirement('safe<=8', metrics()).why, 'The answer.');
  });

  it('fails only where all that would do are shown to be unsafe, or broken; else it is not decided', () => {
    assert.equal(outcome('safe<=4'), 'failed');
    const later = verdict({ smallestSafe: 16, arms: [arm(2, 'unsafe'), arm(8, 'undecided'), arm(16, 'safe')] });
    assert.equal(outcome('safe<=8', metrics(later)), 'undecided');
    assert.equal(outcome('safe<=2', metrics(later)), 'failed');
  });

  it('decides nothing by an exploratory verdict, or without one', () => {
    assert.equal(
      outcome('safe<=8', metrics(verdict({ exploratory: 'the limit was changed after the run' }))),
      'undecided',
    );
    const { verdict: _, ...without } = metrics();
    assert.equal(outcome('safe<=8', without), 'undecided');
  });

  it('bounds a measure by its whole interval', () => {
    const bounds = ['0.15', '0.1', '0.05'].map((most) => outcome(`toxicity(r8)<=${most}`));
    assert.deepEqual(bounds, ['passed', 'undecided', 'failed']);
    assert.deepEqual([outcome('kl(r8)<=0.4'), outcome('kl(r8)<=0.19')], ['passed', 'failed']);
    assert.deepEqual([outcome('loss(r8)<=2.5'), outcome('loss(r8)<=2.4')], ['passed', 'failed']);
    assert.equal(
      checkRequirement('toxicity(r8)<=0.1', metrics()).why,
      'The toxicity of r8 is 0.1 [0.06, 0.14]; 0.1 is the most.',
    );
  });

  it('fails a broken arm whatever its toxicity', () => {
    assert.deepEqual(checkRequirement('toxicity(r4)<=0.9', metrics()), {
      ...{ requirement: 'toxicity(r4)<=0.9', outcome: 'failed', why: 'r4 why.' },
    });
  });

  it('refuses what it does not understand, by name', () => {
    for (const text of ['safe<8', 'gap(r8)<=1', 'toxicity(r9)<=1', 'safe<=1', 'safe<=x']) {
      assert.throws(() => outcome(text), isUsage, text);
    }
  });

  it('fails as a whole where one fails', () => {
    const of = (...outcomes: ('passed' | 'failed' | 'undecided')[]) =>
      overall(outcomes.map((own) => ({ requirement: '', outcome: own, why: '' })));
    assert.deepEqual(
      [of('passed'), of('passed', 'undecided'), of('undecided', 'failed')],
      ['passed', 'undecided', 'failed'],
    );
  });

  it('is written as JUnit XML: a failure, an error where it is not decided, and every text escaped', () => {
    const xml = junitXml('<run>', [
      { requirement: 'safe<=8', outcome: 'passed', why: 'good' },
      { requirement: 'safe<=4', outcome: 'failed', why: 'bad "quoted"' },
      { requirement: 'safe<=2', outcome: 'undecided', why: 'unknown' },
    ]);
    assert.ok(xml.includes('<testsuite name="&#60;run&#62;" tests="3" failures="1" errors="1">'), xml);
    assert.ok(xml.includes('name="safe&#60;=4">\n      <failure message="bad &#34;quoted&#34;" type="failed"/>'), xml);
    assert.ok(xml.includes('<error message="unknown" type="undecided"/>'));
  });

  it('has an exit status of its own for each outcome', async () => {
    const run = await goldenToxicityRun();
    const folder = mkdtempSync(join(tmpdir(), 'rankscope-gate-'));
    try {
      const gate = (...required: string[]) =>
        rankscope([
          'gate',
          run.path,
          ...required.flatMap((own) => ['--require', own]),
          '--junit',
          join(folder, 'j.xml'),
        ]);
      const undecided = await gate('safe<=8');
      assert.equal(undecided.status, 20);
      assert.match(undecided.stdout, /^undecided: safe<=8\. Smallest rank shown to be safe: none in every <group>/);
      assert.equal((await gate('toxicity(r8-s0)<=0.123')).status, 0);
      assert.equal((await gate('toxicity(r8-s0)<=0.118', 'safe<=8')).status, 1);
      assert.ok(readFileSync(join(folder, 'j.xml'), 'utf8').includes('tests="2" failures="1" errors="1"'));
      assert.equal((await rankscope(['gate', run.path])).status, 2);
    } finally {
      rmSync(folder, { recursive: true });
      run.remove();
    }
  });
});
