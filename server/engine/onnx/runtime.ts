import { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { RankscopeError } from '../../protocol/errors.ts';
import { collect } from './collect.ts';
import { INTERRUPT, isInterrupt } from './interrupt.ts';

/**
 * The one file that imports onnxruntime-node. A run blocks its JavaScript thread and a native abort ends its process,
 * so only the engine process may load this.
 */
export type TensorData = Float32Array | BigInt64Array | Int32Array;

export interface HostTensor {
  readonly data: TensorData;
  readonly dims: readonly number[];
}

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
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the program. `outputs` names what to compute; where a name carries a tensor, the result is written into that
   * tensor's memory (the native side copies it out a second time all the same, so this is for results wanted in place).
   */
  run(
    feeds: ReadonlyMap<string, HostTensor>,
    outputs: ReadonlyMap<string, HostTensor | undefined>,
  ): Promise<Map<string, HostTensor>>;
  release(): Promise<void>;
}

/** Compiles a serialised program, or the model file at a path (then external data is found beside it). */
export async function createSession(
  model: Uint8Array | string,
  { threads, prepack = true }: SessionOptions,
): Promise<Session> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Dynamic lengths make a remembered pattern useless: off saves 10 to 25 % of peak memory at no cost in time.
    enableMemPattern: false,
    logSeverityLevel: 3,
    // Masked softmax makes denormals, which cost 3 to 5 % of a step.
    extra: { session: { set_denormal_as_zero: '1', disable_prepacking: prepack ? '0' : '1' } },
  };
  try {
    const session = await (typeof model === 'string'
      ? InferenceSession.create(model, options)
      : InferenceSession.create(model, options));
    return wrap(session);
  } catch (error) {
    throw failure('ONNX Runtime refused the program', error);
  }
}

function wrap(session: InferenceSession): Session {
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames.filter((name) => name !== INTERRUPT),
    async run(feeds, outputs) {
      const native: Record<string, Tensor> = {};
      for (const [name, tensor] of feeds) native[name] = toTensor(tensor);
      const fetches: Record<string, Tensor | null> = {};
      for (const [name, tensor] of outputs) fetches[name] = tensor ? toTensor(tensor) : null;
      const given = [...outputs].flatMap(([name, tensor]) => (tensor ? [[name, tensor] as const] : []));
      // Every result written in place: ask for the interrupt too, which spares the copies.
      if (given.length === outputs.size && session.outputNames.includes(INTERRUPT)) fetches[INTERRUPT] = null;
      try {
        const results = Object.entries(await session.run(native, fetches));
        releaseCopies(results.filter(([name]) => outputs.get(name)));
        const fresh = results.filter(([name]) => !outputs.get(name) && name !== INTERRUPT);
        return new Map([
          ...given,
          ...fresh.map(([name, t]) => [name, { data: t.data as TensorData, dims: t.dims }] as const),
        ]);
      } catch (error) {
        if (fetches[INTERRUPT] === null && isInterrupt(error)) return new Map(given);
        throw failure('ONNX Runtime failed while running a program', error);
      }
    },
    release: () => session.release(),
  };
}

/** Bytes of dead copies above which the collector is called at once. */
const COPIES_KEPT = 64 * 2 ** 20;

/**
 * Of a result that is written in place the native side makes a copy all the same. Those of a full fine-tuning step are
 * as large as the model, and left to themselves several steps' worth pile up before the collector sees to them.
 */
function releaseCopies(copies: readonly (readonly [string, Tensor])[]): void {
  const bytes = copies.reduce((sum, [, { size }]) => sum + 4 * size, 0);
  for (const [, copy] of copies) copy.dispose();
  if (bytes > COPIES_KEPT) collect();
}

function toTensor({ data, dims }: HostTensor): Tensor {
  if (data instanceof Float32Array) return new Tensor('float32', data, dims);
  if (data instanceof BigInt64Array) return new Tensor('int64', data, dims);
  return new Tensor('int32', data, dims);
}

function failure(what: string, cause: unknown): RankscopeError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const memory = /alloc|memory/i.test(message);
  return new RankscopeError(
    {
      code: memory ? 'memory' : 'engine',
      what: `${what}: ${message}`,
      remedy: memory
        ? 'Use a smaller batch, shorter texts, fewer arms or a smaller model.'
        : 'If the model is a supported one, please report this.',
    },
    { cause },
  );
}

/** The execution providers of this build of ONNX Runtime, e.g. `cpu`, `webgpu`. */
export function availableBackends(): readonly string[] {
  return listSupportedBackends().map((b) => b.name);
}

/** Version of the native runtime. */
export const runtimeVersion: string = env.versions.node ?? env.versions.common;
