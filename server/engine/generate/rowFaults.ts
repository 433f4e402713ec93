import { assertFinite } from '../../protocol/finite.ts';
import type { Graph } from '../ops/graph.ts';
import type { Outputs } from '../programs/program.ts';
import type { Value } from '../ops/value.ts';
import type { Emit } from '../ops/emit.ts';

/** Output of every program that gives logits: [rows, 1], 0 where all logits of a row are finite and NaN where one is not. */
export const FAULT = 'fault';

/** What a row of logits belongs to: an index into the group's arms, and where in the work it stands, in words. */
export interface RowPlace {
  readonly arm: number;
  readonly place: string;
}

/** The program tells itself, since greedy decoding takes no logits out of it. 0 x infinity and 0 x NaN are NaN. */
export function outputFaults(graph: Graph, e: Emit, logits: Value): void {
  graph.output(FAULT, e.ReduceSum(e.Mul(logits, e.scalar(0)), 1));
}

/** Throws BrokenArm for the first row whose logits are not all finite; `placeOf` is asked about that row alone. */
export function assertRows(outputs: Outputs, ids: readonly string[], placeOf: (row: number) => RowPlace): void {
  assertFinite('a logit', outputs.floats(FAULT), (row) => {
    const { arm, place } = placeOf(row);
    return { arm: ids[arm] ?? '', place };
  });
}
