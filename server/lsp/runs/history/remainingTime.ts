import type { ArmDescription, RunEvent } from '../../../protocol/run/run.ts';

interface ArmPace {
  readonly method: ArmDescription['method'];
  step: number;
  of: number | undefined;
  /** Seconds that steps took with all that came between them, and how many. */
  seconds: number;
  steps: number;
  over: boolean;
}

/** A step of full fine-tuning takes about this many of an adapter's, until it has been measured. */
const fullSteps = 1.6;
/** What has been measured longer ago counts half after this many steps. */
const memory = 50;

/** How fast a run goes, from the times of its events; so also of a run that another process is at. */
export class RemainingTime {
  readonly #arms = new Map<string, ArmPace>();
  #training = false;
  #last: { readonly time: number; readonly steady: boolean } | undefined;
  #phase: { readonly began: number; done: number; total: number; time: number } | undefined;

  apply(event: RunEvent): void {
    if (event.type === 'started') this.#start(event.arms);
    else if (event.type === 'phase') this.#enter(event.phase === 'training', event);
    else if (event.type === 'progress' && this.#phase) {
      Object.assign(this.#phase, { done: event.done, total: event.total, time: event.time });
    } else if (event.type === 'step') this.#step(event);
    else if (event.type === 'arm-failed' || event.type === 'arm-finished') this.leave(event.arm);
    else if (event.type === 'paused') this.#last = { time: event.time, steady: false };
  }

  /** The arm takes no more steps. */
  leave(arm: string): void {
    const known = this.#arms.get(arm);
    if (known) known.over = true;
  }

  /**
   * Seconds until the present stage is over, for training that of all arms; undefined until something has been timed.
   * `now`: ms since the epoch.
   */
  secondsLeft(now: number): number | undefined {
    if (this.#training) return this.#trainingLeft();
    const { began, done, total, time } = this.#phase ?? { began: 0, done: 0, total: 0, time: 0 };
    if (done === 0 || time <= began) return undefined;
    return Math.max(0, ((total - done) * (time - began)) / done - (now - time)) / 1000;
  }

  #start(arms: readonly ArmDescription[]): void {
    this.#arms.clear();
    this.#training = false;
    this.#phase = undefined;
    for (const { id, method } of arms) {
      if (method === 'base' || method === 'cut') continue;
      this.#arms.set(id, { method, step: 0, of: undefined, seconds: 0, steps: 0, over: false });
    }
  }

  #enter(training: boolean, { time, total }: RunEvent & { readonly type: 'phase' }): void {
    this.#training = training;
    this.#phase = { began: time, done: 0, total: total ?? 0, time };
    this.#last = undefined;
  }

  /** What lies between two steps, probes and checkpoints, belongs to the later one, except after a pause. */
  #step({ arm, step, of, time, seconds }: RunEvent & { readonly type: 'step' }): void {
    const known = this.#arms.get(arm);
    const took = this.#last?.steady ? (time - this.#last.time) / 1000 : seconds;
    this.#last = { time, steady: true };
    if (known === undefined) return;
    const kept = known.steps >= memory ? 0.5 : 1;
    Object.assign(known, { step, of, seconds: kept * known.seconds + took, steps: kept * known.steps + 1 });
  }

  #trainingLeft(): number | undefined {
    const arms = [...this.#arms.values()];
    const steps = arms.find(({ of }) => of !== undefined)?.of;
    const timed = arms.filter((arm) => arm.steps > 0);
    if (steps === undefined || timed.length === 0) return undefined;
    const rate = (some: readonly ArmPace[]): number | undefined =>
      some.length === 0 ? undefined : some.reduce((sum, arm) => sum + arm.seconds / arm.steps, 0) / some.length;
    const lora = rate(timed.filter(({ method }) => method === 'lora'));
    const full = rate(timed.filter(({ method }) => method === 'full')) ?? fullSteps * (lora ?? 0);
    return arms.reduce((sum, arm) => {
      if (arm.over) return sum;
      const usual = arm.method === 'full' ? full : (lora ?? full / fullSteps);
      const own = arm.steps > 0 ? arm.seconds / arm.steps : usual;
      return sum + Math.max(0, (arm.of ?? steps) - arm.step) * own;
    }, 0);
  }
}
