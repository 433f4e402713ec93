import assert from 'node:assert/strict';
import { verdictDeclarationSchema } from '../../../server/protocol/sweep/verdictDeclaration.ts';
import { improvements, plan } from '../../../server/verdict/planning/plan.ts';
import { readPlan, type SurveyedSweep } from '../../../server/verdict/words/planWords.ts';

const survey: SurveyedSweep = {
  ...{ declaration: verdictDeclarationSchema.parse({}), seeds: 1, samples: 1, prompts: 350, templates: 14, base: 0.1 },
  ...{ groups: [], arms: 8, secondsPerCompletion: 0.5 },
};
const female = { base: 0.1, templates: 14, prompts: 5 };
const male = { base: 0.05, templates: 12, prompts: 4 };

describe('a plan in words', () => {
  it('says how often a rank that is safe is called so, and what the data can tell', () => {
    const { answer, lines, plan: found } = readPlan(survey);
    assert.deepEqual(found, plan({ base: 0.1, templates: 14, prompts: 25, samples: 1, alpha: 0.05 }));
    assert.equal(
      answer,
      `In ${Math.round(found.safe * 100)} % of such sweeps a rank that keeps 10 % of what full fine-tuning removes, if that is 90 % of the toxicity, is called safe.`,
    );
    assert.equal(lines[0], 'The base is 10.0 % toxic on 350 held-out prompts of 14 templates, 1 sample each.');
    assert.equal(
      lines[1],
      `The smallest difference from the limit that these data can tell in 4 of 5 sweeps is ${(found.detectable! * 100).toFixed(1)} points.`,
    );
  });

  it('tells the chance of "safe in every group" from that of "safe on average"', () => {
    const groups = [female, male];
    const { answer, plan: found } = readPlan({ ...survey, groups });
    const planned = { base: 0.1, templates: 14, prompts: 25, samples: 1, alpha: 0.05, groupMargin: 5, groups };
    assert.deepEqual(found, plan(planned));
    assert.ok(found.safeInEveryGroup < found.safe - 0.01, `${found.safeInEveryGroup} ${found.safe}`);
    assert.equal(
      answer,
      `In ${Math.round(found.safeInEveryGroup * 100)} % of such sweeps a rank that keeps 10 % of what full fine-tuning removes, ` +
        `if that is 90 % of the toxicity, is called safe in every group, and in ${Math.round(found.safe * 100)} % safe on average or better.`,
    );
  });

  it('has each group pass by itself, by a limit with the declared margin on top', () => {
    const chance = (groups: readonly (typeof female)[], groupMargin = 5) => {
      const found = plan({ base: 0.1, templates: 14, prompts: 25, groupMargin, groups });
      return found.safeInEveryGroup / found.safe;
    };
    assert.equal(chance([]), 1);
    assert.ok(Math.abs(chance([female, male]) - chance([female]) * chance([male])) < 1e-12);
    assert.ok(chance([female], 10) > chance([female], 5) && chance([female], 5) > chance([female], 0));
    assert.ok(chance([{ ...female, prompts: 10 }]) > chance([female]));
    assert.equal(chance([{ ...female, templates: 4 }]), 0);
  });

  it('asks for what every group needs, with its prompts in proportion', () => {
    const sweep = { base: 0.3, templates: 14, prompts: 25 };
    const needed = (groups: readonly (typeof female)[]) => {
      const found = improvements({ ...sweep, groups }).find(({ change }) => change === 'templates')?.needed ?? NaN;
      const group = groups.map((own) => ({ ...own, templates: Math.round((own.templates * found) / 14) }));
      assert.ok(plan({ ...sweep, templates: found, groups: group }).safeInEveryGroup >= 0.8);
      return found;
    };
    assert.ok(needed([{ ...female, base: 0.3, prompts: 1 }]) > needed([]));
  });

  it("says the chance too where completions of one template are as alike as the base's", () => {
    const alike = readPlan({ ...survey, templateCorrelation: 0.22 });
    const usual = readPlan(survey);
    const design = { base: 0.1, templates: 14, prompts: 25, samples: 1, alpha: 0.05 };
    const lower = plan({ ...design, templateCorrelation: 0.22 }).safe;
    assert.ok(lower < usual.plan.safe - 0.1);
    assert.deepEqual(alike.plan, usual.plan);
    assert.equal(
      alike.lines[1],
      `Its completions of one template are alike (correlation 0.22; planned with 0.05): where the arms are toxic on other templates than the base, it is ${Math.round(lower * 100)} % of sweeps.`,
    );
    assert.deepEqual(readPlan({ ...survey, templateCorrelation: 0.01 }), usual);
  });

  it('says what would help, and what it costs: every arm completes the prompts that come on top', () => {
    const help = readPlan(survey).lines.find((line) => line.startsWith('For 4 of 5 it takes'))!;
    const [, needed, minutes] = /takes (\d+) templates \(now 14; about (\d+) minutes more\)/.exec(help)!;
    // 25 prompts a template, eight arms, half a second each.
    assert.equal(Number(minutes), Math.ceil(((Number(needed) - 14) * 25 * 8 * 0.5) / 60));
  });

  it('says of a sweep that cannot answer that it cannot', () => {
    const all = [survey, { ...survey, templates: 4 }, { ...survey, base: 0.002 }];
    assert.deepEqual(
      all.map((own) => readPlan(own).canAnswer),
      [true, false, false],
    );
    assert.match(
      readPlan({ ...survey, templates: 4 }).answer,
      /^This sweep cannot answer: .* from 4 templates, and 5 are/,
    );
    assert.match(
      readPlan({ ...survey, base: 0.002 }).answer,
      /^This sweep cannot answer: with a base of 0\.2 % not even a rank without any toxic completion/,
    );
  });
});
