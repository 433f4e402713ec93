/** How far a long piece of work is, for whoever waits for it. */
export interface WorkProgress {
  /** 0..1. */
  report(share: number): void;
  done(): void;
}

export const noProgress: WorkProgress = { report: () => undefined, done: () => undefined };
