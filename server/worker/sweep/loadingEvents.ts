import type { NewEvent } from '../../runs/runStore.ts';
import type { OpenOptions } from '../host/engineHost.ts';

/** Milliseconds between two events about the same file: a download tells of every few kilobytes. */
const leastPause = 100;

/**
 * Turns what is told while a model is opened into `loading` events: a phase for each thing that takes a while (a file that is
 * fetched, the weights being converted), and its progress, the last step always.
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
