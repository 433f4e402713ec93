import type { Judge } from '../../judges/judge/judge.ts';

/** A judge with the target duration of one call. */
export interface SlicedJudge extends Judge {
  /** Milliseconds. The default of a few ms is for a judge that runs in the server's own thread. */
  readonly slice?: number;
}
