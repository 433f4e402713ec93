import { createRandom, permutation } from '../../random/random.ts';

export interface BatchPlanOptions {
  /** Examples of the data set. */
  readonly examples: number;
  /** Examples a micro-batch. */
  readonly batchSize: number;
  /** Micro-batches an optimiser step. */
  readonly accumulation: number;
  /** Either passes over the data or optimiser steps. */
  readonly length: { readonly epochs: number } | { readonly steps: number };
  /** File order, wrapping round, when false. */
  readonly shuffle: boolean;
  readonly seed: number;
}

/**
 * Which examples each optimiser step sees. The order is one permutation of the data an epoch, laid end to end; it
 * depends on the seed alone, so that every arm, and a resumed run, sees the same.
 */
export class BatchPlan {
  readonly steps: number;
  private readonly options: BatchPlanOptions;
  private readonly total: number;
  private epoch = -1;
  private order: readonly number[] = [];

  constructor(options: BatchPlanOptions) {
    this.options = options;
    const perStep = options.batchSize * options.accumulation;
    this.total = 'epochs' in options.length ? options.length.epochs * options.examples : options.length.steps * perStep;
    this.steps = Math.ceil(this.total / perStep);
  }

  /** The micro-batches of a 1-based step, as indices into the data set. The last step of all may be smaller. */
  step(step: number): readonly (readonly number[])[] {
    const { batchSize, accumulation } = this.options;
    const first = (step - 1) * batchSize * accumulation;
    const micro: number[][] = [];
    for (let k = 0; k < accumulation; k++) {
      const from = first + k * batchSize;
      const to = Math.min(from + batchSize, this.total);
      if (from < to) micro.push(Array.from({ length: to - from }, (_, i) => this.example(from + i)));
    }
    return micro;
  }

  private example(position: number): number {
    const { examples, shuffle, seed } = this.options;
    if (!shuffle) return position % examples;
    const epoch = Math.floor(position / examples);
    if (epoch !== this.epoch) {
      this.order = permutation(createRandom(seed, epoch), examples);
      this.epoch = epoch;
    }
    return this.order[position % examples] ?? 0;
  }
}
