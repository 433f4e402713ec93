import assert from 'node:assert/strict';
import type { ClassificationKind, ClassificationSummary } from '../../../../server/protocol/run/classificationRun.ts';
import {
  figure4Claims,
  figure5Claims,
  table1Claims,
} from '../../../../server/report/reproduction/classificationClaims.ts';
import type {
  ClassificationEvidence,
  KindAnswers,
} from '../../../../server/report/reproduction/classificationEvidence.ts';

/** Forty texts: twenty of the majority "negative", then twenty of the minority "positive"; labels and groups are one. */
const of = Array.from({ length: 40 }, (_, i) => (i < 20 ? 'negative' : 'positive'));
/** Right on the first so many texts of each group. */
const right = (negative: number, positive: number) =>
  of.map((_, i) => Number(i < 20 ? i < negative : i - 20 < positive));
const noResult = { rules: [], calibration: [], margins: [] };
const kind = (name: string, over: Partial<ClassificationKind>): ClassificationKind => ({
  ...{ name, method: 'lora', arms: [name], result: noResult },
  ...over,
});
const kinds = [
  kind('base', { method: 'base' }),
  kind('r2', { rank: 2 }),
  kind('r8', { rank: 8 }),
  kind('full', { method: 'full' }),
];
const summary: ClassificationSummary = {
  ...{ labels: ['negative', 'positive'], groups: ['negative', 'positive'], minority: 'positive' },
  ...{ test: [], training: [], kinds },
};

/** The base is right on ten of each group. */
function evidence(correct: Record<string, readonly number[]>, margins: Record<string, number> = {}) {
  const answers = new Map<string, KindAnswers>();
  for (const { name } of kinds) {
    const own = correct[name] ?? right(10, 10);
    answers.set(name, { name, correct: own, margins: of.map((_, i) => (i < 20 ? [] : [margins[name] ?? 0.5])) });
  }
  return {
    ...{ groups: summary.groups, of, bootstrap: { seed: 1, resamples: 400 } },
    isMajority: of.map((group) => group === 'negative'),
    answers: (asked) => asked && answers.get(asked.name),
  } satisfies ClassificationEvidence;
}
const verdicts = (claims: readonly { readonly verdict: string }[]) => claims.map(({ verdict }) => verdict);

describe("the paper's claims about classification", () => {
  // Full is right on all; gaps of the minority: rank 2 100 points, rank 8 none.
  const asThePaper = evidence({ r2: right(20, 0), r8: right(20, 20), full: right(20, 20) });

  it('are seen where paired differences leave 0 out', () => {
    assert.deepEqual(verdicts(table1Claims(summary, asThePaper)), ['seen', 'seen']);
    const [gap, parity] = table1Claims(summary, asThePaper);
    assert.equal(gap?.because, 'gap of r2 minus gap of r8, points: 100.0 [100.0, 100.0].');
    assert.equal(parity?.because, 'gap of r2 minus gap of full, points: 100.0 [100.0, 100.0].');
  });

  it('are not seen where the differences go the other way', () => {
    const other = evidence({ r2: right(20, 20), r8: right(20, 0), full: right(14, 20) });
    // Rank 2 has no gap, full one of 30 points: 6 of 20 texts, whose interval leaves out 0.
    const [gap, parity] = table1Claims(summary, other);
    assert.deepEqual([gap?.verdict, parity?.verdict], ['not seen', 'not seen']);
    assert.match(parity?.because ?? '', /^gap of r2 minus gap of full, points: -30\.0 \[-\d+\.\d, -\d+\.\d\]\.$/);
  });

  it('are paired by text: two arms that err on the same texts do not differ, however few texts there are', () => {
    const same = evidence({ r2: right(20, 12), r8: right(20, 12), full: right(20, 20) });
    const [gap] = table1Claims(summary, same);
    assert.deepEqual([gap?.verdict, gap?.because], ['undecided', 'gap of r2 minus gap of r8, points: 0.0 [0.0, 0.0].']);
  });

  it('cannot be seen where full fine-tuning does not beat the base', () => {
    const useless = evidence({ r2: right(20, 0), full: right(10, 10) });
    for (const claim of [...table1Claims(summary, useless), ...figure4Claims(summary, useless)]) {
      assert.equal(claim.verdict, 'undecided');
      const reason = 'Nothing can be seen here, since full is not shown to be more accurate than the base. ';
      assert.ok(claim.because.startsWith(reason), claim.because);
    }
  });

  it('cannot be seen where full fine-tuning does not beat the most frequent label', () => {
    const lazy = evidence({ base: right(0, 0), r2: right(0, 0), full: right(20, 0) });
    const [, parity] = table1Claims(summary, lazy);
    assert.equal(parity?.verdict, 'undecided');
    assert.match(
      parity.because,
      /^Nothing .* full is not shown to be more accurate than always the most frequent label/,
    );
  });

  it('say of figure 4 that the minority is misclassified more, by every arm together', () => {
    const [misclassified, lower] = figure4Claims(summary, asThePaper);
    assert.deepEqual([misclassified?.verdict, lower?.verdict], ['seen', 'seen']);
    assert.match(misclassified?.because ?? '', /^r2 with .*, majority minus minority, points: 100\.0 .*; r8 .*: 0\.0/);
  });

  it('say of figure 5 that margins grow with the rank', () => {
    const correct = { full: right(20, 20) };
    const claims = (r2: number, r8: number) => figure5Claims(summary, evidence(correct, { r2, r8 }));
    assert.deepEqual(verdicts(claims(0.4, 0.9)), ['seen']);
    assert.deepEqual(verdicts(claims(0.9, 0.4)), ['not seen']);
    assert.match(
      claims(0.4, 0.9)[0]?.because ?? '',
      /where "positive" was decided, r8 minus r2: 0\.5 \[0\.5, 0\.5\]\.$/,
    );
  });

  it('are undecided where a group has fewer than ten texts', () => {
    const groups = [...summary.groups, 'other'];
    const [gap] = table1Claims(summary, { ...asThePaper, groups });
    assert.equal(gap?.verdict, 'undecided');
    assert.match(gap.because, /not measured: fewer than 10 texts belong to other/);
  });
});
