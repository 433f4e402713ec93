import { stat } from 'node:fs/promises';
import { assertSameBase } from '../../runs/recordedHashes.ts';
import type { EngineHost, OpenModel, OpenOptions } from '../host/engineHost.ts';

export interface ModelRequest extends Pick<OpenOptions, 'device' | 'threads'> {
  readonly model: string;
  /** Whether the model stays open for the next request. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
}

/** An open model with the arms that were loaded into it. */
export interface KeptModel {
  readonly model: OpenModel;
  /**
   * Loads the arm of a folder unless it is loaded already, and resolves with the arm's name in the model. Throws
   * RankscopeError('model') where it does not fit.
   */
  readonly arm: (directory: string) => Promise<string>;
}

interface Kept extends KeptModel {
  readonly key: string;
}

export interface ModelKeeperOptions {
  /** How long an unused model is kept, ms. The default is five minutes. */
  readonly idle?: number;
}

/**
 * Opens models for requests, one request after another. Where a request asks for it, the model is kept, so that the
 * next request need not read or compile anything.
 */
export class ModelKeeper {
  readonly #host: EngineHost;
  readonly #idle: number;
  #kept: Kept | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(host: EngineHost, { idle = 300_000 }: ModelKeeperOptions = {}) {
    this.#host = host;
    this.#idle = idle;
  }

  /** Runs `use` with the model, after all earlier requests. */
  async with<T>(request: ModelRequest, use: (kept: KeptModel) => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => this.#serve(request, use));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #serve<T>(request: ModelRequest, use: (kept: KeptModel) => Promise<T>): Promise<T> {
    request.signal.throwIfAborted();
    clearTimeout(this.#timer);
    const kept = await this.#open(request);
    try {
      return await use(kept);
    } finally {
      if (this.#kept !== kept) await kept.model.dispose();
      else {
        this.#timer = setTimeout(() => this.#leave(), this.#idle);
        this.#timer.unref();
      }
    }
  }

  async #open({ model: reference, device, threads, keep, signal }: ModelRequest): Promise<Kept> {
    const key = JSON.stringify([reference, device, threads]);
    if (this.#kept?.key === key) return this.#kept;
    // Two models at once may be more than there is memory for.
    await this.#drop();
    const model = await this.#host.openModel(reference, { device, threads, signal });
    const kept = { key, model, arm: armLoader(model, reference) };
    if (keep) this.#kept = kept;
    return kept;
  }

  /** Closes the model in turn with requests, so that a request in between does not open a second model beside it. */
  #leave(): void {
    this.#queue = this.#queue.then(() => this.#drop()).catch(() => undefined);
  }

  async #drop(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    await kept?.model.dispose();
  }
}

/** A folder whose time has changed is loaded again, under a new name. */
function armLoader(model: OpenModel, reference: string): KeptModel['arm'] {
  const loaded = new Map<string, string>();
  return async (directory) => {
    const changed = await stat(directory).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    const key = `${directory} ${changed}`;
    const name = loaded.get(key) ?? `arm-${loaded.size + 1}`;
    if (!loaded.has(key)) {
      await assertSameBase(directory, reference, model);
      await model.loadAdapter(name, directory);
    }
    loaded.set(key, name);
    return name;
  };
}
