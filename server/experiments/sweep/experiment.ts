/**
 * What an experiment is to all else: how its sweep is resolved and read, and the question that comes of it. One definition
 * an experiment implements it; server/experiments/experiments.ts lists them.
 */
import type { Judge } from '../../judges/judge/judge.ts';
import type { AnySweep, ExperimentName, SweepOf } from '../../protocol/sweep/experiments.ts';
import type { JudgeSpec } from '../../protocol/sweep/judgeSpec.ts';
import type { ArmDescription, RunMetrics } from '../../protocol/run/run.ts';
import type { FreshHead, OpenClassifier } from '../ports/classifierPort.ts';
import type { CausalPort, ExperimentWriter, Generator, TrainingControl } from '../ports/experimentPorts.ts';
import type { AskedTexts, SamplingOptions } from '../ports/modelPort.ts';
import type { PlannedArm } from '../ports/trainerPort.ts';
import type { CutArm } from './cutArms.ts';
import type { SweepPaths } from './sweepPaths.ts';

/** An arm and, in a classification sweep, the share of the minority's training examples that it sees. */
export type ResolvedArm = PlannedArm & { readonly minority?: number };

/** Two settings of a sweep that exclude each other: the place in its file, what is wrong, and what to do. */
export interface Contradiction {
  readonly place: string;
  readonly what: string;
  readonly remedy: string;
}

type Loose = Readonly<Record<string, unknown>>;

/** The definition of the experiment of one name. */
export interface Experiment<E extends ExperimentName> {
  /** Whether an encoder with a class head may be its model: whether its questions have `byHead`. */
  readonly takesEncoders: boolean;
  /** The sweep with every path absolute. Throws RankscopeError('config') for a path at which nothing stands. */
  withPaths(sweep: SweepOf<E>, paths: SweepPaths): SweepOf<E>;
  /** The sweep file as a person wrote it, with what a setting of it stands for. */
  withSettings?(given: Loose): Loose;
  /** The same of a file that a new run is begun from, with what a run that was stored without it does not have. */
  withNewSettings?(given: Loose): Loose;
  /** What no schema sees. */
  contradiction?(sweep: SweepOf<E>): Contradiction | undefined;
  /** Every arm but the base, in order. */
  arms(sweep: SweepOf<E>): readonly ResolvedArm[];
  /** Arms that are cut from these once they are trained; absent where the experiment has none. */
  cuts?(sweep: SweepOf<E>): readonly CutArm[];
  /** Every file of data that the sweep names, by its place in the sweep. */
  files(sweep: SweepOf<E>): Readonly<Record<string, string | undefined>>;
  /** The judge that the experiment asks; absent where it asks none. */
  judge?(sweep: SweepOf<E>): JudgeSpec;
  /** Reads the sweep's files. Throws RankscopeError('data') or ('config') for what cannot be used, before a model is opened. */
  read(sweep: SweepOf<E>): Promise<Question>;
}

/** What a sweep asks, with all that was read from its files. It knows models as ports. */
export interface Question {
  readonly sweep: AnySweep;
  /** Prompts or examples that arms are trained on, and those that they are measured on. */
  readonly training: number;
  readonly heldOut: number;
  /** What a person must know of the length of the training. */
  readonly note?: string | undefined;
  /** What a causal model is asked about when arms are measured. */
  readonly heldOutPrompts: () => readonly string[];
  /**
   * All that a causal model will be asked about: what it cannot read is found before anything is trained. Throws
   * RankscopeError('config') or ('data') where it is not of the kind that the sweep asks for.
   */
  readonly texts: (model: Pick<CausalPort, 'hasChatTemplate'>) => readonly AskedTexts[];
  /** The model as the question is put to it, as `run` expects it; absent where it is asked as it stands. */
  readonly framed?: <M extends CausalPort>(model: M) => M;
  /** The sweep with what only its model settles, for the record of a new run; absent where there is nothing. */
  readonly settled?: (model: Pick<CausalPort, 'hasChatTemplate'>) => AnySweep;
  /** How an encoder with a class head answers; absent where only a model that writes text does. */
  readonly byHead?: HeadQuestion;
  /** What can be asked of the base alone, before anything is trained; absent where that says nothing of its arms. */
  readonly survey?: Survey;
  /**
   * Trains and measures every arm, from the latest checkpoint where there is one. Rejects with RankscopeError; 'cancelled'
   * when `ports.signal` is aborted.
   */
  readonly run: (model: CausalPort, arms: BegunArms, ports: RunPorts) => Promise<RunMetrics>;
}

export interface HeadQuestion {
  /** The head that is drawn anew; absent where the stored one is used. */
  readonly freshHead?: FreshHead;
  readonly run: (classifier: OpenClassifier, arms: BegunArms, ports: RunPorts) => Promise<RunMetrics>;
}

export interface Survey {
  readonly prompts: readonly { readonly prompt: string; readonly frame: string; readonly group?: string }[];
  readonly sampling: SamplingOptions;
}

/** The arms of a run. */
export interface BegunArms {
  readonly plans: readonly PlannedArm[];
  readonly cuts: readonly CutArm[];
  /** The base, then one a plan, then one a cut. */
  readonly descriptions: readonly ArmDescription[];
}

/** What a run is given beside its model. */
export interface RunPorts {
  /** Present where the experiment names one. */
  readonly judge?: Judge | undefined;
  readonly openGenerator: (reference: string) => Promise<Generator>;
  readonly writer: ExperimentWriter;
  readonly control: TrainingControl;
  readonly signal: AbortSignal;
}
