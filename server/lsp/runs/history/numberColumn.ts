/** A list of numbers, eight bytes each, that can be appended to and shortened. */
export class NumberColumn {
  #values = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The current values, as a view. Later changes may or may not show in it. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  get last(): number | undefined {
    return this.#length === 0 ? undefined : this.#values[this.#length - 1];
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = new Float64Array(2 * this.#length);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[this.#length++] = value;
  }

  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }
}
