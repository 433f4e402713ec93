/**
 * What a run says while it goes and what it leaves behind. Panels, reports and other programs read these alone.
 * Every number is finite; what could not be measured is absent or carries a reason, never 0.
 */

import type { RunVerdict } from './runVerdict.ts';
import type { ArmMethod } from './armMethod.ts';
import type { ClassificationResult, ClassificationSummary } from './classificationRun.ts';

export type { ArmMethod } from './armMethod.ts';
export type { Interval } from './interval.ts';

/** One way of adapting the base model; `base` is the untouched model. Ids: `base`, `r8`, `full`, `r8-s1` (seed 1). */
export interface ArmDescription {
  readonly id: string;
  readonly method: ArmMethod;
  readonly rank?: number;
  readonly alpha?: number;
  readonly seed: number;
  readonly learningRate?: number;
  readonly trainableParameters: number;
  /** Share of the minority's training examples that the arm sees, in a classification sweep that names a minority. */
  readonly minority?: number;
}

export interface ToxicityRate {
  /** Toxic verdicts / verdicts given, 0..1 (paper section 3.3); absent when nothing was judged. */
  readonly rate?: number;
  readonly low?: number;
  readonly high?: number;
  /** Verdicts given. */
  readonly n: number;
  /** Completions whose judge failed, with the reason in verdicts.jsonl. */
  readonly unjudged: number;
}

/** A paired difference `arm - reference` over the same prompts, with its clustered 95 % interval. */
export interface PairedDifference {
  readonly reference: string;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** One arm's line of `metrics.json`. */
export interface ArmMetrics {
  readonly id: string;
  readonly method: ArmMethod;
  readonly rank?: number;
  readonly seed: number;
  readonly learningRate?: number;
  readonly trainableParameters: number;
  /** `n` is 0 in a run that asked about something else. */
  readonly toxicity: ToxicityRate;
  /** Present in a classification run, for an arm that has a result. */
  readonly classification?: ClassificationResult;
  readonly minority?: number;
  /** HONEST score: hurtful completions / (K x prompts), 0..1; absent when no hurtful lexicon was given. */
  readonly honest?: number;
  /** KL(base || arm) of the next-token distribution over the held-out prompts, nats. Absent for the base. */
  readonly kl?: { readonly mean: number; readonly low: number; readonly high: number; readonly n: number };
  /**
   * KL(base || arm) over every position of the held-out prompts and of the base's completions of them, nats; `n` is the
   * number of positions. Absent for the base, and in a run that measured after the prompts alone.
   */
  readonly klAll?: { readonly mean: number; readonly low: number; readonly high: number; readonly n: number };
  /** Mean entropy of the next-token distribution, nats. */
  readonly entropy?: number;
  /** Mean negative log-likelihood of the held-out completions, nats per token, and the number of tokens. */
  readonly heldOutLoss?: { readonly mean: number; readonly tokens: number };
  /** exp(mean negative log-likelihood) of the held-out completions, per token. */
  readonly perplexity?: number;
  readonly toxicityVersus?: readonly PairedDifference[];
  readonly finalLoss?: number;
  /** The step whose weights were measured, where the loss on the tune pairs was least before the last step. */
  readonly bestStep?: number;
  /** Packed (real, not padded) tokens of prompt and completion per second of training. */
  readonly trainTokensPerSecond?: number;
  readonly peakMemoryBytes?: number;
  /** Why this arm has no result: it diverged, was stopped, or failed. */
  readonly failure?: string;
}

/** What one round of mitigation made of one arm. */
export interface RoundResult {
  /** 1-based. */
  readonly round: number;
  readonly arm: string;
  /** Optimiser steps of this round; 0 where nothing was left to learn from. */
  readonly steps: number;
  /** Training prompts with counterfactuals, and the pairs that were trained on. */
  readonly prompts: number;
  readonly pairs: number;
  /** On the held-out prompts, after the round. */
  readonly toxicity: ToxicityRate;
  readonly kl?: { readonly mean: number; readonly low: number; readonly high: number; readonly n: number };
  /** Loss of the round's last step. */
  readonly finalLoss?: number;
  /** Why the arm took no further part. */
  readonly failure?: string;
  /** Whether a person stopped it, so that later rounds leave it out. */
  readonly stopped?: boolean;
}

/** What a learning rate came to on the tune pairs: a line of `tuning.jsonl`. */
export interface TuningTrial {
  readonly method: 'lora' | 'full';
  /** Id of the arm that the rate was tried on. */
  readonly triedOn: string;
  readonly learningRate: number;
  /** Optimiser steps of the trial. */
  readonly steps: number;
  /** Mean negative log-likelihood of the tune pairs after them, nats per token; absent where it failed. */
  readonly loss?: number;
  /** Tokens behind the loss. */
  readonly tokens?: number;
  /** Why there is no loss. */
  readonly failure?: string;
}

/** The learning rate that was chosen for all arms of a method, or of a rank. */
export interface TunedRate {
  readonly method: 'lora' | 'full';
  /** Where each rank was tuned by itself. */
  readonly rank?: number;
  /** Id of the arm that the rates were tried on. */
  readonly triedOn: string;
  readonly learningRate: number;
  /** Its loss on the tune pairs in its longest trial, nats per token. */
  readonly loss: number;
  /** Optimiser steps of all trials together. */
  readonly steps: number;
  /** It is the least or greatest rate of all that were tried, though the grid was widened: a better one may lie beyond. */
  readonly edge?: 'lowest' | 'highest';
}

export interface RunMetrics {
  readonly version: 1;
  readonly experiment: 'toxicity' | 'classification';
  readonly finished: string;
  readonly arms: readonly ArmMetrics[];
  /** Statements a reader needs beside the table: shared learning rate, few seeds, small samples. */
  readonly notes: readonly string[];
  /** Arms that a person stopped before the end of their training, which were evaluated as they stood. */
  readonly stopped?: readonly string[];
  /** Which ranks are safe; absent in a run that was begun without declaring what that means. */
  readonly verdict?: RunVerdict;
  /** Present exactly in a classification run. */
  readonly classification?: ClassificationSummary;
  /** Present in a sweep of several rounds of mitigation: every round and arm, in this order. */
  readonly rounds?: readonly RoundResult[];
  /** Present in a sweep whose learning rates were tuned. */
  readonly tuning?: readonly TunedRate[];
}

/**
 * The stages of a run, in order. While a model is loaded there may be no run yet: `loading` is told, and in a new run not
 * kept.
 */
export type Phase =
  'loading' | 'base-completions' | 'judging' | 'counterfactuals' | 'tuning' | 'training' | 'evaluation' | 'report';

export interface EventBase {
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** One line of `events.jsonl`, and what `rankscope sweep --json` prints. */
export type RunEvent = EventBase &
  (
    | {
        readonly type: 'started';
        readonly run: string;
        readonly arms: readonly ArmDescription[];
        readonly resumedAtStep?: number;
      }
    | { readonly type: 'phase'; readonly phase: Phase; readonly detail?: string; readonly total?: number }
    | {
        readonly type: 'progress';
        readonly phase: Phase;
        readonly done: number;
        readonly total: number;
        readonly arm?: string;
      }
    | {
        readonly type: 'step';
        readonly arm: string;
        /** 1-based optimiser step. */
        readonly step: number;
        readonly of: number;
        /** Mean negative log-likelihood per label token before the step, nats. */
        readonly loss: number;
        readonly gradientNorm: number;
        readonly learningRate: number;
        readonly tokens: number;
        readonly labelTokens: number;
        readonly seconds: number;
        /** Resident memory of the engine process after the step, bytes. */
        readonly memoryBytes: number;
      }
    | {
        readonly type: 'probe';
        readonly arm: string;
        readonly step: number;
        readonly kl?: number;
        readonly entropy?: number;
        readonly toxicityRate?: number;
        /** 95 % interval of the toxicity rate, whole sentence frames drawn. */
        readonly toxicityLow?: number;
        readonly toxicityHigh?: number;
        /** Mean negative log-likelihood of the tune pairs, nats per token, and the number of tokens. */
        readonly heldOutLoss?: number;
        readonly heldOutTokens?: number;
        readonly n: number;
      }
    | ({ readonly type: 'tuning-trial' } & TuningTrial)
    | ({ readonly type: 'tuned' } & TunedRate)
    /** An arm was put back to the weights with which its loss on the tune pairs was least. */
    | { readonly type: 'restored'; readonly arm: string; readonly step: number; readonly loss: number }
    | { readonly type: 'checkpoint'; readonly step: number }
    | {
        readonly type: 'arm-finished';
        readonly arm: string;
        readonly trainTokensPerSecond?: number;
        readonly peakMemoryBytes?: number;
      }
    | { readonly type: 'arm-failed'; readonly arm: string; readonly reason: string }
    | { readonly type: 'arm-metrics'; readonly metrics: ArmMetrics }
    | { readonly type: 'warning'; readonly message: string }
    | { readonly type: 'paused'; readonly step: number }
    | { readonly type: 'failed'; readonly reason: string; readonly code: string }
    | { readonly type: 'cancelled' }
    | { readonly type: 'finished'; readonly metrics: RunMetrics }
  );

/** One line of `prompts.jsonl`. */
export interface StoredPrompt {
  /** Within its part; of `certify` the one that completions and verdicts name. */
  readonly promptIndex: number;
  readonly prompt: string;
  readonly template: string;
  /** The sentence in any grammatical number: prompts of one frame are one cluster. */
  readonly frame: string;
  readonly group?: string;
  /** Trained on, used for choosing rates and for probes, or what every result is read from. */
  readonly split: 'train' | 'tune' | 'certify';
}

/** One line of an arm's `completions.jsonl`; its verdict stands at the same index of `verdicts.jsonl`. */
export interface StoredCompletion {
  readonly promptIndex: number;
  readonly prompt: string;
  /** 0-based number of the sample among the K of this prompt. */
  readonly sample: number;
  readonly completion: string;
  readonly tokens: readonly number[];
}

/** One line of an arm's `verdicts.jsonl`. */
export type StoredVerdict = { readonly promptIndex: number; readonly sample: number; readonly judge: string } & (
  { readonly score: number; readonly toxic: boolean; readonly why?: string } | { readonly unjudged: string }
);
