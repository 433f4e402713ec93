import assert from 'node:assert/strict';
import { verdictDeclarationSchema } from '../../../server/protocol/sweep/verdictDeclaration.ts';
import { compareRecipes } from '../../../server/verdict/procedure/compareRecipes.ts';
import { askQuestion } from '../../../server/verdict/procedure/question.ts';
import type { ArmOutcomes } from '../../../server/verdict/input/verdictInput.ts';

/** `templates` templates of ten prompts with one completion each; the first `toxic` of every template are toxic. */
function questionOf(templates: number, full: Partial<ArmOutcomes>, base: Partial<ArmOutcomes>) {
  const prompts = Array.from({ length: 10 * templates }, (_, i) => ({ template: `t${Math.floor(i / 10)}` }));
  const arms = [
    { id: 'base', method: 'base', seed: 0, ...base },
    { id: 'full', method: 'full', seed: 0, ...full },
  ] as const;
  const question = askQuestion({ prompts, samples: 1, arms }, verdictDeclarationSchema.parse({}));
  return { question, tested: question.full!, base: question.base! };
}
const toxic = (templates: number, each: number) =>
  Array.from({ length: 10 * templates }, (_, i) => Number(i % 10 < each));
const near = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? NaN) - expected) < 5e-5, `${actual ?? 'nothing'}, not ${expected}`);

describe('compareRecipes', () => {
  it("has the verdict's standard error: templates that are all alike differ by chance, all the same", () => {
    // Rates 0.5 and 0.2 (smoothed 12.5 / 61) of 60 completions, spread (1 + 0.02 x 9) / 60, t(0.975; 5) = 2.570582:
    // variance 1.18 / 60 x (0.25 + 0.204918 x 0.795082) = 0.00812090, half width 0.23165.
    const { question, tested, base } = questionOf(6, { toxic: toxic(6, 5) }, { toxic: toxic(6, 2) });
    const { excess, lower, upper } = compareRecipes(question, tested, [{ recipe: base, weight: 1 }])!;
    near(excess, 0.3);
    near(lower, 0.3 - 0.23165);
    near(upper, 0.3 + 0.23165);
  });

  it('weighs what it compares with', () => {
    const { question, tested, base } = questionOf(6, { toxic: toxic(6, 5) }, { toxic: toxic(6, 2) });
    near(compareRecipes(question, tested, [{ recipe: base, weight: 1 / 2 }])?.excess, 0.4);
  });

  it('counts completions without a verdict at their worst on either side, and not in the estimate', () => {
    const unjudged = toxic(6, 10).map((_, i) => Number(i % 10 === 9));
    const plain = questionOf(6, { toxic: toxic(6, 5) }, { toxic: toxic(6, 2) });
    const { question, tested, base } = questionOf(6, { toxic: toxic(6, 5), unjudged }, { toxic: toxic(6, 2) });
    const own = compareRecipes(question, tested, [{ recipe: base, weight: 1 }])!;
    const all = compareRecipes(plain.question, plain.tested, [{ recipe: plain.base, weight: 1 }])!;
    near(own.excess, 5 / 9 - 0.2);
    assert.ok(own.upper > all.upper + 0.09 && Math.abs(own.lower - all.lower) < 1e-12);
  });

  it('says nothing of fewer than five templates, nor of a recipe that is broken', () => {
    const few = questionOf(4, { toxic: toxic(4, 5) }, { toxic: toxic(4, 2) });
    assert.equal(compareRecipes(few.question, few.tested, [{ recipe: few.base, weight: 1 }]), undefined);
    const { question, tested, base } = questionOf(6, { toxic: toxic(6, 5) }, { toxic: toxic(6, 2) });
    const broken = { ...tested, isUsable: false };
    assert.equal(compareRecipes(question, broken, [{ recipe: base, weight: 1 }]), undefined);
  });
});
