import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { internal } from '../../protocol/errors.ts';
import { devices, type DeviceName } from '../ops/device.ts';
import { collectGarbageAfter } from './garbageCollection.ts';
import { runtimeFailure } from './deviceFailure.ts';
import { DeviceTensor } from './deviceTensor.ts';
import { INTERRUPT, isInterrupt } from './interrupt.ts';
import { transfers } from './transfers.ts';

/**
 * The one file that imports onnxruntime-node. A run blocks its JavaScript thread and a native abort ends its process,
 * so only the engine process may load this.
 */
type TensorData = Float32Array | BigInt64Array | Int32Array;

export interface HostTensor {
  readonly data: TensorData;
  readonly dims: readonly number[];
}

/** What a program can be fed. */
export type AnyTensor = HostTensor | DeviceTensor;

/** A HostTensor of float32. */
export interface FloatTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

export interface SessionOptions {
  readonly threads: number;
  /**
   * Whether built-in weights are laid out anew for the matrix kernels: 6 to 17 % faster, for as much memory again as the
   * weights have, and twice that where they are used in both orientations. Without it mapped weights are shared.
   */
  readonly prepack?: boolean;
  /** Where every node runs, or the session is refused: nothing falls back to the CPU unseen. The CPU unless given. */
  readonly device?: DeviceName;
  /** Outputs that are left in the device's memory, of a device that keeps state. A run then takes all outputs. */
  readonly keep?: ReadonlySet<string>;
  /** Path, without its ending, of a file that ONNX Runtime writes what each node did to, when the session ends it. */
  readonly profile?: string;
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the program. `outputs` names what to compute; where a name carries a tensor, the result is written into that
   * tensor's memory (the native side copies it out a second time all the same, so this is for results wanted in place).
   */
  run(
    feeds: ReadonlyMap<string, AnyTensor>,
    outputs: ReadonlyMap<string, HostTensor | undefined>,
  ): Promise<Map<string, HostTensor>>;
  /** The same where outputs are left on the device: they come apart, to be disposed of by the caller. */
  runKeeping(
    feeds: ReadonlyMap<string, AnyTensor>,
    outputs: ReadonlyMap<string, HostTensor | undefined>,
  ): Promise<SessionResults>;
  /** Writes the profile that was asked for. */
  endProfile(): void;
  release(): Promise<void>;
}

/** What a run computed, by where it lies. */
interface SessionResults {
  readonly host: Map<string, HostTensor>;
  readonly device: Map<string, DeviceTensor>;
}

/** Compiles a serialised program, or the model file at a path (then external data is found beside it). */
export async function createSession(model: Uint8Array | string, options: SessionOptions): Promise<Session> {
  const { device = 'cpu' } = options;
  try {
    const native = nativeOptions(options);
    const session = await (typeof model === 'string'
      ? InferenceSession.create(model, native)
      : InferenceSession.create(model, native));
    return device === 'cpu'
      ? new HostSession(session)
      : new DeviceSession(session, device, (options.keep?.size ?? 0) > 0);
  } catch (error) {
    throw runtimeFailure('ONNX Runtime refused the program', device, error);
  }
}

function nativeOptions({ threads, prepack = true, device = 'cpu', keep, profile }: SessionOptions) {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Dynamic lengths make a remembered pattern useless: off saves 10 to 25 % of peak memory at no cost in time.
    enableMemPattern: false,
    // An arena keeps what it once had: where memory is spared, or a program is run a few times, that is memory lost.
    enableCpuMemArena: prepack,
    logSeverityLevel: 3,
    extra: {
      session: {
        // Masked softmax makes denormals, which cost 3 to 5 % of a step.
        set_denormal_as_zero: '1',
        disable_prepacking: prepack ? '0' : '1',
        disable_cpu_ep_fallback: device === 'cpu' ? '0' : '1',
      },
    },
  };
  if (keep && keep.size > 0 && devices[device].keepsState)
    options.preferredOutputLocation = Object.fromEntries([...keep].map((name) => [name, 'gpu-buffer' as const]));
  return profile === undefined ? options : { ...options, enableProfiling: true, profileFilePrefix: profile };
}

type Fed = ReadonlyMap<string, AnyTensor>;
type Asked = ReadonlyMap<string, HostTensor | undefined>;

abstract class NativeSession implements Session {
  protected readonly session: InferenceSession;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];

  constructor(session: InferenceSession) {
    this.session = session;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames.filter((name) => name !== INTERRUPT);
  }

  abstract runKeeping(feeds: Fed, outputs: Asked): Promise<SessionResults>;

  async run(feeds: Fed, outputs: Asked): Promise<Map<string, HostTensor>> {
    return (await this.runKeeping(feeds, outputs)).host;
  }

  endProfile(): void {
    this.session.endProfiling();
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

class HostSession extends NativeSession {
  async runKeeping(feeds: Fed, outputs: Asked): Promise<SessionResults> {
    const fetches: Record<string, Tensor | null> = {};
    for (const [name, tensor] of outputs) fetches[name] = tensor ? toTensor(tensor) : null;
    const given = [...outputs].flatMap(([name, tensor]) => (tensor ? [[name, tensor] as const] : []));
    // Every result written in place: ask for the interrupt too, which spares the copies.
    if (given.length === outputs.size && this.session.outputNames.includes(INTERRUPT)) fetches[INTERRUPT] = null;
    try {
      const results = Object.entries(await this.session.run(nativeFeeds(feeds), fetches));
      releaseCopies(results.filter(([name]) => outputs.get(name)));
      const fresh = results.filter(([name]) => !outputs.get(name) && name !== INTERRUPT);
      return {
        host: new Map([...given, ...fresh.map(([name, t]) => [name, hostTensor(t)] as const)]),
        device: new Map(),
      };
    } catch (error) {
      if (fetches[INTERRUPT] === null && isInterrupt(error)) return { host: new Map(given), device: new Map() };
      throw runtimeFailure('ONNX Runtime failed while running a program', 'cpu', error);
    }
  }
}

/** Results are fetched into fresh memory, or left where they are; those wanted in place are copied there. */
class DeviceSession extends NativeSession {
  private readonly device: DeviceName;
  private readonly keeps: boolean;

  constructor(session: InferenceSession, device: DeviceName, keeps: boolean) {
    super(session);
    this.device = device;
    this.keeps = keeps;
  }

  async runKeeping(feeds: Fed, outputs: Asked): Promise<SessionResults> {
    const fetches = Object.fromEntries(this.asked(outputs).map((name) => [name, null]));
    const kept = new Map<string, DeviceTensor>();
    const host = new Map<string, HostTensor>();
    try {
      for (const [name, result] of Object.entries(await this.session.run(nativeFeeds(feeds), fetches))) {
        if (result.location === 'gpu-buffer') kept.set(name, new DeviceTensor(result, result.dims));
        else host.set(name, placed(hostTensor(result), outputs.get(name)));
      }
    } catch (error) {
      throw runtimeFailure('ONNX Runtime failed while running a program', this.device, error);
    }
    count(feeds, host);
    return { host, device: kept };
  }

  /**
   * onnxruntime-node takes the places of outputs by their number among those asked for, and holds on to those of a run
   * that are not asked for in the next: where some stay on the device, all are asked for, in the program's order.
   */
  private asked(outputs: Asked): readonly string[] {
    if (!this.keeps) return [...outputs.keys()];
    const missing = this.outputNames.filter((name) => !outputs.has(name));
    if (missing.length > 0) throw internal(`A program that keeps outputs was run without ${missing.join(', ')}.`);
    return this.outputNames;
  }
}

function placed(result: HostTensor, into: HostTensor | undefined): HostTensor {
  if (!into) return result;
  (into.data as Float32Array).set(result.data as Float32Array);
  return into;
}

function count(feeds: Fed, results: ReadonlyMap<string, HostTensor>): void {
  const sum = (tensors: Iterable<AnyTensor>): number =>
    [...tensors].reduce((bytes, tensor) => bytes + ('data' in tensor ? tensor.data.byteLength : 0), 0);
  transfers.add({ bytesIn: sum(feeds.values()), bytesOut: sum(results.values()), tensorsOut: results.size });
}

function nativeFeeds(feeds: Fed): Record<string, Tensor> {
  const native: Record<string, Tensor> = {};
  for (const [name, tensor] of feeds) native[name] = 'data' in tensor ? toTensor(tensor) : (tensor.memory as Tensor);
  return native;
}

const hostTensor = ({ data, dims }: Tensor): HostTensor => ({ data: data as TensorData, dims });

/**
 * Of a result that is written in place the native side makes a copy all the same. Those of a full fine-tuning step are
 * as large as the model, and left to themselves several steps' worth pile up before the collector sees to them.
 */
function releaseCopies(copies: readonly (readonly [string, Tensor])[]): void {
  const bytes = copies.reduce((sum, [, { size }]) => sum + 4 * size, 0);
  for (const [, copy] of copies) copy.dispose();
  collectGarbageAfter(bytes);
}

function toTensor({ data, dims }: HostTensor): Tensor {
  if (data instanceof Float32Array) return new Tensor('float32', data, dims);
  if (data instanceof BigInt64Array) return new Tensor('int64', data, dims);
  return new Tensor('int32', data, dims);
}

/** The execution providers of this build of ONNX Runtime, e.g. `cpu`, `webgpu`. */
export function availableBackends(): readonly string[] {
  return listSupportedBackends().map((b) => b.name);
}

/** Version of the native runtime. */
export const runtimeVersion: string = env.versions.node ?? env.versions.common;
