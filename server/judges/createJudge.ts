import { readPlainText } from '../files/plainFile.ts';
import { errorDetails, RankscopeError } from '../protocol/errors.ts';
import type { JudgeSpec } from '../protocol/judgeSpec.ts';
import { type Classifier, createClassifierJudge } from './models/classifier.ts';
import { combineJudges } from './combine.ts';
import { createEndpointJudge, type EndpointAccess } from './models/endpoint.ts';
import { createHumanJudge } from './labels/human.ts';
import type { Judge } from './judge/judge.ts';
import { judgeHash } from './judge/judgeHash.ts';
import { parseKerasVocabulary } from './models/kerasVocabulary.ts';
import { readLabelFile } from './labels/labelFile.ts';
import { labelHistory } from './labels/labelHistory.ts';
import { createLexiconJudge } from './lexicon/lexicon.ts';
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

type ClassifierSpec = Extract<JudgeSpec, { kind: 'classifier' }>;
type LlmSpec = Extract<JudgeSpec, { kind: 'llm' }>;

/** Tokens of an answer that are kept as the explanation, unless the specification says otherwise. */
const explainTokens = 48;

/**
 * The judge a specification names; its paths are already resolved. Throws what building that judge throws, and
 * `config` for a judge whose models cannot be run here.
 */
export async function createJudge(spec: JudgeSpec, models: JudgeModels = {}): Promise<Judge> {
  switch (spec.kind) {
    case 'lexicon':
      return createLexiconJudge(spec);
    case 'linear':
      return createLinearJudge(await readJudgeFile(spec.model), spec.model, spec);
    case 'classifier':
      return openClassifier(spec, models);
    case 'sequence-classifier':
      if (models.sequenceClassifier === undefined) throw cannotRun(spec.kind);
      return createSequenceClassifierJudge(await models.sequenceClassifier(spec.model), spec);
    case 'llm':
      return openLlm(spec, models);
    case 'endpoint':
      if (models.endpoint === undefined) throw cannotRun(spec.kind);
      return createEndpointJudge(spec, models.endpoint);
    case 'human':
      return createHumanJudge(labelHistory((await readLabelFile(spec.labels)).records).standing());
    case 'combined':
      return combineJudges(await createJudges(spec.judges, models), spec);
  }
}

/** Every one of them, or the first failure, told when none is being opened any more: what was opened can then be let go. */
async function createJudges(specs: readonly JudgeSpec[], models: JudgeModels): Promise<Judge[]> {
  const built = await Promise.allSettled(specs.map((one) => createJudge(one, models)));
  return built.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

async function openClassifier(spec: ClassifierSpec, { classifier }: JudgeModels): Promise<Judge> {
  if (classifier === undefined) throw cannotRun('classifier');
  const json = await readJudgeFile(spec.vocabulary);
  const { labels, encode, frontPadding } = parseKerasVocabulary(json, spec.vocabulary);
  const { run, hash } = await classifier(spec.model, { frontPadding });
  const name = `classifier(${spec.model.replace(/^.*[\\/]/, '')})`;
  return createClassifierJudge({ name, labels, encode, run, hash: judgeHash([hash, json]) }, spec);
}

async function openLlm(spec: LlmSpec, { llm }: JudgeModels): Promise<Judge> {
  if (llm === undefined) throw cannotRun('llm');
  const tokens = spec.explainTokens ?? explainTokens;
  const model = await llm(spec.model, { explainTokens: tokens });
  return createLlmJudge({ ...model, hash: judgeHash([model.hash, tokens]) }, spec);
}

function cannotRun(kind: string): RankscopeError {
  const what = `A judge of kind "${kind}" needs a model, and no engine is there to run it.`;
  return new RankscopeError({ code: 'config', what, remedy: 'Run it in the engine process, or choose a lexicon.' });
}

async function readJudgeFile(path: string): Promise<string> {
  return readPlainText(path).catch((error: unknown) => {
    const what = `The judge's file cannot be read: ${errorDetails(error).what}`;
    throw new RankscopeError({ code: 'judge', what, where: path, remedy: 'Check the path.' }, { cause: error });
  });
}
