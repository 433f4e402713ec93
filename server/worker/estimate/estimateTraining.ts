/** Rehearses training: takes a few real steps and simulates all the others. */
import { BatchPlan } from '../../engine/train/batchPlan.ts';
import type {
  ArmOutcome,
  ArmPlan,
  Boundary,
  StepReport,
  TrainingCallbacks,
  TrainingOptions,
} from '../../experiments/ports/trainerPort.ts';
import { secondsToWrite, type DiskSpeed } from './estimateLimits.ts';
import type { EstimateMeter } from './estimateMeter.ts';

/**
 * Fewest steps that are really trained. The first one is not representative, since it touches its memory for the
 * first time.
 */
const leastSteps = 3;
/**
 * Most steps that are really trained, and the seconds after which training ends earlier. Short steps vary more, so
 * that they need more repetitions.
 */
const mostSteps = 12;
const enoughSeconds = 1;
/** Number of batches of a step that are really trained. Further batches count with the same time. */
const realBatches = 2;
/** Number of steps that are reported one by one. Later steps only pass their boundaries, since there may be many. */
const reportedSteps = 1000;
/** Bytes that each step adds to events.jsonl. */
const bytesOfStep = 260;

/** The training examples: the same for all arms, or separate ones for each arm. */
type Examples<Example> = readonly Example[] | ReadonlyMap<string, readonly Example[]>;
type Options = Omit<TrainingOptions, 'appendEos'>;

export interface RehearsedTraining<Example, Own extends Options> {
  readonly plans: readonly ArmPlan[];
  readonly examples: Examples<Example>;
  readonly options: Own;
  readonly callbacks: TrainingCallbacks;
}

export interface TrainingRehearsal<Example, Own extends Options> {
  readonly train: (
    plans: readonly ArmPlan[],
    examples: Examples<Example>,
    options: Own,
    callbacks: TrainingCallbacks,
  ) => Promise<readonly ArmOutcome[]>;
  /** Characters of an example, to which its number of tokens is proportional. */
  readonly lettersOf: (example: Example) => number;
  readonly meter: EstimateMeter;
  readonly disk: DiskSpeed;
  /** Number of trained parameters of each plan. */
  readonly sizes: readonly number[];
}

/**
 * Of the LoRA arms that train side by side, those of the lowest and the highest rank take real steps, and the time
 * of the others is interpolated. Each full arm takes real steps. All step boundaries are passed, so that the work
 * at them is rehearsed too.
 */
export async function rehearseTraining<Example, Own extends Options>(
  rehearsal: TrainingRehearsal<Example, Own>,
  training: RehearsedTraining<Example, Own>,
): Promise<readonly ArmOutcome[]> {
  const { plans, examples, options, callbacks } = training;
  const all = new Map(plans.map((plan) => [plan.id, armTraining(plan, training, rehearsal.lettersOf)]));
  const most = Math.max(1, ...[...all.values()].map(({ steps }) => steps));
  const gradientAccumulation = Math.min(realBatches, options.gradientAccumulation);
  const short = { ...options, gradientAccumulation, length: { steps: Math.min(mostSteps, most) } };
  const group = new GroupRehearsal({ ...rehearsal, ...training, all, short, most });
  const outcomes = await rehearsal.train(plans, examples, short, {
    ...(callbacks.signal && { signal: callbacks.signal }),
    onArmFailed: (...told) => callbacks.onArmFailed(...told),
    onStep: (report) => group.stepped(report),
    onBoundary: async ({ step, arms, of }) => {
      if (step === 0) return { stop: await group.begin(arms) };
      if (step < of && !group.isTimed(step)) return { stop: [] };
      await group.passRest();
      return { stop: arms };
    },
  });
  return outcomes.map((outcome) => ({ ...outcome, steps: all.get(outcome.arm)?.steps ?? outcome.steps }));
}

/** The training of one arm. */
interface ArmTraining {
  readonly plan: ArmPlan;
  readonly steps: number;
  /** Characters of each example in order, and characters of an average step. */
  readonly letters: readonly number[];
  readonly perStep: number;
}

function armTraining<Example>(
  plan: ArmPlan,
  { examples, options }: Pick<RehearsedTraining<Example, Options>, 'examples' | 'options'>,
  lettersOf: (example: Example) => number,
): ArmTraining {
  const own = 'get' in examples ? (examples.get(plan.id) ?? []) : examples;
  if (own.length === 0) return { plan, steps: 0, letters: [], perStep: 0 };
  const letters = own.map(lettersOf);
  const { batchSize, gradientAccumulation, length } = options;
  const { steps } = batchPlan(plan, own.length, options);
  const mean = letters.reduce((sum, count) => sum + count, 0) / own.length;
  const seen = 'steps' in length ? batchSize * gradientAccumulation : (length.epochs * own.length) / steps;
  return { plan, steps, letters, perStep: mean * seen };
}

function batchPlan({ orderSeed }: ArmPlan, examples: number, options: Options): BatchPlan {
  const { batchSize, gradientAccumulation: accumulation, length, shuffle } = options;
  return new BatchPlan({ examples, batchSize, accumulation, length, shuffle, seed: orderSeed });
}

interface Group {
  readonly meter: EstimateMeter;
  readonly disk: DiskSpeed;
  readonly sizes: readonly number[];
  readonly plans: readonly ArmPlan[];
  readonly callbacks: TrainingCallbacks;
  readonly all: ReadonlyMap<string, ArmTraining>;
  /** Training options for the real steps. */
  readonly short: Options;
  /** The largest number of steps of any arm. */
  readonly most: number;
}

/** The arms that train side by side in the current group. */
class GroupRehearsal {
  readonly #of: Group;
  readonly #finished: ArmPlan[] = [];
  #active: readonly ArmTraining[] = [];
  #reports: StepReport[] = [];

  constructor(of: Group) {
    this.#of = of;
  }

  stepped(report: StepReport): void {
    this.#reports.push(report);
  }

  /** Whether enough steps were trained to know what a step costs. */
  isTimed(step: number): boolean {
    return step >= leastSteps && this.#reports.reduce((sum, { seconds }) => sum + seconds, 0) >= enoughSeconds;
  }

  /** Passes the boundary before the first step. Returns the arms that need not train. */
  async begin(arms: readonly string[]): Promise<readonly string[]> {
    this.#active = arms.flatMap((arm) => this.#of.all.get(arm) ?? []);
    this.#reports = [];
    const { stop } = await this.#of.callbacks.onBoundary({ step: 0, of: this.#of.most, arms, ...this.#boundary });
    const lora = this.#active
      .flatMap(({ plan }) => (plan.method === 'lora' ? [plan] : []))
      .sort((a, b) => a.rank - b.rank);
    const full = this.#active.filter(({ plan }) => plan.method === 'full').map(({ plan }) => plan.id);
    const real = new Set([lora[0]?.id, lora.at(-1)?.id, ...full]);
    return arms.filter((arm) => stop.includes(arm) || !real.has(arm));
  }

  /** Passes all later boundaries, and counts the time of the steps between them. */
  async passRest(): Promise<void> {
    const { meter, callbacks, most: of } = this.#of;
    meter.skip(-this.#reports.reduce((sum, { seconds }) => sum + seconds, 0));
    const cost = new Map(this.#active.map((arm) => [arm.plan.id, this.#perLetter(arm.plan) * arm.perStep]));
    let active = this.#active.filter(({ steps }) => steps > 0);
    for (let step = 1; step <= of && active.length > 0; step++) {
      for (const { plan } of active) meter.skip(cost.get(plan.id) ?? 0);
      if (step <= reportedSteps) for (const { plan } of active) this.#report(plan, step);
      else meter.writes(bytesOfStep * active.length);
      const arms = active.map(({ plan }) => plan.id);
      const { stop } = await callbacks.onBoundary({ step, of, arms, ...this.#boundary });
      active = active.filter(({ plan, steps }) => !stop.includes(plan.id) && step < steps);
    }
    this.#finished.push(...this.#active.map(({ plan }) => plan));
  }

  #report(plan: ArmPlan, step: number): void {
    const report = this.#reports.at(-1);
    if (report) this.#of.callbacks.onStep({ ...report, arm: plan.id, step, of: this.#of.most });
  }

  /**
   * Seconds for each character: the arm's own where it trained, else interpolated between the lowest and the
   * highest rank.
   */
  #perLetter(plan: ArmPlan): number {
    const timed = this.#active.flatMap((arm) => {
      const seconds = this.#measured(arm);
      return seconds === undefined ? [] : [{ plan: arm.plan, seconds }];
    });
    const own = timed.find((one) => one.plan.id === plan.id);
    if (own) return own.seconds;
    const lora = timed
      .flatMap(({ plan: one, seconds }) => (one.method === 'lora' ? [{ rank: one.rank, seconds }] : []))
      .sort((a, b) => a.rank - b.rank);
    const [low, high] = [lora[0], lora.at(-1)];
    if (!low || !high || plan.method !== 'lora') return timed[0]?.seconds ?? 0;
    const share = high.rank === low.rank ? 0 : (plan.rank - low.rank) / (high.rank - low.rank);
    return low.seconds + share * (high.seconds - low.seconds);
  }

  #measured({ plan, letters }: ArmTraining): number | undefined {
    const own = this.#reports.filter(({ arm }) => arm === plan.id);
    const order = batchPlan(plan, letters.length, this.#of.short);
    let [seconds, seen] = [0, 0];
    for (const report of own.length > 1 ? own.slice(1) : own) {
      seconds += report.seconds;
      for (const index of order.step(report.step).flat()) seen += letters[index] ?? 0;
    }
    return seen === 0 ? undefined : seconds / seen;
  }

  /** A failure is ignored, since no result of a rehearsal is reported. */
  get #boundary(): Pick<Boundary, 'save' | 'fail'> {
    return { save: this.#save, fail: () => undefined };
  }

  /**
   * Counts the bytes of a checkpoint without writing it: parameters and both moments of active arms, parameters of
   * finished ones.
   */
  readonly #save = (): Promise<void> => {
    const { meter, disk, sizes, plans } = this.#of;
    const sizeOf = (plan: ArmPlan): number => sizes[plans.indexOf(plan)] ?? 0;
    const active = this.#active.reduce((sum, { plan }) => sum + 3 * sizeOf(plan), 0);
    const done = this.#finished.reduce((sum, plan) => sum + sizeOf(plan), 0);
    const bytes = 4 * (active + done);
    meter.keepsCheckpoint(bytes);
    meter.skip(secondsToWrite(disk, bytes, this.#active.length + this.#finished.length));
    return Promise.resolve();
  };
}
