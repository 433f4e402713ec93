import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunWriter } from '../../../../server/experiments/ports/experimentPorts.ts';

export interface Written {
  readonly writer: RunWriter;
  readonly events: Record<string, unknown>[];
  readonly lines: Map<string, readonly unknown[]>;
  readonly stages: Map<string, readonly unknown[]>;
}

/** A run's writer that keeps in memory what it is given. */
export function memoryWriter(): Written {
  const events: Record<string, unknown>[] = [];
  const lines = new Map<string, readonly unknown[]>();
  const stages = new Map<string, readonly unknown[]>();
  const best = new Map<string, { directory: string; mark: unknown }>();
  const done = Promise.resolve();
  const writer: RunWriter = {
    append: (event) => events.push(event),
    saveCheckpoint: (step) => (events.push({ type: 'checkpoint', step }), done),
    latestCheckpoint: () => Promise.resolve(undefined),
    writeArm: async (id, write) => {
      const directory = mkdtempSync(join(tmpdir(), 'rankscope-arm-'));
      await write(directory);
      rmSync(directory, { recursive: true });
      lines.set(`${id} weights`, []);
    },
    keepBest: async (id, mark, write) => {
      const directory = mkdtempSync(join(tmpdir(), 'rankscope-best-'));
      await write(directory);
      best.set(id, { directory, mark });
    },
    bestOf: (id, check) => {
      const { directory = '', mark } = best.get(id) ?? {};
      return Promise.resolve(check(mark) ? { directory, mark } : undefined);
    },
    dropBest: () => {
      for (const { directory } of best.values()) rmSync(directory, { recursive: true });
      best.clear();
      return done;
    },
    noteRates: (rates) => (stages.set('noted rates', [...rates]), done),
    writeArmLines: (id, kind, values) => (lines.set(`${id} ${kind}`, values), done),
    writeArmMetrics: () => done,
    readStage: (stage, check) => {
      const kept = stages.get(stage);
      return Promise.resolve(kept?.filter(check));
    },
    writeStage: (stage, values) => (stages.set(stage, values), done),
  };
  return { writer, events, lines, stages };
}
