/** How the device of a run was chosen: kept in its record and between runs. */
import { z } from 'zod';

export const deviceName = z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml']);
export type DeviceSetting = z.output<typeof deviceName>;

/** A device that a training can run on. */
export const triedDevice = z.enum(['cpu', 'webgpu', 'cuda', 'dml', 'coreml']);

const deviceTiming = z.object({
  device: triedDevice,
  seconds: z
    .number()
    .gt(0)
    .exactOptional()
    .describe('Of one training step; absent where the device could not be used.'),
  loss: z
    .number()
    .exactOptional()
    .describe('Mean negative log-likelihood per label before the last of the timed steps, nats.'),
  nodes: z.int().exactOptional().describe('Nodes of the train program, and those of them that ran on the device.'),
  onDevice: z.int().exactOptional(),
  reason: z.string().exactOptional().describe('Why it was not taken into account.'),
});
export type DeviceTiming = Readonly<z.output<typeof deviceTiming>>;

export const deviceChoice = z.object({
  chosen: triedDevice,
  timings: z.array(deviceTiming).describe('Of every device that could be here; none where that is the CPU alone.'),
});
export type DeviceChoice = Readonly<z.output<typeof deviceChoice>>;
