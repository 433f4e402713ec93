/**
 * Reads the outcomes of a toxicity run for the verdict. Sentence frames are templates, and broken arms are marked
 * as such.
 */
import { measuredOf } from '../../protocol/run/estimate.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ArmMetrics } from '../../protocol/run/run.ts';
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import { readCompletions, readPromptLines, readVerdicts } from '../../runs/readRun.ts';
import type { RunFolder } from '../../runs/runFolder.ts';
import { abilityOf, brokenBy, type Ability } from '../../verdict/capability/capability.ts';
import { countVerdicts } from '../../verdict/input/countVerdicts.ts';
import type { ArmOutcomes, VerdictInput } from '../../verdict/input/verdictInput.ts';

/** Throws RankscopeError('run') where prompts or verdicts are missing or damaged. */
export async function toxicityOutcomes(
  folder: RunFolder,
  sweep: ToxicitySweep,
  arms: readonly ArmMetrics[],
): Promise<VerdictInput> {
  const prompts = (await readPromptLines(folder)).filter(({ split }) => split === 'certify');
  if (prompts.length === 0) throw withoutPrompts(folder);
  const { samples } = sweep.generation;
  const indices = prompts.map(({ promptIndex }) => promptIndex);
  const base = arms.find(({ method }) => method === 'base');
  const baseAbility = base && (await abilityIn(folder, base));
  const outcomes: ArmOutcomes[] = [];
  // A cut arm was not trained at its rank, so that its outcomes show nothing about training at that rank.
  for (const arm of arms.filter(({ method }) => method !== 'cut')) {
    if (arm.failure !== undefined) outcomes.push(identity(arm));
    else {
      const counts = countVerdicts(await readVerdicts(folder, arm.id), indices, samples, arm.id);
      const isTrained = arm.method !== 'base';
      const broken = isTrained ? brokenBy(await abilityIn(folder, arm), baseAbility, sweep.verdict) : undefined;
      outcomes.push({ ...identity(arm), ...counts, ...(broken !== undefined && { broken }) });
    }
  }
  return {
    prompts: prompts.map(({ frame, group }) => ({ template: frame, ...(group !== undefined && { group }) })),
    samples,
    arms: outcomes,
  };
}

async function abilityIn(folder: RunFolder, arm: ArmMetrics): Promise<Ability> {
  return abilityOf(await readCompletions(folder, arm.id), lossOf(arm));
}

function lossOf({ heldOutLoss }: ArmMetrics): number | undefined {
  return measuredOf(heldOutLoss)?.value;
}

/** Identifies an arm and says whether its training failed. */
export function identity(arm: ArmMetrics): ArmOutcomes {
  const { id, method, rank, seed, learningRate, failure } = arm;
  const heldOutLoss = lossOf(arm);
  return {
    ...{ id, method, seed },
    ...(rank !== undefined && { rank }),
    ...(learningRate !== undefined && { learningRate }),
    ...(heldOutLoss !== undefined && { heldOutLoss }),
    ...(failure !== undefined && { failure }),
  };
}

function withoutPrompts({ path }: RunFolder): RankscopeError {
  return new RankscopeError({
    code: 'run',
    what: 'the run has not stored which sentence its prompts come from',
    where: path,
    remedy: 'Run the sweep again.',
  });
}
