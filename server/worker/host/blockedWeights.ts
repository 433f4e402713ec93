/** Refuses weights of few bits where they are not supported, each time with a remedy. */
import { devices, type DeviceName } from '../../engine/ops/device.ts';
import type { MemoryPlan, WeightsSetting } from '../../engine/models/memoryEstimate.ts';
import { isBlocked } from '../../engine/models/weightLayout.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/**
 * Throws RankscopeError('device') on other devices than the CPU, whose kernels are the only ones known to read such
 * weights.
 */
export function assertBlocksOn(device: DeviceName, setting: WeightsSetting): void {
  if (device === 'cpu' || !isBlocked(setting)) return;
  throw new RankscopeError({
    code: 'device',
    what: `${devices[device].title} cannot be used with "weights": "${setting}": weights of few bits are read on the CPU alone.`,
    remedy: 'Set "device": "cpu" or "auto", or "weights": "fp16" or "fp32".',
  });
}

/** Throws RankscopeError('config') for full fine-tuning, which would start from rounded weights. */
export function assertNoBlocks({ storage }: Pick<MemoryPlan, 'storage'>, where: string): void {
  if (!isBlocked(storage)) return;
  throw new RankscopeError({
    code: 'config',
    where,
    what: `Full fine-tuning trains the weights themselves, which are kept as ${storage}: it would start from rounded ones.`,
    remedy: 'Leave full fine-tuning out ("full": false), or set "weights": "fp16" or "fp32".',
  });
}

/** Throws RankscopeError('config') for an encoder, since the effect of rounding on its classes is not measured. */
export function assertCausalBlocks(setting: WeightsSetting, where: string): void {
  if (!isBlocked(setting)) return;
  throw new RankscopeError({
    code: 'config',
    where,
    what: `"weights": "${setting}" is for causal language models; this one is an encoder.`,
    remedy: 'Set "weights": "fp16" or "fp32".',
  });
}
