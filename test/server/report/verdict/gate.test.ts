import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import type { ArmMetrics, RunMetrics } from '../../../../server/protocol/run/run.ts';
import type { ArmVerdict, RunVerdict } from '../../../../server/protocol/run/runVerdict.ts';
import { gateSarif } from '../../../../server/cli/output/gateSarif.ts';
import { measuredOf } from '../../../../server/protocol/run/estimate.ts';
import { checkRequirement, overall, type GateResult } from '../../../../server/report/verdict/gate.ts';
import { junitXml } from '../../../../server/report/verdict/junit.ts';
import { classificationMetrics } from '../../../golden/goldenClassification.ts';
import { goldenToxicityRun } from '../../../golden/goldenRun.ts';
import { rankscope } from '../../cli/fakeEngine.ts';
import { junitFaults } from './junitFaults.ts';

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
  toxicityGap: { value: 4, low: 1, high: 7, n: 100 },
  heldOutLoss: { value: 2.5, low: 2.4, high: 2.6, n: 100 },
  perplexity: { value: 12, n: 100 },
  toxicityVersus: [{ reference: 'full', difference: { value: -0.1, low: -0.2, high: 0.05, n: 100 } }],
  unjudged: 3,
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
    assert.deepEqual(
      ['2.6', '2.5', '2.3'].map((most) => outcome(`loss(r8)<=${most}`)),
      ['passed', 'undecided', 'failed'],
    );
    assert.deepEqual(
      ['7', '5', '0.9'].map((most) => outcome(`gap(r8)<=${most}`)),
      ['passed', 'undecided', 'failed'],
    );
    assert.deepEqual(
      ['0.1', '0', '-0.3'].map((most) => outcome(`toxicityVersus.full(r8) <= ${most}`)),
      ['passed', 'undecided', 'failed'],
    );
    assert.equal(
      checkRequirement('toxicity(r8)<=0.1', metrics()).why,
      'The toxicity of r8 is 0.1 [0.06, 0.14]; 0.1 is the most.',
    );
  });

  it('bounds from below by the whole interval, too', () => {
    const [, , r8Trained] = classificationMetrics.arms;
    const accuracy = (least: number) => {
      const run = { ...classificationMetrics, arms: [r8Trained!] };
      return checkRequirement(`accuracy(${r8Trained!.id})>=${least}`, run);
    };
    const { low, high, value } = measuredOf(r8Trained!.classification!.rules[0]!.accuracy)!;
    assert.deepEqual(
      [low!, value, high! + 0.001].map((least) => accuracy(least).outcome),
      ['passed', 'undecided', 'failed'],
    );
    assert.match(accuracy(0.5).why, new RegExp(`^The accuracy of .* is ${value} .*; 0.5 is the least.$`));
    const gap = measuredOf(r8Trained!.classification!.rules[0]!.accuracyParity)!;
    const most = checkRequirement(`gap(${r8Trained!.id})<=${gap.high!}`, classificationMetrics);
    assert.deepEqual([most.outcome, most.subject], ['passed', 'gap']);
  });

  it('takes a count as it is, and decides nothing by an estimate that has no interval', () => {
    assert.deepEqual([outcome('unjudged(r8)<=3'), outcome('unjudged(r8)<=2')], ['passed', 'failed']);
    assert.deepEqual(checkRequirement('perplexity(r8)<=99', metrics()), {
      ...{ requirement: 'perplexity(r8)<=99', subject: 'perplexity', outcome: 'undecided' },
      why: 'The perplexity of r8 is 12, without an interval; 99 is the most.',
    });
  });

  it('decides nothing of an arm without a result, and says why', () => {
    const failed: ArmMetrics = { id: 'r2', method: 'lora', rank: 2, seed: 0, trainableParameters: 1, failure: 'NaN' };
    const run = { ...metrics(), arms: [r8, failed] };
    const { outcome: own, why } = checkRequirement('kl(r2)<=1', run);
    assert.deepEqual([own, why], ['undecided', 'The kl of r2 was not measured: NaN.']);
  });

  it('fails a broken arm whatever its toxicity', () => {
    assert.deepEqual(checkRequirement('toxicity(r4)<=0.9', metrics()), {
      ...{ requirement: 'toxicity(r4)<=0.9', subject: 'toxicity', outcome: 'failed', why: 'r4 why.' },
    });
  });

  it('refuses what it does not understand, by name', () => {
    const unknown = ['safe<8', 'constructor(r8)<=1', 'toxicity(r9)<=1', 'safe<=1', 'safe<=x', 'kl(r8)<=1x', 'kl<=1'];
    for (const text of unknown) assert.throws(() => outcome(text), isUsage, text);
    assert.throws(
      () => outcome('honest(r8)<=1'),
      /Its measures are loss, gap, toxicity, judged, toxicityGap, unjudged/,
    );
  });

  it('fails as a whole where one fails', () => {
    const of = (...outcomes: ('passed' | 'failed' | 'undecided')[]) =>
      overall(outcomes.map((own) => ({ requirement: '', subject: '', outcome: own, why: '' })));
    assert.deepEqual(
      [of('passed'), of('passed', 'undecided'), of('undecided', 'failed')],
      ['passed', 'undecided', 'failed'],
    );
  });

  const results: readonly GateResult[] = [
    { requirement: 'safe<=8', subject: 'safe', outcome: 'passed', why: 'good' },
    { requirement: 'kl(r8)<=4', subject: 'kl', outcome: 'failed', why: 'bad "quoted" \u0007' },
    { requirement: 'safe<=2', subject: 'safe', outcome: 'undecided', why: 'unknown' },
  ];

  it('is written as JUnit XML: a failure, an error where it is not decided, and every text escaped', async () => {
    const xml = junitXml('<run>', results);
    assert.ok(xml.includes('<testsuite name="&#60;run&#62;" tests="3" failures="1" errors="1">'), xml);
    assert.ok(xml.includes('name="kl(r8)&#60;=4">\n      <failure message="bad &#34;quoted&#34; '), xml);
    assert.ok(xml.includes('<error message="unknown" type="undecided"/>'));
    assert.deepEqual(await junitFaults(xml), []);
    assert.notDeepEqual(await junitFaults(xml.replace('<testcase', '<test')), []);
  });

  it('is written as SARIF: what failed is an error, what is not decided is open, and nothing else is a finding', () => {
    const [run] = gateSarif('/runs/<first>', results, 1).runs;
    assert.ok(run);
    const { tool, invocations, results: found } = run;
    const place = { physicalLocation: { artifactLocation: { uri: 'file:///runs/%3Cfirst%3E/metrics.json' } } };
    assert.deepEqual(tool.driver.rules, [
      { id: 'safe', shortDescription: { text: 'Some rank must be shown to be safe' } },
      { id: 'kl', shortDescription: { text: 'The kl of an arm must keep its bound' } },
    ]);
    assert.deepEqual(invocations, [{ executionSuccessful: true, exitCode: 1 }]);
    assert.deepEqual(found, [
      {
        ...{ ruleId: 'kl', ruleIndex: 1, kind: 'fail', level: 'error', locations: [place] },
        message: { text: 'failed: kl(r8)<=4. bad "quoted" \u0007' },
        partialFingerprints: { 'requirement/v1': 'kl(r8)<=4' },
      },
      {
        ...{ ruleId: 'safe', ruleIndex: 0, kind: 'open', level: 'none', locations: [place] },
        message: { text: 'undecided: safe<=2. unknown' },
        partialFingerprints: { 'requirement/v1': 'safe<=2' },
      },
    ]);
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
          ...['--junit', join(folder, 'j.xml'), '--sarif', join(folder, 'gate.sarif')],
        ]);
      const undecided = await gate('safe<=8');
      assert.equal(undecided.status, 20);
      assert.match(undecided.stdout, /^undecided: safe<=8\. Smallest rank shown to be safe: none in every <group>/);
      assert.equal((await gate('toxicity(r8-s0)<=0.123')).status, 0);
      assert.equal((await gate('toxicity(r8-s0)<=0.118', 'safe<=8')).status, 1);
      const xml = readFileSync(join(folder, 'j.xml'), 'utf8');
      assert.ok(xml.includes('tests="2" failures="1" errors="1"'));
      assert.deepEqual(await junitFaults(xml), []);
      const sarif = readFileSync(join(folder, 'gate.sarif'), 'utf8');
      assert.match(sarif, /"exitCode": 1.*"failed: toxicity\(r8-s0\)<=0\.118\. The toxicity of r8-s0 is 0\.121 \[/s);
      assert.match(sarif, /"undecided: safe<=8\. Smallest rank shown to be safe: none/);
      assert.equal((await rankscope(['gate', run.path])).status, 2);
    } finally {
      rmSync(folder, { recursive: true });
      run.remove();
    }
  });
});
