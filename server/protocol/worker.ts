/** What is said to the engine process and what it answers: one contract, from which types and validation follow. */
import { z } from 'zod';
import { deviceName } from './deviceChoice.ts';
import { lensResultSchema } from './lens.ts';
import { judgeSpec } from './judgeSpec.ts';
import { runEventSchema, runMetricsSchema } from './run.ts';
import { shrinkResultSchema, spectraProgress, spectraResultSchema } from './spectra.ts';
import { verdictDeclarationSchema } from './verdictDeclaration.ts';

const count = z.int().min(1);
const nothing = z.null();
const none = z.never();
const armId = z.string().min(1);

/** Of a sweep whose file leaves the device open. */
const usualDevice = deviceName.exactOptional();
const where = { device: deviceName.default('auto'), threads: z.int().min(0).default(0) };

const deviceDescription = z.object({
  name: z.string(),
  available: z.boolean(),
  /** What it is, or why it cannot be used. */
  detail: z.string(),
  /** What to do where it cannot be used. */
  remedy: z.string().exactOptional(),
  /** Its memory, where that can be known. */
  memoryBytes: z.number().min(0).exactOptional(),
  precision: z.string().exactOptional(),
  /** Whether what is missing can be brought by `devices install`. */
  installable: z.boolean().exactOptional(),
});
export type DeviceDescription = Readonly<z.output<typeof deviceDescription>>;

const modelDescription = z.object({
  reference: z.string(),
  path: z.string(),
  family: z.string(),
  /** What its definition is for: a causal model completes texts, an encoder decides between classes. */
  task: z.enum(['causal-lm', 'sequence-classification']).exactOptional(),
  parameters: count,
  layers: count,
  hiddenSize: count,
  vocabulary: count,
  contextLength: count.optional(),
  /** Storage of the weights: F32, F16, Q4_1, ... */
  storage: z.string(),
  bytes: count,
  hasTokenizer: z.boolean(),
  hasChatTemplate: z.boolean(),
  /** PEFT's default targets for the family. */
  defaultTargets: z.array(z.string()),
  /** The largest rank that every default target allows. */
  largestRank: count,
  /** Of a classifier with a head in its checkpoint: the names of its classes. */
  labels: z.array(z.string()).exactOptional(),
  /** Bytes of memory that a LoRA step takes with frozen matrices kept as float32 and as float16, estimated. */
  memoryFp32: count.exactOptional(),
  memoryFp16: count.exactOptional(),
});
export type ModelDescription = Readonly<z.output<typeof modelDescription>>;

const adapter = z.object({ arm: armId, directory: z.string() });

const generation = z.object({
  samples: count,
  maxNewTokens: count,
  temperature: z.number().min(0),
  topK: z.int().min(0),
  topP: z.number().gt(0).max(1),
  seed: z.int().min(0),
  stop: z.array(z.string()),
});

const completion = z.object({
  arm: armId,
  promptIndex: z.int().min(0),
  sample: z.int().min(0),
  prompt: z.string(),
  completion: z.string(),
  tokens: z.array(z.int()),
  /** It is not whole yet: the same completion comes again. */
  partial: z.boolean().exactOptional(),
});

const logits = z.object({
  textIndex: z.int().min(0),
  ids: z.array(z.int()),
  top1: z.array(z.int()),
  logits: z.instanceof(Float32Array),
});

const verdict = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('judged'),
    score: z.number().min(0).max(1),
    toxic: z.boolean(),
    categories: z.record(z.string(), z.number()),
    evidence: z.array(z.object({ start: z.int(), end: z.int(), category: z.string() })),
    why: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('unjudged'), reason: z.string() }),
]);

const running = z.object({ run: z.string() });

const bytes = z.number().min(0);
const estimate = z.object({
  seconds: z.number().min(0),
  /** Of these, seconds that choosing learning rates takes, in a sweep that does. */
  tuningSeconds: z.number().min(0).exactOptional(),
  /** The highest resident memory of the engine process. */
  memoryBytes: bytes,
  /** What the run's folder holds at its fullest. */
  diskBytes: bytes,
  /** What was measured, in a sentence. */
  basis: z.string(),
  availableMemoryBytes: bytes,
  availableDiskBytes: bytes,
  /** Why it would not fit; absent when it fits. */
  refusal: z.string().exactOptional(),
});
export type MeasuredEstimate = Readonly<z.output<typeof estimate>>;

const baseSurvey = z.object({
  declaration: verdictDeclarationSchema,
  seeds: count,
  samples: count,
  /** Held-out prompts, and the templates that they come from. */
  prompts: count,
  templates: count,
  /** The base's toxicity: the mean over templates, 0..1. */
  base: z.number().min(0).max(1),
  unjudged: z.int().min(0),
  judge: z.string(),
  /** Arms that will complete the prompts, the base among them. */
  arms: count,
  secondsPerCompletion: z.number().min(0),
});
export type BaseSurvey = Readonly<z.output<typeof baseSurvey>>;

const estimateProgress = z.object({ phase: z.string(), detail: z.string().exactOptional() });
export type EstimateProgress = Readonly<z.output<typeof estimateProgress>>;

export const workerContract = {
  /** Anyone: is it alive, and what is it? */
  ping: {
    params: nothing,
    result: z.object({ pid: z.int(), runtimeVersion: z.string(), node: z.string() }),
    event: none,
  },

  /** Command line, server: which devices can be used here. */
  devices: { params: nothing, result: z.array(deviceDescription), event: none },

  /** Command line, server: the models on this machine. */
  'models.list': { params: nothing, result: z.array(z.string()), event: none },
  'models.describe': { params: z.object({ model: z.string() }), result: modelDescription, event: none },

  /** Runs a sweep file into a new run folder; ends when the run has finished. Cancelling it cancels the run. */
  'sweep.start': {
    params: z.object({ file: z.string(), run: z.string(), device: usualDevice }),
    result: runMetricsSchema,
    event: runEventSchema,
  },
  /** Goes on with a run that was interrupted, cancelled or failed, from its last checkpoint. */
  'sweep.resume': { params: running, result: runMetricsSchema, event: runEventSchema },
  /** Holds the training of a run after the step it is at; `paused` is its event. */
  'sweep.pause': { params: running, result: nothing, event: none },
  'sweep.resumeTraining': { params: running, result: nothing, event: none },
  /** Trains one arm no further; it is evaluated as it stands. */
  'sweep.stopArm': { params: running.extend({ arm: armId }), result: nothing, event: none },
  /** Same as cancelling the request that started the run. */
  'sweep.cancel': { params: running, result: nothing, event: none },

  /**
   * What a sweep file would take, from a rehearsal that does a sample of it; the process should be a fresh one, since
   * its highest memory is told. Cancelling it ends it.
   */
  'sweep.estimate': {
    params: z.object({ file: z.string(), device: usualDevice }),
    result: estimate,
    event: estimateProgress,
  },

  /** How toxic the base of a sweep file is on its held-out prompts, from which the chance of a verdict follows. */
  'sweep.survey': {
    params: z.object({ file: z.string(), device: usualDevice }),
    result: baseSurvey,
    event: estimateProgress,
  },

  /** Reads a sweep file and its data, and opens no model: what is wrong with them is told before anything is run. */
  'sweep.check': {
    params: z.object({ file: z.string() }),
    /**
     * Examples, or prompts, that are trained on and that are kept for measuring; `notes` are what a person should know before
     * the run.
     */
    result: z.object({ training: z.int(), heldOut: z.int(), arms: z.array(armId), notes: z.array(z.string()) }),
    event: none,
  },

  /**
   * Completions of every prompt with the base and each adapter, whose directory may also hold a whole fine-tuned model
   * of the base's shape; one event a completion, in order arm, prompt, sample.
   */
  generate: {
    params: z.object({
      model: z.string(),
      /** Whether the untouched base answers too, as arm `base`. */
      base: z.boolean(),
      adapters: z.array(adapter),
      prompts: z.array(z.string()),
      options: generation,
      /** Keeps the model and its arms open for the next such request; one model at a time is kept. */
      keep: z.boolean().optional(),
      /** Tells growing completions too, a few times a second, before those that are whole. */
      partial: z.boolean().optional(),
      ...where,
    }),
    result: z.object({ completions: z.int(), seconds: z.number(), tokens: z.int() }),
    event: completion,
  },

  /** Logits after each text; one event a text, in order. */
  logits: {
    params: z.object({ model: z.string(), adapter: z.string().optional(), texts: z.array(z.string()), ...where }),
    result: z.object({ texts: z.int() }),
    event: logits,
  },

  /** The logit lens of one prompt; an adapter's directory may also hold a whole fine-tuned model of the base's shape. */
  lens: {
    params: z.object({
      model: z.string(),
      /** Whether the untouched base is shown too, as arm `base`. */
      base: z.boolean(),
      adapters: z.array(adapter),
      prompt: z.string(),
      ...where,
    }),
    result: lensResultSchema,
    event: none,
  },

  /**
   * Writes the base model with an adapter worked into its weights as a Hugging Face folder of safetensors, into a folder
   * that is there and empty.
   */
  'export.merged': {
    params: z.object({ model: z.string(), adapter: z.string(), to: z.string() }),
    result: nothing,
    event: none,
  },

  /**
   * Writes the best approximation of a lower rank of a LoRA adapter as a PEFT folder, into a folder that is there and
   * empty. The rank must be below the adapter's.
   */
  'export.shrunk': {
    params: z.object({ model: z.string(), adapter: z.string(), rank: count, to: z.string() }),
    result: shrinkResultSchema,
    event: none,
  },

  /**
   * Singular values of what each adapter, or whole fine-tuned model, changed in the base's linear maps; `top` leading
   * vectors of each are looked at for intruder dimensions, none where it is 0. One event a matrix.
   */
  spectra: {
    params: z.object({ model: z.string(), arms: z.array(adapter).min(1), top: z.int().min(0) }),
    result: spectraResultSchema,
    event: spectraProgress,
  },

  /** Verdicts on texts, in order. */
  judge: {
    params: z.object({
      judge: judgeSpec,
      items: z.array(z.object({ text: z.string(), prompt: z.string().optional() })),
    }),
    result: z.object({ judge: z.string(), hash: z.string(), threshold: z.number(), verdicts: z.array(verdict) }),
    event: none,
  },
};

export type WorkerContract = typeof workerContract;
