import assert from 'node:assert/strict';
import { verdictDeclarationSchema } from '../../../server/protocol/verdictDeclaration.ts';
import { plan } from '../../../server/verdict/planning/plan.ts';
import { readPlan, type SurveyedSweep } from '../../../server/verdict/words/planWords.ts';

const survey: SurveyedSweep = {
  ...{ declaration: verdictDeclarationSchema.parse({}), seeds: 1, samples: 1, prompts: 350, templates: 14, base: 0.1 },
  ...{ arms: 8, secondsPerCompletion: 0.5 },
};

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
