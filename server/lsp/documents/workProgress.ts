/** Reports how far a long piece of work has come. */
export interface WorkProgress {
  /** 0..1. */
  report(share: number): void;
  done(): void;
}

export const noProgress: WorkProgress = { report: () => undefined, done: () => undefined };
