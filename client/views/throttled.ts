/** Calls `work` at once, and then at most every so many milliseconds; what came meanwhile is done once at the end. */
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
