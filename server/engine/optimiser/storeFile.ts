import { RankscopeError } from '../../protocol/errors.ts';
import { openSafetensors } from '../weights/openSafetensors.ts';
import { writeSafetensors } from '../weights/writeSafetensors.ts';
import type { ParameterStore, Section } from './parameterStore.ts';

const KEPT: readonly Section[] = ['value', 'firstMoment', 'secondMoment'];

/**
 * Writes an arm's parameters and moments, all that a step changes, as `SECTION/NAME` tensors; of an arm that has finished,
 * the parameters.
 */
export async function saveStore(path: string, store: ParameterStore): Promise<void> {
  await store.settle();
  const tensors = store.names.flatMap((name) =>
    KEPT.filter((section) => store.sections.includes(section)).map((section) => {
      const { data, dims } = store.tensor(name, section);
      return { name: `${section}/${name}`, shape: dims, data };
    }),
  );
  await writeSafetensors(path, tensors);
}

/** Reads what `saveStore` wrote, bit for bit, in the sections that the store keeps. Throws RankscopeError('run') when it is of another arm. */
export async function restoreStore(path: string, store: ParameterStore): Promise<void> {
  const source = await openSafetensors(path);
  try {
    for (const name of store.names) {
      for (const section of KEPT.filter((kept) => store.sections.includes(kept))) {
        const into = store.tensor(name, section);
        const key = `${section}/${name}`;
        if (source.tensors.get(key)?.shape.join() !== into.dims.join()) {
          throw new RankscopeError({
            code: 'run',
            where: path,
            what: `The checkpoint has no ${key} of this arm's shape.`,
            remedy: 'Start the run anew.',
          });
        }
        await source.readInto(key, into.data);
      }
    }
  } finally {
    await source.close();
  }
}
