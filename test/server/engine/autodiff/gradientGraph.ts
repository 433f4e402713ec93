import { readFileSync } from 'node:fs';
import { gradients } from '../../../../server/engine/autodiff/gradients.ts';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import type { HostTensor } from '../../../../server/engine/onnx/runtime.ts';
import type { Value } from '../../../../server/engine/ops/value.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { floats } from '../onnx/runGraph.ts';
import type { GradientCase } from './gradientCase.ts';
import { accumulationCases, gradientCases } from './gradientCases.ts';

export interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What PyTorch made of a case: see test/oracles/ops.py. */
export interface OracleCase {
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly weights: Stored;
  readonly output: Stored;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

export const gradientOracle = JSON.parse(
  readFileSync(new URL('../../../oracles/ops.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, OracleCase>>;

export const allGradientCases: readonly GradientCase[] = [...Object.values(gradientCases).flat(), ...accumulationCases];

/** `result`, and the gradient of sum(weights y) with respect to each input. */
export function gradientGraph({ inputs, build: write }: GradientCase): Graph {
  const graph = new Graph();
  const values: Record<string, Value> = {};
  for (const [name, { shape }] of Object.entries(inputs)) values[name] = graph.input(name, 'float32', shape);
  const e = new Emit(graph);
  const y = write(e, values);
  const loss = e.Mul(y, graph.input('weights', 'float32', y.shape));
  const variables = Object.values(values);
  gradients(graph, loss, variables).forEach((gradient, i) => {
    graph.output(`gradient.${variables[i]?.name ?? ''}`, gradient);
  });
  graph.output('result', y);
  return graph;
}

/** The inputs that PyTorch was given. */
export function oracleFeeds({ inputs, weights }: OracleCase): Map<string, HostTensor> {
  return new Map([
    ['weights', floats(weights.data, ...weights.shape)],
    ...Object.entries(inputs).map(([name, { data, shape }]) => [name, floats(data, ...shape)] as const),
  ]);
}
