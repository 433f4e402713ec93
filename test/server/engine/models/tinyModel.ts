import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import type { ModelDefinition } from '../../../../server/engine/models/modelDefinition.ts';
import { loadWeights, type Weights } from '../../../../server/engine/models/modelWeights.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import { buildPrefillProgram } from '../../../../server/engine/generate/scoreProgram.ts';
import { packFor } from '../../../../server/engine/batch/packing.ts';
import { openHuggingFaceFolder } from '../../../../server/engine/checkpoints/openHuggingFaceFolder.ts';

/** The language models that test/oracles/models.py writes. */
export const VARIANTS = [
  'gpt2',
  'gpt2-gelu-untied',
  'gpt2-relu-unscaled',
  'gpt2-pytorch-tanh',
  'llama',
  'llama-group3-untied',
  'llama-group1-biases',
  'llama-head-size',
  'llama-rope-llama3',
  'llama-rope-linear',
  'llama-rope-yarn',
  'qwen2',
  'qwen2-windows',
  'qwen3',
  'mistral',
  'mistral-no-window',
  'smollm3',
  'gemma',
  'gemma2',
  'gemma3',
  'phi3',
  'phi3-longrope',
  'olmo2',
  'granite',
  'gpt-neox',
  'gpt-neox-sequential',
  'opt',
  'opt-post-norm-projected',
  'opt-projected-gelu-untied',
  'opt-no-biases-no-final-norm',
] as const;

/** The sequence classifiers that it writes. */
export const CLASSIFIERS = [
  'bert',
  'bert-3-classes-relu',
  'roberta',
  'distilbert',
  'electra',
  'electra-wide',
  'albert',
  'albert-groups',
  'modernbert',
  'modernbert-biases',
] as const;

export type Variant = (typeof VARIANTS)[number] | (typeof CLASSIFIERS)[number];

const oracles = (path: string): string => fileURLToPath(new URL(`../../../oracles/${path}`, import.meta.url));

export const folderOf = (variant: Variant): string => oracles(`models/${variant}`);
export const adapterFolder = (variant: Variant, arm: string): string => oracles(`training/${variant}-${arm}`);

export async function openTiny(
  variant: Variant,
): Promise<{ readonly definition: ModelDefinition; readonly weights: Weights }> {
  const checkpoint = await openHuggingFaceFolder(folderOf(variant));
  try {
    const definition = defineModel(checkpoint.config, checkpoint.path);
    return { definition, weights: await loadWeights(definition, checkpoint) };
  } finally {
    await checkpoint.tensors.close();
  }
}

export interface Reference {
  readonly sequences: readonly (readonly number[])[];
  /** Of each sequence by itself, [length x vocabulary], or [classes]. */
  readonly logits: readonly (readonly number[])[];
  /** Of a language model: the likeliest tokens after each sequence. */
  readonly greedy?: readonly (readonly number[])[];
  /** Of a BERT: a part for each token, and the logits that go with them. */
  readonly tokenTypes?: readonly (readonly number[])[];
  readonly pairedLogits?: readonly (readonly number[])[];
}

export const referenceOf = (variant: Variant): Reference =>
  JSON.parse(readFileSync(`${folderOf(variant)}/reference.json`, 'utf8')) as Reference;

/** Logits of every position of sequences that are read together, [positions x vocabulary], each sequence's by itself. */
export async function packedLogits(
  program: Program,
  { config }: ModelDefinition,
  sequences: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const batch = packFor(config, sequences, { sharesPrefixes: !config.bidirectional });
  const rows = BigInt64Array.from(batch.rowsOf.flat(), BigInt);
  const feeds = new Map([...batch.feeds, ['label_rows', { data: rows, dims: [rows.length] }] as const]);
  const logits = (await program.run(feeds, ['logits'])).floats('logits');
  let at = 0;
  return sequences.map(({ length }) => logits.slice(at, (at += length * config.vocabularySize)));
}

export const compileLogits = (definition: ModelDefinition, weights: Weights): Promise<Program> =>
  Program.compile(buildPrefillProgram(definition, []), weights, { threads: 1 });

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
    if (!(gap <= largest)) largest = gap;
  }
  return largest;
}
