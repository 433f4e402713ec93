import { z } from 'zod';
import type { StepResult } from '../../engine/train/armTrainer.ts';
import type { ArmOutcome } from '../../experiments/ports/trainerPort.ts';
import { errorDetailsSchema, type ErrorDetails } from '../../protocol/errors.ts';

const outcomeEntry = z.object({
  steps: z.number(),
  finalLoss: z.number().exactOptional(),
  tokens: z.number(),
  seconds: z.number(),
  peakMemoryBytes: z.number().exactOptional(),
  failure: errorDetailsSchema.exactOptional(),
  stopped: z.boolean().exactOptional(),
});
type Entry = z.output<typeof outcomeEntry>;
/** The format of `toJson`: each arm with its outcome so far. */
export const outcomeEntries = z.array(z.tuple([z.string(), outcomeEntry]));

/** Collects the outcome of each arm during training. */
export class OutcomeLog {
  private readonly entries: Map<string, Entry>;

  constructor(continued?: OutcomeLog) {
    this.entries = continued ? new Map(continued.entries) : new Map<string, Entry>();
  }

  static fromJson(entries: readonly (readonly [string, Entry])[]): OutcomeLog {
    const log = new OutcomeLog();
    for (const [arm, entry] of entries) log.entries.set(arm, entry);
    return log;
  }

  toJson(): readonly (readonly [string, Entry])[] {
    return [...this.entries];
  }

  /**
   * The first step of an arm does not count towards its speed, unless it is the only one, since it touches its
   * memory for the first time.
   */
  stepped(arm: string, step: number, { loss, tokens, seconds }: StepResult): void {
    const entry = this.entry(arm);
    if (step === 2) Object.assign(entry, { tokens: 0, seconds: 0 });
    entry.steps = step;
    entry.finalLoss = loss;
    entry.tokens += tokens;
    entry.seconds += seconds;
    entry.peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
  }

  failed(arm: string, reason: ErrorDetails): void {
    this.entry(arm).failure = reason;
  }

  stopped(arm: string): void {
    this.entry(arm).stopped = true;
  }

  outcome(arm: string): ArmOutcome {
    const { steps, finalLoss, tokens, seconds, peakMemoryBytes, failure, stopped } = this.entry(arm);
    return {
      arm,
      steps,
      ...(finalLoss !== undefined && { finalLoss }),
      ...(seconds > 0 && { trainTokensPerSecond: tokens / seconds }),
      ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
      ...(failure && { failure }),
      ...(stopped && { stopped }),
    };
  }

  private entry(arm: string): Entry {
    const entry = this.entries.get(arm) ?? { steps: 0, tokens: 0, seconds: 0 };
    this.entries.set(arm, entry);
    return entry;
  }
}
