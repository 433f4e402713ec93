/** The options of every command that opens a model. */
import { deviceName, type DeviceSetting } from '../../protocol/devices/deviceChoice.ts';
import { numberOf, choiceOf } from './values.ts';
import type { Options, Values } from './command.ts';

export const engineOptions: Options = { device: { type: 'string' }, threads: { type: 'string' } };

export const engineHelp: readonly (readonly [string, string])[] = [
  ['--device D', `${deviceName.options.join(', ')} (default: auto)`],
  ['--threads N', 'threads of a matrix product (default: the runtime chooses)'],
];

export function engineSettings(values: Values): { device: DeviceSetting; threads: number } {
  return {
    device: choiceOf(values, 'device', deviceName.options) ?? 'auto',
    threads: numberOf(values, 'threads', { least: 0, most: 1024 }) ?? 0,
  };
}
