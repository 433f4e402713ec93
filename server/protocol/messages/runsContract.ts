/**
 * What an editor asks of the language server about sweeps and runs. The channel of channel.ts carries it inside the
 * Language Server Protocol: every message is the parameter of the notification `rankscope/channel`, both ways, so that
 * requests stream events, can be cancelled, and are validated at both ends. Panels ask the extension in the same words
 * (panelContract.ts), and the extension passes on what it does not answer itself.
 *
 * Folders and files are absolute paths. Every number is finite; what was not measured is absent.
 */
import { z } from 'zod';
import type { DescribedContract } from './channel.ts';
import { deviceChoice } from '../devices/deviceChoice.ts';
import { learningSchema } from '../run/learning.ts';
import { lensResultSchema } from '../run/lens.ts';
import { estimateSchema } from '../run/estimate.ts';
import { armDescriptionSchema, armMetricsSchema, runMetricsSchema } from '../run/run.ts';
import { armVerdictSchema, runVerdictSchema } from '../run/runVerdict.ts';
import { workerContract } from './worker.ts';

/** The notification that carries the channel. */
export const channelMethod = 'rankscope/channel';

const path = z.string().min(1);
const armId = z.string().min(1);
const nothing = z.null();
const none = z.never();
const share = z.number().min(0).max(1);
const run = z.object({ run: path });

/** `interrupted`: its engine is gone and it can be resumed, as `failed` and `cancelled` ones can. */
const runState = z.enum(['starting', 'running', 'paused', 'finished', 'interrupted', 'failed', 'cancelled']);
export type RunState = z.output<typeof runState>;

const armState = z.enum(['waiting', 'training', 'trained', 'stopped', 'failed', 'finished']);
export type ArmState = z.output<typeof armState>;

const runSummary = z.object({
  run: path,
  name: z.string(),
  state: runState,
  created: z.string().describe('ISO 8601, UTC.'),
  experiment: z.string(),
  model: z.string(),
  file: path.optional().describe('The sweep file it was started from, where it is known.'),
  arms: z.array(z.object({ id: armId, state: armState })),
  answer: z.string().exactOptional().describe('The verdict in one line, of a run that has one.'),
});
export type RunSummary = Readonly<z.output<typeof runSummary>>;

/**
 * Points of one arm's curves: beside the steps a column for each curve of the catalogue (server/measures/catalogue/curves.ts) by its
 * key, all of equal length; `null` where nothing was measured at that step.
 */
const points = z.object({ step: z.array(z.int()) }).catchall(z.array(z.number().nullable()));
export type CurvePoints = Readonly<z.output<typeof points>>;

const progress = z.object({
  phase: z.string(),
  detail: z.string().optional(),
  arm: armId.optional(),
  done: z.int().min(0).optional(),
  total: z.int().min(0).optional(),
  secondsLeft: z
    .number()
    .min(0)
    .optional()
    .describe(
      'Seconds to the end of the present stage at the rate so far, of training to the last step of the last arm; absent until a rate is known.',
    ),
});

/** What a run is at one moment: enough to draw it whole. */
const runView = z.object({
  run: path,
  name: z.string(),
  state: runState,
  created: z.string(),
  model: z.string(),
  judge: z.string(),
  experiment: z.string(),
  arms: z.array(
    z.object({
      description: armDescriptionSchema,
      state: armState,
      reason: z.string().optional().describe('Why it failed or was stopped.'),
      step: z.int().min(0),
      of: z.int().min(0),
    }),
  ),
  progress: progress.optional(),
  warnings: z.array(z.string()),
  failure: z.string().optional(),
  armMetrics: z
    .array(armMetricsSchema)
    .describe('Arms whose metrics are known already, and the whole when the run has finished.'),
  metrics: runMetricsSchema.optional(),
});
export type RunView = Readonly<z.output<typeof runView>>;

/**
 * The first update of a watch holds the whole history, thinned to the asked number of points a curve (first, last,
 * lowest and highest of each bucket are kept); later ones what is new. `replace` tells that a curve was thinned anew and
 * takes the place of what was there; otherwise its points are appended.
 */
const runUpdate = z.object({
  view: runView,
  curves: z.record(armId, z.object({ replace: z.boolean(), points })),
  probes: z.record(armId, z.object({ replace: z.boolean(), points })),
});
export type RunUpdate = Readonly<z.output<typeof runUpdate>>;

const verdict = z.union([
  z.object({ score: share, toxic: z.boolean(), why: z.string().optional() }),
  z.object({ unjudged: z.string() }),
]);
export type ShownVerdict = Readonly<z.output<typeof verdict>>;

/** One prompt with what each arm made of it. */
const completionRow = z.object({
  promptIndex: z.int().min(0),
  sample: z.int().min(0),
  prompt: z.string(),
  completions: z.record(armId, z.object({ completion: z.string(), verdict: verdict.optional() })),
});
export type CompletionRow = Readonly<z.output<typeof completionRow>>;

export const armOf = z.object({ run: path, arm: armId });
export type ArmOf = Readonly<z.output<typeof armOf>>;

/** Paired over the prompts that both have; `difference` is that of the arm less the baseline. */
const comparison = z.object({
  baseline: armOf,
  arms: z.array(
    z.object({
      of: armOf,
      metrics: armMetricsSchema.optional(),
      toxicityRate: estimateSchema,
      difference: estimateSchema,
      verdict: armVerdictSchema.exactOptional().describe("What its run's verdict says of it."),
    }),
  ),
  verdicts: z
    .array(z.object({ run: path, verdict: runVerdictSchema }))
    .describe('The verdict of each run that has one, in the order of the arms.'),
});
export type Comparison = Readonly<z.output<typeof comparison>>;

const estimate = z.object({
  seconds: z.number().min(0),
  memoryBytes: z.number().min(0),
  diskBytes: z.number().min(0),
  basis: z.string().describe('What the numbers rest on: which steps were timed, on what device.'),
  availableMemoryBytes: z.number().min(0),
  availableDiskBytes: z.number().min(0),
  refusal: z.string().optional().describe('Why it would not fit; absent when it fits.'),
});
export type SweepEstimate = Readonly<z.output<typeof estimate>>;

/** A judged text that a person is asked about. */
const reviewItem = z.object({
  content: z.string().describe('SHA-256 of what was judged, hex: the key of labels.'),
  line: z.int().min(0).describe('0-based line of the file.'),
  prompt: z.string().optional(),
  text: z.string(),
  verdict: verdict.optional(),
  categories: z.record(z.string(), z.number()),
  evidence: z
    .array(z.object({ start: z.int(), end: z.int(), category: z.string() }))
    .describe('Ranges in `text`, UTF-16, of the words that carried the verdict.'),
  label: z.enum(['toxic', 'benign', 'unsure']).optional(),
});
export type ReviewItem = Readonly<z.output<typeof reviewItem>>;

/** Agreement of judge and human over the labelled texts, and the toxicity rate corrected for the judge's errors. */
const trust = z.object({
  labelled: z.int().min(0),
  confusion: z
    .object({
      truePositive: z.int(),
      falseNegative: z.int(),
      falsePositive: z.int(),
      trueNegative: z.int(),
    })
    .describe('Rows human, columns judge: toxic toxic, toxic benign, benign toxic, benign benign.'),
  accuracy: estimateSchema,
  kappa: estimateSchema.describe('-1..1'),
  sensitivity: estimateSchema,
  specificity: estimateSchema,
  judgedRate: estimateSchema,
  correctedRate: estimateSchema,
});
export type JudgeTrust = Readonly<z.output<typeof trust>>;

export const exportKind = z.enum([
  'adapter',
  'merged',
  'report-html',
  'report-markdown',
  'metrics-csv',
  'metrics-json',
]);
export type ExportKind = z.output<typeof exportKind>;

/** A run whose language server ended before it did, and that nobody has ended. */
const orphanedRun = z.object({
  run: path,
  isAbandoned: z.boolean().describe('Whether that server is gone; otherwise it still runs, or is just ending.'),
  time: z.int().describe('When the run last wrote an event, milliseconds since 1970.'),
});
export type OrphanedRun = Readonly<z.output<typeof orphanedRun>>;

/** How `auto` chose the device of a run. */
const deviceTimings = z.object({
  ...runSummary.pick({ run: true, name: true, created: true, model: true }).shape,
  choice: deviceChoice,
});
export type RunDeviceChoice = Readonly<z.output<typeof deviceTimings>>;

export const runsContract = {
  'runs.list': {
    about: 'The runs under folders, newest first; a folder that is not there has none.',
    params: z.object({ folders: z.array(path) }),
    result: z.array(runSummary),
    event: none,
  },

  'runs.orphaned': {
    about:
      'Runs under folders whose language server ended, by a shutdown or a crash, before they did. A run that somebody has paused or ended is not among them.',
    params: z.object({ folders: z.array(path) }),
    result: z.array(orphanedRun),
    event: none,
  },

  'run.start': {
    about:
      "Starts the sweep of a file in an engine process of its own, into `out` or a new folder `runs/<name>-<time>` beside the file. The answer comes as soon as the run's folder exists; `run.watch` shows what follows.",
    params: z.object({ file: path, out: path.optional() }),
    result: run,
    event: none,
  },
  'run.resume': {
    about:
      'Goes on with an interrupted, cancelled or failed run from its last checkpoint. Where the engine of an orphaned run is still writing that checkpoint, the request waits for it.',
    params: run,
    result: nothing,
    event: none,
  },
  'run.pause': {
    about: 'Holds the training of a run after the step that it is at.',
    params: run,
    result: nothing,
    event: none,
  },
  'run.continue': { about: 'Lets a paused run train on.', params: run, result: nothing, event: none },
  'run.stopArm': {
    about: 'Trains one arm no further. It is evaluated as it stands.',
    params: armOf,
    result: nothing,
    event: none,
  },
  'run.cancel': { about: 'Ends a run. It can be resumed.', params: run, result: nothing, event: none },

  'run.watch': {
    about:
      'Follows a run until it has ended or the request is cancelled: first its whole history, then what changes, at most ten times a second. `points` is the budget of each curve.',
    params: run.extend({ points: z.int().min(10).max(10_000) }),
    result: nothing,
    event: runUpdate,
  },

  'run.completions': {
    about: "A run's completions, page by page.",
    params: run.extend({
      arms: z.array(armId),
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
      flaggedOnly: z.boolean(),
    }),
    result: z.object({ total: z.int().min(0), rows: z.array(completionRow) }),
    event: none,
  },
  'run.learning': {
    about: 'What the arms of a finished run keep against what they have learned, and the trials of learning rates.',
    params: run,
    result: learningSchema,
    event: none,
  },
  'run.densities': {
    about: 'KL densities of a finished run (paper figure 6): nats against probability density, per arm.',
    params: run,
    result: z.record(armId, z.object({ nats: z.array(z.number()), density: z.array(z.number()) })),
    event: none,
  },
  compare: {
    about: 'Compares arms, of one run or of several, with a baseline: paired by prompt, and clustered by template.',
    params: z.object({ arms: z.array(armOf).min(2), baseline: armOf }),
    result: comparison,
    event: none,
  },
  'run.export': {
    about: 'Writes one thing of a run to a file or folder that is not there yet.',
    params: run.extend({ kind: exportKind, arm: armId.optional(), to: path }),
    result: z.object({ path }),
    event: none,
  },

  tryPrompt: {
    about:
      'Completes one prompt with the base and each arm of a run. An event holds all of a completion so far and replaces the event before of the same arm and sample; the last one has the verdict.',
    params: run.extend({
      arms: z.array(armId),
      prompt: z.string(),
      samples: z.int().min(1).max(20),
      maxNewTokens: z.int().min(1).max(1000),
      temperature: z.number().min(0),
      seed: z.int().min(0),
    }),
    result: z.object({ seconds: z.number(), tokens: z.int() }),
    event: z.object({ arm: armId, sample: z.int(), completion: z.string(), verdict: verdict.optional() }),
  },

  lens: {
    about:
      'The logit lens of one prompt (paper figures 1 and 3): the base, where it is among the arms, and arms of a run.',
    params: run.extend({ arms: z.array(armId).min(1), prompt: z.string() }),
    result: lensResultSchema,
    event: none,
  },

  'sweep.check': workerContract['sweep.check'],
  'labels.describe': {
    about: 'The labels in a file of labelled texts, or in a folder that has a subfolder of texts for each label.',
    params: z.object({ path }),
    result: z.object({
      header: z.boolean().describe('Whether its first line names columns.'),
      labels: z
        .array(z.object({ value: z.string(), n: z.int() }))
        .describe('As written there, most frequent first, with how many texts have each.'),
    }),
    event: none,
  },

  estimate: {
    about: 'Estimates time, memory and disk of a sweep by a rehearsal in a process of its own.',
    params: z.object({ file: path }),
    result: estimate,
    event: progress,
  },

  plan: {
    about: 'The chance of a verdict, from the completions of the base alone, in sentences; ends early when cancelled.',
    params: z.object({ file: path }),
    result: z.object({ answer: z.string(), lines: z.array(z.string()), canAnswer: z.boolean() }),
    event: progress,
  },

  'review.items': {
    about:
      "The judged texts of a data set file or of a run's completions, in file order, at most `limit` (50,000 unless given).",
    params: z.object({ file: path, flaggedOnly: z.boolean(), limit: z.int().min(1).max(500_000).optional() }),
    result: z
      .object({
        judge: z.string(),
        threshold: z.number(),
        items: z.array(reviewItem),
        total: z.int().min(0).optional(),
      })
      .describe('`total`: how many there are, also beyond the limit.'),
    event: none,
  },
  'review.label': {
    about:
      'Writes one human label into the label file (`null` takes the latest back), and answers with the trust that follows.',
    params: z.object({
      file: path,
      content: z.string(),
      label: z.enum(['toxic', 'benign', 'unsure']).nullable(),
      reason: z.string().optional(),
    }),
    result: trust,
    event: none,
  },
  'review.trust': {
    about: "How far people's labels say that the judge is to be trusted.",
    params: z.object({ file: path }),
    result: trust,
    event: none,
  },

  'models.list': workerContract['models.list'],
  'models.describe': workerContract['models.describe'],
  devices: workerContract.devices,
  'devices.timings': {
    about: 'The timings by which `auto` chose the device of the runs under folders, newest first.',
    params: z.object({ folders: z.array(path) }),
    result: z.array(deviceTimings),
    event: none,
  },
  'devices.install': {
    about:
      'Downloads the library that a device lacks, and reports progress. Cancelling it leaves everything as it was.',
    params: z.object({ provider: z.literal('cuda') }),
    result: nothing,
    event: z.object({ line: z.string() }),
  },
} satisfies DescribedContract;

export type RunsContract = typeof runsContract;
