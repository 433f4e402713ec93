/** What happens between two steps of a training: what is watched, checkpoints, and what a person wants. */
import type { RunWriter, TrainingControl } from '../ports/experimentPorts.ts';
import type { ErrorDetails } from '../../protocol/errors.ts';
import type { Boundary, TrainingCallbacks } from '../ports/trainerPort.ts';

/** What a look at the arms came to; an absent field names none. */
export interface ProbeFindings {
  /** Arms that are to be trained no further. */
  readonly overdue?: readonly string[];
  /** Arms whose numbers are not finite, and why. */
  readonly broken?: ReadonlyMap<string, ErrorDetails>;
}

export interface BoundaryWork {
  /** 0 keeps no checkpoints. */
  readonly checkpointEverySteps: number;
  /** Steps of the run that were done before this training began. */
  readonly offset?: number;
  /** Of a training that goes on from a checkpoint, whether its arms had been looked at where it was kept. */
  readonly resumed?: { readonly isProbed: boolean } | undefined;
  /** Writes beside the trainer's own files which part of the run a checkpoint is of, and whether its arms were looked at. */
  readonly mark: (directory: string, isProbed: boolean) => Promise<void>;
  /** Looks at the arms, before a checkpoint is kept. */
  readonly probe?: (boundary: Boundary) => Promise<ProbeFindings>;
}

export interface BoundaryPorts {
  readonly writer: Pick<RunWriter, 'append' | 'saveCheckpoint'>;
  readonly control: TrainingControl;
  readonly signal: AbortSignal;
}

/** Whether something is done at this boundary that is done every `interval` steps and at the end; 0 is never. */
export function isDue({ step, of }: Boundary, interval: number): boolean {
  return interval > 0 && (step % interval === 0 || step === of);
}

/**
 * The trainer's `onBoundary`. A checkpoint is kept when it is due, when arms are stopped by hand, which a resumed run would
 * otherwise train on, and when the run is cancelled, which goes on from there.
 */
export function atBoundaries(work: BoundaryWork, ports: BoundaryPorts): TrainingCallbacks['onBoundary'] {
  const { checkpointEverySteps, offset = 0, probe } = work;
  const { writer, control, signal } = ports;
  // What was done at the boundary that a resumed run begins with has been done before.
  let resumed = work.resumed;
  const save = async (boundary: Boundary, ended: readonly string[], isProbed: boolean): Promise<void> => {
    if (checkpointEverySteps === 0) return;
    const stopped = [...control.stopped, ...ended];
    await writer.saveCheckpoint(boundary.step + offset, async (directory) => {
      await boundary.save(directory, stopped);
      await work.mark(directory, isProbed);
    });
  };
  return async (boundary) => {
    let isSaved = resumed !== undefined;
    let isProbed = resumed?.isProbed === true;
    const isNew = !isProbed;
    resumed = undefined;
    let ended: readonly string[] = [];
    try {
      const found = isNew ? await probe?.(boundary) : undefined;
      isProbed = true;
      ended = found?.overdue ?? [];
      for (const [arm, reason] of found?.broken ?? []) boundary.fail(arm, reason);
      if (isNew && boundary.step > 0 && isDue(boundary, checkpointEverySteps)) {
        await save(boundary, ended, isProbed);
        isSaved = true;
      }
      await control.whilePaused(() => void writer.append({ type: 'paused', step: boundary.step + offset }), signal);
      const stop = boundary.arms.filter((arm) => control.stopped.has(arm));
      if (stop.length > 0) await save(boundary, ended, isProbed);
      isSaved ||= stop.length > 0;
      return { stop: [...new Set([...stop, ...ended])] };
    } finally {
      if (signal.aborted && !isSaved && boundary.step > 0) await save(boundary, ended, isProbed);
    }
  };
}
