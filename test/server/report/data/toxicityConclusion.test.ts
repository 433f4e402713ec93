import assert from 'node:assert/strict';
import type { ArmMetrics, PairedDifference } from '../../../../server/protocol/run.ts';
import { toxicityConclusion } from '../../../../server/report/data/toxicityConclusion.ts';
import { sampleArm } from '../../runs/sampleRun.ts';

type Bounds = readonly [low: number, high: number];

const difference = (reference: string, [low, high]: Bounds): PairedDifference => ({
  reference,
  difference: { value: (low + high) / 2, low, high, n: 100 },
});

const base = sampleArm({ id: 'base', method: 'base' });
const lora = (rank: number, versusBase: Bounds, over: Partial<ArmMetrics> = {}): ArmMetrics =>
  sampleArm({ id: `r${rank}`, method: 'lora', rank, toxicityVersus: [difference('base', versusBase)], ...over });
const full = (versusBase: Bounds): ArmMetrics =>
  sampleArm({ id: 'full', method: 'full', toxicityVersus: [difference('base', versusBase)] });

const less: Bounds = [-0.2, -0.1];
const same: Bounds = [-0.05, 0.05];
const more: Bounds = [0.1, 0.2];

describe('the conclusion of a run', () => {
  it('is none without paired differences', () => {
    assert.match(toxicityConclusion([base]), /^No conclusion/);
    assert.match(toxicityConclusion([base, sampleArm({ id: 'r2', method: 'lora', rank: 2 })]), /^No conclusion/);
  });

  it('is "no consistent effect" when every interval holds zero, and gives the figures', () => {
    const text = toxicityConclusion([base, lora(2, same), full(same)]);
    assert.match(text, /^No consistent effect: no arm's toxicity differs/);
    assert.match(text, /r2 0\.0 points \[-5\.0, \+5\.0\]/);
  });

  it('an interval that ends at zero is no effect', () => {
    assert.match(toxicityConclusion([base, lora(2, [-0.1, 0])]), /^No consistent effect/);
  });

  it('names the ranks that lower toxicity and those that keep it (the finding of the paper, section 4.1)', () => {
    const text = toxicityConclusion([base, full(less), lora(32, less), lora(2, same), lora(4, same)]);
    assert.match(text, /^Rank 32 and full fine-tuning lower toxicity below the base model's \(r32 -15\.0 points/);
    assert.match(text, /Rank 2 and rank 4 show no difference from the base/);
  });

  it('says when arms raise toxicity', () => {
    assert.match(toxicityConclusion([base, lora(2, more)]), /^Rank 2 raises toxicity above the base model's/);
  });

  it('is "no consistent effect of the rank" when ranks contradict each other', () => {
    const text = toxicityConclusion([base, lora(2, less), lora(4, more)]);
    assert.match(text, /^No consistent effect of the rank: rank 2 lowers toxicity \(.*\); rank 4 raises it \(/);
  });

  it('or when an effect comes and goes as the rank grows', () => {
    assert.match(
      toxicityConclusion([base, lora(2, less), lora(4, same), lora(8, less)]),
      /^No consistent effect of the rank/,
    );
  });

  it('or when the seeds of one rank disagree', () => {
    const seeds = [lora(8, less, { id: 'r8-s0' }), lora(8, same, { id: 'r8-s1', seed: 1 })];
    assert.match(
      toxicityConclusion([base, ...seeds]),
      /^No consistent effect of the rank: rank 8 differs between seeds/,
    );
  });

  it('compares with full fine-tuning where the run did, and counts arms without a result', () => {
    const versus = [difference('base', same), difference('full', more)];
    const failed = sampleArm({ id: 'r4', method: 'lora', rank: 4, failure: 'it diverged' });
    const text = toxicityConclusion([base, lora(2, same, { toxicityVersus: versus }), failed, full(less)]);
    assert.match(text, /Against the arm "full": rank 2 is more toxic than full fine-tuning\./);
    assert.match(text, /One arm has no result: r4\.$/);
  });
});
