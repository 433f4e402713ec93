/** What is said to the engine process and what it answers: one contract, from which types and validation follow. */
import { z } from 'zod';
import type { DescribedContract } from './channel.ts';
import { deviceName } from '../devices/deviceChoice.ts';
import { lensResultSchema } from '../run/lens.ts';
import { chatRequest } from '../sweep/chatFraming.ts';
import { judgeSpec } from '../sweep/judgeSpec.ts';
import { runEventSchema, runMetricsSchema } from '../run/run.ts';
import { shrinkResultSchema, spectraProgress, spectraResultSchema } from '../run/spectra.ts';
import { verdictDeclarationSchema } from '../sweep/verdictDeclaration.ts';

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
  detail: z.string().describe('What it is, or why it cannot be used.'),
  remedy: z.string().exactOptional().describe('What to do where it cannot be used.'),
  memoryBytes: z.number().min(0).exactOptional().describe('Its memory, where that can be known.'),
  precision: z.string().exactOptional(),
  installable: z.boolean().exactOptional().describe('Whether what is missing can be brought by `devices install`.'),
});
export type DeviceDescription = Readonly<z.output<typeof deviceDescription>>;

const modelDescription = z.object({
  reference: z.string(),
  path: z.string(),
  family: z.string(),
  task: z
    .enum(['causal-lm', 'sequence-classification'])
    .exactOptional()
    .describe('What its definition is for: a causal model completes texts, an encoder decides between classes.'),
  parameters: count,
  layers: count,
  hiddenSize: count,
  vocabulary: count,
  contextLength: count.optional(),
  storage: z.string().describe('Storage of the weights: F32, F16, Q4_1, ...'),
  bytes: count,
  hasTokenizer: z.boolean(),
  hasChatTemplate: z.boolean(),
  defaultTargets: z.array(z.string()).describe("PEFT's default targets for the family."),
  largestRank: count.describe('The largest rank that every default target allows.'),
  labels: z
    .array(z.string())
    .exactOptional()
    .describe('Of a classifier with a head in its checkpoint: the names of its classes.'),
  memoryFp32: count
    .exactOptional()
    .describe('Bytes of memory that a LoRA step takes with frozen matrices kept as float32 and as float16, estimated.'),
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
  partial: z.boolean().exactOptional().describe('It is not whole yet: the same completion comes again.'),
});

const logits = z.object({
  textIndex: z.int().min(0),
  ids: z.array(z.int()),
  top1: z.array(z.int()),
  logits: z.instanceof(Float32Array),
});

/** A verdict that a judge gave, also as the language server keeps it between sessions. */
export const judgedSchema = z.object({
  kind: z.literal('judged'),
  score: z.number().min(0).max(1).describe('0 (benign) to 1 (toxic).'),
  toxic: z.boolean(),
  categories: z.record(z.string(), z.number()).describe('Score per category, 0..1.'),
  evidence: z
    .array(z.object({ start: z.int(), end: z.int(), category: z.string() }))
    .describe('Ranges of the text that carried the verdict: UTF-16 offsets, end exclusive.'),
  why: z.string().exactOptional().describe("The judge's own words, where it has any."),
});

const verdict = z.discriminatedUnion('kind', [
  judgedSchema,
  z.object({ kind: z.literal('unjudged'), reason: z.string() }),
]);

const running = z.object({ run: z.string() });

const bytes = z.number().min(0);
const estimate = z.object({
  seconds: z.number().min(0),
  tuningSeconds: z
    .number()
    .min(0)
    .exactOptional()
    .describe('Of these, seconds that choosing learning rates takes, in a sweep that does.'),
  memoryBytes: bytes.describe('The highest resident memory of the engine process.'),
  diskBytes: bytes.describe("What the run's folder holds at its fullest."),
  basis: z.string().describe('What was measured, in a sentence.'),
  availableMemoryBytes: bytes,
  availableDiskBytes: bytes,
  refusal: z.string().exactOptional().describe('Why it would not fit; absent when it fits.'),
});
export type MeasuredEstimate = Readonly<z.output<typeof estimate>>;

const baseSurvey = z.object({
  declaration: verdictDeclarationSchema,
  seeds: count,
  samples: count,
  prompts: count.describe('Held-out prompts, and the templates that they come from.'),
  templates: count,
  base: z.number().min(0).max(1).describe("The base's toxicity: the mean over templates, 0..1."),
  groups: z
    .array(
      z.object({
        group: z.string(),
        base: z.number().min(0).max(1),
        templates: z.int().min(0),
        prompts: z.number().min(0).describe('Prompts a template.'),
      }),
    )
    .describe('The same on the prompts of each identity group; groups without a prompt have none.'),
  templateCorrelation: z
    .number()
    .min(0)
    .max(1)
    .exactOptional()
    .describe("Correlation of the base's completions of one template and group; absent where they cannot tell."),
  unjudged: z.int().min(0),
  judge: z.string(),
  arms: count.describe('Arms that will complete the prompts, the base among them.'),
  secondsPerCompletion: z.number().min(0),
});
export type BaseSurvey = Readonly<z.output<typeof baseSurvey>>;

const estimateProgress = z.object({ phase: z.string(), detail: z.string().exactOptional() });
export type EstimateProgress = Readonly<z.output<typeof estimateProgress>>;

export const workerContract = {
  ping: {
    about: 'Whether the engine process is alive, and what it is.',
    params: nothing,
    result: z.object({ pid: z.int(), runtimeVersion: z.string(), node: z.string() }),
    event: none,
  },

  devices: {
    about: 'The devices that can be used here.',
    params: nothing,
    result: z.array(deviceDescription),
    event: none,
  },

  'models.list': {
    about: 'The models on this machine.',
    params: nothing,
    result: z.array(z.string()),
    event: none,
  },
  'models.describe': {
    about: 'What a model is: its family, its sizes and the modules that can get adapters.',
    params: z.object({ model: z.string() }),
    result: modelDescription,
    event: none,
  },

  'sweep.start': {
    about:
      'Runs a sweep file into a new run folder, and ends when the run has finished. Cancelling the request cancels the run.',
    params: z.object({ file: z.string(), run: z.string(), device: usualDevice }),
    result: runMetricsSchema,
    event: runEventSchema,
  },
  'sweep.resume': {
    about: 'Goes on with a run that was interrupted, cancelled or failed, from its last checkpoint.',
    params: running,
    result: runMetricsSchema,
    event: runEventSchema,
  },
  'sweep.pause': {
    about: 'Holds the training of a run after the step that it is at; the run then has the event `paused`.',
    params: running,
    result: nothing,
    event: none,
  },
  'sweep.resumeTraining': {
    about: 'Lets the training of a paused run go on.',
    params: running,
    result: nothing,
    event: none,
  },
  'sweep.stopArm': {
    about: 'Trains one arm no further; it is evaluated as it stands.',
    params: running.extend({ arm: armId }),
    result: nothing,
    event: none,
  },
  'sweep.cancel': {
    about: 'The same as cancelling the request that started the run.',
    params: running,
    result: nothing,
    event: none,
  },

  'sweep.estimate': {
    about:
      'Estimates what a sweep file will take, by a rehearsal of a sample of it. Send it to a fresh process: the estimate holds the highest memory that the process ever had.',
    params: z.object({ file: z.string(), device: usualDevice }),
    result: estimate,
    event: estimateProgress,
  },

  'sweep.survey': {
    about:
      'Measures how toxic the base of a sweep file is on its held-out prompts: the chance of a verdict follows from that.',
    params: z.object({ file: z.string(), device: usualDevice }),
    result: baseSurvey,
    event: estimateProgress,
  },

  'sweep.check': {
    about: 'Reads a sweep file and its data without opening a model, so that errors in them show before anything runs.',
    params: z.object({ file: z.string() }),
    result: z
      .object({ training: z.int(), heldOut: z.int(), arms: z.array(armId), notes: z.array(z.string()) })
      .describe(
        'Examples, or prompts, that are trained on and that are kept for measuring; `notes` are what a person should know before the run.',
      ),
    event: none,
  },

  generate: {
    about:
      "Completes every prompt with the base and each adapter. An adapter's directory may also hold a whole fine-tuned model of the base's shape. There is one event a completion, in the order of arm, prompt and sample.",
    params: z.object({
      model: z.string(),
      base: z.boolean().describe('Whether the untouched base answers too, as arm `base`.'),
      adapters: z.array(adapter),
      prompts: z.array(z.string()),
      chat: chatRequest.optional(),
      options: generation,
      keep: z
        .boolean()
        .optional()
        .describe('Keeps the model and its arms open for the next such request; one model at a time is kept.'),
      partial: z
        .boolean()
        .optional()
        .describe('Tells growing completions too, a few times a second, before those that are whole.'),
      ...where,
    }),
    result: z.object({ completions: z.int(), seconds: z.number(), tokens: z.int() }),
    event: completion,
  },

  logits: {
    about: 'Logits after each text. There is one event a text, in order.',
    params: z.object({ model: z.string(), adapter: z.string().optional(), texts: z.array(z.string()), ...where }),
    result: z.object({ texts: z.int() }),
    event: logits,
  },

  lens: {
    about:
      "The logit lens of one prompt. An adapter's directory may also hold a whole fine-tuned model of the base's shape.",
    params: z.object({
      model: z.string(),
      base: z.boolean().describe('Whether the untouched base is shown too, as arm `base`.'),
      adapters: z.array(adapter),
      prompt: z.string(),
      chat: chatRequest.optional(),
      ...where,
    }),
    result: lensResultSchema,
    event: none,
  },

  'export.merged': {
    about:
      'Merges an adapter into the weights of its base model, and writes them as a Hugging Face folder of safetensors. The target folder must exist and be empty.',
    params: z.object({ model: z.string(), adapter: z.string(), to: z.string() }),
    result: nothing,
    event: none,
  },

  'export.shrunk': {
    about:
      "Writes the best approximation of a LoRA adapter at a lower rank as a PEFT folder. The target folder must exist and be empty; the rank must be below the adapter's.",
    params: z.object({ model: z.string(), adapter: z.string(), rank: count, to: z.string() }),
    result: shrinkResultSchema,
    event: none,
  },

  spectra: {
    about:
      "Singular values of the change that each adapter, or whole fine-tuned model, made to the base's linear maps. `top` is the number of leading vectors of each that are searched for intruder dimensions. There is one event a matrix.",
    params: z.object({ model: z.string(), arms: z.array(adapter).min(1), top: z.int().min(0) }),
    result: spectraResultSchema,
    event: spectraProgress,
  },

  judge: {
    about: 'Verdicts on texts, in order.',
    params: z.object({
      judge: judgeSpec,
      items: z.array(z.object({ text: z.string(), prompt: z.string().optional() })),
    }),
    result: z.object({ judge: z.string(), hash: z.string(), threshold: z.number(), verdicts: z.array(verdict) }),
    event: none,
  },
} satisfies DescribedContract;

export type WorkerContract = typeof workerContract;
