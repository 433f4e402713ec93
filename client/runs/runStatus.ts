/**
 * The texts about a run in the status bar, the progress notification and the tree, made from its view. Independent
 * of the editor.
 */
import { duration } from '../../server/measures/text/format.ts';
import { phaseText } from '../../server/measures/catalogue/phases.ts';
import type { Say } from '../../server/measures/text/say.ts';
import type { ArmState, RunState, RunSummary, RunView } from '../../server/protocol/messages/runsContract.ts';

/** The progress of a run, e.g. `training r8, step 12 of 84, 3 min left`. Unknown parts are left out. */
export function progressText(view: RunView, t: Say): string {
  const { progress } = view;
  if (progress === undefined) return stateText(view.state, t);
  const parts = [
    progress.arm === undefined
      ? phaseText(progress.phase, 'short', t)
      : `${phaseText(progress.phase, 'short', t)} ${progress.arm}`,
  ];
  if (progress.done !== undefined && progress.total !== undefined)
    parts.push(t('{0} of {1}', progress.done, progress.total));
  if (progress.secondsLeft !== undefined) parts.push(t('{0} left', duration(progress.secondsLeft, t)));
  return parts.join(', ');
}

/** A run's row in a list of runs: the verdict's answer of a finished run, the progress of others. */
export function runRow(summary: RunSummary, view: RunView | undefined, t: Say): RunRow {
  const state = view?.state ?? summary.state;
  // The view of a live run is newer than its summary.
  const answer = view?.metrics?.verdict?.answer ?? summary.answer;
  const told = isLive(state) && view !== undefined ? progressText(view, t) : stateText(state, t);
  const answered = answer === undefined ? '' : `${answer}\n`;
  return {
    description: state === 'finished' && answer !== undefined ? answer : told,
    tooltip: `${answered}${summary.name}\n${summary.model}\n${summary.created}\n${summary.run}`,
  };
}

export interface RunRow {
  readonly description: string;
  readonly tooltip: string;
}

/** Share of the current phase that is done, 0..1; undefined where it is not known. */
export function progressShare({ progress }: RunView): number | undefined {
  if (progress?.done === undefined || progress.total === undefined || progress.total === 0) return undefined;
  return Math.min(1, progress.done / progress.total);
}

export function stateText(state: RunState | ArmState, t: Say): string {
  const known: Record<RunState | ArmState, string> = {
    starting: t('starting'),
    running: t('running'),
    paused: t('paused'),
    finished: t('finished'),
    interrupted: t('interrupted'),
    failed: t('failed'),
    cancelled: t('cancelled'),
    waiting: t('waiting'),
    training: t('training'),
    trained: t('trained'),
    stopped: t('stopped'),
  };
  return known[state];
}

/** Name of the codicon for a state. */
export function stateIcon(state: RunState | ArmState): string {
  const icons: Record<RunState | ArmState, string> = {
    starting: 'loading~spin',
    running: 'sync~spin',
    paused: 'debug-pause',
    finished: 'pass',
    interrupted: 'debug-disconnect',
    failed: 'error',
    cancelled: 'circle-slash',
    waiting: 'circle-outline',
    training: 'sync~spin',
    trained: 'circle-filled',
    stopped: 'circle-slash',
  };
  return icons[state];
}

/** Whether the run is active: it trains, or waits for "continue". */
export const isLive = (state: RunState): boolean => state === 'starting' || state === 'running' || state === 'paused';

/** Whether the run can be resumed. */
export const canResume = (state: RunState): boolean =>
  state === 'interrupted' || state === 'failed' || state === 'cancelled';
