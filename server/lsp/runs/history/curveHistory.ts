import { NumberColumn } from './numberColumn.ts';

/**
 * A growing curve of one arm: a column of steps and columns of values, all of equal length. Steps ascend and are
 * unique: a step that is trained again after a resume replaces the earlier points.
 */
export class CurveHistory {
  readonly step = new NumberColumn();
  readonly columns: ReadonlyMap<string, NumberColumn>;
  #rewinds = 0;

  constructor(names: readonly string[]) {
    this.columns = new Map(names.map((name) => [name, new NumberColumn()]));
  }

  get length(): number {
    return this.step.length;
  }

  /** How often points were removed. A watcher that has shown them must draw the curve again. */
  get rewinds(): number {
    return this.#rewinds;
  }

  /** Appends a point. A value is NaN where nothing was measured. */
  push(step: number, values: Readonly<Record<string, number>>): void {
    if (step <= (this.step.last ?? -Infinity)) this.#rewindTo(step);
    this.step.push(step);
    for (const [name, column] of this.columns) column.push(values[name] ?? NaN);
  }

  #rewindTo(step: number): void {
    const { values } = this.step;
    let length = values.length;
    while (length > 0 && (values[length - 1] ?? 0) >= step) length--;
    this.#rewinds++;
    this.step.truncate(length);
    for (const column of this.columns.values()) column.truncate(length);
  }
}
