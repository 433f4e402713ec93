import { RankscopeError } from '../../protocol/errors.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import type { ModelDefinition } from '../models/modelDefinition.ts';

export type LoraTargets = 'default' | 'all-linear' | readonly string[];

/**
 * The linear modules that adapters go on: PEFT's default for the family, every linear map of the layers, or the modules
 * whose path is, or ends in, one of the names. Throws RankscopeError('config') when a name matches none.
 */
export function targetModules({ family, config }: ModelDefinition, targets: LoraTargets): readonly LinearModule[] {
  const modules = family.linearModules(config);
  if (targets === 'all-linear') return modules;
  const names = targets === 'default' ? family.defaultTargets : targets;
  const matches = (module: LinearModule, name: string): boolean =>
    module.name === name || module.name.endsWith(`.${name}`);
  const unknown = names.find((name) => !modules.some((module) => matches(module, name)));
  if (unknown !== undefined) {
    const known = [...new Set(modules.map((m) => m.name.split('.').at(-1)))].join(', ');
    throw new RankscopeError({
      code: 'config',
      what: `The model has no linear module "${unknown}" to put an adapter on.`,
      remedy: `Its modules are: ${known}.`,
    });
  }
  return modules.filter((module) => names.some((name) => matches(module, name)));
}

/** Throws RankscopeError('config') when a rank is above what some target can have. */
export function checkRank(rank: number, targets: readonly LinearModule[]): void {
  const narrow = targets.find((m) => rank > Math.min(m.inFeatures, m.outFeatures));
  if (!narrow) return;
  throw new RankscopeError({
    code: 'config',
    where: narrow.name,
    what: `Rank ${rank} is above the rank of a ${narrow.outFeatures} x ${narrow.inFeatures} matrix.`,
    remedy: `Use ranks up to ${Math.min(narrow.inFeatures, narrow.outFeatures)}.`,
  });
}

/** The adapter's parameters of each target: A [rank, inFeatures], B [outFeatures, rank]. */
export function adapterSize(rank: number, targets: readonly LinearModule[]): number {
  return targets.reduce((sum, m) => sum + rank * (m.inFeatures + m.outFeatures), 0);
}
