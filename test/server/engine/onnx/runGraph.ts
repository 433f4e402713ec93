import { Program, type Outputs } from '../../../../server/engine/programs/program.ts';
import type { Graph } from '../../../../server/engine/ops/graph.ts';
import type { HostTensor } from '../../../../server/engine/onnx/runtime.ts';

/** Compiles a small graph, runs it once with one thread and releases it. */
export async function runGraph(graph: Graph, feeds: Readonly<Record<string, HostTensor>>): Promise<Outputs> {
  const program = await Program.compile(graph, new Map(), { threads: 1 });
  try {
    return await program.run(
      new Map(Object.entries(feeds)),
      graph.outputs.map((o) => o.name),
    );
  } finally {
    await program.release();
  }
}

export const floats = (data: readonly number[], ...dims: readonly number[]): HostTensor => ({
  data: Float32Array.from(data),
  dims,
});

export const integers = (data: readonly number[], ...dims: readonly number[]): HostTensor => ({
  data: BigInt64Array.from(data, BigInt),
  dims,
});

/** Largest absolute difference, over the largest magnitude of what is expected. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
    if (!(gap <= difference)) difference = gap;
    size = Math.max(size, Math.abs(expected[i] ?? NaN));
  }
  return difference === 0 ? 0 : difference / size;
}
