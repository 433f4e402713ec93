import type { ArmDescription, RunEvent } from '../../../protocol/run/run.ts';

interface ArmPace {
  readonly method: ArmDescription['method'];
  step: number;
  of: number | undefined;
  /** Total seconds of the measured steps, with everything that happened between them, and their number. */
  seconds: number;
  steps: number;
  over: boolean;
}

/** Until it has been measured, a step of full fine-tuning is assumed to take this many times a step of an adapter. */
const fullSteps = 1.6;
/** After this many steps, an earlier measurement has half its weight. */
const memory = 50;

/**
 * Estimates the remaining time of a run from the times of its events, so that it also works for a run of another
 * process.
 */
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

  /** Reports that the arm takes no more steps. */
  leave(arm: string): void {
    const known = this.#arms.get(arm);
    if (known) known.over = true;
  }

  /**
   * Seconds until the current stage is over, or until all arms are trained. Undefined until something has been
   * timed. `now`: ms since the epoch.
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

  /** The time between two steps (probes and checkpoints) counts for the later one, except after a pause. */
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
