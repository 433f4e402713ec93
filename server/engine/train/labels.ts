import type { HostTensor } from '../onnx/runtime.ts';
import type { PackedBatch } from '../batch/packing.ts';
import type { BatchPlan } from './batchPlan.ts';
import { labelInputs, type LabelChunks } from './chunkedLoss.ts';
import { labelCount, labelPlaces, type Example } from './trainExample.ts';

/**
 * The tokens that an example is read from. The last token of a completion predicts nothing, and nothing before it sees
 * it, so that it is a label alone.
 */
export const inputIds = (example: Example): readonly number[] =>
  'label' in example || example.ids.length === 1 ? example.ids : example.ids.slice(0, -1);

/**
 * The label inputs of a program for a packed batch: the rows that predict, and what they should. In chunks, as many are
 * filled evenly as are needed, and the others are empty.
 */
export function labelFeeds(
  examples: readonly Example[],
  batch: Pick<PackedBatch, 'rowsOf'>,
  { chunks, rows: most }: LabelChunks = { chunks: 1, rows: 1 },
): (readonly [string, HostTensor])[] {
  const { rows, labels } = labelled(examples, batch);
  const filled = Math.max(1, Math.min(chunks, Math.ceil(rows.length / most)));
  return Array.from({ length: chunks }, (_, i) => {
    const [from, to] = [i, i + 1].map((k) => Math.min(rows.length, Math.ceil((k * rows.length) / filled)));
    const names = labelInputs(i);
    const part = (list: readonly number[]): BigInt64Array => BigInt64Array.from(list.slice(from, to), BigInt);
    const [index, targets] = [part(rows), part(labels)];
    return [
      [names.rows, { data: index, dims: [index.length] }],
      [names.labels, { data: targets, dims: [targets.length, 1] }],
    ] as const;
  }).flat();
}

function labelled(
  examples: readonly Example[],
  batch: Pick<PackedBatch, 'rowsOf'>,
): { readonly rows: readonly number[]; readonly labels: readonly number[] } {
  const rows: number[] = [];
  const labels: number[] = [];
  examples.forEach((example, i) => {
    const rowOf = (position: number): number => batch.rowsOf[i]?.[position] ?? 0;
    if ('label' in example) {
      rows.push(rowOf(0));
      labels.push(example.label);
      return;
    }
    for (const place of labelPlaces(example)) {
      rows.push(rowOf(place - 1));
      labels.push(example.ids[place] ?? 0);
    }
  });
  return { rows, labels };
}

/** Labels of the micro-batch that has the most of them. */
export function mostLabels(plan: BatchPlan, examples: readonly Example[]): number {
  const counts = examples.map(labelCount);
  let most = 0;
  for (let step = 1; step <= plan.steps; step++) {
    for (const micro of plan.step(step))
      most = Math.max(
        most,
        micro.reduce((sum, i) => sum + (counts[i] ?? 0), 0),
      );
  }
  return most;
}
