import type { Program } from '../programs/program.ts';
import type { ArmState } from './armState.ts';
import { DeviceArmState } from './deviceArmState.ts';
import { DeviceOptimiser, type Trainable } from '../optimiser/deviceOptimiser.ts';
import type { ParameterStore } from '../optimiser/parameterStore.ts';

/** Where the arms that one program trains are kept meanwhile: on its device if that keeps state, else in their stores. */
export class ArmStates {
  private readonly optimiser: DeviceOptimiser | undefined;
  private readonly opened: DeviceArmState[] = [];

  private constructor(optimiser: DeviceOptimiser | undefined) {
    this.optimiser = optimiser;
  }

  /** `trainables`: the program's trained parameters, with the sizes that it declares. */
  static async open(program: Program, trainables: readonly Trainable[], threads: number): Promise<ArmStates> {
    const { name, keepsState } = program.device;
    return new ArmStates(keepsState ? await DeviceOptimiser.compile(trainables, name, threads) : undefined);
  }

  /** The state of an arm on the device; undefined where it is trained in its store. */
  async of(store: ParameterStore): Promise<ArmState | undefined> {
    if (!this.optimiser) return undefined;
    const state = await DeviceArmState.open(store, this.optimiser);
    this.opened.push(state);
    return state;
  }

  /** Brings the stores up to date and frees what is on the device. */
  async close(): Promise<void> {
    for (const state of this.opened.splice(0)) await state.close();
  }

  /** Frees what is still on the device, and the programs; a device that was lost has nothing to give back. */
  async release(): Promise<void> {
    for (const state of this.opened.splice(0)) state.drop();
    await this.optimiser?.release();
  }
}
