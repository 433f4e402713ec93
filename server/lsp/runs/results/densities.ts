import { logDensity } from '../../../report/data/klDensity.ts';
import { readDivergence } from '../../../runs/readRun.ts';
import { runFolder } from '../../../runs/runFolder.ts';

export type Densities = Record<string, { nats: number[]; density: number[] }>;

/**
 * The distribution of each arm's held-out prompts over KL(base || arm) (paper figure 6, right). `nats` is evenly
 * spaced on a logarithmic scale over whole decades and is the same for all arms. `density` is per decade. An arm
 * with fewer than five prompts that differ from the base has none.
 */
export async function densities(run: string, arms: readonly string[]): Promise<Densities> {
  const folder = runFolder(run);
  const values = new Map<string, readonly number[]>();
  for (const arm of arms) {
    const lines = await readDivergence(folder, arm);
    values.set(
      arm,
      lines.flatMap(({ kl }) => (kl === undefined || kl <= 0 ? [] : [kl])),
    );
  }
  const logs = [...values.values()].flat().map(Math.log10);
  const low = Math.floor(logs.reduce((least, log) => Math.min(least, log), Infinity));
  const high = Math.max(low + 1, Math.ceil(logs.reduce((most, log) => Math.max(most, log), -Infinity)));
  return Object.fromEntries(
    [...values].flatMap(([arm, own]) => {
      const density = logDensity(own, low, high);
      return density ? [[arm, { nats: density.at.map((log) => 10 ** log), density: [...density.values] }]] : [];
    }),
  );
}
