import { internal } from '../../protocol/errors.ts';

/** What the runtime knows a tensor in a device's memory by. */
export interface DeviceMemory {
  dispose(): void;
}

/**
 * A tensor in a device's memory: a result that a program left there, to be fed to programs of the same device. Its
 * elements cannot be asked for (the runtime would end the process); a program that gives results to main memory reads
 * it: see programs/deviceCopies.ts. The memory is held until `dispose`.
 */
export class DeviceTensor {
  readonly dims: readonly number[];
  private held: DeviceMemory | undefined;

  constructor(memory: DeviceMemory, dims: readonly number[]) {
    this.held = memory;
    this.dims = dims;
  }

  /** Elements. */
  get size(): number {
    return this.dims.reduce((a, b) => a * b, 1);
  }

  get memory(): DeviceMemory {
    if (!this.held) throw internal('A tensor of a device was used after its memory had been freed.');
    return this.held;
  }

  /** Frees the memory. Programs that are running still have it. */
  dispose(): void {
    this.held?.dispose();
    this.held = undefined;
  }
}
