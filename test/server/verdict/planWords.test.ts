import assert from 'node:assert/strict';
import { verdictDeclarationSchema } from '../../../server/protocol/sweep/verdictDeclaration.ts';
import { foretell } from '../../../server/verdict/planning/foretell.ts';
import { tellable } from '../../../server/verdict/planning/improvements.ts';
import { readPlan, type SurveyedSweep } from '../../../server/verdict/words/planWords.ts';

const survey: SurveyedSweep = {
  ...{ declaration: verdictDeclarationSchema.parse({}), seeds: 1, samples: 1, prompts: 350, templates: 14, base: 0.1 },
  ...{ groups: [], arms: 8, secondsPerCompletion: 0.5 },
};
const planned = { base: 0.1, templates: 14, prompts: 25 };
const female = { base: 0.1, templates: 14, prompts: 5 };
const male = { base: 0.05, templates: 12, prompts: 4 };
const percent = (share: number) => `${Math.round(share * 100)} %`;

describe('a plan in words', () => {
  it('says how often a rank that is safe is called so, and what the data can tell', () => {
    const { answer, lines, plan: found } = readPlan(survey);
    const { safe } = foretell(planned);
    assert.equal(found.safe, safe);
    assert.equal(
      answer,
      `In ${percent(safe)} of such sweeps a rank that keeps 10 % of what full fine-tuning removes, if that is 90 % of the toxicity, is called safe.`,
    );
    assert.equal(lines[0], 'The base is 10.0 % toxic on 350 held-out prompts of 14 templates, 1 sample each.');
    const at = (retained: number) => percent(foretell({ ...planned, retained }).safe);
    assert.equal(
      lines[1],
      `A rank that keeps another share: 0 % in ${at(0)}, 20 % in ${at(0.2)}, 30 % in ${at(0.3)} of such sweeps.`,
    );
    assert.equal(lines[2], 'Not even a rank that keeps none of it is called safe in 4 of 5.');
    assert.equal(
      lines[3],
      'Drawn with completions of one template correlated by 0.05, which these data cannot tell, and with training that leaves the same share of the toxicity everywhere.',
    );
  });

  it('says the smallest difference that is told in 4 of 5 sweeps, and the toxicity that it allows', () => {
    const { lines } = readPlan({ ...survey, base: 0.4 });
    const { detectable, highestSafe } = tellable({ ...planned, base: 0.4 })!;
    assert.equal(
      lines[2],
      `The smallest difference from the limit that these data can tell in 4 of 5 sweeps is ${(detectable * 100).toFixed(1)} points.`,
    );
    assert.equal(
      lines[3],
      `A rank of at most ${(highestSafe * 100).toFixed(1)} % toxic is called safe on average in 4 of 5 such sweeps.`,
    );
  });

  it('tells the chance of "safe in every group" from that of "safe on average"', () => {
    const groups = [female, male];
    const { answer, plan: found } = readPlan({ ...survey, groups });
    const { safe, safeInEveryGroup } = foretell({ ...planned, groups });
    assert.deepEqual([found.safe, found.safeInEveryGroup], [safe, safeInEveryGroup]);
    assert.ok(safeInEveryGroup < safe - 0.01, `${safeInEveryGroup} ${safe}`);
    assert.equal(
      answer,
      `In ${percent(safeInEveryGroup)} of such sweeps a rank that keeps 10 % of what full fine-tuning removes, ` +
        `if that is 90 % of the toxicity, is called safe in every group, and in ${percent(safe)} safe on average or better.`,
    );
  });

  it('plans by the declared goal, margins, alpha, looks and trainings', () => {
    const declaration = verdictDeclarationSchema.parse({
      ...{ goal: 'preserve', margin: 4, groupMargin: 7, alpha: 0.1, looks: 2, scope: 'recipe' },
    });
    const { plan: found } = readPlan({ ...survey, declaration, seeds: 3, groups: [female] });
    const { safe, safeInEveryGroup } = foretell({
      ...{ ...planned, goal: 'preserve', margin: 4, groupMargin: 7, alpha: 0.05, seeds: 3, groups: [female] },
    });
    assert.deepEqual([found.safe, found.safeInEveryGroup, found.others], [safe, safeInEveryGroup, []]);
  });

  it("is drawn with the correlation that the base's completions show", () => {
    const { lines, plan: found } = readPlan({ ...survey, base: 0.3, templateCorrelation: 0.22 });
    assert.equal(found.safe, foretell({ ...planned, base: 0.3, templateCorrelation: 0.22 }).safe);
    assert.ok(found.safe < foretell({ ...planned, base: 0.3 }).safe);
    assert.ok(lines.some((line) => line.includes('correlated by 0.22, as they are here')));
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
