/** The words for the state of a run and of its arms. */
import { phaseText } from '../../../server/measures/catalogue/phases.ts';
import type { ArmState, RunState, RunView } from '../../../server/protocol/messages/runsContract.ts';
import { duration } from '../../text/format.ts';
import { t } from '../../text/strings.ts';

export function runStateText(state: RunState): string {
  switch (state) {
    case 'starting':
      return t('starting');
    case 'running':
      return t('running');
    case 'paused':
      return t('paused');
    case 'finished':
      return t('finished');
    case 'interrupted':
      return t('interrupted: its engine is gone');
    case 'failed':
      return t('failed');
    case 'cancelled':
      return t('stopped');
  }
}

export function armStateText(state: ArmState): string {
  switch (state) {
    case 'waiting':
      return t('waiting');
    case 'training':
      return t('training');
    case 'trained':
      return t('trained');
    case 'stopped':
      return t('stopped');
    case 'failed':
      return t('failed');
    case 'finished':
      return t('finished');
  }
}

const signs: Readonly<Record<RunState | ArmState, string>> = {
  starting: '◌',
  running: '▶',
  paused: '⏸',
  finished: '✔',
  interrupted: '⚠',
  failed: '✖',
  cancelled: '■',
  waiting: '◌',
  training: '▶',
  trained: '◆',
  stopped: '■',
};

/** A symbol for a state, shown beside the word. */
export function stateSign(state: RunState | ArmState): string {
  return signs[state];
}

export interface ShownProgress {
  readonly text: string;
  /** 0..1; absent while the total is not known. */
  readonly share?: number;
}

/** The current stage, its progress and the remaining time; undefined where the run is not active. */
export function progressOf({ progress, state }: RunView): ShownProgress | undefined {
  if (!progress || (state !== 'running' && state !== 'paused')) return undefined;
  const { phase, detail, arm, done, total, secondsLeft } = progress;
  const parts = [
    phaseText(phase, 'title', t),
    detail,
    arm,
    done === undefined || total === undefined ? undefined : t('{0} of {1}', done, total),
    secondsLeft === undefined || state === 'paused' ? undefined : t('about {0} left', duration(secondsLeft)),
  ].filter((part) => part !== undefined && part !== '');
  const share = done === undefined || total === undefined || total === 0 ? {} : { share: Math.min(1, done / total) };
  return { text: parts.join(' · '), ...share };
}

export interface Possible {
  readonly pause: boolean;
  readonly continue: boolean;
  readonly stop: boolean;
  readonly resume: boolean;
}

/** The actions that the state of a run allows. */
export function possible(state: RunState): Possible {
  return {
    pause: state === 'running',
    continue: state === 'paused',
    stop: state === 'starting' || state === 'running' || state === 'paused',
    resume: state === 'interrupted' || state === 'failed' || state === 'cancelled',
  };
}

/** Whether an arm can still be stopped. */
export function canStopArm(run: RunState, arm: ArmState, method: string): boolean {
  return (
    method !== 'base' &&
    method !== 'cut' &&
    (run === 'running' || run === 'paused') &&
    (arm === 'waiting' || arm === 'training')
  );
}
