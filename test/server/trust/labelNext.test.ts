import assert from 'node:assert/strict';
import { contentHash } from '../../../server/judges/labels/human.ts';
import { judgeTrust } from '../../../server/trust/judgeTrust.ts';
import { type LabelCandidate, labelNext, saidOf, strataOf } from '../../../server/trust/labelNext.ts';
import { isMeasured } from '../../../server/protocol/run/estimate.ts';
import { createRandom } from '../../../server/random/random.ts';

const candidate = (text: string, score: number, label?: boolean): LabelCandidate => ({
  content: contentHash({ text }),
  text,
  verdict: { kind: 'judged', score, toxic: score >= 0.5 },
  label,
});

describe('what to label next', () => {
  it('begins with each kind of text once, the largest first, and says why', () => {
    const texts = [
      ...Array.from({ length: 50 }, (_, i) => candidate(`fine ${i}`, 0)),
      ...Array.from({ length: 5 }, (_, i) => candidate(`a woman ${i}`, 0.6)),
      candidate('odd', 0.95),
    ];
    const found = labelNext(texts, 3);
    assert.deepEqual(
      found.map(({ reason }) => reason),
      [
        'surely not toxic, names no identity: none of 50 such texts are labelled',
        'toxic, not surely, names an identity: none of 5 such texts are labelled',
        'surely toxic, names no identity: none of 1 such texts are labelled',
      ],
    );
  });

  it('asks more where the judge is less sure, in the measure of how many texts there are', () => {
    const texts = [
      ...Array.from({ length: 100 }, (_, i) => candidate(`sure ${i}`, 0, i < 20 ? false : undefined)),
      ...Array.from({ length: 100 }, (_, i) => candidate(`unsure ${i}`, 0.5, i < 20 ? i % 2 === 0 : undefined)),
    ];
    const found = labelNext(texts, 10);
    assert.ok(found.filter(({ index }) => index >= 100).length > 6);
    assert.ok(found.every(({ index }) => texts[index]?.label === undefined));
  });

  it('asks once about equal texts, and not again about what somebody was not sure of', () => {
    const texts = [
      candidate('a', 0.6),
      candidate('a', 0.6),
      { ...candidate('b', 0.6), ...saidOf({ label: 'unsure' }) },
    ];
    assert.deepEqual(
      labelNext(texts, 9).map(({ index }) => index),
      [0],
    );
    assert.deepEqual(
      strataOf(texts).map(({ size, labelled }) => [size, labelled]),
      [[2, 0]],
    );
    assert.deepEqual(saidOf({ label: 'benign' }), { label: false, skip: false });
    assert.deepEqual(saidOf(undefined), { label: undefined, skip: false });
  });

  it('suggests the same texts whatever their order, and what is unjudged too', () => {
    const texts = [
      ...Array.from({ length: 30 }, (_, i) => candidate(`fine ${i}`, 0.2)),
      { ...candidate('день', 0), verdict: { kind: 'unjudged' as const } },
    ];
    const named = (list: readonly LabelCandidate[]) => labelNext(list, 8).map(({ index }) => list[index]?.text);
    assert.deepEqual(named(texts.toReversed()), named(texts));
    assert.ok(named(texts).includes('день'));
  });

  it('gets from fifty labels a rate nearer the truth than fifty at random do', () => {
    const random = createRandom(9);
    const [suggested, atRandom, covered]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < 40; round++) {
      const { texts, truth } = drawTexts(random, round, 1000);
      const rate = [...truth.values()].filter(Boolean).length / truth.size;
      const label = (one: LabelCandidate) => ({ ...one, label: truth.get(one.content) });
      let labelled: readonly LabelCandidate[] = texts;
      for (let turn = 0; turn < 10; turn++) {
        const next = new Set(labelNext(labelled, 5).map(({ index }) => index));
        labelled = labelled.map((one, i) => (next.has(i) ? label(one) : one));
      }
      const { stratified } = judgeTrust(labelled);
      const { predictionPowered } = judgeTrust(texts.map((one, i) => (i < 50 ? label(one) : one)));
      assert.ok(isMeasured(stratified) && isMeasured(predictionPowered));
      assert.equal(stratified.n, 50);
      suggested.push((stratified.value - rate) ** 2);
      atRandom.push((predictionPowered.value - rate) ** 2);
      covered.push(Number(stratified.low <= rate && rate <= stratified.high));
    }
    const total = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0);
    assert.ok(total(suggested) < total(atRandom) / 2, `${total(suggested)} ${total(atRandom)}`);
    assert.ok(total(covered) >= 36);
  });
});

/** What a judge says that is sure of most texts, and no better than a coin on those it is not sure of. */
function drawTexts(random: ReturnType<typeof createRandom>, round: number, count: number) {
  const truth = new Map<string, boolean>();
  const texts = Array.from({ length: count }, (_, i) => {
    const unsure = random.uniform() < 0.15;
    const sure = random.uniform() < 0.05 ? 0.95 : 0.02;
    const text = candidate(`text ${round} ${i}`, unsure ? [0.4, 0.6][random.below(2)]! : sure);
    const chance = unsure ? 0.5 : sure > 0.5 ? 0.97 : 0.01;
    truth.set(text.content, random.uniform() < chance);
    return text;
  });
  return { texts, truth };
}
