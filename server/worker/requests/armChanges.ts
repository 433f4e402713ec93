/** Reads what training changed in the linear layers of a model, matrix by matrix, from the folder of an arm. */
import type { WeightReader } from '../../engine/adapters/adapterMethod.ts';
import { readPeftFolder } from '../../engine/adapters/peftFolder.ts';
import { openHuggingFaceFolder } from '../../engine/checkpoints/openHuggingFaceFolder.ts';
import { defineModel } from '../../engine/models/families/families.ts';
import type { LinearModule } from '../../engine/models/modelConfig.ts';
import { parametersOf, type ModelDefinition } from '../../engine/models/modelDefinition.ts';
import { checkStored } from '../../engine/models/modelWeights.ts';
import type { TensorSource } from '../../engine/weights/checkpoint.ts';
import { internal } from '../../protocol/errors.ts';
import { singularValues } from '../../spectra/denseSpectrum.ts';
import { addTriples, factoredSvd } from '../../spectra/factoredSvd.ts';
import type { Matrix } from '../../spectra/vector.ts';
import { assertAsWritten } from '../../runs/folderDigests.ts';
import { holdsWholeModel } from '../host/readArmFolder.ts';
import { assertFinite, assertPlainLora, lowRankChange } from '../host/lowRankChange.ts';

interface Change {
  /** Singular values of dW, the largest first. */
  readonly values: readonly number[];
  /** W + dW: [outFeatures, inFeatures] */
  readonly tuned: () => Matrix;
}

export interface ArmChanges {
  readonly arm: string;
  readonly method: 'lora' | 'full';
  readonly rank?: number;
  /** Paths of the modules that training changed. */
  readonly modules: ReadonlySet<string>;
  /** `base` is W, [outFeatures, inFeatures]. LoRA needs it only for `tuned`. */
  change(module: LinearModule, base: Matrix | undefined): Promise<Change>;
  close(): Promise<void>;
}

/**
 * Opens a PEFT adapter folder, or the folder of a whole model of the base's shape. `weights` are the base's. Throws
 * RankscopeError('model') where the folder does not fit the base, and for an adapter whose change is not scale B A.
 */
export async function openChanges(
  arm: string,
  folder: string,
  definition: ModelDefinition,
  weights: WeightReader,
): Promise<ArmChanges> {
  await assertAsWritten(folder);
  if (await holdsWholeModel(folder)) return openFull(arm, folder, definition);
  return openLora(arm, folder, definition, weights);
}

async function openLora(
  arm: string,
  folder: string,
  definition: ModelDefinition,
  weights: WeightReader,
): Promise<ArmChanges> {
  const lora = await readPeftFolder(folder, definition, weights);
  assertPlainLora(lora, folder);
  return {
    arm,
    method: 'lora',
    rank: lora.rank,
    modules: new Set(lora.targets.map(({ name }) => name)),
    change: (module, base) => {
      const svd = factoredSvd(lowRankChange(lora, module));
      const tuned = (): Matrix => {
        const sum = { ...given(base, module), values: given(base, module).values.slice() };
        addTriples(sum, svd);
        return sum;
      };
      return Promise.resolve({ values: svd.values, tuned });
    },
    close: () => Promise.resolve(),
  };
}

async function openFull(arm: string, folder: string, definition: ModelDefinition): Promise<ArmChanges> {
  const checkpoint = await openHuggingFaceFolder(folder);
  try {
    defineModel(checkpoint.config, folder);
    checkStored(
      parametersOf(definition).filter((parameter) => !parameter.compute),
      checkpoint.tensors,
      folder,
    );
  } catch (error) {
    await checkpoint.tensors.close();
    throw error;
  }
  return {
    arm,
    method: 'full',
    modules: new Set(definition.family.linearModules(definition.config).map(({ name }) => name)),
    change: async (module, base) => {
      const tuned = await readMatrix(checkpoint.tensors, module, folder);
      const before = given(base, module).values;
      const difference = { ...tuned, values: tuned.values.map((value, i) => value - (before[i] ?? NaN)) };
      return { values: singularValues(difference), tuned: () => tuned };
    },
    close: () => checkpoint.tensors.close(),
  };
}

function given(base: Matrix | undefined, { name }: LinearModule): Matrix {
  if (base) return base;
  throw internal(`${name} of the base was not read.`);
}

/** The weight of a linear layer as [outFeatures, inFeatures], from either layout. Throws RankscopeError('model'). */
export async function readMatrix(source: TensorSource, module: LinearModule, where: string): Promise<Matrix> {
  const { name, inFeatures, outFeatures, layout } = module;
  const stored = new Float32Array(inFeatures * outFeatures);
  await source.readInto(`${name}.weight`, stored);
  const values = Float64Array.from(stored, (value, i) => {
    if (layout === 'out-in') return value;
    const [out, into] = [Math.floor(i / inFeatures), i % inFeatures];
    return stored[into * outFeatures + out] ?? NaN;
  });
  assertFinite(values, `${where}: ${name}.weight`);
  return { rows: outFeatures, columns: inFeatures, values };
}
