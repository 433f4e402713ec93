import type { AnyFeeds, Outputs, Program, Wanted } from '../programs/program.ts';
import type { AnyTensor, HostTensor } from '../onnx/runtime.ts';
import type { ArmState } from './armState.ts';
import type { KernelStep, ParameterStore } from '../optimiser/parameterStore.ts';
import { gradientName } from './trainProgram.ts';

/** An arm trained in main memory: gradients are written into its store in place, where the optimiser runs. */
export class HostArmState implements ArmState {
  readonly names: readonly string[];
  private readonly store: ParameterStore;

  constructor(store: ParameterStore) {
    this.store = store;
    this.names = store.names;
  }

  values(): (readonly [string, AnyTensor])[] {
    return this.names.map((name) => [name, this.store.tensor(name, 'value')] as const);
  }

  async backward(
    program: Program,
    feeds: AnyFeeds,
    { first, labels }: { readonly first: boolean; readonly labels: number },
  ): Promise<number> {
    const results = await program.run(feeds, this.wanted(first ? labels : undefined));
    const nll = results.floats('loss').reduce((sum, x) => sum + x, 0);
    if (!first) this.add(results);
    return nll;
  }

  gradientNorm(): Promise<number> {
    return Promise.resolve(this.store.gradientNorm());
  }

  firstNonFinite(): Promise<string | undefined> {
    return Promise.resolve(this.store.firstNonFinite());
  }

  adamw(step: KernelStep): Promise<void> {
    this.store.adamw(step);
    return Promise.resolve();
  }

  /** All outputs; written into the store's gradients, and a loss of so many labels, when the number is given. */
  private wanted(labels: number | undefined): Wanted {
    const inPlace = labels !== undefined;
    const tensor = (name: string): HostTensor | undefined =>
      inPlace ? this.store.tensor(name, 'gradient') : undefined;
    return new Map([
      ['loss', inPlace ? { data: new Float32Array(labels), dims: [labels, 1] } : undefined],
      ...this.names.map((name) => [gradientName(name), tensor(name)] as const),
    ]);
  }

  private add(results: Outputs): void {
    for (const name of this.names) {
      const sum = this.store.tensor(name, 'gradient').data;
      const more = results.floats(gradientName(name));
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (more[i] ?? 0);
    }
  }
}
