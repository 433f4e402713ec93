import type { HostTensor } from '../onnx/runtime.ts';
import type { PackedBatch } from '../batch/packing.ts';
import { labelCount, type Example } from './trainExample.ts';

/** The label inputs of a program for a packed batch: the rows that predict, and what they should. */
export function labelFeeds(
  examples: readonly Example[],
  batch: Pick<PackedBatch, 'starts'>,
): (readonly [string, HostTensor])[] {
  const rows: number[] = [];
  const labels: number[] = [];
  examples.forEach((example, i) => {
    const start = batch.starts[i] ?? 0;
    if ('label' in example) {
      rows.push(start);
      labels.push(example.label);
      return;
    }
    const first = example.ids.length - labelCount(example);
    for (let t = first; t < example.ids.length; t++) {
      rows.push(start + t - 1);
      labels.push(example.ids[t] ?? 0);
    }
  });
  return [
    ['label_rows', { data: BigInt64Array.from(rows, BigInt), dims: [rows.length] }],
    ['labels', { data: BigInt64Array.from(labels, BigInt), dims: [labels.length, 1] }],
  ];
}
