import { frames, type Frames } from './frames.ts';

/** The frames of this window. */
export function windowFrames(): Frames {
  return frames({
    isHidden: () => document.visibilityState === 'hidden',
    onShown: (listener) => {
      document.addEventListener('visibilitychange', listener);
    },
    next: (frame) => {
      requestAnimationFrame(frame);
    },
    now: () => performance.now(),
  });
}
