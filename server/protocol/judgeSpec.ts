/** How a judge is named in a sweep file, in an editor's settings, on the command line and to the engine process. */
import { z } from 'zod';

const threshold = z
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

const single = [lexicon, linear, classifier, sequenceClassifier, llm, endpoint, human] as const;

const combined = z.strictObject({
  kind: z.literal('combined'),
  judges: z.array(z.discriminatedUnion('kind', single)).min(1),
  rule: z
    .enum(['first', 'any', 'all', 'majority', 'mean'])
    .exactOptional()
    .describe("How models' verdicts become one, where no human gave one; the first that there is unless given."),
  threshold: threshold.describe('Of the rule "mean" alone: the mean score at and above which a text is toxic.'),
});

/** Every judge there is. Paths are relative to what names them, and resolved before a judge is built. */
export const judgeSpec = z.discriminatedUnion('kind', [...single, combined]).describe('Who decides what is toxic.');

export type JudgeSpec = Readonly<z.output<typeof judgeSpec>>;
