import { RankscopeError } from '../../protocol/errors.ts';
import { linearParameters, type LinearModule, type Parameter } from '../models/modelConfig.ts';
import { parametersOf, type ModelDefinition } from '../models/modelDefinition.ts';

export type LoraTargets = 'default' | 'all-linear' | readonly string[];

/**
 * The linear modules that adapters go on: PEFT's default for the family, every linear map of the layers, or the modules
 * whose path is, or ends in, one of the names; never those that are `saved`, trained in full beside. Throws RankscopeError('config') when a name matches none.
 */
export function targetModules(
  { family, config }: ModelDefinition,
  targets: LoraTargets,
  saved: readonly Parameter[] = [],
): readonly LinearModule[] {
  const isSaved = (module: LinearModule): boolean =>
    linearParameters(module).some(({ name }) => saved.some((parameter) => parameter.name === name));
  const modules = family.linearModules(config).filter((module) => !isSaved(module));
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

/**
 * The targets as PEFT is to be told them: by the last part of their paths where that means these modules and no others
 * of the model, by their whole paths otherwise.
 */
export function targetNames(definition: ModelDefinition, targets: readonly LinearModule[]): readonly string[] {
  const lastPart = (path: string): string => path.split('.').at(-1) ?? path;
  const short = new Set(targets.map(({ name }) => lastPart(name)));
  const modules = new Set(parametersOf(definition).map(({ name }) => name.slice(0, name.lastIndexOf('.'))));
  const meant = [...modules].filter((path) => short.has(lastPart(path)));
  return meant.length === targets.length ? [...short] : targets.map(({ name }) => name);
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
