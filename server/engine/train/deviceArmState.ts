import { download, uploadAll } from '../programs/deviceCopies.ts';
import type { AnyFeeds, Program } from '../programs/program.ts';
import type { AnyTensor, FloatTensor } from '../onnx/runtime.ts';
import type { ArmState } from './armState.ts';
import type { DeviceOptimiser, Moved, OnDevice } from '../optimiser/deviceOptimiser.ts';
import type { KernelStep, ParameterStore, Section } from '../optimiser/parameterStore.ts';
import { gradientName } from './trainProgram.ts';

const NOTHING: OnDevice = new Map();

/**
 * An arm trained on a device, where its parameters and moments stay from step to step: into a step go tokens, out of it
 * come the loss and the gradient's norm. The arm's store is brought up to date when somebody asks for that
 * (`ParameterStore.settle`): a checkpoint, an evaluation, the end.
 */
export class DeviceArmState implements ArmState {
  readonly names: readonly string[];
  private readonly store: ParameterStore;
  private readonly optimiser: DeviceOptimiser;
  private state: Moved;
  private gradients = NOTHING;
  /** Whether the store is behind. */
  private ahead = false;

  /** Copies the store's parameters and moments to the optimiser's device. */
  static async open(store: ParameterStore, optimiser: DeviceOptimiser): Promise<DeviceArmState> {
    const section = (kind: Section) =>
      uploadAll(new Map(store.names.map((name) => [name, store.tensor(name, kind)])), optimiser.device);
    return new DeviceArmState(store, optimiser, {
      values: await section('value'),
      firstMoments: await section('firstMoment'),
      secondMoments: await section('secondMoment'),
    });
  }

  private constructor(store: ParameterStore, optimiser: DeviceOptimiser, state: Moved) {
    this.store = store;
    this.names = store.names;
    this.optimiser = optimiser;
    this.state = state;
    store.follow(() => this.settle());
  }

  values(): (readonly [string, AnyTensor])[] {
    return [...this.state.values];
  }

  async backward(program: Program, feeds: AnyFeeds, { first }: { readonly first: boolean }): Promise<number> {
    const results = await program.run(feeds, ['loss', ...this.names.map(gradientName)]);
    const fresh = new Map(this.names.map((name) => [name, results.onDevice(gradientName(name))]));
    const before = this.gradients;
    this.gradients = fresh;
    if (!first) {
      this.gradients = await this.optimiser.add(before, fresh);
      dispose(fresh);
    }
    dispose(before);
    return results.floats('loss').reduce((sum, x) => sum + x, 0);
  }

  gradientNorm(): Promise<number> {
    return this.optimiser.gradientNorm(this.gradients);
  }

  async firstNonFinite(): Promise<string | undefined> {
    for (const [name, gradient] of this.gradients) {
      const { data } = await download(gradient, this.optimiser.device);
      if (!data.every(Number.isFinite)) return name;
    }
    return undefined;
  }

  async adamw(step: KernelStep): Promise<void> {
    const before = this.state;
    this.state = await this.optimiser.adamw(before, this.gradients, step);
    this.ahead = true;
    for (const tensors of Object.values(before) as OnDevice[]) dispose(tensors);
  }

  /** Brings the store up to date and frees the device's memory; the arm is trained no further here. */
  async close(): Promise<void> {
    try {
      await this.settle();
    } finally {
      this.drop();
    }
  }

  /** Frees the device's memory and leaves the store as it is. */
  drop(): void {
    this.store.follow(undefined);
    for (const tensors of [...(Object.values(this.state) as OnDevice[]), this.gradients]) dispose(tensors);
  }

  private async settle(): Promise<void> {
    if (!this.ahead) return;
    await this.read(this.state.values, 'value');
    await this.read(this.state.firstMoments, 'firstMoment');
    await this.read(this.state.secondMoments, 'secondMoment');
    this.ahead = false;
  }

  private async read(tensors: OnDevice, section: Section): Promise<void> {
    for (const [name, tensor] of tensors) {
      const into: FloatTensor = this.store.tensor(name, section);
      into.data.set((await download(tensor, this.optimiser.device)).data);
    }
  }
}

function dispose(tensors: OnDevice): void {
  for (const tensor of tensors.values()) tensor.dispose();
}
