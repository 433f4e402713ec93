import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { internal } from '../../protocol/errors.ts';
import type { Graph } from './graph.ts';
import { createSession, type HostTensor, type Session, type SessionOptions } from './runtime.ts';
import { serialize, type ExternalData } from './serialize.ts';

export type Feeds = ReadonlyMap<string, HostTensor>;

/** Frozen parameters that programs map from a file instead of being fed. */
export interface MappedWeights {
  /** Folder of the file; a program's model file is put beside it while it is compiled. */
  readonly folder: string;
  place(parameter: string): ExternalData | undefined;
}

export interface ProgramOptions extends SessionOptions {
  /** Whether runs that write all their outputs in place are spared the copies of them: see interrupt.ts. */
  readonly inPlace?: boolean;
}

/** Outputs to compute, each with the tensor to write it into, if any. */
export type Wanted = ReadonlyMap<string, HostTensor | undefined>;

/** A compiled program with the frozen parameters that every run of it is fed. */
export class Program {
  private readonly session: Session;
  private readonly frozen: Feeds;

  private constructor(session: Session, frozen: Feeds) {
    this.session = session;
    this.frozen = frozen;
  }

  /**
   * Compiles a graph; `weights` gives those of its parameters that stay the same over all runs, to be fed or mapped.
   * Parameters it does not give must be fed at each run, which `fed` asks for in spite of a mapping (trained weights).
   */
  static async compile(
    graph: Graph,
    weights: Feeds | MappedWeights,
    options: ProgramOptions,
    fed: ReadonlySet<string> = new Set(),
  ): Promise<Program> {
    if ('place' in weights) return new Program(await compileMapped(graph, weights, options, fed), new Map());
    const session = await createSession(serialize(graph, undefined, options.inPlace), options);
    const frozen = new Map<string, HostTensor>();
    for (const name of session.inputNames) {
      const tensor = weights.get(name);
      if (tensor) frozen.set(name, tensor);
    }
    return new Program(session, frozen);
  }

  /**
   * Computes the named outputs. Feeds that the program does not need are left out; where a fed name is also a frozen
   * parameter, the feed wins. An output that carries a tensor is written into its memory.
   */
  async run(feeds: Feeds, outputs: Wanted | readonly string[]): Promise<Outputs> {
    const native = new Map<string, HostTensor>();
    for (const name of this.session.inputNames) {
      const tensor = feeds.get(name) ?? this.frozen.get(name);
      if (!tensor) throw internal(`The program's input "${name}" was not fed.`);
      native.set(name, tensor);
    }
    const wanted: Wanted = Array.isArray(outputs)
      ? new Map((outputs as readonly string[]).map((name) => [name, undefined]))
      : (outputs as Wanted);
    return new Outputs(await this.session.run(native, wanted));
  }

  release(): Promise<void> {
    return this.session.release();
  }
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
    await writeFile(
      file,
      serialize(graph, (name) => (fed.has(name) ? undefined : weights.place(name)), options.inPlace),
    );
    return await createSession(file, options);
  } finally {
    await rm(file, { force: true });
  }
}

/** What a run computed. */
export class Outputs {
  private readonly tensors: Feeds;

  constructor(tensors: Feeds) {
    this.tensors = tensors;
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
}
