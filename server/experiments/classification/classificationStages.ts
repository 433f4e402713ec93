/** What a classification run keeps on its way, so that a resumed one need not repeat it. */
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import type { StoredPrediction } from '../../protocol/run/classificationRun.ts';
import { assertFinite } from '../../protocol/finite.ts';
import { isStoredPrediction } from '../../protocol/run/runChecks.ts';
import type { ClassificationData } from './classificationData.ts';
import type { RunWriter, TrainingControl } from '../ports/experimentPorts.ts';
import type { LabelModel, Prediction } from './labelModel.ts';
import { soundArms, type SoundArms } from '../sweep/soundArms.ts';
import type { ArmOutcome } from '../ports/trainerPort.ts';

/** Trials of learning rates, and what became of the arms of a share of the minority. */
type ClassificationStage = 'tuning' | `rate-${number}`;

/** Where the experiment writes; the run store is one. */
interface ClassificationWriter extends Pick<
  RunWriter,
  'append' | 'saveCheckpoint' | 'latestCheckpoint' | 'writeArm' | 'writeArmMetrics' | 'noteRates'
> {
  writeArmLines(id: string, kind: 'predictions', lines: readonly unknown[]): Promise<void>;
  /** What `writeArmLines` kept, checked line by line; undefined when there is nothing. */
  readArmLines<T>(
    id: string,
    kind: 'predictions',
    check: (value: unknown) => value is T,
  ): Promise<readonly T[] | undefined>;
  readStage<T>(stage: ClassificationStage, check: (value: unknown) => value is T): Promise<readonly T[] | undefined>;
  writeStage(stage: ClassificationStage, lines: readonly unknown[]): Promise<void>;
}

export interface ClassificationPorts {
  readonly model: LabelModel;
  readonly writer: ClassificationWriter;
  readonly control: TrainingControl;
  readonly signal: AbortSignal;
}

/** What became of the arms of a share of the minority whose training and evaluation are over; undefined otherwise. */
export function keptOutcomes(
  index: number,
  { writer }: ClassificationPorts,
): Promise<readonly ArmOutcome[] | undefined> {
  return writer.readStage(`rate-${index}`, isOutcome);
}

function isOutcome(value: unknown): value is ArmOutcome {
  if (typeof value !== 'object' || value === null || !('arm' in value) || !('steps' in value)) return false;
  return typeof value.arm === 'string' && typeof value.steps === 'number';
}

/** The predictions of an arm as the run's folder keeps them; undefined when it has none. */
export async function keptPredictions(
  arm: string,
  count: number,
  { writer }: ClassificationPorts,
): Promise<readonly Prediction[] | undefined> {
  const lines = await writer.readArmLines(arm, 'predictions', isStoredPrediction);
  if (lines?.length !== count) return undefined;
  return lines.map(({ logProbabilities, answer }) => ({ logProbabilities, ...(answer !== undefined && { answer }) }));
}

export interface Observed {
  readonly sweep: ClassificationSweep;
  readonly data: ClassificationData;
  readonly detail: string | undefined;
}

/**
 * Has the arms decide on every test example and keeps what they said. An arm whose scores are not finite has no decision, not
 * a wrong one, and is among the failures.
 */
export async function predictArms(
  arms: readonly string[],
  { sweep, data, detail }: Observed,
  { model, writer, signal }: ClassificationPorts,
): Promise<{ readonly found: ReadonlyMap<string, readonly Prediction[]>; readonly failures: SoundArms['failures'] }> {
  const total = arms.length * data.test.length;
  writer.append({ type: 'phase', phase: 'evaluation', total, ...(detail !== undefined && { detail }) });
  const onProgress = (progress: { readonly done: number; readonly total: number }): void =>
    void writer.append({ type: 'progress', phase: 'evaluation', ...progress });
  const texts = data.test.map(({ text }) => text);
  const sound = soundArms(arms, writer);
  const found = await sound.computeEach(async (all) => {
    const predicted = await model.predict(all, texts, onProgress, signal);
    all.forEach((arm, i) => assertScores(arm, predicted[i] ?? []));
    return predicted;
  });
  for (const [arm, own] of found) await writer.writeArmLines(arm, 'predictions', stored(own, sweep, data));
  return { found, failures: sound.failures };
}

function stored(
  predictions: readonly Prediction[],
  sweep: ClassificationSweep,
  { test }: ClassificationData,
): readonly StoredPrediction[] {
  return test.map(({ label, group }, example) => ({
    example,
    label: sweep.data.labels[label]?.word ?? '',
    group,
    logProbabilities: predictions[example]?.logProbabilities ?? [],
    ...(predictions[example]?.answer !== undefined && { answer: predictions[example].answer }),
  }));
}

function assertScores(arm: string, predictions: readonly Prediction[]): void {
  predictions.forEach(({ logProbabilities }, example) =>
    assertFinite('a score', logProbabilities, () => ({ arm, place: `test example ${example}` })),
  );
}
