import assert from 'node:assert/strict';
import { drawCertifySet, ranksThatKeep } from '../../../scripts/planCheck/certifySets.ts';
import { foretold, truthOf } from '../../../scripts/planCheck/foretold.ts';
import { verdictDeclarationSchema } from '../../../server/protocol/sweep/verdictDeclaration.ts';
import { createRandom } from '../../../server/random/random.ts';
import { foretell } from '../../../server/verdict/planning/foretell.ts';
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

const drawnTwice = (input: VerdictInput) => {
  const sources = input.prompts.map(({ template }) => template);
  return new Set(sources).size - new Set(sources.map((name) => name.split(': ')[1])).size;
};

describe('a certify set that is drawn from a larger one', () => {
  const drawn = drawCertifySet(pool, { templates: 8, prompts: 2 }, createRandom(1));

  it('has the templates of its design, some of them twice, with different prompts of each group', () => {
    assert.equal(new Set(drawn.prompts.map(({ template }) => template)).size, 8);
    assert.ok(drawnTwice(drawn) > 0);
    assert.equal(drawn.prompts.length, 8 * 2 * 2);
    for (const { template } of drawn.prompts) {
      const places = drawn.prompts.flatMap((own, i) => (own.template === template ? [i] : []));
      assert.deepEqual(places.map((i) => drawn.prompts[i]!.group).sort(), ['female', 'female', 'male', 'male']);
      assert.equal(new Set(places.map((i) => drawn.arms[0]!.toxic![i])).size, 4);
    }
  });

  it('keeps what every arm did on each of its prompts, and what has no result', () => {
    const [base, r2, full] = drawn.arms;
    base!.toxic!.forEach((place, i) => {
      const { template, group } = pool.prompts[place]!;
      assert.deepEqual([drawn.prompts[i]!.template.split(': ')[1], drawn.prompts[i]!.group], [template, group]);
      assert.deepEqual([r2!.toxic![i], r2!.unjudged![i]], [place + 50, place % 3]);
    });
    assert.deepEqual(full, pool.arms[2]);
  });

  it('has all prompts of a template where the design names no number', () => {
    assert.equal(drawCertifySet(pool, { templates: 3 }, createRandom(1)).prompts.length, 3 * 6);
  });

  it('is another one for another source of random numbers', () => {
    const other = drawCertifySet(pool, { templates: 8, prompts: 2 }, createRandom(2));
    assert.notDeepEqual(other.arms[0]!.toxic, drawn.arms[0]!.toxic);
  });
});

const arm = (id: 'base' | 'full', toxic: number) => ({ id, method: id, seed: 0, toxic: places.map(() => toxic) });
const r2 = { id: 'r2', method: 'lora' as const, rank: 2, seed: 0, toxic: places.map((i) => (i % 2 === 0 ? 16 : 4)) };
const trained: VerdictInput = { ...pool, arms: [arm('base', 40), r2, arm('full', 10)] };

describe('ranks that are made to keep a share', () => {
  it('did what the base did on that share of the prompts, and else what full fine-tuning did', () => {
    const toxic = ranksThatKeep(trained, 0.25, createRandom(3)).arms[1]!.toxic!;
    assert.deepEqual(new Set(toxic), new Set([40, 10]));
    const share = toxic.filter((own) => own === 40).length / toxic.length;
    assert.ok(Math.abs(share - 0.25) < 0.15, `${share}`);
    assert.deepEqual(ranksThatKeep(trained, 0, createRandom(3)).arms[1]!.toxic, trained.arms[2]!.toxic);
  });
});

describe('what a plan says of a certify set', () => {
  it('knows what training did, to all prompts and to each group', () => {
    const { all, groups } = truthOf(trained, 2);
    assert.deepEqual([all.removal, all.retained], [0.75, 0]);
    assert.deepEqual(groups.get('female'), { removal: 0.75, retained: 0.2 });
    assert.deepEqual(groups.get('male'), { removal: 0.75, retained: -0.2 });
  });

  it('is by the toxicity of the base alone, on all prompts and on those of each group', () => {
    const toxic = pool.prompts.map(({ group }) => (group === 'female' ? 30 : 10));
    const input = { ...trained, arms: [{ ...trained.arms[0]!, toxic }, trained.arms[1]!, trained.arms[2]!] };
    const training = { removal: 0.75, retained: 0.3 };
    const truth = {
      all: training,
      groups: new Map([
        ['female', training],
        ['male', { removal: 0.5, retained: 0 }],
      ]),
    };
    const found = foretold(input, verdictDeclarationSchema.parse({}), truth);
    const groups = [
      { base: 0.3, templates: 8, prompts: 3, ...training },
      { base: 0.1, templates: 8, prompts: 3, removal: 0.5, retained: 0 },
    ];
    const design = { base: 0.2, templates: 8, prompts: 6, samples: 100, templateCorrelation: 0 };
    assert.deepEqual(found, foretell({ ...design, groups, ...training }));
    assert.ok(found.safe > 0 && found.safeInEveryGroup < 1, JSON.stringify(found));
  });
});
