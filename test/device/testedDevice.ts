import { deviceNames, type DeviceName } from '../../server/engine/ops/device.ts';

/** The device that this suite runs on: `RANKSCOPE_DEVICE`, or WebGPU. */
export const tested: DeviceName = ((): DeviceName => {
  const { RANKSCOPE_DEVICE: asked = 'webgpu' } = process.env;
  const found = deviceNames.find((name) => name === asked);
  if (!found) throw new RangeError(`RANKSCOPE_DEVICE is "${asked}", not one of ${deviceNames.join(', ')}.`);
  return found;
})();
