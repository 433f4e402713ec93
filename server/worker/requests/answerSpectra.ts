import { setImmediate } from 'node:timers/promises';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import { defineModel } from '../../engine/models/families/families.ts';
import type { LinearModule } from '../../engine/models/modelConfig.ts';
import type { EventOf, HandlerContext, Params } from '../../protocol/messages/channel.ts';
import { internal } from '../../protocol/errors.ts';
import type { ArmSpectrum, ModuleSpectrum, SpectraResult } from '../../protocol/run/spectra.ts';
import type { WorkerContract } from '../../protocol/messages/worker.ts';
import { leadingLeftVectors } from '../../spectra/denseSpectrum.ts';
import { energyOf, rankOfEnergy } from '../../spectra/energy.ts';
import { greatestCosines, intruderCosine } from '../../spectra/intruders.ts';
import type { Matrix, Vector } from '../../spectra/vector.ts';
import { assertSameBase } from '../../runs/recordedHashes.ts';
import { openChanges, readMatrix, type ArmChanges } from './armChanges.ts';

/**
 * Singular values of each arm's change, matrix by matrix, so that each base matrix is read and decomposed once for
 * all arms. The request can be cancelled between two matrices.
 */
export async function answerSpectra(
  { model, arms: asked, top }: Params<WorkerContract, 'spectra'>,
  { emit, signal }: HandlerContext<EventOf<WorkerContract, 'spectra'>>,
): Promise<SpectraResult> {
  const checkpoint = await openCheckpoint(model, { signal });
  const arms: ArmChanges[] = [];
  try {
    const definition = defineModel(checkpoint.config, checkpoint.path);
    for (const { directory } of asked) await assertSameBase(directory, model, checkpoint);
    for (const { arm, directory } of asked)
      arms.push(await openChanges(arm, directory, definition, checkpoint.tensors));
    const modules = definition.family
      .linearModules(definition.config)
      .filter(({ name }) => arms.some((arm) => arm.modules.has(name)));
    const spectra = new Map(arms.map(({ arm }) => [arm, [] as ModuleSpectrum[]]));
    for (const [i, module] of modules.entries()) {
      await setImmediate();
      signal.throwIfAborted();
      const changed = arms.filter(({ modules: own }) => own.has(module.name));
      const needsBase = top > 0 || changed.some(({ method }) => method === 'full');
      const base = needsBase ? await readMatrix(checkpoint.tensors, module, checkpoint.path) : undefined;
      const found = await spectraOf(module, changed, { base, top });
      found.forEach((spectrum, at) => spectra.get(changed[at]?.arm ?? '')?.push(spectrum));
      emit({ done: i + 1, total: modules.length, module: module.name });
    }
    return { arms: arms.map((arm) => armSpectrum(arm, spectra.get(arm.arm) ?? [], top)) };
  } finally {
    await checkpoint.tensors.close();
    for (const arm of arms) await arm.close();
  }
}

/** The spectrum of one module in every arm that changed it. */
async function spectraOf(
  module: LinearModule,
  arms: readonly ArmChanges[],
  { base, top }: { readonly base: Matrix | undefined; readonly top: number },
): Promise<readonly ModuleSpectrum[]> {
  const { name, outFeatures, inFeatures } = module;
  const leading: (readonly Vector[])[] = [];
  const spectra: ModuleSpectrum[] = [];
  for (const arm of arms) {
    const { values, tuned } = await arm.change(module, base);
    const singularValues = [...values];
    const [energy, rankOf90] = [energyOf(values), rankOfEnergy(values, 0.9)];
    spectra.push({ module: name, outFeatures, inFeatures, singularValues, energy, rankOf90 });
    if (top > 0) leading.push(leadingLeftVectors(tuned(), Math.min(top, inFeatures, outFeatures)));
  }
  if (top === 0) return spectra;
  if (!base) throw internal(`${name} of the base was not read.`);
  const cosines = greatestCosines(base, leading.flat());
  let at = 0;
  return spectra.map((spectrum, i) => {
    const from = at;
    at += leading[i]?.length ?? 0;
    const own = cosines.slice(from, at);
    return { ...spectrum, cosines: own, intruders: own.filter((cosine) => cosine < intruderCosine).length };
  });
}

function armSpectrum({ arm, method, rank }: ArmChanges, modules: ModuleSpectrum[], top: number): ArmSpectrum {
  const ranks = modules.map(({ rankOf90 }) => rankOf90).sort((a, b) => a - b);
  const sum = (read: (module: ModuleSpectrum) => number): number =>
    modules.reduce((total, module) => total + read(module), 0);
  return {
    arm,
    method,
    ...(rank !== undefined && { rank }),
    energy: sum(({ energy }) => energy),
    medianRankOf90: ranks[Math.floor((ranks.length - 1) / 2)] ?? 0,
    largestRankOf90: ranks.at(-1) ?? 0,
    largestValue: Math.max(0, ...modules.map(({ singularValues: [largest = 0] }) => largest)),
    ...(top > 0 && {
      intruders: { found: sum(({ intruders = 0 }) => intruders), of: sum(({ cosines = [] }) => cosines.length) },
    }),
    modules,
  };
}
