import type { DeviceName } from '../ops/device.ts';
import { compileAll } from '../programs/compileAll.ts';
import { Graph } from '../ops/graph.ts';
import { Program } from '../programs/program.ts';
import type { Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';
import { keyValueNames, type CacheShape } from './decodeCache.ts';

type Shape = Omit<CacheShape, 'capacity'>;

/** What a cache on a device is made of: programs whose results stay there, `past_k.N` and `past_v.N` of every layer. */
export interface DeviceCachePrograms {
  /** From packed keys and values `k.N`, `v.N` and the row of each place of the cache, `cache_rows` int64 [R, kvHeads, C]. */
  readonly place: Program;
  /** From the cache, one new `k.N`, `v.N` a row, and `slot` [R, 1, C, 1], 1 where it goes and 0 elsewhere. */
  readonly grow: Program;
  /** From the cache and `rows` int64 [N], the rows to be taken. */
  readonly take: Program;
}

export async function compileCachePrograms(shape: Shape, device: DeviceName): Promise<DeviceCachePrograms> {
  const keep = new Set(keyValueNames(shape.layers).map((name) => `past_${name}`));
  const compile = (graph: Graph): Promise<Program> => Program.compile(graph, new Map(), { threads: 1, device, keep });
  const [place, grow, take] = await compileAll(
    () => compile(placeProgram(shape)),
    () => compile(growProgram(shape)),
    () => compile(takeProgram(shape)),
  );
  return { place, grow, take };
}

function placeProgram(shape: Shape): Graph {
  const { layers, keyValueHeads, headSize } = shape;
  const graph = new Graph();
  const e = new Emit(graph);
  const rows = graph.input('cache_rows', 'int64', ['R', keyValueHeads, 'C']);
  for (const name of keyValueNames(layers)) {
    const packed = graph.input(name, 'float32', ['T', keyValueHeads * headSize]);
    graph.output(`past_${name}`, e.GatherRows(e.Reshape(packed, 'T', keyValueHeads, headSize), rows, rows));
  }
  return graph;
}

const cacheInput = (graph: Graph, { keyValueHeads, headSize }: Shape, name: string): Value =>
  graph.input(`in.past_${name}`, 'float32', ['R', keyValueHeads, 'C', headSize]);

/** past + slot (new - past): what lay in the place before does not matter. */
function growProgram(shape: Shape): Graph {
  const { layers, keyValueHeads, headSize } = shape;
  const graph = new Graph();
  const e = new Emit(graph);
  const slot = graph.input('slot', 'float32', ['R', 1, 'C', 1]);
  for (const name of keyValueNames(layers)) {
    const past = cacheInput(graph, shape, name);
    const fresh = e.Reshape(
      graph.input(name, 'float32', ['R', keyValueHeads * headSize]),
      'R',
      keyValueHeads,
      1,
      headSize,
    );
    graph.output(`past_${name}`, e.Add(past, e.Mul(slot, e.Sub(fresh, past))));
  }
  return graph;
}

function takeProgram(shape: Shape): Graph {
  const graph = new Graph();
  const e = new Emit(graph);
  const rows = graph.input('rows', 'int64', ['N']);
  for (const name of keyValueNames(shape.layers))
    graph.output(`past_${name}`, e.Gather(cacheInput(graph, shape, name), rows));
  return graph;
}
