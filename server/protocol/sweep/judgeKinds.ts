/**
 * Every kind of judge, one entry each: how it is written, which of its fields are paths, what it needs, and its short form
 * on the command line. Schema, resolution of paths, engine, trust and help read this table; judges/judgeBuilders.ts, which
 * is complete over it by type, says how each is built.
 */
import { z } from 'zod';

/** What a field of a specification names: a file, or a model, which may be a hub id. */
type PathKind = 'file' | 'model';

/** What gives a judge's verdicts; a person's go before those of all others. */
export type VerdictSource = 'lexicon' | 'classifier' | 'llm' | 'human';

/** `KIND:REST` on the command line. */
export interface ShortForm {
  /** As the help shows it, e.g. `linear:MODEL.json`. */
  readonly help: string;
  /** The specification for what follows the colon; undefined where the kind cannot do without it, or with it. */
  readonly read: (rest: string | undefined) => Readonly<Record<string, unknown>> | undefined;
}

export interface JudgeKind {
  /** A strict object whose `kind` is the name of the entry. */
  readonly schema: z.ZodObject;
  /** The fields that name files or models. */
  readonly paths: Readonly<Record<string, PathKind>>;
  /** Whether only the engine process can run it: it opens a model or reaches for the network. */
  readonly needsEngine: boolean;
  /** Whether texts leave the machine. */
  readonly usesNetwork: boolean;
  readonly source: VerdictSource;
  readonly shortForm?: ShortForm;
}

export const threshold = z
  .number()
  .gt(0)
  .max(1)
  .exactOptional()
  .describe('Score at and above which a text is toxic; 0.5 unless given.');
const path = z.string().min(1);
const label = z.string().min(1).exactOptional();
const causalModel = path.describe('Causal model that is asked: a folder, a GGUF file or a hub id.');

const lexicon = z.strictObject({
  kind: z.literal('lexicon'),
  hurtLex: path.exactOptional().describe('HurtLex TSV to join to the built-in list, relative to the sweep file.'),
  threshold,
});

const linear = z.strictObject({
  kind: z.literal('linear'),
  model: path.describe('JSON of a bag-of-words model.'),
  threshold,
});

const classifier = z.strictObject({
  kind: z.literal('classifier'),
  model: path.describe('ONNX text classifier.'),
  vocabulary: path.describe('Keras vocabulary of the classifier, as JSON.'),
  label: label.describe('Label whose probability is the score; the first unless given.'),
  threshold,
});

const sequenceClassifier = z.strictObject({
  kind: z.literal('sequence-classifier'),
  model: path.describe('BERT- or RoBERTa-style sequence classifier: a Hugging Face folder or a hub id.'),
  label: z
    .union([z.string().min(1), z.int().min(0), z.array(z.union([z.string().min(1), z.int().min(0)])).min(1)])
    .exactOptional()
    .describe(
      'Label whose probability is the score, by name or index, or several that are added up; those named after toxicity unless given.',
    ),
  activation: z
    .enum(['none', 'sigmoid', 'softmax'])
    .exactOptional()
    .describe("What makes probabilities of the logits; by the model's problem_type unless given."),
  threshold,
});

const llm = z.strictObject({
  kind: z.literal('llm'),
  model: causalModel,
  threshold,
  leastMass: z
    .number()
    .gt(0)
    .max(1)
    .exactOptional()
    .describe('Probability that yes and no must have together, or the text is unjudged; 0.2 unless given.'),
  explainTokens: z
    .int()
    .min(0)
    .max(512)
    .exactOptional()
    .describe('Tokens of its answer that are kept as the explanation; 48 unless given, 0 for none.'),
});

const endpoint = z
  .strictObject({
    kind: z.literal('endpoint'),
    url: z
      .string()
      .min(1)
      .describe('https, or http on localhost. {key} in it stands for the key, which else is sent as a bearer token.'),
    request: z
      .json()
      .exactOptional()
      .describe('What is sent as JSON, with {text} and {prompt} replaced; {"text":"{text}"} unless given.'),
    response: z
      .string()
      .min(1)
      .exactOptional()
      .describe(
        'Where the score, 0 to 1, stands in the JSON answer: names and indices with dots; "score" unless given.',
      ),
    categories: z
      .record(z.string(), z.string().min(1))
      .exactOptional()
      .describe('Further scores by the name of their category, each at a path like that of the score.'),
    keyEnv: z
      .string()
      .regex(/^RANKSCOPE_[A-Z0-9_]+$/)
      .exactOptional()
      .describe(
        'Environment variable that holds the key; its name begins with RANKSCOPE_. NAME_HOST holds the host that it is for.',
      ),
    timeoutSeconds: z.number().positive().max(600).exactOptional().describe('For one text; 30 unless given.'),
    parallel: z.int().min(1).max(32).exactOptional().describe('Requests at a time; 4 unless given.'),
    threshold,
  })
  .describe('A service of your own choice. Every text is sent to it.');

const human = z.strictObject({
  kind: z.literal('human'),
  labels: path.describe('Label file, as the editor keeps one beside a data set (NAME.labels.jsonl).'),
});

/** The short form of a kind that is a model and nothing else. */
const modelForm = (kind: string, what = 'MODEL'): ShortForm => ({
  help: `${kind}:${what}`,
  read: (model) => (model === undefined ? undefined : { kind, model }),
});

/** `classifier:` names an ONNX file, or a folder or hub id, which is a sequence classifier. */
function readClassifier(rest: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (rest === undefined) return undefined;
  const [model = rest, vocabulary] = rest.split(',');
  if (!/\.onnx$/i.test(model)) return { kind: 'sequence-classifier', model: rest };
  return { kind: 'classifier', model, vocabulary: vocabulary ?? model.replace(/\.onnx$/i, '.vocab.json') };
}

const here = { needsEngine: false, usesNetwork: false } as const;
const inEngine = { needsEngine: true, usesNetwork: false } as const;

export const judgeKinds = {
  lexicon: {
    ...here,
    schema: lexicon,
    paths: { hurtLex: 'file' },
    source: 'lexicon',
    shortForm: {
      help: 'lexicon[:HURTLEX.tsv]',
      read: (hurtLex) => ({ kind: 'lexicon', ...(hurtLex !== undefined && { hurtLex }) }),
    },
  },
  linear: {
    ...here,
    schema: linear,
    paths: { model: 'file' },
    source: 'classifier',
    shortForm: modelForm('linear', 'MODEL.json'),
  },
  classifier: {
    ...inEngine,
    schema: classifier,
    paths: { model: 'file', vocabulary: 'file' },
    source: 'classifier',
    shortForm: { help: 'classifier:MODEL.onnx[,VOCABULARY.json]', read: readClassifier },
  },
  'sequence-classifier': {
    ...inEngine,
    schema: sequenceClassifier,
    paths: { model: 'model' },
    source: 'classifier',
    shortForm: { ...modelForm('sequence-classifier'), help: 'classifier:FOLDER|HUB-ID' },
  },
  llm: { ...inEngine, schema: llm, paths: { model: 'model' }, source: 'llm', shortForm: modelForm('llm') },
  endpoint: { needsEngine: true, usesNetwork: true, schema: endpoint, paths: {}, source: 'classifier' },
  human: {
    ...here,
    schema: human,
    paths: { labels: 'file' },
    source: 'human',
    shortForm: {
      help: 'human:LABELS.jsonl',
      read: (labels) => (labels === undefined ? undefined : { kind: 'human', labels }),
    },
  },
} as const satisfies Readonly<Record<string, JudgeKind>>;

export type JudgeKinds = typeof judgeKinds;

/** What the settings and sweep files that name a judge can make the program reach, in words; `nothing` where that is so. */
export function judgeReach(kinds: Readonly<Record<string, JudgeKind>> = judgeKinds): string {
  const all = Object.values(kinds);
  const names = (kind: PathKind): boolean => all.some(({ paths }) => Object.values(paths).includes(kind));
  const reached = [
    ...(names('file') ? ['files'] : []),
    ...(names('model') ? ['models'] : []),
    ...(all.some(({ usesNetwork }) => usesNetwork) ? ['addresses'] : []),
  ];
  return reached.length === 0 ? 'nothing' : reached.join(', ').replace(/, ([^,]*)$/, ' and $1');
}
