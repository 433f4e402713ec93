/** How the device of a run was chosen: kept in its record and between runs. */
import { z } from 'zod';

export const deviceName = z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml']);
export type DeviceSetting = z.output<typeof deviceName>;

const device = z.enum(['cpu', 'webgpu', 'cuda', 'dml', 'coreml']);

const deviceTiming = z.object({
  device,
  /** Of one training step; absent where the device could not be used. */
  seconds: z.number().gt(0).exactOptional(),
  /** Mean negative log-likelihood per label before the last of the timed steps, nats. */
  loss: z.number().exactOptional(),
  /** Nodes of the train program, and those of them that ran on the device. */
  nodes: z.int().exactOptional(),
  onDevice: z.int().exactOptional(),
  /** Why it was not taken into account. */
  reason: z.string().exactOptional(),
});
export type DeviceTiming = Readonly<z.output<typeof deviceTiming>>;

export const deviceChoice = z.object({
  chosen: device,
  /** Of every device that could be here; none where that is the CPU alone. */
  timings: z.array(deviceTiming),
});
export type DeviceChoice = Readonly<z.output<typeof deviceChoice>>;
