/** What is drawn, at most once a frame, and not at all while the panel is hidden. */
export interface Frames {
  /** Asks for `draw` in one of the next frames; asking again for the same `what` before then replaces it. */
  readonly request: (what: object, draw: () => void) => void;
}

/** Milliseconds of a frame that drawing may take; what is left over waits for the next. */
const budget = 6;

/** Where frames come from: a browser's window and document, or a test. */
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
      // Deleted first, so that what is asked for often does not keep the others from their turn.
      waiting.delete(what);
      waiting.set(what, draw);
      ask();
    },
  };
}
