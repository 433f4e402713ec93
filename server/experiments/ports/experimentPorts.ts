/** What an experiment is given beside its sweep: models, judge, a place to write to, and a hand to hold it. */
import type { Judge } from '../../judges/judge/judge.ts';
import type { ArmMetrics, RunEvent } from '../../protocol/run/run.ts';
import type { DistributionPort } from './distributionPort.ts';
import type { LensPort } from './lensPort.ts';
import type { ModelPort, ModelPrompt } from './modelPort.ts';
import type { ArmCutter, ArmLoader, TrainerPort } from './trainerPort.ts';

type WithoutTime<E> = E extends unknown ? Omit<E, 'time'> : never;

/** Where an experiment writes; the run store is one. Everything it is given is kept whole or not at all. */
export interface RunWriter {
  append(event: WithoutTime<RunEvent>): unknown;
  saveCheckpoint(step: number, write: (directory: string) => Promise<void>): Promise<void>;
  latestCheckpoint(): Promise<{ readonly directory: string; readonly step: number } | undefined>;
  writeArm(id: string, write: (directory: string) => Promise<void>): Promise<void>;
  /** Keeps the files that `write` leaves in an empty folder as the arm's best weights, with a mark, in place of earlier ones. */
  keepBest(id: string, mark: unknown, write: (directory: string) => Promise<void>): Promise<void>;
  /** What `keepBest` kept; undefined where there is nothing that passes the check. */
  bestOf<T>(
    id: string,
    check: (value: unknown) => value is T,
  ): Promise<{ readonly directory: string; readonly mark: T } | undefined>;
  /** Removes all best weights, once they have been put to use. */
  dropBest(): Promise<void>;
  writeArmLines(id: string, kind: 'completions' | 'verdicts' | 'divergence', lines: readonly unknown[]): Promise<void>;
  /** Adds the chosen learning rates to the record of the run. */
  noteRates(rates: ReadonlyMap<string, number>): Promise<void>;
  writeArmMetrics(metrics: ArmMetrics): Promise<void>;
  readStage<T>(stage: ToxicityStage, check: (value: unknown) => value is T): Promise<readonly T[] | undefined>;
  writeStage(stage: ToxicityStage, lines: readonly unknown[]): Promise<void>;
}

/** What is kept of a run on its way: prompts with their split, neutral texts that the base wrote, trials of learning rates, the pairs, those of later rounds by arm, the rounds done, and what a lens shows. */
type ToxicityStage = 'prompts' | 'neutral' | 'tuning' | 'pairs' | `pairs-round-${number}` | 'rounds' | 'lens';

/** Where any experiment writes: each names the lines of its arms and its stages itself, in letters, digits and dashes. */
export interface ExperimentWriter extends Omit<RunWriter, 'writeArmLines' | 'readStage' | 'writeStage'> {
  writeArmLines(id: string, kind: string, lines: readonly unknown[]): Promise<void>;
  /** What `writeArmLines` kept, checked line by line; undefined when there is nothing. */
  readArmLines<T>(id: string, kind: string, check: (value: unknown) => value is T): Promise<readonly T[] | undefined>;
  readStage<T>(stage: string, check: (value: unknown) => value is T): Promise<readonly T[] | undefined>;
  writeStage(stage: string, lines: readonly unknown[]): Promise<void>;
}

/** An instruction-tuned model that writes counterfactuals. */
export interface Generator extends Pick<ModelPort, 'complete'> {
  /** One user message as a prompt: a chat where the model has a template for it, else the message itself. */
  chatPrompt(message: string): ModelPrompt;
  dispose(): Promise<void>;
}

/** How a person intervenes in training. */
export interface TrainingControl {
  /** Pending while training is to be held; `onPaused` is called when it is. Also resolves when `signal` aborts. */
  whilePaused(onPaused: () => void, signal: AbortSignal): Promise<void>;
  /** Arms that are to be trained no further. */
  readonly stopped: ReadonlySet<string>;
}

/** A model that writes text, with all that an experiment may ask of it. */
export type CausalPort = ModelPort & TrainerPort & ArmCutter & ArmLoader & LensPort & DistributionPort;

/** What an experiment whose arms complete prompts is given. */
export interface ExperimentPorts {
  readonly model: CausalPort;
  readonly judge: Judge;
  readonly openGenerator: (reference: string) => Promise<Generator>;
  readonly writer: RunWriter;
  readonly control: TrainingControl;
  readonly signal: AbortSignal;
}
