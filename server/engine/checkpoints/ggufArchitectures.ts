import { RankscopeError } from '../../protocol/errors.ts';
import { ggufDecoders } from './ggufDecoders.ts';
import { ggufGpt2, ggufGptNeox } from './ggufGpts.ts';
import type { GgufArchitecture } from './ggufLayout.ts';
import { metadataString, type GgufMetadata } from '../weights/ggufMetadata.ts';

const ARCHITECTURES: ReadonlyMap<string, GgufArchitecture> = new Map([
  ...ggufDecoders,
  ['gpt2', ggufGpt2],
  ['gptneox', ggufGptNeox],
]);

/** Throws RankscopeError('model') when the file's architecture is missing or unknown. */
export function ggufArchitecture(metadata: GgufMetadata): GgufArchitecture {
  const name = metadataString(metadata, 'general.architecture');
  const architecture = ARCHITECTURES.get(name ?? '');
  if (architecture !== undefined) return architecture;
  throw new RankscopeError({
    code: 'model',
    what: name === undefined ? 'general.architecture is missing.' : `the architecture ${name} is not supported.`,
    remedy: `GGUF files of these architectures can be read: ${[...ARCHITECTURES.keys()].join(', ')}.`,
  });
}

/** Hugging Face's name of the tensor, or undefined for one that has no counterpart. */
export function huggingFaceName(architecture: GgufArchitecture, name: string): string | undefined {
  const [, stem = name, layer, suffix = ''] = /^((?:blk\.(\d+)\.)?[a-z_]+)(\.weight|\.bias)$/.exec(name) ?? [];
  const pattern = layer === undefined ? stem : stem.replace(`blk.${layer}.`, 'blk.N.');
  if (!Object.hasOwn(architecture.names, pattern)) return undefined;
  return `${architecture.names[pattern]?.replace('.N.', `.${layer ?? ''}.`) ?? ''}${suffix}`;
}
