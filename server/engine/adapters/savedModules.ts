import { RankscopeError } from '../../protocol/errors.ts';
import type { Parameter } from '../models/modelConfig.ts';
import { parametersOf, type ModelDefinition } from '../models/modelDefinition.ts';

/** The modules that hold a parameter: `classifier.dense.weight` lies in `classifier.dense` and in `classifier`. */
function pathsOf(parameter: string): readonly string[] {
  const parts = parameter.split('.').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
}

/** Modules of a classifier's head that an arm saves in full, as PEFT's `modules_to_save` names them. */
export function savedModules({ family }: ModelDefinition, saved: readonly Parameter[]): readonly string[] {
  const { modules = [], pooling = [] } = family.classifier ?? {};
  return [...modules, ...pooling].filter((module) => saved.some(({ name }) => pathsOf(name).includes(module)));
}

/**
 * The parameters that `modules_to_save` means: PEFT takes every module whose path ends in one of the names.
 * Throws RankscopeError('model') where they are not all of a classifier's head.
 */
export function savedParameters(definition: ModelDefinition, names: unknown, where: string): readonly Parameter[] {
  const given = names ?? [];
  const isList = Array.isArray(given) && given.every((name) => typeof name === 'string');
  const endings = isList ? (given as readonly string[]) : [];
  const saved = parametersOf(definition).filter(({ name }) =>
    pathsOf(name).some((path) => endings.some((ending) => path.endsWith(ending))),
  );
  const { modules = [], pooling = [] } = definition.family.classifier ?? {};
  const isHead = ({ name }: Parameter): boolean => [...modules, ...pooling].some((m) => pathsOf(name).includes(m));
  if (isList && saved.every(isHead) && (endings.length === 0 || definition.family.classifier)) return saved;
  throw new RankscopeError({
    code: 'model',
    where,
    what: `The adapter does not fit: "modules_to_save": ${JSON.stringify(names)} is more than a classifier's head.`,
    remedy: 'Use an adapter that trains matrices of rank r alone, or for a classifier its head beside them.',
  });
}
