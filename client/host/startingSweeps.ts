/**
 * Sweeps whose run has no folder yet, because their engine is opening or converting the model, which can take
 * minutes. If the window is reloaded meanwhile, nothing of such a sweep is on the disk. So the editor stores it
 * until its folder exists.
 */
export interface StartingSweep {
  readonly file: string;
  /** When it was started, ms since the epoch. */
  readonly time: number;
}

/** The part of the editor's memento that is used. */
export interface Keeper {
  get<T>(key: string, otherwise: T): T;
  update(key: string, value: unknown): PromiseLike<void>;
}

const key = 'rankscope.starting';

export class StartingSweeps {
  readonly #keeper: Keeper;
  /** Sweeps that this window is starting. */
  readonly #own = new Set<string>();

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  /**
   * Stores the sweep while it is starting, and beyond that where `isLost` reports that the process which started it
   * has gone.
   */
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

  /** Sweeps that a closed window or a dead server was starting. Each is returned once. */
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
