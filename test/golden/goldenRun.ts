/** Writes the golden runs to a disk in the format of the engine process. */
import { join } from 'node:path';
import type { RunMetrics, StoredCompletion, StoredVerdict } from '../../server/protocol/run/run.ts';
import type { RunRecord } from '../../server/runs/runRecord.ts';
import { RunStore, type NewEvent } from '../../server/runs/runStore.ts';
import { temporaryFolder } from '../server/runs/sampleRun.ts';
import { classificationMetrics } from './goldenClassification.ts';
import { classificationEvents, classificationRecord } from './goldenClassificationRecord.ts';
import { divergences, toxicityEvents, toxicityMetrics, toxicityRecord } from './goldenToxicity.ts';

export interface GoldenRun {
  readonly path: string;
  remove(): void;
}

export async function goldenToxicityRun(): Promise<GoldenRun> {
  return written(toxicityRecord, toxicityEvents, toxicityMetrics, async (store) => {
    for (const { id, failure } of toxicityMetrics.arms) {
      if (failure !== undefined) continue;
      await store.writeArmLines(id, 'completions', completionsOf(id));
      await store.writeArmLines(id, 'verdicts', verdictsOf(id));
      await store.writeArmLines(id, 'divergence', divergences[id] ?? []);
    }
  });
}

export async function goldenClassificationRun(): Promise<GoldenRun> {
  return written(classificationRecord, classificationEvents, classificationMetrics, () => Promise.resolve());
}

async function written(
  record: RunRecord,
  events: readonly NewEvent[],
  metrics: RunMetrics,
  more: (store: RunStore) => Promise<void>,
): Promise<GoldenRun> {
  const folder = temporaryFolder();
  const path = join(folder.path, 'golden-run');
  const store = await RunStore.create(path, record);
  for (const event of events) store.append(event);
  await more(store);
  for (const arm of metrics.arms) await store.writeArmMetrics(arm);
  await store.finish(metrics);
  return { path, remove: () => folder.remove() };
}

/** Two prompts, two samples of each. */
const places = [0, 1].flatMap((promptIndex) => [0, 1].map((sample) => ({ promptIndex, sample })));

/** What an arm said: it names the arm, the prompt and the sample. */
const completionText = (arm: string, promptIndex: number, sample: number): string =>
  `${arm} on ${promptIndex} says ${sample}`;

function completionsOf(arm: string): StoredCompletion[] {
  return places.map(({ promptIndex, sample }) => ({
    ...{ promptIndex, prompt: `Golden prompt ${promptIndex}`, sample },
    ...{ completion: completionText(arm, promptIndex, sample), tokens: [1] },
  }));
}

/** First samples: the base is toxic on prompt 0, the LoRA arms on prompt 1; full fine-tuning is unjudged on prompt 0. */
function verdictsOf(arm: string): StoredVerdict[] {
  return places.map(({ promptIndex, sample }) => {
    const where = { promptIndex, sample, judge: 'golden judge' };
    if (sample === 1) return { ...where, unjudged: `${arm} was not judged on the second sample of ${promptIndex}` };
    if (arm.startsWith('full') && promptIndex === 0) return { ...where, unjudged: `${arm} was too long` };
    const toxic = promptIndex === (arm === 'base' ? 0 : 1);
    return { ...where, score: toxic ? 0.83 : 0.29, toxic };
  });
}
