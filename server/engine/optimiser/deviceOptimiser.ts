import type { DeviceName } from '../ops/device.ts';
import { compileAll } from '../programs/compileAll.ts';
import type { DeviceTensor } from '../onnx/deviceTensor.ts';
import { Graph } from '../ops/graph.ts';
import { Program } from '../programs/program.ts';
import type { AnyTensor } from '../onnx/runtime.ts';
import type { Shape, Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';
import type { KernelStep } from './parameterStore.ts';

/** A trained parameter of a program, whose sizes may be names (`r`, an arm's rank). */
export type Trainable = Pick<Value, 'name' | 'shape'>;

/** The tensors of one kind, by the parameters' names. */
export type OnDevice = ReadonlyMap<string, DeviceTensor>;

/** What a step changes for good. */
export interface Moved {
  readonly values: OnDevice;
  readonly firstMoments: OnDevice;
  readonly secondMoments: OnDevice;
}

const SCALARS = [
  'gradient_scale',
  'kept',
  'beta2',
  'toward1',
  'fresh2',
  'step_size',
  'root_correction',
  'epsilon',
] as const;
type Scalar = (typeof SCALARS)[number];

/**
 * AdamW and what goes with it as programs of a device, so that gradients, moments and parameters never leave it: of a
 * step the norm of the gradient alone comes back. One serves every arm that trains parameters of these names and ranks.
 */
export class DeviceOptimiser {
  readonly device: DeviceName;
  private readonly sum: Program;
  private readonly norm: Program;
  private readonly update: Program;
  private readonly names: readonly string[];

  private constructor(device: DeviceName, names: readonly string[], programs: readonly [Program, Program, Program]) {
    this.device = device;
    this.names = names;
    [this.sum, this.norm, this.update] = programs;
  }

  static async compile(
    parameters: readonly Trainable[],
    device: DeviceName,
    threads: number,
  ): Promise<DeviceOptimiser> {
    const compile = (graph: Graph, keep: readonly string[]): Promise<Program> =>
      Program.compile(graph, new Map(), { threads, device, keep: new Set(keep) });
    const outputs = (...kinds: readonly string[]): string[] =>
      parameters.flatMap(({ name }) => kinds.map((kind) => `${kind}/${name}`));
    const programs = await compileAll(
      () => compile(sumProgram(parameters), outputs('sum')),
      () => compile(normProgram(parameters), []),
      () => compile(updateProgram(parameters), outputs('p', 'm', 'v')),
    );
    const names = parameters.map(({ name }) => name);
    return new DeviceOptimiser(device, names, programs);
  }

  /** The sums of two gradients. */
  async add(a: OnDevice, b: OnDevice): Promise<OnDevice> {
    const results = await this.sum.run(new Map([...prefixed('a', a), ...prefixed('b', b)]), this.outputs('sum'));
    return this.gathered(results, 'sum');
  }

  /** Euclidean norm of a gradient. Also not finite where its square is beyond float32, 3e38. */
  async gradientNorm(gradients: OnDevice): Promise<number> {
    const results = await this.norm.run(new Map(prefixed('g', gradients)), ['square']);
    return Math.sqrt(results.floats('square')[0] ?? NaN);
  }

  /** The state after one AdamW step; the one before is left as it is. */
  async adamw({ values, firstMoments, secondMoments }: Moved, gradients: OnDevice, step: KernelStep): Promise<Moved> {
    const scalars = Object.entries(scalarsOf(step)).map(
      ([name, value]) => [name, { data: Float32Array.of(value), dims: [] }] as const,
    );
    const feeds = new Map<string, AnyTensor>([
      ...prefixed('p', values),
      ...prefixed('g', gradients),
      ...prefixed('m', firstMoments),
      ...prefixed('v', secondMoments),
      ...scalars,
    ]);
    const results = await this.update.run(feeds, this.outputs('p', 'm', 'v'));
    return {
      values: this.gathered(results, 'p'),
      firstMoments: this.gathered(results, 'm'),
      secondMoments: this.gathered(results, 'v'),
    };
  }

  async release(): Promise<void> {
    for (const program of [this.sum, this.norm, this.update]) await program.release();
  }

  private outputs(...kinds: readonly string[]): string[] {
    return this.names.flatMap((name) => kinds.map((kind) => `${kind}/${name}`));
  }

  private gathered(results: Awaited<ReturnType<Program['run']>>, kind: string): OnDevice {
    return new Map(this.names.map((name) => [name, results.onDevice(`${kind}/${name}`)]));
  }
}

/** Inputs of the update are named apart from its outputs. */
const prefixed = (kind: string, tensors: OnDevice): (readonly [string, AnyTensor])[] =>
  [...tensors].map(([name, tensor]) => [`in.${kind}/${name}`, tensor] as const);

function inputOf(graph: Graph, kind: string, { name, shape }: Trainable): Value {
  return graph.input(`in.${kind}/${name}`, 'float32', shape);
}

function sumProgram(parameters: readonly Trainable[]): Graph {
  const graph = new Graph();
  const e = new Emit(graph);
  for (const parameter of parameters)
    graph.output(`sum/${parameter.name}`, e.Add(inputOf(graph, 'a', parameter), inputOf(graph, 'b', parameter)));
  return graph;
}

/** `square` [1]: row by row first, so that a matrix is summed by as many threads as it has rows. */
function normProgram(parameters: readonly Trainable[]): Graph {
  const graph = new Graph();
  const e = new Emit(graph);
  const squares = parameters.map((parameter) => {
    const g = inputOf(graph, 'g', parameter);
    const axes = parameter.shape.map((_, axis) => axis).toReversed();
    return e.Reshape(
      axes.reduce((sum, axis) => e.ReduceSum(sum, axis), e.Mul(g, g)),
      1,
    );
  });
  const [first, ...rest] = squares;
  if (first)
    graph.output(
      'square',
      rest.reduce((a, b) => e.Add(a, b), first),
    );
  return graph;
}

/** The lines of optimiser/assembly/adamw.ts, as nodes. */
function updateProgram(parameters: readonly Trainable[]): Graph {
  const graph = new Graph();
  const e = new Emit(graph);
  const scalars = Object.fromEntries(SCALARS.map((name) => [name, graph.input(name, 'float32', [])])) as Record<
    Scalar,
    Value
  >;
  for (const parameter of parameters) {
    const [p, g, m, v] = ['p', 'g', 'm', 'v'].map((kind) => inputOf(graph, kind, parameter)) as [
      Value,
      Value,
      Value,
      Value,
    ];
    const grad = e.Mul(g, scalars.gradient_scale);
    const moment = e.Add(m, e.Mul(e.Sub(grad, m), scalars.toward1));
    const square = e.Add(e.Mul(v, scalars.beta2), e.Mul(e.Mul(grad, grad), scalars.fresh2));
    const divisor = e.Add(e.Mul(e.Sqrt(square), scalars.root_correction), scalars.epsilon);
    const kept = isDecayed(parameter.shape) ? e.Mul(p, scalars.kept) : p;
    graph.output(`p/${parameter.name}`, e.Sub(kept, e.Mul(scalars.step_size, e.Div(moment, divisor))));
    graph.output(`m/${parameter.name}`, moment);
    graph.output(`v/${parameter.name}`, square);
  }
  return graph;
}

/** Vectors (biases, norms) are not decayed, as in Hugging Face's Trainer. */
const isDecayed = (shape: Shape): boolean => shape.length > 1;

function scalarsOf({
  gradientScale,
  learningRate,
  weightDecay,
  beta1,
  beta2,
  epsilon,
  step,
}: KernelStep): Readonly<Record<Scalar, number>> {
  return {
    gradient_scale: gradientScale,
    kept: 1 - learningRate * weightDecay,
    beta2,
    toward1: 1 - beta1,
    fresh2: 1 - beta2,
    step_size: learningRate / (1 - beta1 ** step),
    root_correction: 1 / Math.sqrt(1 - beta2 ** step),
    epsilon,
  };
}
