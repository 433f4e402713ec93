import type { NewEvent } from '../../runs/runStore.ts';
import type { OpenOptions } from '../host/engineHost.ts';

/** Shortest time between two events about the same file, ms. A download reports every few kilobytes. */
const leastPause = 100;

/**
 * Turns the progress of opening a model into `loading` events: a phase for each long operation (a download, the
 * conversion of weights), and its progress. The last progress is always included.
 */
export function loadingEvents(
  emit: (event: NewEvent) => void,
  now: () => number = () => performance.now(),
): NonNullable<OpenOptions['onProgress']> {
  let current: string | undefined;
  let told = -Infinity;
  return ({ what, done, total }) => {
    if (what !== current) emit({ type: 'phase', phase: 'loading', detail: what, total });
    const isDue = what !== current || done >= total || now() - told >= leastPause;
    current = what;
    if (!isDue) return;
    told = now();
    emit({ type: 'progress', phase: 'loading', done, total });
  };
}
