/** Schedules drawing: at most once a frame, and not while the panel is hidden. */
export interface Frames {
  /** Schedules `draw` for one of the next frames. Another request with the same `what` before then replaces it. */
  readonly request: (what: object, draw: () => void) => void;
}

/** Time of a frame that drawing may take, ms. The rest waits for the next frame. */
const budget = 6;

/** The source of frames: a browser's window and document, or a test. */
export interface FrameSource {
  readonly isHidden: () => boolean;
  readonly onShown: (listener: () => void) => void;
  readonly next: (frame: () => void) => void;
  readonly now: () => number;
}

export function frames(source: FrameSource): Frames {
  const waiting = new Map<object, () => void>();
  let isAsked = false;
  const ask = () => {
    if (isAsked || waiting.size === 0 || source.isHidden()) return;
    isAsked = true;
    source.next(frame);
  };
  const frame = () => {
    isAsked = false;
    const start = source.now();
    for (const [what, draw] of waiting) {
      waiting.delete(what);
      draw();
      if (source.now() - start > budget) break;
    }
    ask();
  };
  source.onShown(ask);
  return {
    request(what, draw) {
      // Moves a repeated request to the end of the queue, so that frequent requests do not hold up the others.
      waiting.delete(what);
      waiting.set(what, draw);
      ask();
    },
  };
}
