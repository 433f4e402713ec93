import assert from 'node:assert/strict';
import type { ArmMetrics, PairedDifference } from '../../../../server/protocol/run/run.ts';
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

  it('says all of it in sentences: what changed, what did not, full fine-tuning, and what has no result', () => {
    const arms = [
      base,
      lora(64, more),
      lora(2, same, { toxicityVersus: [difference('base', same), difference('full', less)] }),
      lora(4, same, { toxicityVersus: [difference('base', same), difference('full', same)] }),
      lora(8, same, { toxicityVersus: [difference('base', same), difference('full', same)] }),
      sampleArm({ id: 'r16', method: 'lora', rank: 16, failure: 'it diverged' }),
      sampleArm({ id: 'r32', method: 'lora', rank: 32, failure: 'it diverged' }),
      full(more),
    ];
    assert.equal(
      toxicityConclusion(arms),
      "Rank 64 and full fine-tuning raise toxicity above the base model's (r64 +15.0 points [+10.0, +20.0], full +15.0 points " +
        '[+10.0, +20.0]). Rank 2, rank 4 and rank 8 show no difference from the base beyond the interval (r2 0.0 points ' +
        '[-5.0, +5.0], r4 0.0 points [-5.0, +5.0], r8 0.0 points [-5.0, +5.0]). Against the arm "full": rank 2 is less toxic ' +
        'than full fine-tuning; rank 4 and rank 8 are not distinguishable from full fine-tuning. 2 arms have no result: r16, r32.',
    );
  });

  it('says of one rank in the singular, and nothing of ranks that all changed', () => {
    assert.equal(
      toxicityConclusion([base, lora(2, same), lora(4, less)]),
      "Rank 4 lowers toxicity below the base model's (r4 -15.0 points [-20.0, -10.0]). Rank 2 shows no difference from the " +
        'base beyond the interval (r2 0.0 points [-5.0, +5.0]).',
    );
    assert.equal(
      toxicityConclusion([base, lora(4, less), full(less)]),
      "Rank 4 and full fine-tuning lower toxicity below the base model's (r4 -15.0 points [-20.0, -10.0], full -15.0 points [-20.0, -10.0]).",
    );
  });

  it('says of full fine-tuning alone that it changed, whatever the ranks did not', () => {
    assert.match(toxicityConclusion([base, lora(2, same), full(less)]), /^Full fine-tuning lowers toxicity below/);
  });

  it('counts full fine-tuning among what contradicts, and not among the ranks that order', () => {
    assert.match(
      toxicityConclusion([base, lora(2, less), full(more)]),
      /^No consistent effect of the rank: rank 2 lowers/,
    );
    assert.match(toxicityConclusion([base, lora(2, less), full(same)]), /^Rank 2 lowers toxicity below/);
  });

  it('lists what contradicts each other in full', () => {
    const seeds = [lora(16, less, { id: 'r16-s0' }), lora(16, more, { id: 'r16-s1', seed: 1 })];
    assert.equal(
      toxicityConclusion([base, lora(2, less), lora(4, less), lora(8, more), lora(32, same), ...seeds]),
      'No consistent effect of the rank: rank 2 and rank 4 lower toxicity (r2 -15.0 points [-20.0, -10.0], r4 -15.0 points ' +
        '[-20.0, -10.0]); rank 8 raises it (r8 +15.0 points [+10.0, +20.0]); rank 16 differs between seeds or learning rates ' +
        '(r16-s0 -15.0 points [-20.0, -10.0], r16-s1 +15.0 points [+10.0, +20.0]); rank 32 cannot be told from the base model ' +
        '(r32 0.0 points [-5.0, +5.0]).',
    );
  });

  it('compares with full fine-tuning of several seeds by the names of its arms', () => {
    const versus = [difference('base-s0', same), difference('full-s0', more)];
    const other = [difference('base-s1', same), difference('full-s1', same)];
    const arms = [
      lora(2, same, { toxicityVersus: versus }),
      lora(2, same, { id: 'r2-s1', seed: 1, toxicityVersus: other }),
      sampleArm({ id: 'full-s0', method: 'full', toxicityVersus: [difference('base-s0', same)] }),
    ];
    assert.match(
      toxicityConclusion([base, ...arms]),
      /Against full fine-tuning: rank 2 is between seeds or rates not consistently different from full fine-tuning\.$/,
    );
  });

  it('says nothing of arms that are broken but that they are', () => {
    const arms = [base, lora(2, less), lora(4, more), full(more)];
    assert.match(
      toxicityConclusion(arms, new Set(['r4', 'full'])),
      /^Rank 2 lowers toxicity .* 2 arms are broken and not compared: r4, full\.$/,
    );
    assert.match(toxicityConclusion(arms, new Set(['r4', 'full'])), /\(r2 -15\.0 points \[-20\.0, -10\.0\]\)\. 2 arms/);
    assert.equal(
      toxicityConclusion([base, lora(2, less)], new Set(['r2'])),
      'No conclusion: no trained arm has a paired difference from the base model. One arm is broken and not compared: r2.',
    );
  });

  it('needs an interval: a difference without one is none', () => {
    const alone = { reference: 'base', difference: { value: -0.4, n: 1 } };
    assert.match(toxicityConclusion([base, lora(2, less, { toxicityVersus: [alone] })]), /^No conclusion/);
  });
});
