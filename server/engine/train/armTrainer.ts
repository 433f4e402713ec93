import { RankscopeError } from '../../protocol/errors.ts';
import { packFor } from '../batch/packing.ts';
import type { ModelConfig } from '../models/modelConfig.ts';
import type { Feeds, Program } from '../programs/program.ts';
import type { AnyTensor } from '../onnx/runtime.ts';
import type { ArmState } from './armState.ts';
import { HostArmState } from './hostArmState.ts';
import type { LabelChunks } from './chunkedLoss.ts';
import { inputIds, labelFeeds } from './labels.ts';
import type { ParameterStore } from '../optimiser/parameterStore.ts';
import { labelCount, type Example } from './trainExample.ts';

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
  private readonly state: ArmState;
  private readonly program: Program;
  private readonly config: ModelConfig;
  private readonly armFeeds: ArmFeeds;
  private readonly labels: LabelChunks | undefined;

  constructor(options: {
    readonly id: string;
    readonly store: ParameterStore;
    /** Where it is trained, if not in the store itself. */
    readonly state?: ArmState | undefined;
    readonly program: Program;
    readonly config: ModelConfig;
    readonly armFeeds: ArmFeeds;
    /** How the program takes its labels, if not in one piece. */
    readonly labels?: LabelChunks | undefined;
  }) {
    this.id = options.id;
    this.store = options.store;
    this.state = options.state ?? new HostArmState(options.store);
    this.program = options.program;
    this.config = options.config;
    this.armFeeds = options.armFeeds;
    this.labels = options.labels;
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
    const gradientNorm = (await this.state.gradientNorm()) / labelTokens;
    if (!Number.isFinite(gradientNorm))
      throw this.diverged(options.step, `the gradient of ${(await this.state.firstNonFinite()) ?? 'a parameter'}`);
    const clipped = options.clip > 0 && gradientNorm > options.clip ? options.clip / gradientNorm : 1;
    await this.state.adamw({ ...options, gradientScale: clipped / labelTokens });
    const tokens = all.reduce((sum, { ids }) => sum + ids.length, 0);
    return {
      loss: nll / labelTokens,
      gradientNorm,
      tokens,
      labelTokens,
      seconds: (performance.now() - started) / 1000,
    };
  }

  /** Adds a micro-batch's gradient to the step's and returns its summed loss. The first one overwrites. */
  private async accumulate(examples: readonly Example[], step: number, micro: number): Promise<number> {
    const sharesPrefixes = this.program.asksFor('further_rows');
    const batch = packFor(this.config, examples.map(inputIds), { sharesPrefixes });
    const feeds = new Map<string, AnyTensor>([
      ...batch.feeds,
      ...labelFeeds(examples, batch, this.labels),
      ...this.armFeeds({ rows: batch.rows, step, micro }),
      ...this.state.values(),
    ]);
    const labels = examples.reduce((sum, example) => sum + labelCount(example), 0);
    const nll = await this.state.backward(this.program, feeds, { first: micro === 0, labels });
    if (!Number.isFinite(nll)) throw this.diverged(step, 'the loss');
    return nll;
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
