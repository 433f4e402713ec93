/** Cuts trained adapters to lower ranks, as arms of a kind of their own. */
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import type { ArmOutcome } from '../ports/trainerPort.ts';
import type { CutArm } from '../sweep/cutArms.ts';

/** Writes the cut arms into the run's folder and takes them into the model. One outcome each: one fails with the arm it is cut from. */
export async function screenArms(
  cuts: readonly CutArm[],
  trained: readonly ArmOutcome[],
  { model, writer }: Pick<ExperimentPorts, 'model' | 'writer'>,
): Promise<readonly ArmOutcome[]> {
  const outcomes: ArmOutcome[] = [];
  for (const { id, from, rank } of cuts) {
    const failure = trained.find(({ arm }) => arm === from)?.failure;
    if (failure) {
      const what = `the arm that it is cut from, ${from}, has no result: ${failure.what}`;
      outcomes.push({ arm: id, steps: 0, failure: { ...failure, what } });
      continue;
    }
    await writer.writeArm(id, async (directory) => {
      await model.cutArm(from, rank, directory);
      await model.loadAdapter(id, directory);
    });
    outcomes.push({ arm: id, steps: 0 });
  }
  return outcomes;
}
