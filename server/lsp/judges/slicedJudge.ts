import type { Judge } from '../../judges/judge/judge.ts';

/** A judge, and how long it may be kept busy by one call. */
export interface SlicedJudge extends Judge {
  /** Milliseconds; a few where the judge works in the server's own thread, which it does unless told otherwise. */
  readonly slice?: number;
}
