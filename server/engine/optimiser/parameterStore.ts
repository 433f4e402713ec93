import { internal, RankscopeError } from '../../protocol/errors.ts';
import { collectGarbage } from '../onnx/garbageCollection.ts';
import type { FloatTensor } from '../onnx/runtime.ts';
import { adamwKernel } from './adamwKernel.generated.ts';

export interface StoredParameter {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Scalars of one AdamW step, as the kernel takes them. */
export interface KernelStep {
  readonly gradientScale: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1-based. */
  readonly step: number;
}

/** The four arrays kept for each parameter. */
export type Section = 'value' | 'gradient' | 'firstMoment' | 'secondMoment';
const SECTIONS: readonly Section[] = ['value', 'gradient', 'firstMoment', 'secondMoment'];

interface Kernel {
  sumOfSquares(x: number, count: number): number;
  exactSumOfSquares(x: number, count: number): number;
  adamw(p: number, g: number, m: number, v: number, count: number, ...scalars: number[]): void;
}

/** One WebAssembly memory with the parameters that live in it. */
interface Bank {
  readonly memory: WebAssembly.Memory;
  readonly kernel: Kernel;
}

interface Slot extends StoredParameter {
  readonly bank: Bank;
  /** Elements, and elements rounded up to a multiple of 4. */
  readonly count: number;
  readonly padded: number;
  readonly addresses: Readonly<Record<Section, number>>;
}

/** A bank's target size; WebAssembly memories end at 4 GiB, and smaller ones are easier to find room for. */
const BANK_BYTES = 2 ** 30;
const PAGE = 65_536;
const kernelModule = new WebAssembly.Module(Buffer.from(adamwKernel, 'base64'));

/**
 * The trained parameters of one arm with their gradients and AdamW moments, in WebAssembly memory, where programs read
 * and write them in place and the optimiser's SIMD loops run over them.
 */
export class ParameterStore {
  private readonly slots: Map<string, Slot>;
  /** Values alone, once training has finished. */
  private readonly finished = new Map<string, FloatTensor>();
  private readonly order: readonly string[];
  /** Brings the store up to date while its arm is trained on a device. */
  private source: (() => Promise<void>) | undefined;

  constructor(parameters: readonly StoredParameter[]) {
    this.order = parameters.map(({ name }) => name);
    this.slots = new Map(allocate(parameters).map((slot) => [slot.name, slot]));
  }

  get names(): readonly string[] {
    return this.order;
  }

  /** Number of trained scalars. */
  get count(): number {
    return this.order.reduce((sum, name) => sum + this.tensor(name, 'value').data.length, 0);
  }

  /** What is kept of each parameter: all sections, or the value alone once training has finished. */
  get sections(): readonly Section[] {
    return this.slots.size > 0 ? SECTIONS : ['value'];
  }

  /** A live view of one section of a parameter. */
  tensor(name: string, section: Section): FloatTensor {
    const value = section === 'value' ? this.finished.get(name) : undefined;
    if (value) return value;
    const slot = this.slots.get(name);
    if (!slot) throw internal(`No ${section} of ${name} is stored.`);
    return { data: new Float32Array(slot.bank.memory.buffer, slot.addresses[section], slot.count), dims: slot.shape };
  }

  /** Whoever trains the arm elsewhere says how the store is brought up to date; undefined when it is here again. */
  follow(source: (() => Promise<void>) | undefined): void {
    this.source = source;
  }

  /** Resolves when the store holds the latest parameters and moments. To be awaited before any of them is read. */
  async settle(): Promise<void> {
    await this.source?.();
  }

  /** Lets gradients and moments go, three quarters of the memory, when the arm is trained no further. */
  finish(): void {
    while (this.slots.size > 0) {
      this.finishBank();
      // Bank by bank, so that no more than one is held twice.
      collectGarbage();
    }
  }

  /** Takes the values out of the first bank that is left, after which nothing refers to it. */
  private finishBank(): void {
    const [first] = this.slots.values();
    for (const [name, { bank }] of this.slots) {
      if (bank !== first?.bank) continue;
      const { data, dims } = this.tensor(name, 'value');
      this.finished.set(name, { data: data.slice(), dims });
      this.slots.delete(name);
    }
  }

  /** Euclidean norm of all gradients; not finite exactly when an element of them is not. */
  gradientNorm(): number {
    let sum = 0;
    for (const slot of this.slots.values()) sum += squaredGradient(slot);
    return Math.sqrt(sum);
  }

  /** Name of a parameter whose gradient has an element that is not finite. */
  firstNonFinite(): string | undefined {
    const bad = [...this.slots.values()].find((slot) => !Number.isFinite(squaredGradient(slot)));
    return bad?.name;
  }

  /**
   * AdamW with decoupled decay (arXiv 1711.05101) and bias correction. Vectors (biases, norms) are not decayed, as in
   * Hugging Face's Trainer.
   */
  adamw({ gradientScale, learningRate, weightDecay, beta1, beta2, epsilon, step }: KernelStep): void {
    const stepSize = learningRate / (1 - beta1 ** step);
    const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step);
    for (const { bank, addresses, padded, shape } of this.slots.values()) {
      const keep = shape.length > 1 ? 1 - learningRate * weightDecay : 1;
      const { value, gradient, firstMoment, secondMoment } = addresses;
      const scalars = [gradientScale, keep, beta1, beta2, stepSize, rootCorrection, epsilon];
      bank.kernel.adamw(value, gradient, firstMoment, secondMoment, padded, ...scalars);
    }
  }
}

/** Sum of the squares of a parameter's gradient, finite exactly when all its elements are. */
function squaredGradient({ bank, addresses, padded }: Slot): number {
  const quick = bank.kernel.sumOfSquares(addresses.gradient, padded);
  return Number.isFinite(quick) ? quick : bank.kernel.exactSumOfSquares(addresses.gradient, padded);
}

function allocate(parameters: readonly StoredParameter[]): Slot[] {
  const slots: Slot[] = [];
  let pending: StoredParameter[] = [];
  let bytes = 0;
  const close = (): void => {
    if (pending.length > 0) slots.push(...fillBank(pending));
    pending = [];
    bytes = 0;
  };
  for (const parameter of parameters) {
    const size = paddedCount(parameter) * 4 * SECTIONS.length;
    if (bytes + size > BANK_BYTES) close();
    pending.push(parameter);
    bytes += size;
  }
  close();
  return slots;
}

const elements = ({ shape }: StoredParameter): number => shape.reduce((a, b) => a * b, 1);
const paddedCount = (parameter: StoredParameter): number => Math.ceil(elements(parameter) / 4) * 4;

function fillBank(parameters: readonly StoredParameter[]): Slot[] {
  const sectionBytes = parameters.reduce((sum, p) => sum + paddedCount(p) * 4, 0);
  const bank = createBank(sectionBytes * SECTIONS.length + PAGE);
  // The first page is left free: AssemblyScript's data would lie there, and address 0 stays unused.
  let offset = PAGE;
  return parameters.map((parameter) => {
    const padded = paddedCount(parameter);
    const addresses = Object.fromEntries(SECTIONS.map((section, i) => [section, offset + i * sectionBytes]));
    offset += padded * 4;
    return { ...parameter, bank, count: elements(parameter), padded, addresses: addresses as Record<Section, number> };
  });
}

function createBank(bytes: number): Bank {
  const pages = Math.ceil(bytes / PAGE);
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const instance = new WebAssembly.Instance(kernelModule, { env: { memory, abort: () => undefined } });
    return { memory, kernel: instance.exports as unknown as Kernel };
  } catch (cause) {
    throw new RankscopeError(
      {
        code: 'memory',
        what: `No room for ${(bytes / 2 ** 20).toFixed(0)} MiB of trained parameters with their gradients and moments.`,
        remedy: 'Leave full fine-tuning out, or use a smaller model.',
      },
      { cause },
    );
  }
}
