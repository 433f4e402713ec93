/**
 * What an editor asks of the language server about sweeps and runs. The channel of channel.ts carries it inside the
 * Language Server Protocol: every message is the parameter of the notification `rankscope/channel`, both ways, so that
 * requests stream events, can be cancelled, and are validated at both ends. Panels ask the extension in the same words
 * (panelContract.ts), and the extension passes on what it does not answer itself.
 *
 * Folders and files are absolute paths. Every number is finite; what was not measured is absent.
 */
import { z } from 'zod';
import { deviceChoice } from './deviceChoice.ts';
import { learningSchema } from './learning.ts';
import { lensResultSchema } from './lens.ts';
import { estimateSchema } from './estimate.ts';
import { armDescriptionSchema, armMetricsSchema, runMetricsSchema } from './run.ts';
import { armVerdictSchema, runVerdictSchema } from './runVerdict.ts';
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
  /** ISO 8601, UTC. */
  created: z.string(),
  experiment: z.string(),
  model: z.string(),
  /** The sweep file it was started from, where it is known. */
  file: path.optional(),
  arms: z.array(z.object({ id: armId, state: armState })),
  /** The verdict in one line, of a run that has one. */
  answer: z.string().exactOptional(),
});
export type RunSummary = Readonly<z.output<typeof runSummary>>;

/**
 * Points of one arm's curves: beside the steps a column for each curve of the catalogue (server/measures/curves.ts) by its
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
  /**
   * Seconds to the end of the present stage at the rate so far, of training to the last step of the last arm; absent until
   * a rate is known.
   */
  secondsLeft: z.number().min(0).optional(),
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
      /** Why it failed or was stopped. */
      reason: z.string().optional(),
      step: z.int().min(0),
      of: z.int().min(0),
    }),
  ),
  progress: progress.optional(),
  warnings: z.array(z.string()),
  failure: z.string().optional(),
  /** Arms whose metrics are known already, and the whole when the run has finished. */
  armMetrics: z.array(armMetricsSchema),
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
      /** What its run's verdict says of it. */
      verdict: armVerdictSchema.exactOptional(),
    }),
  ),
  /** The verdict of each run that has one, in the order of the arms. */
  verdicts: z.array(z.object({ run: path, verdict: runVerdictSchema })),
});
export type Comparison = Readonly<z.output<typeof comparison>>;

const estimate = z.object({
  seconds: z.number().min(0),
  memoryBytes: z.number().min(0),
  diskBytes: z.number().min(0),
  /** What the numbers rest on: which steps were timed, on what device. */
  basis: z.string(),
  availableMemoryBytes: z.number().min(0),
  availableDiskBytes: z.number().min(0),
  /** Why it would not fit; absent when it fits. */
  refusal: z.string().optional(),
});
export type SweepEstimate = Readonly<z.output<typeof estimate>>;

/** A judged text that a person is asked about. */
const reviewItem = z.object({
  /** SHA-256 of what was judged, hex: the key of labels. */
  content: z.string(),
  /** 0-based line of the file. */
  line: z.int().min(0),
  prompt: z.string().optional(),
  text: z.string(),
  verdict: verdict.optional(),
  categories: z.record(z.string(), z.number()),
  /** Ranges in `text`, UTF-16, of the words that carried the verdict. */
  evidence: z.array(z.object({ start: z.int(), end: z.int(), category: z.string() })),
  label: z.enum(['toxic', 'benign', 'unsure']).optional(),
});
export type ReviewItem = Readonly<z.output<typeof reviewItem>>;

/** Agreement of judge and human over the labelled texts, and the toxicity rate corrected for the judge's errors. */
const trust = z.object({
  labelled: z.int().min(0),
  /** Rows human, columns judge: toxic toxic, toxic benign, benign toxic, benign benign. */
  confusion: z.object({
    truePositive: z.int(),
    falseNegative: z.int(),
    falsePositive: z.int(),
    trueNegative: z.int(),
  }),
  accuracy: estimateSchema,
  /** -1..1 */
  kappa: estimateSchema,
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

/** A run that a server had going and that has not ended by anybody's will. */
const leftRun = z.object({
  run: path,
  /** Whether that server is gone; otherwise it is still there, or is just ending. */
  left: z.boolean(),
  /** When the run last gave a sign, ms since the epoch. */
  time: z.int(),
});
export type OrphanedRun = Readonly<z.output<typeof leftRun>>;

/** How `auto` chose the device of a run. */
const deviceTimings = z.object({
  ...runSummary.pick({ run: true, name: true, created: true, model: true }).shape,
  choice: deviceChoice,
});
export type RunDeviceChoice = Readonly<z.output<typeof deviceTimings>>;

export const runsContract = {
  /** The runs under folders, newest first; a folder that is not there has none. */
  'runs.list': { params: z.object({ folders: z.array(path) }), result: z.array(runSummary), event: none },

  /**
   * The runs under folders that servers before this one had going when they ended, by a shutdown or a crash: what is not
   * among them was ended or paused by somebody, or is finished.
   */
  'runs.left': { params: z.object({ folders: z.array(path) }), result: z.array(leftRun), event: none },

  /**
   * Starts the sweep of a file in an engine process of its own, into `out` or a new folder `runs/<name>-<time>` beside
   * the file. Answers as soon as the run's folder is there; whoever wants to see it go on watches it.
   */
  'run.start': { params: z.object({ file: path, out: path.optional() }), result: run, event: none },
  /**
   * Goes on with an interrupted, cancelled or failed run from its last checkpoint. One of `runs.left` is waited for until its
   * engine, which ends with its server, has written that.
   */
  'run.resume': { params: run, result: nothing, event: none },
  'run.pause': { params: run, result: nothing, event: none },
  'run.continue': { params: run, result: nothing, event: none },
  'run.stopArm': { params: armOf, result: nothing, event: none },
  'run.cancel': { params: run, result: nothing, event: none },

  /** The whole history of a run at once, then what changes, at most ten times a second, until the request is cancelled
   * or the run has ended. `points`: the budget of each curve. */
  'run.watch': { params: run.extend({ points: z.int().min(10).max(10_000) }), result: nothing, event: runUpdate },

  /** A run's completions, page by page. */
  'run.completions': {
    params: run.extend({
      arms: z.array(armId),
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
      flaggedOnly: z.boolean(),
    }),
    result: z.object({ total: z.int().min(0), rows: z.array(completionRow) }),
    event: none,
  },
  /** What the arms of a finished run keep against what they have learned, and the trials of learning rates. */
  'run.learning': { params: run, result: learningSchema, event: none },
  /** KL densities of a finished run (paper figure 6): nats against probability density, per arm. */
  'run.densities': {
    params: run,
    result: z.record(armId, z.object({ nats: z.array(z.number()), density: z.array(z.number()) })),
    event: none,
  },
  compare: { params: z.object({ arms: z.array(armOf).min(2), baseline: armOf }), result: comparison, event: none },
  /** Writes one thing of a run to a file or folder that is not there yet. */
  'run.export': {
    params: run.extend({ kind: exportKind, arm: armId.optional(), to: path }),
    result: z.object({ path }),
    event: none,
  },

  /**
   * Completions of one prompt by the base and each arm of a run. An event holds all of a completion so far and takes the
   * place of what came before of the same arm and sample; the last one has the verdict.
   */
  tryPrompt: {
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

  /** The logit lens of one prompt (paper figures 1 and 3): the base, where it is among the arms, and arms of a run. */
  lens: {
    params: run.extend({ arms: z.array(armId).min(1), prompt: z.string() }),
    result: lensResultSchema,
    event: none,
  },

  'sweep.check': workerContract['sweep.check'],
  /** What a file of labelled texts, or a folder with a subfolder of texts a label, says of its labels. */
  'labels.describe': {
    params: z.object({ path }),
    result: z.object({
      /** Whether its first line names columns. */
      header: z.boolean(),
      /** As written there, most frequent first, with how many texts have each. */
      labels: z.array(z.object({ value: z.string(), n: z.int() })),
    }),
    event: none,
  },

  /** Memory, time and disk of a sweep, from a short measured probe; ends early when cancelled. */
  estimate: { params: z.object({ file: path }), result: estimate, event: progress },

  /** The chance of a verdict, from the completions of the base alone, in sentences; ends early when cancelled. */
  plan: {
    params: z.object({ file: path }),
    result: z.object({ answer: z.string(), lines: z.array(z.string()), canAnswer: z.boolean() }),
    event: progress,
  },

  /** The judged texts of a data set file or of a run's completions, in file order, at most `limit` (50,000 unless given). */
  'review.items': {
    params: z.object({ file: path, flaggedOnly: z.boolean(), limit: z.int().min(1).max(500_000).optional() }),
    /** `total`: how many there are, also beyond the limit. */
    result: z.object({
      judge: z.string(),
      threshold: z.number(),
      items: z.array(reviewItem),
      total: z.int().min(0).optional(),
    }),
    event: none,
  },
  /** Writes one human label (or takes the latest back, `null`) into the sidecar and answers with what it makes of trust. */
  'review.label': {
    params: z.object({
      file: path,
      content: z.string(),
      label: z.enum(['toxic', 'benign', 'unsure']).nullable(),
      reason: z.string().optional(),
    }),
    result: trust,
    event: none,
  },
  'review.trust': { params: z.object({ file: path }), result: trust, event: none },

  'models.list': workerContract['models.list'],
  'models.describe': workerContract['models.describe'],
  devices: workerContract.devices,
  /** What the runs under folders were timed at where `auto` chose their device, newest first. */
  'devices.timings': { params: z.object({ folders: z.array(path) }), result: z.array(deviceTimings), event: none },
  /** Brings the library that a device lacks; a line of progress now and then. Cancelling it leaves all as it was. */
  'devices.install': {
    params: z.object({ provider: z.literal('cuda') }),
    result: nothing,
    event: z.object({ line: z.string() }),
  },
};

export type RunsContract = typeof runsContract;
