/** Calls `work` at once, and then at most once in an interval. Calls in between are combined into one at its end. */
export interface Throttled {
  readonly call: () => void;
  readonly dispose: () => void;
}

export function throttled(work: () => void, milliseconds: number): Throttled {
  let timer: NodeJS.Timeout | undefined;
  let waiting = false;
  const run = () => {
    waiting = false;
    work();
    timer = setTimeout(() => {
      timer = undefined;
      if (waiting) run();
    }, milliseconds);
  };
  return {
    call: () => {
      waiting = true;
      if (timer === undefined) run();
    },
    dispose: () => clearTimeout(timer),
  };
}
