import { internal } from '../../protocol/errors.ts';
import type { Graph } from './graph.ts';
import { createSession, type HostTensor, type Session, type SessionOptions } from './runtime.ts';
import { serialize } from './serialize.ts';

export type Feeds = ReadonlyMap<string, HostTensor>;

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

  /** Compiles a graph; `weights` gives those of its parameters that stay the same over all runs. */
  static async compile(graph: Graph, weights: Feeds, options: SessionOptions): Promise<Program> {
    const session = await createSession(serialize(graph), options);
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
