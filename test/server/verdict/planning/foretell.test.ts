import assert from 'node:assert/strict';
import { verdictDeclarationSchema } from '../../../../server/protocol/sweep/verdictDeclaration.ts';
import { createRandom } from '../../../../server/random/random.ts';
import { drawBinomial } from '../../../../server/verdict/statistics/betaBinomial.ts';
import { foretell } from '../../../../server/verdict/planning/foretell.ts';
import { improvements, tellable } from '../../../../server/verdict/planning/improvements.ts';
import { judgeSweep } from '../../../../server/verdict/procedure/judgeSweep.ts';
import type { ArmOutcomes, VerdictInput } from '../../../../server/verdict/input/verdictInput.ts';

const sweep = { base: 0.3, templates: 12, prompts: 10 };
const female = { base: 0.3, templates: 12, prompts: 5 };
const male = { base: 0.3, templates: 12, prompts: 5 };

/** The share of sweeps with these rates, all templates alike, whose verdict calls the first rank safe, and at least on average. */
function judged(rates: { base: number; full: number; rank: number }, sweeps: number) {
  let [safe, average] = [0, 0];
  const groups = ['female', 'male'];
  const prompts = Array.from({ length: 12 * 10 }, (_, i) => ({
    template: `t${i % 12}`,
    group: groups[Math.floor(i / 12) % 2]!,
  }));
  for (let draw = 0; draw < sweeps; draw++) {
    const random = createRandom(5, draw);
    const arm = (method: ArmOutcomes['method'], rate: number, rank?: number): ArmOutcomes => ({
      ...{ id: `${method}${rank ?? ''}`, method, seed: 0, heldOutLoss: method === 'base' ? 2 : 1 },
      ...(rank !== undefined && { rank }),
      toxic: prompts.map(() => drawBinomial(random, 1, rate)),
    });
    const ranks = [64, 8, 2].map((rank) => arm('lora', rates.rank, rank));
    const arms = [arm('base', rates.base), arm('full', rates.full), ...ranks];
    const input: VerdictInput = { prompts, samples: 1, arms };
    const verdict = judgeSweep(input, verdictDeclarationSchema.parse({})).ranks[0]?.verdict;
    safe += Number(verdict === 'safe') / sweeps;
    average += Number(verdict === 'safe' || verdict === 'safe on average') / sweeps;
  }
  return { safe, average };
}

describe('foretelling a verdict', () => {
  it('gives the share of sweeps that the verdict itself calls safe, on average and in every group', () => {
    const truth = { ...sweep, removal: 0.9, templateCorrelation: 0, groups: [female, male] };
    for (const retained of [0.1, 0.3]) {
      const full = 0.03;
      const found = judged({ base: 0.3, full, rank: full + retained * 0.27 }, 200);
      const { safe, safeInEveryGroup } = foretell({ ...truth, retained });
      assert.ok(Math.abs(safe - found.average) < 0.1, `${safe} ${found.average}`);
      assert.ok(Math.abs(safeInEveryGroup - found.safe) < 0.1, `${safeInEveryGroup} ${found.safe}`);
      assert.ok(safe > 0.05 && safeInEveryGroup < safe);
    }
  });

  it('is the same for the same sweep, and falls with what the rank keeps', () => {
    assert.deepEqual(foretell(sweep), foretell(sweep));
    const chances = [-0.1, 0.1, 0.3, 0.5].map((retained) => foretell({ ...sweep, retained }).safe);
    assert.deepEqual(
      chances,
      [...chances].sort((a, b) => b - a),
    );
    assert.ok(chances[0]! > 0.6 && chances[3]! < 0.05, chances.join());
  });

  it('finds full fine-tuning that removes nothing to work as seldom as alpha says, and no rank safe without it', () => {
    const { gate, safe } = foretell({ ...sweep, removal: 0, retained: 0 });
    assert.ok(gate < 0.1 && safe <= gate, `${gate}`);
  });

  it('has a group fail that has too few templates, or that training does not reach', () => {
    const certain = { base: 0.9, templates: 20, prompts: 20, removal: 1, retained: 0 };
    const group = { base: 0.9, templates: 20, prompts: 10 };
    assert.deepEqual(foretell({ ...certain, groups: [group] }), { gate: 1, rank: 1, safe: 1, safeInEveryGroup: 1 });
    assert.equal(foretell({ ...certain, groups: [{ ...group, templates: 4 }] }).safeInEveryGroup, 0);
    const untouched = foretell({ ...certain, groups: [{ ...group, prompts: 2, removal: 1, retained: 1 }] });
    assert.deepEqual([untouched.safe, untouched.safeInEveryGroup], [1, 0]);
  });

  it('is surer with templates that are alike, samples that differ, and one training than three', () => {
    const with_ = (more: object) => foretell({ ...sweep, samples: 2, retained: 0.2, ...more }).safe;
    assert.ok(with_({ templateCorrelation: 0 }) > with_({ templateCorrelation: 0.3 }) + 0.05);
    assert.ok(with_({ promptCorrelation: 0 }) > with_({ promptCorrelation: 1 }) + 0.05);
    assert.ok(with_({}) > with_({ seeds: 3 }) + 0.05);
  });

  it('holds a rank that preserves against the base: chances fall with the rise, and need something toxic', () => {
    const preserve = { ...sweep, goal: 'preserve', base: 0.05, templates: 60 } as const;
    const [none, margin] = [0, 0.02].map((rise) => foretell({ ...preserve, rise }).safe);
    assert.ok(none! > margin! && margin! < 0.05, `${none} ${margin}`);
    assert.deepEqual(foretell({ ...preserve, base: 0 }), { gate: 0, rank: 1, safe: 0, safeInEveryGroup: 0 });
  });
});

describe('what a planned sweep can tell', () => {
  it('is the highest toxicity that is called safe in 4 of 5 sweeps, and its distance from the limit', () => {
    const { highestSafe, detectable } = tellable({ ...sweep, templates: 30 })!;
    // Full fine-tuning at 3 %, the base at 30 %: the limit is 16.5 %.
    assert.ok(Math.abs(highestSafe + detectable - 0.165) < 1e-12);
    const at = (rate: number) => foretell({ ...sweep, templates: 30, retained: (rate - 0.03) / 0.27 }, 200).safe;
    assert.ok(at(highestSafe - 0.001) >= 0.8 && at(highestSafe + 0.002) < 0.8);
    assert.equal(tellable({ ...sweep, templates: 5 }), undefined);
  });

  it('grows with the least number of templates that makes it 4 of 5, prompts of groups in proportion', () => {
    const groups = [female, male];
    const [templates, prompts] = improvements({ ...sweep, groups });
    assert.deepEqual(
      [templates!.change, templates!.now, prompts!.change, prompts!.now],
      ['templates', 12, 'prompts', 10],
    );
    const needed = templates!.needed!;
    const at = (number: number) => {
      const more = groups.map((group) => ({ ...group, templates: number }));
      return foretell({ ...sweep, templates: number, groups: more }, 200).safeInEveryGroup;
    };
    assert.ok(at(needed) >= 0.8 && at(needed - 1) < 0.8, `${needed}`);
  });
});
