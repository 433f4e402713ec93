import { basename, resolve } from 'node:path';
import type { Values } from './command.ts';
import { textsOf, usage } from './values.ts';

/**
 * The arms that `--adapter` names. Each is named after its folder, so that the folders' names must differ. Throws
 * RankscopeError('usage') for two of one name, and where neither the base nor an adapter is named.
 */
export function adapterArms(values: Values, base: boolean): { arm: string; directory: string }[] {
  const adapters = textsOf(values, 'adapter').map((given) => {
    if (given === '') throw usage('--adapter is empty');
    return { arm: basename(resolve(given)), directory: resolve(given) };
  });
  const ids = [...(base ? ['base'] : []), ...adapters.map(({ arm }) => arm)];
  if (ids.length === 0) throw usage('--no-base without an --adapter leaves nothing to ask');
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw usage(`two arms are called "${twice}": arms are named after the adapter folders`);
  return adapters;
}
