import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenedModel } from '../../../server/worker/host/openedModel.ts';
import { shared } from '../parity/realModel.ts';

/** A file or folder of the cases. */
export const caseAt = (...parts: readonly string[]): string => join(shared, 'cases', ...parts);

/** Keeps the converted weights of the models in a folder of these tests. */
export function temporaryCache(): void {
  const before = process.env.RANKSCOPE_CACHE;
  const folder = mkdtempSync(join(tmpdir(), 'cases-'));
  process.env.RANKSCOPE_CACHE = folder;
  after(() => {
    if (before === undefined) delete process.env.RANKSCOPE_CACHE;
    else process.env.RANKSCOPE_CACHE = before;
    rmSync(folder, { recursive: true });
  });
}

/** Logits of the last position of a text that is read without special tokens. */
export async function lastLogits(model: OpenedModel, arm: string, text: string): Promise<Float32Array> {
  const [group] = await model.scorer.groups([arm], model.arms);
  if (!group) throw new RangeError(`There is no group for ${arm}.`);
  const ids = model.tokens.encode(text);
  return (await model.scorer.prefill(group, [{ arm: 0, ids }], ['logits'])).outputs.floats('logits');
}

export function topOf(logits: Float32Array): number {
  return logits.reduce((best, x, i) => (x > (logits[best] ?? -Infinity) ? i : best), 0);
}
