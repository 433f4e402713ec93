import { RankscopeError } from '../../protocol/errors.ts';
import { packFor } from '../batch/packing.ts';
import type { ModelConfig } from '../models/modelConfig.ts';
import type { Feeds, Outputs, Program, Wanted } from '../onnx/program.ts';
import type { HostTensor } from '../onnx/runtime.ts';
import { labelFeeds } from './labels.ts';
import type { ParameterStore } from './parameterStore.ts';
import { labelCount, type Example } from './trainExample.ts';
import { gradientName } from './trainProgram.ts';

export interface AdamWOptions {
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export interface StepOptions extends AdamWOptions {
  /** 1-based. */
  readonly step: number;
  readonly learningRate: number;
  /** Largest norm of the gradient of the mean loss; 0 leaves it as it is. */
  readonly clip: number;
}

export interface StepResult {
  /** Mean negative log-likelihood per label before the step, nats. */
  readonly loss: number;
  /** Norm of the gradient of the mean loss, before clipping. */
  readonly gradientNorm: number;
  readonly tokens: number;
  readonly labelTokens: number;
  readonly seconds: number;
}

/** What an arm brings to a step beside its parameters: the scale of its adapters, its dropout masks. */
export type ArmFeeds = (batch: { readonly rows: number; readonly step: number; readonly micro: number }) => Feeds;

/** One arm being trained: its parameters, its moments, and the program that gives their gradients. */
export class ArmTrainer {
  readonly id: string;
  readonly store: ParameterStore;
  private readonly program: Program;
  private readonly config: ModelConfig;
  private readonly armFeeds: ArmFeeds;

  constructor(options: {
    readonly id: string;
    readonly store: ParameterStore;
    readonly program: Program;
    readonly config: ModelConfig;
    readonly armFeeds: ArmFeeds;
  }) {
    this.id = options.id;
    this.store = options.store;
    this.program = options.program;
    this.config = options.config;
    this.armFeeds = options.armFeeds;
  }

  /**
   * One optimiser step over the micro-batches, weighted by their labels.
   * Throws RankscopeError('diverged') at the first loss or gradient that is not finite, before any parameter is touched.
   */
  async step(micros: readonly (readonly Example[])[], options: StepOptions): Promise<StepResult> {
    const started = performance.now();
    let nll = 0;
    for (const [micro, examples] of micros.entries()) nll += await this.accumulate(examples, options.step, micro);
    const all = micros.flat();
    const labelTokens = all.reduce((sum, example) => sum + labelCount(example), 0);
    const gradientNorm = this.store.gradientNorm() / labelTokens;
    if (!Number.isFinite(gradientNorm))
      throw this.diverged(options.step, `the gradient of ${this.store.firstNonFinite() ?? 'a parameter'}`);
    const clipped = options.clip > 0 && gradientNorm > options.clip ? options.clip / gradientNorm : 1;
    this.store.adamw({ ...options, gradientScale: clipped / labelTokens });
    const tokens = all.reduce((sum, { ids }) => sum + ids.length, 0);
    return {
      loss: nll / labelTokens,
      gradientNorm,
      tokens,
      labelTokens,
      seconds: (performance.now() - started) / 1000,
    };
  }

  /** Adds a micro-batch's gradient to the store's and returns its summed loss. The first one overwrites. */
  private async accumulate(examples: readonly Example[], step: number, micro: number): Promise<number> {
    const batch = packFor(
      this.config,
      examples.map((e) => e.ids),
    );
    const feeds = new Map([
      ...batch.feeds,
      ...labelFeeds(examples, batch),
      ...this.armFeeds({ rows: batch.rows, step, micro }),
      ...this.store.names.map((name) => [name, this.store.tensor(name, 'value')] as const),
    ]);
    const labels = examples.reduce((sum, example) => sum + labelCount(example), 0);
    const results = await this.program.run(feeds, this.wanted(micro === 0 ? labels : undefined));
    const nll = results.floats('loss').reduce((sum, x) => sum + x, 0);
    if (!Number.isFinite(nll)) throw this.diverged(step, 'the loss');
    if (micro > 0) this.add(results);
    return nll;
  }

  /** All outputs; written into the store's gradients, and a loss of so many labels, when the number is given. */
  private wanted(labels: number | undefined): Wanted {
    const inPlace = labels !== undefined;
    const tensor = (name: string): HostTensor | undefined =>
      inPlace ? this.store.tensor(name, 'gradient') : undefined;
    return new Map([
      ['loss', inPlace ? { data: new Float32Array(labels), dims: [labels, 1] } : undefined],
      ...this.store.names.map((name) => [gradientName(name), tensor(name)] as const),
    ]);
  }

  private add(results: Outputs): void {
    for (const name of this.store.names) {
      const sum = this.store.tensor(name, 'gradient').data;
      const more = results.floats(gradientName(name));
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (more[i] ?? 0);
    }
  }

  private diverged(step: number, what: string): RankscopeError {
    return new RankscopeError({
      code: 'diverged',
      where: `arm ${this.id}, step ${step}`,
      what: `${what} is not finite; the weights were left as they were before the step.`,
      remedy: 'Lower the learning rate, clip the gradient ("clip": 1), or warm up.',
    });
  }
}
