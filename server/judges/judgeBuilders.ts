/** How each kind of judge is built: one entry for every entry of protocol/sweep/judgeKinds.ts, by type. */
import { readPlainText } from '../files/plainFile.ts';
import { errorDetails, RankscopeError } from '../protocol/errors.ts';
import type { SingleJudgeSpec } from '../protocol/sweep/judgeSpec.ts';
import type { Judge } from './judge/judge.ts';
import { judgeHash } from './judge/judgeHash.ts';
import { createHumanJudge } from './labels/human.ts';
import { readLabelFile } from './labels/labelFile.ts';
import { labelHistory } from './labels/labelHistory.ts';
import { createLexiconJudge } from './lexicon/lexicon.ts';
import { type Classifier, createClassifierJudge } from './models/classifier.ts';
import { createEndpointJudge, type EndpointAccess } from './models/endpoint.ts';
import { parseKerasVocabulary } from './models/kerasVocabulary.ts';
import { createLinearJudge } from './models/linear.ts';
import { createLlmJudge, type LlmModel } from './models/llm.ts';
import { createSequenceClassifierJudge, type SequenceClassifier } from './models/sequenceClassifier.ts';

/** Opens the models that judges need; who has no engine leaves them out, and such judges are then refused. */
export interface JudgeModels {
  readonly classifier?: (
    path: string,
    options: { readonly frontPadding: number | undefined },
  ) => Promise<Pick<Classifier, 'run' | 'hash'>>;
  readonly sequenceClassifier?: (model: string) => Promise<SequenceClassifier>;
  /** How an endpoint is reached; left out where no text may leave the machine. */
  readonly endpoint?: EndpointAccess;
  readonly llm?: (model: string, options: { readonly explainTokens: number }) => Promise<LlmModel>;
}

type SpecOf<Kind extends SingleJudgeSpec['kind']> = Extract<SingleJudgeSpec, { kind: Kind }>;

/** Builds judges of one kind; the paths of their specifications are already resolved. */
export type JudgeBuilder<Spec> = (spec: Spec, models: JudgeModels) => Promise<Judge> | Judge;

/** Tokens of an answer that are kept as the explanation, unless the specification says otherwise. */
const explainTokens = 48;

export const judgeBuilders: { readonly [Kind in SingleJudgeSpec['kind']]: JudgeBuilder<SpecOf<Kind>> } = {
  lexicon: (spec) => createLexiconJudge(spec),
  linear: async (spec) => createLinearJudge(await readJudgeFile(spec.model), spec.model, spec),
  classifier: openClassifier,
  'sequence-classifier': async (spec, { sequenceClassifier: open }) =>
    createSequenceClassifierJudge(await needed(open, spec)(spec.model), spec),
  llm: openLlm,
  endpoint: (spec, { endpoint }) => createEndpointJudge(spec, needed(endpoint, spec)),
  human: async (spec) => createHumanJudge(labelHistory((await readLabelFile(spec.labels)).records).standing()),
};

async function openClassifier(spec: SpecOf<'classifier'>, models: JudgeModels): Promise<Judge> {
  const open = needed(models.classifier, spec);
  const json = await readJudgeFile(spec.vocabulary);
  const { labels, encode, frontPadding } = parseKerasVocabulary(json, spec.vocabulary);
  const { run, hash } = await open(spec.model, { frontPadding });
  const name = `classifier(${spec.model.replace(/^.*[\\/]/, '')})`;
  return createClassifierJudge({ name, labels, encode, run, hash: judgeHash([hash, json]) }, spec);
}

async function openLlm(spec: SpecOf<'llm'>, models: JudgeModels): Promise<Judge> {
  const tokens = spec.explainTokens ?? explainTokens;
  const model = await needed(models.llm, spec)(spec.model, { explainTokens: tokens });
  return createLlmJudge({ ...model, hash: judgeHash([model.hash, tokens]) }, spec);
}

/** Throws RankscopeError('config') where what a judge runs on is not there. */
function needed<T>(there: T | undefined, { kind }: SingleJudgeSpec): T {
  if (there !== undefined) return there;
  const what = `A judge of kind "${kind}" needs a model, and no engine is there to run it.`;
  throw new RankscopeError({ code: 'config', what, remedy: 'Run it in the engine process, or choose a lexicon.' });
}

async function readJudgeFile(path: string): Promise<string> {
  return readPlainText(path).catch((error: unknown) => {
    const what = `The judge's file cannot be read: ${errorDetails(error).what}`;
    throw new RankscopeError({ code: 'judge', what, where: path, remedy: 'Check the path.' }, { cause: error });
  });
}
