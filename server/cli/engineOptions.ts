/** The options of every command that opens a model. */
import { numberOf, choiceOf } from './values.ts';
import type { Options, Values } from './command.ts';

const devices = ['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;

export const engineOptions: Options = { device: { type: 'string' }, threads: { type: 'string' } };

export const engineHelp: readonly (readonly [string, string])[] = [
  ['--device D', `${devices.join(', ')} (default: auto)`],
  ['--threads N', 'threads of a matrix product (default: the runtime chooses)'],
];

export function engineSettings(values: Values): { device: (typeof devices)[number]; threads: number } {
  return {
    device: choiceOf(values, 'device', devices) ?? 'auto',
    threads: numberOf(values, 'threads', { least: 0, most: 1024 }) ?? 0,
  };
}
