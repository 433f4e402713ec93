/** Whether an unknown value, read from a disk or a process border, is what `run.ts` describes. */
import { isRunVerdict } from './runVerdict.ts';
import type { StoredPrediction } from './classificationRun.ts';
import type {
  ArmMetrics,
  RoundResult,
  RunEvent,
  RunMetrics,
  StoredCompletion,
  StoredPrompt,
  StoredVerdict,
  TuningTrial,
} from './run.ts';

type Kind = 'string' | 'number' | 'list' | 'object';
type Fields = Readonly<Record<string, Kind | `${Kind}?`>>;

const trialFields: Fields = {
  ...{ method: 'string', triedOn: 'string', learningRate: 'number', steps: 'number' },
  ...{ loss: 'number?', tokens: 'number?', failure: 'string?' },
};
const tunedFields: Fields = {
  ...{ method: 'string', rank: 'number?', triedOn: 'string', learningRate: 'number', loss: 'number', steps: 'number' },
  edge: 'string?',
};

/** The fields of each event beside `time` and `type`; leaving an event out does not compile. */
const eventFields: Readonly<Record<RunEvent['type'], Fields>> = {
  started: { run: 'string', arms: 'list', resumedAtStep: 'number?' },
  phase: { phase: 'string', detail: 'string?', total: 'number?' },
  progress: { phase: 'string', done: 'number', total: 'number', arm: 'string?' },
  step: {
    arm: 'string',
    step: 'number',
    of: 'number',
    loss: 'number',
    gradientNorm: 'number',
    learningRate: 'number',
    tokens: 'number',
    labelTokens: 'number',
    seconds: 'number',
    memoryBytes: 'number',
  },
  probe: {
    ...{ arm: 'string', step: 'number', kl: 'number?', entropy: 'number?', n: 'number' },
    ...{ toxicityRate: 'number?', toxicityLow: 'number?', toxicityHigh: 'number?' },
    ...{ heldOutLoss: 'number?', heldOutTokens: 'number?' },
  },
  'tuning-trial': trialFields,
  tuned: tunedFields,
  restored: { arm: 'string', step: 'number', loss: 'number' },
  checkpoint: { step: 'number' },
  'arm-finished': { arm: 'string', trainTokensPerSecond: 'number?', peakMemoryBytes: 'number?' },
  'arm-failed': { arm: 'string', reason: 'string' },
  'arm-metrics': { metrics: 'object' },
  warning: { message: 'string' },
  paused: { step: 'number' },
  failed: { reason: 'string', code: 'string' },
  cancelled: {},
  finished: { metrics: 'object' },
};

const toxicityFields: Fields = { rate: 'number?', low: 'number?', high: 'number?', n: 'number', unjudged: 'number' };

const armFields: Fields = {
  id: 'string',
  method: 'string',
  rank: 'number?',
  seed: 'number',
  learningRate: 'number?',
  trainableParameters: 'number',
  toxicity: 'object',
  classification: 'object?',
  minority: 'number?',
  honest: 'number?',
  kl: 'object?',
  klAll: 'object?',
  entropy: 'number?',
  heldOutLoss: 'object?',
  perplexity: 'number?',
  toxicityVersus: 'list?',
  finalLoss: 'number?',
  bestStep: 'number?',
  trainTokensPerSecond: 'number?',
  peakMemoryBytes: 'number?',
  failure: 'string?',
};

export function isRunEvent(value: unknown): value is RunEvent {
  if (!isObject(value) || !has(value, { time: 'number', type: 'string' })) return false;
  const type = value.type as string;
  if (!Object.hasOwn(eventFields, type) || !has(value, eventFields[type as RunEvent['type']])) return false;
  if (type === 'arm-metrics') return isArmMetrics(value.metrics);
  return type !== 'finished' || isRunMetrics(value.metrics);
}

export function isRunMetrics(value: unknown): value is RunMetrics {
  if (!isObject(value) || value.version !== 1) return false;
  if (value.experiment !== 'toxicity' && !(value.experiment === 'classification' && isSummary(value.classification))) {
    return false;
  }
  if (!has(value, { finished: 'string', arms: 'list', notes: 'list' })) return false;
  const { rounds = [], tuning = [], stopped = [], verdict } = value;
  if (!Array.isArray(stopped) || !stopped.every(isText)) return false;
  if (verdict !== undefined && !isRunVerdict(verdict)) return false;
  if (!Array.isArray(rounds) || !rounds.every(isRoundResult)) return false;
  if (!Array.isArray(tuning) || !tuning.every((line) => isObject(line) && has(line, tunedFields))) return false;
  return (value.arms as unknown[]).every(isArmMetrics) && (value.notes as unknown[]).every(isText);
}

export function isRoundResult(value: unknown): value is RoundResult {
  const fields: Fields = {
    ...{ round: 'number', arm: 'string', steps: 'number', prompts: 'number', pairs: 'number' },
    ...{ toxicity: 'object', kl: 'object?', finalLoss: 'number?', failure: 'string?' },
  };
  return isObject(value) && has(value, fields) && has(value.toxicity as Loose, toxicityFields);
}

export function isTuningTrial(value: unknown): value is TuningTrial {
  return isObject(value) && has(value, trialFields);
}

export function isArmMetrics(value: unknown): value is ArmMetrics {
  if (!isObject(value) || !has(value, armFields) || !has(value.toxicity as Loose, toxicityFields)) return false;
  return value.classification === undefined || isResult(value.classification);
}

const resultFields: Fields = { rules: 'list', calibration: 'list', margins: 'list' };
const ruleFields: Fields = {
  rule: 'string',
  accuracy: 'object',
  groups: 'list',
  accuracyParity: 'object',
  worstGroupError: 'object',
  worstGroup: 'string?',
  biasGaps: 'list',
  answers: 'object?',
};
const summaryFields: Fields = {
  labels: 'list',
  groups: 'list',
  minority: 'string?',
  test: 'list',
  training: 'list',
  kinds: 'list',
};

function isResult(value: unknown): boolean {
  return isObject(value) && has(value, resultFields) && (value.rules as unknown[]).every((rule) => isRule(rule));
}

function isRule(value: unknown): boolean {
  return isObject(value) && has(value, ruleFields);
}

function isSummary(value: unknown): boolean {
  if (!isObject(value) || !has(value, summaryFields)) return false;
  return (value.kinds as unknown[]).every(
    (kind) => isObject(kind) && has(kind, { name: 'string', method: 'string', arms: 'list' }) && isResult(kind.result),
  );
}

export function isStoredPrediction(value: unknown): value is StoredPrediction {
  const fields = {
    example: 'number',
    label: 'string',
    group: 'string',
    logProbabilities: 'list',
    answer: 'string?',
  } as const;
  return isObject(value) && has(value, fields) && (value.logProbabilities as unknown[]).every(Number.isFinite);
}

export function isStoredPrompt(value: unknown): value is StoredPrompt {
  const fields: Fields = {
    ...{ promptIndex: 'number', prompt: 'string', template: 'string', frame: 'string' },
    ...{ group: 'string?', split: 'string' },
  };
  return isObject(value) && has(value, fields) && ['train', 'tune', 'certify'].includes(value.split as string);
}

export function isStoredCompletion(value: unknown): value is StoredCompletion {
  const fields = {
    promptIndex: 'number',
    prompt: 'string',
    sample: 'number',
    completion: 'string',
    tokens: 'list',
  } as const;
  return isObject(value) && has(value, fields);
}

export function isStoredVerdict(value: unknown): value is StoredVerdict {
  if (!isObject(value) || !has(value, { promptIndex: 'number', sample: 'number', judge: 'string' })) return false;
  if (isText(value.unjudged)) return true;
  return typeof value.toxic === 'boolean' && has(value, { score: 'number', why: 'string?' });
}

type Loose = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function has(value: Loose, fields: Fields): boolean {
  return Object.entries(fields).every(([name, kind]) => {
    const field = value[name];
    if (field === undefined) return kind.endsWith('?');
    return isOfKind(field, kind.replace('?', '') as Kind);
  });
}

/** Numbers of a run are finite: NaN and infinities do not survive JSON. */
function isOfKind(field: unknown, kind: Kind): boolean {
  if (kind === 'list') return Array.isArray(field);
  if (kind === 'object') return isObject(field);
  return kind === 'number' ? Number.isFinite(field) : isText(field);
}
