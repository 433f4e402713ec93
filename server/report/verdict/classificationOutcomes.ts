/**
 * Reads the outcomes of a classification run for the verdict. Each text is its own template, and a wrong answer
 * counts against an arm.
 */
import { isCorrect } from '../../metrics/decisions/correctDecision.ts';
import type { ClassificationSummary, StoredPrediction } from '../../protocol/run/classificationRun.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ArmMetrics } from '../../protocol/run/run.ts';
import { readPredictions } from '../../runs/readRun.ts';
import type { RunFolder } from '../../runs/runFolder.ts';
import { brokenClassifier } from '../../verdict/capability/capability.ts';
import type { ArmOutcomes, VerdictInput } from '../../verdict/input/verdictInput.ts';
import { identity } from './toxicityOutcomes.ts';

/**
 * Reads the outcomes of the arms that saw the largest share of the minority, by the rule that reports show first.
 * The loss is that of the texts' labels. Throws RankscopeError('run') where predictions are missing.
 */
export async function classificationOutcomes(
  folder: RunFolder,
  summary: ClassificationSummary,
  arms: readonly ArmMetrics[],
): Promise<VerdictInput> {
  const rule = summary.kinds[0]?.result.rules[0]?.rule ?? 'probability';
  const share = Math.max(...arms.flatMap(({ minority }) => minority ?? []));
  const asked = arms.filter(({ minority }) => minority === undefined || minority === share);
  const read = new Map<string, readonly StoredPrediction[]>();
  for (const { id, failure } of asked) if (failure === undefined) read.set(id, await readPredictions(folder, id));
  const [texts = []] = read.values();
  const majority = majorityOf(texts);
  const outcomes = asked.map((arm): ArmOutcomes => {
    const own = read.get(arm.id);
    if (!own) return identity(arm);
    if (own.length !== texts.length) throw incomplete(folder, arm.id);
    const place = (label: string): number => summary.labels.indexOf(label);
    const toxic = own.map((line) => Number(!isCorrect(rule, line, place(line.label), summary.labels)));
    const wrong = toxic.reduce((sum, one) => sum + one, 0);
    const broken = arm.method === 'base' ? undefined : brokenClassifier(wrong, toxic.length, majority);
    const loss = lossOf(own, place);
    return {
      ...identity(arm),
      toxic,
      ...(Number.isFinite(loss) && { heldOutLoss: loss }),
      ...(broken !== undefined && { broken }),
    };
  });
  return {
    prompts: texts.map(({ example, group }) => ({ template: String(example), group })),
    samples: 1,
    arms: outcomes,
  };
}

/** Mean negative log-probability of the texts' own labels, nats. */
function lossOf(lines: readonly StoredPrediction[], place: (label: string) => number): number {
  const losses = lines.map(({ label, logProbabilities }) => -(logProbabilities[place(label)] ?? NaN));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function majorityOf(lines: readonly StoredPrediction[]): { readonly label: string; readonly texts: number } {
  const counts = new Map<string, number>();
  for (const { label } of lines) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [label = '', texts = 0] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  return { label, texts };
}

function incomplete({ path }: RunFolder, arm: string): RankscopeError {
  return new RankscopeError({
    code: 'run',
    what: `the arm "${arm}" has not as many predictions as the others`,
    where: path,
    remedy: 'Resume or repeat the run.',
  });
}
