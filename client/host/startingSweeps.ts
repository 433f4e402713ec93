/**
 * Sweeps whose run has no folder yet: their engine opens the model, or converts it, which can take minutes. A window that is
 * reloaded meanwhile finds nothing of them on the disk, so that they are kept by the editor until they are there.
 */
export interface StartingSweep {
  readonly file: string;
  /** When it was started, ms since the epoch. */
  readonly time: number;
}

/** The part of a memento of the editor that is used. */
export interface Keeper {
  get<T>(key: string, otherwise: T): T;
  update(key: string, value: unknown): PromiseLike<void>;
}

const key = 'rankscope.starting';

export class StartingSweeps {
  readonly #keeper: Keeper;
  /** Those that this window is starting. */
  readonly #own = new Set<string>();

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  /** Keeps the sweep while it is started; and on, where `isLost` says that what started it has gone. */
  async during<T>(file: string, start: () => Promise<T>, isLost: () => boolean, now = Date.now()): Promise<T> {
    const one: StartingSweep = { file, time: now };
    this.#own.add(nameOf(one));
    await this.#keeper.update(key, [...this.#kept, one]);
    let lost = false;
    try {
      return await start();
    } catch (error) {
      lost = isLost();
      throw error;
    } finally {
      this.#own.delete(nameOf(one));
      if (!lost) await this.#keep(this.#kept.filter((other) => nameOf(other) !== nameOf(one)));
    }
  }

  /** What was being started by a window or a server that is gone; each is told once. */
  async takeLost(): Promise<readonly StartingSweep[]> {
    const all = this.#kept;
    const lost = all.filter((one) => !this.#own.has(nameOf(one)));
    if (lost.length > 0) await this.#keep(all.filter((one) => this.#own.has(nameOf(one))));
    return lost;
  }

  get #kept(): readonly StartingSweep[] {
    return this.#keeper.get<readonly StartingSweep[]>(key, []);
  }

  async #keep(sweeps: readonly StartingSweep[]): Promise<void> {
    await this.#keeper.update(key, sweeps.length > 0 ? sweeps : undefined);
  }
}

const nameOf = ({ file, time }: StartingSweep): string => `${time} ${file}`;
