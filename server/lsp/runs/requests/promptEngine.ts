import type { EngineProcess } from '../../../launch/localProcess.ts';
import type { Client } from '../../../protocol/messages/channel.ts';
import type { WorkerContract } from '../../../protocol/messages/worker.ts';
import { createEngine } from '../../judges/engine.ts';

/**
 * An engine without a request for this long ends and frees its memory, ms. It is minutes, since people think
 * between prompts.
 */
const idleAfter = 5 * 60_000;

/**
 * The engine process that answers requests about models between sweeps: prompts, lenses, descriptions. It keeps the
 * model of the last prompt open, and ends when no request has come for a while.
 */
export class PromptEngine {
  readonly #launch: () => EngineProcess;
  readonly #now: () => number;
  readonly #idle: number;
  #engine: ReturnType<typeof createEngine> | undefined;
  #asked = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(launch: () => EngineProcess, now: () => number, idle = idleAfter) {
    this.#launch = launch;
    this.#now = now;
    this.#idle = idle;
  }

  /** Runs `ask` with the engine's client. The engine stays at least that long. */
  async use<T>(ask: (client: Pick<Client<WorkerContract>, 'request'>) => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    this.#asked++;
    this.#engine ??= createEngine(this.#launch, this.#now);
    try {
      return await ask(this.#engine.client());
    } finally {
      this.#asked--;
      if (this.#asked === 0) this.#leaveLater();
    }
  }

  async dispose(): Promise<void> {
    clearTimeout(this.#timer);
    const engine = this.#engine;
    this.#engine = undefined;
    await engine?.dispose();
  }

  #leaveLater(): void {
    this.#timer = setTimeout(() => void this.dispose(), this.#idle);
    this.#timer.unref();
  }
}
