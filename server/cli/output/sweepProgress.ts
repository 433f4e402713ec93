/** Shows the progress of a sweep: on a terminal as a block that redraws itself, elsewhere as plain lines. */
import { probeCurves } from '../../measures/catalogue/curves.ts';
import { decimal } from '../../measures/text/format.ts';
import { phaseText } from '../../measures/catalogue/phases.ts';
import { printable } from '../../measures/text/printable.ts';
import { english, sayText } from '../../measures/text/say.ts';
import { unitForm } from '../../measures/text/units.ts';
import type { ProbeEvent, RunEvent, StepEvent } from '../../protocol/run/run.ts';

export interface SweepProgress {
  show(event: RunEvent): void;
  /** Leaves the last state of the block on the screen and moves the cursor below it. */
  end(): void;
}

export interface ProgressOptions {
  readonly tell: (text: string) => void;
  /** Columns of the terminal; undefined where plain lines are written. */
  readonly columns: number | undefined;
  /** Milliseconds, of any clock. */
  readonly now?: () => number;
}

export function sweepProgress({ tell, columns, now = () => performance.now() }: ProgressOptions): SweepProgress {
  return columns === undefined ? plainProgress(tell) : terminalProgress(tell, Math.max(20, columns), now);
}

/** Prints a line for about every tenth of each arm's steps and of each other stage. */
function plainProgress(tell: (text: string) => void): SweepProgress {
  const told = new Map<string, number>();
  const isDue = (key: string, done: number, total: number): boolean => {
    const tenth = Math.floor((done * 10) / Math.max(1, total));
    if (tenth === (told.get(key) ?? 0) && done !== total && done !== 1) return false;
    told.set(key, tenth);
    return true;
  };
  return {
    show: (event) => {
      if (event.type === 'step') {
        if (isDue(event.arm, event.step, event.of)) tell(`${stepLine(event)}\n`);
      } else if (event.type === 'progress') {
        if (isDue(`${event.phase} ${event.arm ?? ''}`, event.done, event.total)) tell(`${progressLine(event)}\n`);
      } else {
        const line = lastingLine(event);
        if (line !== undefined) tell(`${line}\n`);
      }
    },
    end: () => undefined,
  };
}

/** Milliseconds between two drawings. */
const frame = 100;

function terminalProgress(tell: (text: string) => void, columns: number, now: () => number): SweepProgress {
  const block = new Map<string, string>();
  let drawn = 0;
  let last = -Infinity;
  const erase = () => {
    if (drawn > 0) tell(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = () => {
    erase();
    for (const line of block.values()) tell(`${line.slice(0, columns - 1)}\n`);
    drawn = block.size;
    last = now();
  };
  return {
    show: (event) => {
      if (event.type === 'step') block.set(event.arm, stepLine(event));
      else if (event.type === 'progress') block.set('progress', progressLine(event));
      else {
        const line = lastingLine(event);
        if (event.type === 'phase') block.clear();
        if (line === undefined) return;
        erase();
        tell(`${line}\n`);
        draw();
        return;
      }
      if (now() - last >= frame) draw();
    },
    end: () => {
      draw();
      block.clear();
      drawn = 0;
    },
  };
}

function stepLine({ arm, step, of, loss, tokens, seconds }: StepEvent): string {
  const speed = seconds > 0 ? `  ${(tokens / seconds).toFixed(0)} tokens/s` : '';
  return printable(`  ${arm.padEnd(8)}  step ${step}/${of}  loss ${decimal(loss)}${speed}`);
}

function progressLine({ phase, done, total, arm }: RunEvent & { readonly type: 'progress' }): string {
  return printable(`  ${phaseText(phase, 'short')}${arm === undefined ? '' : `, ${arm}`}: ${done}/${total}`);
}

/** The line that stays on the screen for an event; undefined for most events. */
function lastingLine(event: RunEvent): string | undefined {
  const line = lastingText(event);
  return line === undefined ? undefined : printable(line);
}

function lastingText(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'started': {
      const resumed = event.resumedAtStep === undefined ? '' : `, going on from step ${event.resumedAtStep}`;
      return `${event.run}: ${event.arms.map(({ id }) => id).join(', ')}${resumed}`;
    }
    case 'phase':
      return `${phaseText(event.phase, 'short')}${event.detail === undefined ? '' : `: ${event.detail}`}`;
    case 'probe':
      return probeText(event);
    case 'arm-failed':
      return `  ${event.arm} failed: ${event.reason}`;
    case 'warning':
      return `  warning: ${event.message}`;
    case 'paused':
      return `  paused at step ${event.step}`;
    case 'tuning-trial':
      return `  ${trialText(event)}`;
    case 'tuned':
      return `  learning rate of ${event.method}${event.rank === undefined ? '' : ` at rank ${event.rank}`}: ${event.learningRate}`;
    case 'restored':
      return `  ${event.arm} has the weights of step ${event.step} again, with a held-out loss of ${decimal(event.loss)}`;
    case 'checkpoint':
    case 'arm-finished':
    case 'arm-metrics':
    case 'failed':
    case 'cancelled':
    case 'finished':
    case 'step':
    case 'progress':
      return undefined;
  }
}

function trialText({
  triedOn,
  learningRate,
  steps,
  loss,
  failure,
}: RunEvent & { readonly type: 'tuning-trial' }): string {
  const result = loss === undefined ? `no loss: ${failure ?? 'unknown'}` : `held-out loss ${decimal(loss)}`;
  return `${triedOn} at ${learningRate}, ${steps} steps: ${result}`;
}

function probeText(event: ProbeEvent): string {
  const found = probeCurves.flatMap(({ short, unit, read }) => {
    const value = read(event);
    return value === undefined ? [] : [`${sayText(short, english)} ${unitForm(unit).write(value)}`];
  });
  return `  ${event.arm.padEnd(8)}  probe at step ${event.step}: ${found.join(', ')} (${event.n} prompts)`;
}
