import type { ArmDescription, ArmMetrics, Phase, RunEvent, RunMetrics } from '../../../protocol/run/run.ts';
import { curveValues, probeCurves, stepCurves } from '../../../measures/catalogue/curves.ts';
import type { ArmState } from '../../../protocol/messages/runsContract.ts';
import { CurveHistory } from './curveHistory.ts';
import { RemainingTime } from './remainingTime.ts';

export interface ArmHistory {
  readonly description: ArmDescription;
  state: ArmState;
  /** Why the arm failed or was stopped. */
  reason: string | undefined;
  step: number;
  of: number;
  readonly curve: CurveHistory;
  /** NaN where nothing was measured. */
  readonly probes: CurveHistory;
  metrics: ArmMetrics | undefined;
}

interface PhaseProgress {
  readonly phase: Phase;
  readonly detail: string | undefined;
  readonly arm?: string | undefined;
  readonly done?: number;
  readonly total?: number | undefined;
}

/** Most warnings that are kept. A run may emit one at each step. */
const mostWarnings = 50;

type EventOf<Type extends RunEvent['type']> = RunEvent & { readonly type: Type };

/** Builds the state of every arm and its curves from the events of a run, applied one after another. */
export class RunHistory {
  readonly arms = new Map<string, ArmHistory>();
  readonly remaining = new RemainingTime();
  readonly warnings: string[] = [];
  progress: PhaseProgress | undefined;
  metrics: RunMetrics | undefined;
  failure: string | undefined;
  paused = false;
  /** How the run ended last; undefined while it runs. */
  end: 'failed' | 'cancelled' | 'finished' | undefined;
  started = false;
  #version = 0;

  constructor(arms: readonly ArmDescription[]) {
    for (const description of arms) this.#add(description);
  }

  /** Increases with every change. */
  get version(): number {
    return this.#version;
  }

  apply(event: RunEvent): void {
    this.#version++;
    this.remaining.apply(event);
    if (event.type !== 'paused') this.paused = false;
    const change = this.#changes[event.type] as ((event: RunEvent) => void) | undefined;
    change?.(event);
  }

  warn(message: string): void {
    this.#version++;
    if (this.warnings.length >= mostWarnings) this.warnings.shift();
    this.warnings.push(message);
  }

  /** Reports that a person has stopped the arm. The run itself reports this only at the end of training. */
  stopped(arm: string): void {
    const known = this.arms.get(arm);
    if (known === undefined) return;
    this.#version++;
    this.remaining.leave(arm);
    known.state = 'stopped';
    known.reason = `stopped by hand after step ${known.step}`;
  }

  /** Reports that training continues after a pause. The run itself shows this only by its next step. */
  continued(): void {
    this.#version++;
    this.paused = false;
  }

  readonly #changes: { readonly [Type in RunEvent['type']]?: (event: EventOf<Type>) => void } = {
    started: ({ arms }) => {
      this.started = true;
      this.end = undefined;
      this.failure = undefined;
      this.progress = undefined;
      for (const description of arms) if (!this.arms.has(description.id)) this.#add(description);
      // An arm that was training when the run ended starts again from the checkpoint.
      for (const arm of this.arms.values()) if (arm.state === 'training') arm.state = 'waiting';
    },
    phase: ({ phase, detail, total }) => {
      this.progress = { phase, detail, ...(total !== undefined && { done: 0, total }) };
      if (phase === 'training') this.progress = { phase, detail };
      if (phase === 'evaluation') this.#trainedAll();
    },
    progress: ({ phase, done, total, arm }) => {
      this.progress = { phase, detail: this.progress?.detail, arm, done, total };
    },
    step: (event) => this.#step(event),
    probe: (event) => this.#arm(event.arm)?.probes.push(event.step, curveValues(probeCurves, event)),
    'arm-finished': ({ arm: id }) => {
      const arm = this.#arm(id);
      if (arm) this.#trained(arm);
    },
    'arm-failed': ({ arm, reason }) => this.#set(arm, 'failed', reason),
    'arm-metrics': ({ metrics }) => this.#measured(metrics),
    warning: ({ message }) => this.warn(message),
    paused: () => (this.paused = true),
    failed: ({ reason }) => {
      this.end = 'failed';
      this.failure = reason;
    },
    cancelled: () => (this.end = 'cancelled'),
    finished: ({ metrics }) => {
      this.end = 'finished';
      this.metrics = metrics;
      for (const arm of metrics.arms) this.#measured(arm);
    },
  };

  #add(description: ArmDescription): void {
    this.arms.set(description.id, {
      description,
      state: 'waiting',
      reason: undefined,
      step: 0,
      of: 0,
      curve: new CurveHistory(stepCurves.map(({ key }) => key)),
      probes: new CurveHistory(probeCurves.map(({ key }) => key)),
      metrics: undefined,
    });
  }

  #arm(id: string): ArmHistory | undefined {
    return this.arms.get(id);
  }

  #set(id: string, state: ArmState, reason?: string): void {
    const arm = this.#arm(id);
    if (arm) Object.assign(arm, { state, reason });
  }

  #step(event: EventOf<'step'>): void {
    const { arm: id, step, of } = event;
    const arm = this.#arm(id);
    if (arm === undefined) return;
    arm.curve.push(step, curveValues(stepCurves, event));
    Object.assign(arm, { step, of });
    if (step === of) this.#trained(arm);
    else if (arm.state !== 'stopped') Object.assign(arm, { state: 'training', reason: undefined });
    this.progress = { phase: 'training', detail: this.progress?.detail, arm: id, ...this.#stepsDone(of) };
  }

  /** Number of steps of all arms together, as far as it is known. All arms take the same number. */
  #stepsDone(of: number): { readonly done: number; readonly total: number } {
    let [done, total] = [0, 0];
    for (const { description, state, step } of this.arms.values()) {
      if (description.method === 'base' || description.method === 'cut') continue;
      const over = state === 'stopped' || state === 'failed';
      done += step;
      total += over ? step : of;
    }
    return { done, total };
  }

  #trained(arm: ArmHistory): void {
    if (arm.state === 'failed') return;
    if (arm.step < arm.of) {
      Object.assign(arm, { state: 'stopped', reason: arm.reason ?? `stopped after step ${arm.step} of ${arm.of}` });
    } else Object.assign(arm, { state: 'trained', reason: undefined });
  }

  #trainedAll(): void {
    for (const arm of this.arms.values()) if (arm.state === 'training') this.#trained(arm);
  }

  #measured(metrics: ArmMetrics): void {
    const arm = this.#arm(metrics.id);
    if (arm === undefined) return;
    arm.metrics = metrics;
    if (metrics.failure !== undefined) Object.assign(arm, { state: 'failed', reason: metrics.failure });
    else if (arm.state !== 'stopped') arm.state = 'finished';
  }
}
