import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { internal } from '../../protocol/errors.ts';
import type { Graph } from '../ops/graph.ts';
import { devices, type Device } from '../ops/device.ts';
import { uploadAll } from './deviceCopies.ts';
import { IndexPrelude } from '../onnx/indexPrelude.ts';
import { namingMissingOps } from './missingOps.ts';
import type { DeviceTensor } from '../onnx/deviceTensor.ts';
import { createSession, type AnyTensor, type HostTensor, type Session, type SessionOptions } from '../onnx/runtime.ts';
import { serialize, type ExternalData } from '../onnx/serialize.ts';

export type Feeds = ReadonlyMap<string, HostTensor>;
/** Feeds of which some lie on the program's device. */
export type AnyFeeds = ReadonlyMap<string, AnyTensor>;

/** Frozen parameters that programs map from a file instead of being fed. */
export interface MappedWeights {
  /** Folder of the file; a program's model file is put beside it while it is compiled. */
  readonly folder: string;
  /** Whether programs may be prepacked, which holds these weights once or twice more; they may unless this is false. */
  readonly prepacks?: boolean;
  place(parameter: string): ExternalData | undefined;
}

export interface ProgramOptions extends SessionOptions {
  /** Whether runs that write all their outputs in place are spared the copies of them: see interrupt.ts. CPU only. */
  readonly inPlace?: boolean;
}

/** Outputs to compute, each with the tensor to write it into, if any. */
export type Wanted = ReadonlyMap<string, HostTensor | undefined>;

/** A compiled program with the frozen parameters that every run of it is fed. */
export class Program {
  readonly device: Device;
  private readonly session: Session;
  private readonly frozen: AnyFeeds;
  /** Off the CPU. */
  private readonly prelude: IndexPrelude | undefined;

  private constructor(session: Session, device: Device, graph: Graph, frozen: AnyFeeds) {
    this.session = session;
    this.device = device;
    this.frozen = frozen;
    this.prelude = device.name === 'cpu' ? undefined : new IndexPrelude(graph);
  }

  /**
   * Compiles a graph; `weights` gives those of its parameters that stay the same over all runs, to be fed or mapped.
   * Parameters it does not give must be fed at each run, which `fed` asks for in spite of a mapping (trained weights).
   * Throws RankscopeError('device') naming the ops that the device lacks, and when the device cannot be had.
   */
  static async compile(
    graph: Graph,
    weights: Feeds | MappedWeights,
    options: ProgramOptions,
    fed: ReadonlySet<string> = new Set(),
  ): Promise<Program> {
    const device = devices[options.device ?? 'cpu'];
    const inPlace = options.inPlace === true && device.name === 'cpu';
    return namingMissingOps(graph, device.name, async () => {
      if ('place' in weights) {
        const session = await compileMapped(graph, weights, { ...options, inPlace }, fed);
        return new Program(session, device, graph, new Map());
      }
      const session = await createSession(serialize(graph, undefined, inPlace, device.name), options);
      const names = session.inputNames.filter((name) => weights.has(name) && !fed.has(name));
      const frozen = new Map(names.flatMap((name) => [[name, weights.get(name)] as const]));
      return new Program(session, device, graph, await settled(frozen as Feeds, device));
    });
  }

  /**
   * Computes the named outputs. Feeds that the program does not need are left out; where a fed name is also a frozen
   * parameter, the feed wins. An output that carries a tensor is written into its memory.
   */
  async run(feeds: AnyFeeds, outputs: Wanted | readonly string[]): Promise<Outputs> {
    const native = new Map<string, AnyTensor>();
    const fed = this.prelude?.extend(feeds) ?? feeds;
    for (const name of this.session.inputNames) {
      const tensor = fed.get(name) ?? this.frozen.get(name);
      if (!tensor) throw internal(`The program's input "${name}" was not fed.`);
      native.set(name, tensor);
    }
    const wanted: Wanted = Array.isArray(outputs)
      ? new Map((outputs as readonly string[]).map((name) => [name, undefined]))
      : (outputs as Wanted);
    const { host, device } = await this.session.runKeeping(native, wanted);
    return new Outputs(host, device);
  }

  /** Whether it has an input of that name. */
  asksFor(name: string): boolean {
    return this.session.inputNames.includes(name);
  }

  /** Writes the profile that was asked for when the program was compiled. */
  endProfile(): void {
    this.session.endProfile();
  }

  async release(): Promise<void> {
    for (const tensor of this.frozen.values()) if (!('data' in tensor)) tensor.dispose();
    await this.session.release();
  }
}

/** Frozen parameters where every run finds them: on the device, if that keeps state. */
async function settled(frozen: Feeds, device: Device): Promise<AnyFeeds> {
  return device.keepsState && frozen.size > 0 ? uploadAll(frozen, device.name) : frozen;
}

/** External data is found beside the model file, so there has to be one while the session is made. */
async function compileMapped(
  graph: Graph,
  weights: MappedWeights,
  options: ProgramOptions,
  fed: ReadonlySet<string>,
): Promise<Session> {
  const file = path.join(weights.folder, `program-${process.pid}-${randomUUID()}.onnx`);
  try {
    const prepack = options.prepack !== false && weights.prepacks !== false;
    const external = (name: string) => (fed.has(name) ? undefined : weights.place(name));
    await writeFile(file, serialize(graph, external, options.inPlace, options.device, prepack));
    return await createSession(file, { ...options, prepack });
  } finally {
    await rm(file, { force: true });
  }
}

/** What a run computed. */
export class Outputs {
  private readonly tensors: Feeds;
  private readonly kept: ReadonlyMap<string, DeviceTensor>;

  constructor(tensors: Feeds, kept: ReadonlyMap<string, DeviceTensor> = new Map()) {
    this.tensors = tensors;
    this.kept = kept;
  }

  floats(name: string): Float32Array {
    const tensor = this.tensors.get(name);
    if (!(tensor?.data instanceof Float32Array)) throw internal(`The program gave no float32 output "${name}".`);
    return tensor.data;
  }

  integers(name: string): BigInt64Array {
    const tensor = this.tensors.get(name);
    if (!(tensor?.data instanceof BigInt64Array)) throw internal(`The program gave no int64 output "${name}".`);
    return tensor.data;
  }

  /** An output that was left on the device; whoever asks for it disposes of it. */
  onDevice(name: string): DeviceTensor {
    const tensor = this.kept.get(name);
    if (!tensor) throw internal(`The program left no output "${name}" on the device.`);
    return tensor;
  }
}
