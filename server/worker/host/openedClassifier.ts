/** The engine's sequence classifier: an opened encoder with its head, and the arms trained on it. */
import { availableParallelism } from 'node:os';
import { adapterSize, methodOf } from '../../engine/adapters/loraArm.ts';
import { checkRank, targetModules } from '../../engine/adapters/loraTargets.ts';
import { readPeftFolder, writePeftFolder } from '../../engine/adapters/peftFolder.ts';
import { Classifier } from '../../engine/encoder/classifier.ts';
import { openClassHead, type ClassHead } from '../../engine/encoder/classHead.ts';
import { encodeText } from '../../engine/encoder/encodeText.ts';
import type { Arm } from '../../engine/generate/armWeights.ts';
import type { Classification } from '../../engine/models/classification.ts';
import { convertWeights, type ConvertedWeights } from '../../engine/models/convertedWeights.ts';
import { defineModel, expectTask } from '../../engine/models/families/families.ts';
import { checkAdapterArms, checkFullArm, planMemory, type MemoryPlan } from '../../engine/models/memoryEstimate.ts';
import { parametersOf, type ModelDefinition } from '../../engine/models/modelDefinition.ts';
import { createTokenizer, type Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import type { ClassExample } from '../../engine/train/trainExample.ts';
import type { Checkpoint, JsonObject } from '../../engine/weights/checkpoint.ts';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import type {
  ClassifierKind,
  ClassifierTrainingOptions,
  FreshHead,
  LabelledText,
  OpenClassifier,
} from '../../experiments/ports/classifierPort.ts';
import type { Progress } from '../../experiments/ports/modelPort.ts';
import type { ArmOutcome, ArmPlan, PlannedArm, TrainingCallbacks } from '../../experiments/ports/trainerPort.ts';
import { internal, RankscopeError } from '../../protocol/errors.ts';
import type { OpenOptions } from './engineHost.ts';
import { machineMemory } from './machineMemory.ts';
import { adapterMemory, trainArms, type TrainableModel } from '../training/trainArms.ts';
import { assertCausalBlocks } from './blockedWeights.ts';
import { assertAsWritten } from '../../runs/folderDigests.ts';
import { markUsed, weightsFolder } from './weightsFolder.ts';
import { writeModelFolder } from './writeModelFolder.ts';

export interface OpenClassifierOptions extends OpenOptions {
  /** Classes for a newly initialized head. Without it the checkpoint's own head is used. */
  readonly freshHead?: FreshHead;
}

/** The parts that opening a classifier yields. */
interface Opened {
  readonly checkpoint: Checkpoint;
  readonly definition: ModelDefinition;
  readonly plan: MemoryPlan;
  readonly classification: Classification;
  readonly head: ClassHead;
  readonly weights: ConvertedWeights;
  readonly tokenizer: Tokenizer;
  readonly hash: string;
}

export class OpenedClassifier implements OpenClassifier {
  readonly labels: readonly string[];
  readonly kind: ClassifierKind;
  readonly kindIsAssumed: boolean;
  readonly maxLength: number;
  readonly hash: string;
  readonly fileHashes: Checkpoint['fileHashes'];
  readonly tokenizerHash: string;
  private readonly opened: Opened;
  private readonly classifier: Classifier;
  private readonly model: TrainableModel;

  /**
   * Opens a Hugging Face folder or hub id of a sequence classifier or, with `freshHead`, of any encoder of its
   * family. Throws RankscopeError('model') for a causal model, for a checkpoint without a head where `freshHead` is
   * absent, and as openCheckpoint does; ('tokenizer') where there is none.
   */
  static async open(reference: string, options: OpenClassifierOptions): Promise<OpenedClassifier> {
    const { threads, onProgress, signal } = options;
    const checkpoint = await openCheckpoint(reference, {
      ...(signal && { signal }),
      ...(onProgress && { onProgress: ({ file, done, total }) => onProgress({ what: file, done, total }) }),
    });
    try {
      return new OpenedClassifier(await load(checkpoint, options), threads > 0 ? threads : availableParallelism());
    } catch (error) {
      await checkpoint.tensors.close();
      throw error;
    }
  }

  private constructor(opened: Opened, threads: number) {
    const { definition, classification, head, weights } = opened;
    this.opened = opened;
    this.labels = classification.labels;
    this.kind = classification.kind;
    this.kindIsAssumed = classification.kindIsAssumed ?? false;
    this.maxLength = definition.config.maxPositions;
    this.hash = opened.hash;
    this.fileHashes = opened.checkpoint.fileHashes;
    this.tokenizerHash = opened.tokenizer.hash;
    this.classifier = new Classifier(definition, weights, head, threads);
    this.model = {
      definition,
      threads,
      weights: {
        folder: weights.folder,
        place: (name) => weights.place(name),
        readInto: async (name, out) => {
          const own = head.values.get(name);
          if (own) out.set(own.data);
          else await weights.readInto(name, out);
        },
      },
      saved: head.parameters,
      arms: new Map<string, Arm>([['base', { kind: 'base' }]]),
      releasePrograms: () => this.classifier.release(),
    };
  }

  async classLogits(
    arms: readonly string[],
    texts: readonly string[],
    onProgress?: (progress: Progress) => void,
    signal?: AbortSignal,
  ): Promise<readonly Float32Array[]> {
    const sequences = texts.map((text) => this.encode(text, this.maxLength));
    const total = arms.length * texts.length;
    const results: Float32Array[] = [];
    for (const [i, arm] of arms.entries()) {
      this.armOf(arm);
      const onBatch = (done: number): void => {
        if (signal?.aborted) throw new RankscopeError({ code: 'cancelled', what: 'The work was cancelled.' });
        onProgress?.({ done: i * texts.length + done, total });
      };
      results.push(await this.classifier.logits(arm, this.model.arms, sequences, onBatch));
    }
    return results;
  }

  trainableParameters(plans: readonly PlannedArm[]): Promise<readonly number[]> {
    const { definition, head } = this.opened;
    const count = (parameters: readonly { readonly shape: readonly number[] }[]): number =>
      parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    return Promise.resolve(
      plans.map((plan) => {
        if (plan.method === 'full') return count(parametersOf(definition).filter((p) => !p.compute));
        const targets = targetModules(definition, plan.targets, head.parameters);
        checkRank(plan.rank, targets);
        return adapterSize(plan.rank, targets, methodOf({ method: plan.adapter })) + count(head.parameters);
      }),
    );
  }

  async train(
    plans: readonly ArmPlan[],
    examples: readonly LabelledText[],
    options: ClassifierTrainingOptions,
    callbacks: TrainingCallbacks,
  ): Promise<readonly ArmOutcome[]> {
    if (this.kind !== 'single-label') {
      throw new RankscopeError({
        code: 'config',
        where: this.opened.checkpoint.path,
        what: `The head is ${this.kind}; training is for single-label heads.`,
        remedy: 'Draw a fresh head for the classes.',
      });
    }
    if (plans.some(({ method }) => method === 'full')) checkFullArm(this.opened.definition, this.opened.plan);
    checkAdapterArms(adapterMemory(this.model, plans), this.opened.plan);
    const longest = Math.min(options.maxLength, this.maxLength);
    const encoded = examples.map((example) => this.example(example, longest));
    return trainArms(this.model, plans, encoded, { ...options, appendEos: false }, callbacks);
  }

  async saveArm(id: string, directory: string): Promise<void> {
    const { checkpoint, definition } = this.opened;
    const arm = this.armOf(id);
    if (arm.kind === 'base') throw noArm(id);
    if (arm.kind === 'lora') return writePeftFolder(directory, arm, checkpoint.path, definition);
    const architectures = [architectureOf(String(checkpoint.config.model_type))];
    const changes = { ...labelsConfig(this.labels), architectures, problem_type: 'single_label_classification' };
    return writeModelFolder(directory, arm.store, checkpoint, changes);
  }

  async loadAdapter(id: string, directory: string): Promise<void> {
    await assertAsWritten(directory);
    this.model.arms.set(id, await readPeftFolder(directory, this.opened.definition, this.model.weights));
  }

  forgetArm(id: string): void {
    if (id !== 'base') this.model.arms.delete(id);
  }

  async dispose(): Promise<void> {
    await this.classifier.release();
    await this.opened.checkpoint.tensors.close();
  }

  private encode(text: string, maxLength: number): readonly number[] {
    return encodeText(this.opened.tokenizer, text, maxLength);
  }

  private example({ text, label }: LabelledText, maxLength: number): ClassExample {
    if (this.labels[label] !== undefined) return { ids: this.encode(text, maxLength), label };
    throw new RankscopeError({
      code: 'data',
      what: `The text ${JSON.stringify(text.slice(0, 60))} has class ${label}; there are ${this.labels.length}.`,
      remedy: `Classes are counted from 0: ${this.labels.join(', ')}.`,
    });
  }

  private armOf(id: string): Arm {
    const arm = this.model.arms.get(id);
    if (arm) return arm;
    throw noArm(id);
  }
}

async function load(checkpoint: Checkpoint, options: OpenClassifierOptions): Promise<Opened> {
  const { freshHead, onProgress, device, weights: setting = 'auto', lowMemory, memoryBytes } = options;
  if (device !== 'auto' && device !== 'cpu') {
    throw new RankscopeError({
      code: 'device',
      what: `The device "${device}" cannot be used yet.`,
      remedy: 'Use "cpu" or "auto".',
    });
  }
  assertCausalBlocks(setting, checkpoint.path);
  const config = freshHead ? { ...checkpoint.config, ...freshConfig(freshHead) } : checkpoint.config;
  const definition = defineModel(config, checkpoint.path);
  expectTask(definition, 'sequence-classification', checkpoint.path);
  const { classification } = definition.config;
  if (!classification) throw internal('A family that classifies has classes.');
  if (!checkpoint.tokenizer) {
    throw new RankscopeError({
      code: 'tokenizer',
      where: checkpoint.path,
      what: 'The model has no tokenizer.json.',
      remedy: 'Put the tokenizer.json of the model, or its vocab.txt, beside its weights.',
    });
  }
  const machine = { memory: memoryBytes ?? machineMemory(), where: checkpoint.path };
  const plan = planMemory(definition, checkpoint.tensors.tensors, { weights: setting, lowMemory }, machine);
  const head = await openClassHead(definition, checkpoint, freshHead?.seed);
  const hash = await checkpoint.hash();
  const own = head.parameters.map(({ name }) => name);
  const weights = await convertWeights(
    definition,
    checkpoint,
    weightsFolder(hash, { ...checkpoint.config, without: own }),
    {
      onProgress: (done, total) => onProgress?.({ what: 'weights', done, total }),
      omitted: new Set(own),
      ...plan,
    },
  );
  await markUsed(weights.folder);
  const tokenizer = createTokenizer(checkpoint.tokenizer, checkpoint.chatTemplate);
  return { checkpoint, definition, plan, classification, head, weights, tokenizer, hash };
}

function freshConfig({ labels }: FreshHead): JsonObject {
  if (labels.length < 2 || new Set(labels).size < labels.length) {
    throw new RankscopeError({
      code: 'config',
      what: `${JSON.stringify(labels)} are not the names of two or more classes.`,
      remedy: 'Give every class a name of its own.',
    });
  }
  return { ...labelsConfig(labels), problem_type: 'single_label_classification' };
}

const labelsConfig = (labels: readonly string[]): JsonObject => ({
  num_labels: labels.length,
  id2label: Object.fromEntries(labels.map((label, i) => [String(i), label])),
  label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
});

/** Name of a family's classifier in Transformers. */
const architectureOf = (modelType: string): string =>
  `${{ bert: 'Bert', roberta: 'Roberta', 'xlm-roberta': 'XLMRoberta', distilbert: 'DistilBert' }[modelType] ?? ''}ForSequenceClassification`;

function noArm(id: string): RankscopeError {
  return new RankscopeError({ code: 'run', what: `There is no trained arm "${id}".` });
}
