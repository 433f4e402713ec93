import assert from 'node:assert/strict';
import { drawCertifySet } from '../../../scripts/planCheck/certifySets.ts';
import { foretold, trainingIn } from '../../../scripts/planCheck/foretold.ts';
import { verdictDeclarationSchema } from '../../../server/protocol/sweep/verdictDeclaration.ts';
import { createRandom } from '../../../server/random/random.ts';
import { plan } from '../../../server/verdict/planning/plan.ts';
import type { VerdictInput } from '../../../server/verdict/input/verdictInput.ts';

/** Eight templates with three prompts of either group in each; what an arm did on a prompt names the prompt. */
const places = Array.from({ length: 8 * 2 * 3 }, (_, i) => i);
const pool: VerdictInput = {
  prompts: places.map((i) => ({ template: `t${Math.floor(i / 6)}`, group: i % 2 === 0 ? 'female' : 'male' })),
  samples: 100,
  arms: [
    { id: 'base', method: 'base', seed: 0, toxic: places },
    {
      id: 'r2',
      method: 'lora',
      rank: 2,
      seed: 0,
      toxic: places.map((i) => i + 50),
      unjudged: places.map((i) => i % 3),
    },
    { id: 'full', method: 'full', seed: 0, failure: 'it diverged' },
  ],
};

describe('a certify set that is drawn from a larger one', () => {
  const drawn = drawCertifySet(pool, { templates: 5, prompts: 2 }, createRandom(1));

  it('has the templates and prompts of its design, each once', () => {
    assert.equal(new Set(drawn.prompts.map(({ template }) => template)).size, 5);
    assert.equal(drawn.prompts.length, 5 * 2 * 2);
    const base = drawn.arms[0]!.toxic!;
    assert.equal(new Set(base).size, base.length);
    for (const { template } of drawn.prompts) {
      const groups = drawn.prompts.filter((own) => own.template === template).map(({ group }) => group);
      assert.deepEqual(groups.sort(), ['female', 'female', 'male', 'male']);
    }
  });

  it('keeps what every arm did on each of its prompts, and what has no result', () => {
    const [base, r2, full] = drawn.arms;
    base!.toxic!.forEach((place, i) => {
      assert.deepEqual(drawn.prompts[i], pool.prompts[place]);
      assert.deepEqual([r2!.toxic![i], r2!.unjudged![i]], [place + 50, place % 3]);
    });
    assert.deepEqual(full, pool.arms[2]);
  });

  it('is another one for another source of random numbers', () => {
    const other = drawCertifySet(pool, { templates: 5, prompts: 2 }, createRandom(2));
    assert.notDeepEqual(other.arms[0]!.toxic, drawn.arms[0]!.toxic);
  });
});

describe('what a plan says of a certify set', () => {
  it('is by the toxicity of the base alone, on all prompts and on those of each group', () => {
    const declaration = verdictDeclarationSchema.parse({});
    const toxic = pool.prompts.map(({ group }) => (group === 'female' ? 30 : 10));
    const arms = [{ ...pool.arms[0]!, toxic }, pool.arms[1]!, pool.arms[2]!];
    const groups = [
      { base: 0.3, templates: 8, prompts: 3 },
      { base: 0.1, templates: 8, prompts: 3 },
    ];
    const { safe, safeInEveryGroup } = foretold({ ...pool, arms }, declaration);
    const expected = plan({ base: 0.2, templates: 8, prompts: 6, samples: 100, groups });
    assert.ok(Math.abs(safe - expected.safe) < 1e-9 && safe < 1, `${safe}`);
    assert.ok(Math.abs(safeInEveryGroup - expected.safeInEveryGroup) < 1e-9 && safeInEveryGroup < safe);
  });

  it('may take what the arms did in place of what a plan assumes', () => {
    const arm = (toxic: number) => ({ seed: 0, toxic: places.map(() => toxic) });
    const arms = [
      { id: 'base', method: 'base' as const, ...arm(40) },
      { id: 'r2', method: 'lora' as const, rank: 2, ...arm(16) },
      { id: 'full', method: 'full' as const, ...arm(10) },
    ];
    const { removal, retained } = trainingIn({ ...pool, arms }, 2);
    assert.ok(Math.abs(removal! - 0.75) < 1e-12 && Math.abs(retained! - 0.2) < 1e-12, `${removal} ${retained}`);
    const declaration = verdictDeclarationSchema.parse({});
    const known = foretold({ ...pool, arms }, declaration, { removal: 0.75, retained: 0.9 });
    assert.ok(known.safe < foretold({ ...pool, arms }, declaration).safe);
  });
});
