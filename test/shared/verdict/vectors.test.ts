import assert from 'node:assert/strict';
import { studentCdf, studentQuantile } from '../../../server/verdict/statistics/distributions.ts';
import { judgeSweep } from '../../../server/verdict/procedure/judgeSweep.ts';
import { plan } from '../../../server/verdict/planning/plan.ts';
import type { Cause, RankVerdict, SweepVerdict } from '../../../server/verdict/sweepVerdict.ts';
import { asCase, readShared, type VectorGate, type VectorRank, type Vectors } from './vectors.ts';

const vectors = readShared('vectors.json') as Vectors;

/** Relative to what is expected, or absolute below 1e-3: the vectors have 12 significant digits. */
function assertNear(found: unknown, expected: unknown, what: string): void {
  const value = found ?? null;
  if (typeof expected !== 'number' || typeof value !== 'number') {
    assert.deepEqual(value, expected ?? null, what);
    return;
  }
  const difference = Math.abs(value - expected);
  assert.ok(difference <= 1e-9 * Math.max(Math.abs(expected), 1e-3), `${what}: ${value}, not ${expected}`);
}

function binding(cause: Cause | undefined): string | null {
  if (!cause) return null;
  if (cause.kind === 'group') return `group:${cause.group}`;
  return cause.kind === 'no result' ? 'arm' : cause.kind;
}

function assertGate({ assay }: SweepVerdict, gate: VectorGate | null): void {
  if (gate === null) {
    assert.equal(assay, undefined);
    return;
  }
  assert.ok(assay);
  assert.equal(assay.passed, gate.passed);
  if (assay.kind === 'any toxic') {
    assert.equal(assay.toxic, gate.toxic);
    return;
  }
  const { p, standardError: se, degreesOfFreedom: df, full, base, removed, detectable } = assay;
  const found: Record<string, unknown> = { p, se, df, full, base, removed, detectable };
  for (const [name, value] of Object.entries(found)) assertNear(value, gate[name], `gate ${name}`);
}

/** Names in the vectors, and ours. */
const seedNames = {
  seed: 'seed',
  p: 'p',
  pUnsafe: 'pUnsafe',
  se: 'standardError',
  df: 'degreesOfFreedom',
  dispersion: 'dispersion',
  limit: 'limit',
  pJudged: 'pJudged',
  theta: 'excess',
  rate: 'rate',
  estimate: 'estimate',
  lower: 'lower',
  upper: 'upper',
  highestSafe: 'highestSafe',
} as const;
const groupNames = {
  seed: 'seed',
  group: 'group',
  templates: 'templates',
  theta: 'excess',
  p: 'p',
  pUnsafe: 'pUnsafe',
  detectable: 'detectable',
} as const;
const rankNames = ['p', 'pEvery', 'pAgainst', 'pHolm', 'level', 'levelEvery', 'isShown', 'isShownEvery'] as const;

function assertLine(found: object | undefined, expected: object, names: Record<string, string>, what: string): void {
  assert.ok(found, what);
  for (const [theirs, ours] of Object.entries(names)) {
    assertNear(
      (found as Record<string, unknown>)[ours],
      (expected as Record<string, unknown>)[theirs],
      `${what} ${ours}`,
    );
  }
}

function assertRank(found: RankVerdict, expected: VectorRank): void {
  const what = `rank ${expected.rank}`;
  const { evidence } = found;
  assert.deepEqual([found.rank, found.arm, found.verdict], [expected.rank, expected.id, expected.verdict], what);
  assert.equal(binding(found.cause), expected.binding, what);
  assert.equal(evidence === undefined, expected.p === undefined, what);
  assert.equal(found.advice.length, expected.advice.length, what);
  expected.advice.forEach(({ kind, now, needed, seconds }, i) => {
    const own = found.advice[i];
    assert.equal(own?.change, kind);
    assertNear(own.now, now, `${what} advice`);
    assertNear(own.needed, needed, `${what} advice`);
    assertNear(own.seconds, seconds, `${what} advice`);
  });
  if (!evidence) return;
  for (const name of rankNames) assertNear(evidence[name], expected[name], `${what} ${name}`);
  assert.equal(binding(evidence.against), expected.against, what);
  assert.equal(evidence.learned.passed, expected.learned?.passed, what);
  assertNear(evidence.learned.share, expected.learned?.share, `${what} learned`);
  assert.equal(evidence.trainings.length, expected.seeds?.length);
  expected.seeds?.forEach((seed, i) => {
    assertLine(evidence.trainings[i], seed, seedNames, `${what}, training ${i},`);
    assert.equal(evidence.trainings[i]?.measure, seed.measure === 'retained' ? 'kept' : 'difference');
  });
  assert.equal(evidence.groups.length, expected.groups?.length);
  expected.groups?.forEach((group, i) => assertLine(evidence.groups[i], group, groupNames, `${what}, group ${i},`));
}

describe('the verdict of every vector, to 1e-9', () => {
  for (const { name, input, output } of vectors.verdicts) {
    it(name, () => {
      const { input: own, declaration, circumstances } = asCase(input);
      const found = judgeSweep(own, declaration, circumstances);
      assertGate(found, output.gate);
      assert.equal(found.ranks.length, output.ranks.length);
      output.ranks.forEach((rank, i) => assertRank(found.ranks[i]!, rank));
      assertNear(found.recipeShare, output.share, 'share of trainings');
      assertNear(found.alpha, output.alpha, 'alpha');
      assert.equal(found.templates, output.templates);
      assert.equal(found.smallestSafe ?? null, output.smallestSafe);
      assert.equal(found.smallestSafeOnAverage ?? null, output.smallestSafeOnAverage);
    });
  }
});

describe('the plan of every vector, to 1e-9', () => {
  for (const { input, output } of vectors.plans) {
    it(JSON.stringify(input), () => {
      const { margin, ...given } = input as { base: number; templates: number; prompts: number; margin?: number };
      const found = plan({ ...given, ...(margin !== undefined && { margin: margin * 100 }) });
      const { gate, rank, safe, isPossible: possible, standardError: se, highestSafe } = found;
      const named: Record<string, unknown> = { gate, rank, safe, possible, se, highestSafe };
      for (const [key, value] of Object.entries(output)) assertNear(named[key], value, key);
    });
  }
});

describe("Student's t of every vector, to 1e-9", () => {
  it('has the distribution function', () => {
    for (const { t, df, cdf } of vectors.student) {
      assert.ok(Math.abs(studentCdf(t, df) / cdf - 1) < 1e-9, `${t} ${df}`);
    }
  });

  it('has the quantile', () => {
    for (const { p, df, t } of vectors.studentQuantile) {
      assert.ok(Math.abs(studentQuantile(p, df) / t - 1) < 1e-9, `${p} ${df}`);
    }
  });
});
