/**
 * Implements the worker's interface to the engine: opens models with onnxruntime, and describes them without
 * opening them.
 */
import { readdir, stat } from 'node:fs/promises';
import { availableParallelism, homedir } from 'node:os';
import path from 'node:path';
import { targetModules } from '../../engine/adapters/loraTargets.ts';
import { openOnnxClassifier } from '../../engine/onnxFile/onnxClassifier.ts';
import { classHeadNames } from '../../engine/encoder/classHead.ts';
import { estimateMemory } from '../../engine/models/memoryEstimate.ts';
import { resolveTensorName } from '../../engine/weights/tensorNames.ts';
import { defineModel } from '../../engine/models/families/families.ts';
import { parametersOf } from '../../engine/models/modelDefinition.ts';
import { runtimeVersion } from '../../engine/onnx/runtime.ts';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import type { Checkpoint, StoredTensor } from '../../engine/weights/checkpoint.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ModelDescription } from '../../protocol/messages/worker.ts';
import { describeDevices } from '../devices/devices.ts';
import type { EngineHost } from './engineHost.ts';
import { OpenedClassifier } from './openedClassifier.ts';
import { OpenedModel } from './openedModel.ts';

export function createEngineHost(): EngineHost {
  return {
    runtimeVersion,
    openModel: (reference, options) => OpenedModel.open(reference, options),
    openClassifier: (file, options) => openOnnxClassifier(file, { threads: availableParallelism(), ...options }),
    openSequenceClassifier: (reference, options) => OpenedClassifier.open(reference, options),
    describeModel,
    localModels,
    devices: () => describeDevices(),
  };
}

async function describeModel(reference: string, signal?: AbortSignal): Promise<ModelDescription> {
  const checkpoint = await openCheckpoint(reference, signal ? { signal } : {});
  try {
    return await describe(reference, checkpoint);
  } finally {
    await checkpoint.tensors.close();
  }
}

async function describe(reference: string, checkpoint: Checkpoint): Promise<ModelDescription> {
  const definition = defineModel(checkpoint.config, checkpoint.path);
  const { family, config } = definition;
  const targets = targetModules(definition, 'default');
  const parameters = parametersOf(definition).filter((p) => !p.compute);
  const { tensors } = checkpoint.tensors;
  const { classification } = config;
  const hasHead = classHeadNames(definition).every((name) => resolveTensorName(tensors, name) !== undefined);
  return {
    reference,
    path: checkpoint.path,
    family: String(checkpoint.config.model_type),
    task: family.task,
    parameters: parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    layers: config.layers,
    hiddenSize: config.hiddenSize,
    vocabulary: config.vocabularySize,
    contextLength: config.maxPositions,
    storage: mostlyStoredAs([...tensors.values()]),
    bytes: await sizeOnDisk(checkpoint.path),
    hasTokenizer: checkpoint.tokenizer !== undefined,
    hasChatTemplate: checkpoint.chatTemplate !== undefined,
    defaultTargets: [...family.defaultTargets],
    largestRank: Math.min(...targets.flatMap((m) => [m.inFeatures, m.outFeatures])),
    ...(classification && hasHead && { labels: [...classification.labels] }),
    memoryFp32: estimateMemory(definition, 'float32').total,
    memoryFp16: estimateMemory(definition, 'float16').total,
  };
}

/** The storage type of most elements. */
function mostlyStoredAs(tensors: readonly StoredTensor[]): string {
  const counts = new Map<string, number>();
  for (const { storage, shape } of tensors) {
    counts.set(storage, (counts.get(storage) ?? 0) + shape.reduce((a, b) => a * b, 1));
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'unknown';
}

async function sizeOnDisk(file: string): Promise<number> {
  const info = await stat(file);
  if (info.isFile()) return info.size;
  const entries = await readdir(file);
  const sizes = await Promise.all(
    entries
      .filter((name) => name.endsWith('.safetensors'))
      .map(async (name) => (await stat(path.join(file, name))).size),
  );
  return sizes.reduce((a, b) => a + b, 0);
}

/** Ids of the models in the hub's cache. Empty where there is no cache. */
async function localModels(): Promise<readonly string[]> {
  const home = process.env.HF_HOME ?? path.join(homedir(), '.cache', 'huggingface');
  const cache = process.env.HF_HUB_CACHE ?? path.join(home, 'hub');
  try {
    const entries = await readdir(cache);
    return entries.flatMap((name) =>
      name.startsWith('models--') ? [name.slice('models--'.length).replace('--', '/')] : [],
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new RankscopeError(
      { code: 'disk', where: cache, what: 'The model cache cannot be read.', remedy: 'Check its permissions.' },
      { cause: error },
    );
  }
}
