import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Arm } from '../../engine/generate/armWeights.ts';
import { saveStore } from '../../engine/optimiser/storeFile.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { outcomeEntries, OutcomeLog } from './outcomeLog.ts';

/** Name of the file with one arm's parameters and moments in a checkpoint. */
export const storeName = (arm: string): string => `${arm}.safetensors`;

/** The content of a checkpoint's `state.json`. */
const storedProgress = z.object({
  group: z.int(),
  step: z.int(),
  ended: z.array(z.string()),
  outcomes: outcomeEntries,
  arms: z.array(z.string()),
});

/** The progress of training, as a checkpoint stores it beside the arms' parameters and moments. */
export class TrainingProgress {
  readonly group: number;
  readonly step: number;
  readonly ended: readonly string[];
  readonly outcomes: OutcomeLog;
  readonly arms: readonly string[];

  constructor(
    group: number,
    step: number,
    ended: readonly string[],
    outcomes: OutcomeLog,
    arms: readonly string[] = [],
  ) {
    this.group = group;
    this.step = step;
    this.ended = ended;
    this.outcomes = outcomes;
    this.arms = arms;
  }

  async write(directory: string, arms: ReadonlyMap<string, Arm>): Promise<void> {
    await mkdir(directory, { recursive: true });
    const trained = [...arms].flatMap(([id, arm]) => (arm.kind === 'base' ? [] : [{ id, store: arm.store }]));
    for (const { id, store } of trained) await saveStore(path.join(directory, storeName(id)), store);
    const { group, step, ended, outcomes } = this;
    const state = { group, step, ended, outcomes: outcomes.toJson(), arms: trained.map(({ id }) => id) };
    await writeFile(path.join(directory, 'state.json'), JSON.stringify(state));
  }

  static async read(directory: string): Promise<TrainingProgress> {
    try {
      const state = storedProgress.parse(JSON.parse(await readFile(path.join(directory, 'state.json'), 'utf8')));
      return new TrainingProgress(
        state.group,
        state.step,
        state.ended,
        OutcomeLog.fromJson(state.outcomes),
        state.arms,
      );
    } catch (cause) {
      throw new RankscopeError(
        { code: 'run', where: directory, what: 'The checkpoint cannot be read.', remedy: 'Start the run anew.' },
        { cause },
      );
    }
  }
}
