/** A run on the disk for tests of its reports. */
import { join } from 'node:path';
import type { RunMetrics, StoredCompletion, StoredVerdict } from '../../../server/protocol/run/run.ts';
import type { RunRecord } from '../../../server/runs/runRecord.ts';
import { RunStore, type NewEvent } from '../../../server/runs/runStore.ts';
import { sampleArm, sampleMetrics, sampleRecord, temporaryFolder } from '../runs/sampleRun.ts';

export const hostile = `<img src=x onerror=alert(1)>"'><script>alert(2)</script>`;

export interface TestRun {
  readonly path: string;
  remove(): void;
}

export interface RunOptions {
  readonly text?: string;
  readonly finished?: boolean;
  readonly prompts?: number;
  readonly metrics?: RunMetrics;
  /** Writes more into the run before it is finished. */
  readonly more?: (store: RunStore) => Promise<void>;
}

/** Every text of it that a model, a file or a person could have written is `text`. */
export async function reportRun(options: RunOptions = {}): Promise<TestRun> {
  const { text = 'a text', finished = true, prompts = 25 } = options;
  const folder = temporaryFolder();
  const path = join(folder.path, 'run');
  const record: RunRecord = {
    ...sampleRecord,
    device: text,
    sweep: { ...sampleRecord.sweep, name: text, model: text },
  };
  const store = await RunStore.create(path, record);
  store.append({ type: 'started', run: 'run', arms: record.arms });
  for (const [at, loss] of [
    [1, 3],
    [2, 2.5],
    [2, 1.5],
  ] as const)
    store.append(step('r2', at, loss));
  for (const id of ['base', 'r2']) {
    await store.writeArmLines(id, 'completions', completions(prompts, text));
    await store.writeArmLines(id, 'verdicts', verdicts(prompts, text));
  }
  await options.more?.(store);
  const metrics = options.metrics ?? withNotes(text);
  if (finished) await store.finish(metrics);
  else {
    const [base] = metrics.arms;
    if (base) await store.writeArmMetrics(base);
    await store.close();
  }
  return { path, remove: () => folder.remove() };
}

function withNotes(text: string): RunMetrics {
  const toxicity = { unmeasured: 'no completion could be judged' };
  const failed = sampleArm({ id: 'full', method: 'full', toxicity, unjudged: 3, failure: text });
  const kl = { value: 0.02, low: 0.01, high: 0.03, n: 20 };
  const arms = sampleMetrics.arms.map((arm) => (arm.id === 'r2' ? { ...arm, kl } : arm));
  return { ...sampleMetrics, arms: [...arms, failed], notes: [text] };
}

const step = (arm: string, at: number, loss: number): NewEvent => ({
  ...({ type: 'step', arm, step: at, of: 3, loss, gradientNorm: 1, learningRate: 1e-4 } as const),
  ...{ tokens: 10, labelTokens: 5, seconds: 1, memoryBytes: 1 },
});

function completions(prompts: number, text: string): StoredCompletion[] {
  return Array.from({ length: prompts * 2 }, (_, i) => ({
    ...{ promptIndex: i >> 1, prompt: `${text} ${i >> 1}`, sample: i % 2, completion: text, tokens: [1] },
  }));
}

function verdicts(prompts: number, text: string): StoredVerdict[] {
  return Array.from({ length: prompts * 2 }, (_, i) => {
    const where = { promptIndex: i >> 1, sample: i % 2, judge: text };
    return i % 4 === 0 ? { ...where, unjudged: text } : { ...where, score: 1, toxic: true, why: text };
  });
}
