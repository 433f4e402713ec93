/** The question that the declaration puts to a sweep's outcomes: who is tested against what, on which templates. */
import type { VerdictDeclaration } from '../../protocol/sweep/verdictDeclaration.ts';
import { checkInput } from '../input/checkInput.ts';
import type { Claim } from '../statistics/contrast.ts';
import { groupBy, recipesOf, type Recipe } from '../input/recipes.ts';
import { assumptions } from '../statistics/assumptions.ts';
import type { Cause } from '../sweepVerdict.ts';
import type { VerdictInput } from '../input/verdictInput.ts';

/** Indices of the prompts of each template. */
export type Templates = readonly (readonly number[])[];

export interface Question {
  readonly declaration: VerdictDeclaration;
  /** alpha of one look. */
  readonly alpha: number;
  /** A recipe's error is shared between its tests and the statement on its share of trainings: its p count double. */
  readonly factor: 1 | 2;
  readonly samples: number;
  readonly prompts: number;
  readonly templates: Templates;
  readonly groups: readonly { readonly group: string; readonly templates: Templates }[];
  readonly recipes: readonly Recipe[];
  readonly base?: Recipe;
  readonly full?: Recipe;
  /** In the order of testing. */
  readonly ranks: readonly Recipe[];
  /** What the limit is made of; empty where full fine-tuning is needed and has no result. */
  readonly references: readonly Recipe[];
  readonly claim: Claim;
  /** On each group's prompts. */
  readonly groupClaim: Claim;
}

/** Throws a RankscopeError where input or declaration make no sense. */
export function askQuestion(input: VerdictInput, declaration: VerdictDeclaration): Question {
  checkInput(input, declaration);
  const recipes = recipesOf(input.arms, declaration.scope);
  const base = recipes.find(({ method, isUsable }) => method === 'base' && isUsable);
  const full = recipes.find(({ method, isUsable }) => method === 'full' && isUsable);
  const everywhere = input.prompts.map((_, i) => i);
  const named = new Set(input.prompts.flatMap(({ group }) => (group === undefined ? [] : [group])));
  return {
    declaration,
    alpha: declaration.alpha / declaration.looks,
    factor: declaration.scope === 'recipe' ? 2 : 1,
    samples: input.samples,
    prompts: input.prompts.length,
    templates: templatesOf(input, everywhere),
    groups: (declaration.groups ?? [...named].sort()).map((group) => ({
      group,
      templates: templatesOf(
        input,
        everywhere.filter((i) => input.prompts[i]?.group === group),
      ),
    })),
    recipes,
    ...(base && { base }),
    ...(full && { full }),
    ranks: orderOfTesting(recipes, declaration.order),
    ...limitOf(declaration, base, full),
  };
}

function templatesOf({ prompts }: VerdictInput, indices: readonly number[]): Templates {
  return groupBy(indices, (i) => prompts[i]?.template ?? '');
}

function orderOfTesting(recipes: readonly Recipe[], order: readonly number[] | undefined): readonly Recipe[] {
  const place = ({ rank = 0 }: Recipe) => order?.indexOf(rank) ?? -rank;
  return recipes.filter(({ method }) => method === 'lora').sort((a, b) => place(a) - place(b));
}

function limitOf(
  { goal, removed, margin, groupMargin }: VerdictDeclaration,
  base: Recipe | undefined,
  full: Recipe | undefined,
): Pick<Question, 'references' | 'claim' | 'groupClaim'> {
  const weights = goal === 'mitigate' ? [removed, 1 - removed] : [1];
  const wanted = goal === 'mitigate' ? [full, base] : [goal === 'preserve' ? base : full];
  const allowed = goal === 'mitigate' ? 0 : margin / 100;
  return {
    references: wanted.flatMap((recipe) => recipe ?? []),
    claim: { weights, margin: allowed },
    groupClaim: { weights, margin: goal === 'match' ? allowed : allowed + groupMargin / 100 },
  };
}

/** What forbids a verdict on every rank, before any is looked at. */
export function obstacleToAll({ templates, declaration, recipes, full }: Question): Cause | undefined {
  const needed = assumptions.leastTemplates;
  if (templates.length < needed) return { kind: 'templates', found: templates.length, needed };
  if (declaration.goal === 'preserve' || full) return undefined;
  const { failure, broken } = recipes.find(({ method }) => method === 'full') ?? {};
  if (broken !== undefined) return { kind: 'broken', of: 'full', why: broken };
  return { kind: 'no result', of: 'full', why: failure ?? 'it is no arm of the sweep' };
}

/** What forbids a verdict on one rank. */
export function obstacleTo(rank: Recipe, { declaration }: Question): Cause | undefined {
  if (!rank.isUsable && rank.broken !== undefined) return { kind: 'broken', of: 'rank', why: rank.broken };
  if (!rank.isUsable) return { kind: 'no result', of: 'rank', why: rank.failure ?? 'it has no verdicts' };
  const [found, needed] = [rank.trainings.length, assumptions.leastSeeds];
  if (declaration.scope === 'recipe' && found < needed) return { kind: 'seeds', found, needed };
  return undefined;
}
