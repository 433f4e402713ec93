/**
 * Keeps the weights with which an arm had its least loss on the tune pairs, and ends the training of an arm whose loss has
 * not fallen for long. What is best lies in the run's folder, so that a resumed run knows it.
 */
import { z } from 'zod';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import type { ArmOutcome, Boundary } from '../ports/trainerPort.ts';

const bestMark = z.object({
  /** Round of mitigation, 1-based. */
  round: z.number(),
  /** Step within the round. */
  step: z.number(),
  /** Mean negative log-likelihood of the tune pairs, nats per token. */
  loss: z.number(),
});
/** Where an arm's loss was least so far. */
export type BestMark = Readonly<z.output<typeof bestMark>>;

function isBestMark(value: unknown): value is BestMark {
  return bestMark.safeParse(value).success;
}

export interface BestOptions {
  readonly round: number;
  /** Probes without a lesser loss after which an arm is trained no further; 0 is never. */
  readonly patience: number;
}

export class BestWeights {
  readonly #options: BestOptions;
  readonly #ports: Pick<ExperimentPorts, 'model' | 'writer' | 'control'>;

  constructor(options: BestOptions, ports: Pick<ExperimentPorts, 'model' | 'writer' | 'control'>) {
    this.#options = options;
    this.#ports = ports;
  }

  /**
   * Hears the loss of an arm at a probe; `interval` is the number of steps between probes. Whether the arm is to be trained
   * no further. The untrained arm, at step 0, is never the best.
   */
  async seen(arm: string, loss: number, { step, of }: Boundary, interval: number): Promise<boolean> {
    if (step === 0) return false;
    const { model, writer } = this.#ports;
    const best = await this.#bestOf(arm);
    if (best && best.loss <= loss) return this.#isOverdue(best, step, interval);
    // At the last step the arm itself has the weights.
    const write = (directory: string) => (step < of ? model.saveArm(arm, directory) : Promise.resolve());
    await writer.keepBest(arm, { round: this.#options.round, step, loss }, write);
    return false;
  }

  #isOverdue(best: BestMark, step: number, interval: number): boolean {
    const { patience } = this.#options;
    return patience > 0 && interval > 0 && step - best.step >= patience * interval;
  }

  async #bestOf(arm: string): Promise<BestMark | undefined> {
    const found = await this.#ports.writer.bestOf(arm, isBestMark);
    return found?.mark.round === this.#options.round ? found.mark : undefined;
  }

  /**
   * Puts arms back to their best weights and says so in their outcomes. An arm that a person stopped stays as it stood.
   */
  async restore(outcomes: readonly ArmOutcome[], interval: number): Promise<readonly ArmOutcome[]> {
    const restored: ArmOutcome[] = [];
    for (const outcome of outcomes) restored.push(await this.#restoreArm(outcome, interval));
    return restored;
  }

  async #restoreArm(outcome: ArmOutcome, interval: number): Promise<ArmOutcome> {
    const { model, writer, control } = this.#ports;
    const { arm, steps, failure, stopped, ...rest } = outcome;
    const found = await writer.bestOf(arm, isBestMark);
    if (failure || found?.mark.round !== this.#options.round) return outcome;
    const { step, loss } = found.mark;
    const isEarly = stopped === true && !control.stopped.has(arm) && this.#isOverdue(found.mark, steps, interval);
    if (step >= steps || (stopped && !isEarly)) return outcome;
    await model.loadAdapter(arm, found.directory);
    writer.append({ type: 'restored', arm, step, loss });
    return { ...rest, arm, steps, bestStep: step, ...(isEarly && { endedEarly: true }) };
  }
}
