import { Emit } from '../ops/emit.ts';
import { Graph } from '../ops/graph.ts';
import { linearParameters, type LinearModule } from '../models/modelConfig.ts';
import { Program, type Feeds, type MappedWeights } from '../programs/program.ts';
import type { ParameterStore } from '../optimiser/parameterStore.ts';
import type { AdapterMethod } from '../adapters/adapterMethod.ts';
import { loraScale, methodOf, type LoraArm } from '../adapters/loraArm.ts';
import { declareAdapter, scaleInput } from '../adapters/trainableSlots.ts';

/** The values of a method's columns by module, in the columns' order: [outFeatures] each. */
export type ArmColumns = ReadonlyMap<string, readonly Float32Array[]>;

const NONE: ArmColumns = new Map();

interface Measured {
  /** What the arm's parameters were then. */
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly columns: ArmColumns;
}

/** Output of the program: a column of a module. */
const outputName = (module: string, column: string): string => `${module}.${column}`;

/** The columns of every target, from one arm's adapters and the base model's weights: outputs [1, outFeatures]. */
function buildColumnProgram(targets: readonly LinearModule[], method: AdapterMethod): Graph {
  const graph = new Graph();
  const scale = scaleInput(graph);
  for (const module of targets) {
    const [stored] = linearParameters(module);
    const weight = graph.parameter(`${module.name}.weight`, stored?.shape ?? []);
    const adapter = declareAdapter(graph, module, method);
    const e = new Emit(graph, `${module.name}/`);
    const values = method.measure(e, { module, weight, scale, ...adapter });
    values.forEach((value, i) => graph.output(outputName(module.name, method.columns[i] ?? ''), value));
  }
  return graph;
}

/**
 * Computes what a batch needs of an arm beside A and B (AdapterMethod.columns) on the processor, and again only when the
 * arm's parameters have changed since.
 */
export class AdapterColumns {
  private readonly weights: Feeds | MappedWeights;
  private readonly threads: number;
  private readonly programs = new Map<string, Promise<Program>>();
  private readonly known = new WeakMap<ParameterStore, Measured>();

  constructor(weights: Feeds | MappedWeights, threads: number) {
    this.weights = weights;
    this.threads = threads;
  }

  /** Of an arm whose store is settled. */
  async of(arm: LoraArm): Promise<ArmColumns> {
    const { store, targets } = arm;
    const { columns } = methodOf(arm);
    if (columns.length === 0) return NONE;
    const known = this.known.get(store);
    if (known && isAsBefore(store, known)) return known.columns;
    const feeds = new Map(store.names.map((name) => [name, store.tensor(name, 'value')] as const));
    const values = new Map([...feeds].map(([name, { data }]) => [name, data.slice()] as const));
    const scale = { data: Float32Array.of(loraScale(arm)), dims: [] };
    const names = targets.flatMap(({ name }) => columns.map((column) => outputName(name, column)));
    const program = await this.program(arm);
    const outputs = await program.run(new Map([...feeds, ['lora_scale', scale] as const]), names);
    const found = new Map(
      targets.map(({ name }) => [name, columns.map((column) => outputs.floats(outputName(name, column)))]),
    );
    this.known.set(store, { values, columns: found });
    return found;
  }

  async release(): Promise<void> {
    const programs = await Promise.allSettled(this.programs.values());
    this.programs.clear();
    for (const program of programs) if (program.status === 'fulfilled') await program.value.release();
  }

  private program(arm: LoraArm): Promise<Program> {
    const method = methodOf(arm);
    const key = `${method.name} ${arm.targets.map(({ name }) => name).join()}`;
    const known = this.programs.get(key);
    if (known) return known;
    const options = { threads: this.threads, prepack: false };
    const program = Program.compile(
      buildColumnProgram(arm.targets, method),
      this.weights,
      options,
      new Set(arm.store.names),
    );
    this.programs.set(key, program);
    // What failed once (for want of memory, say) may succeed later, and is nothing to release.
    program.catch(() => {
      if (this.programs.get(key) === program) this.programs.delete(key);
    });
    return program;
  }
}

function isAsBefore(store: ParameterStore, { values }: Measured): boolean {
  return [...values].every(([name, before]) => {
    const { data } = store.tensor(name, 'value');
    return before.every((value, i) => value === data[i]);
  });
}
