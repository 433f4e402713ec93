import { RankscopeError } from '../../protocol/errors.ts';
import { type Activation, rowVerdict } from './classifierVerdict.ts';
import { inOrderOfLength } from './inOrderOfLength.ts';
import type { Judge } from '../judge/judge.ts';
import { judgeHash } from '../judge/judgeHash.ts';
import { judgeInBatches } from '../judge/judgeInBatches.ts';
import { checkedThreshold } from '../judge/threshold.ts';
import { meaningOf, toxicLabels } from './toxicLabels.ts';

/** A transformer with a classification head, given as a function; who runs it is not the judge's business. */
export interface SequenceClassifier {
  readonly name: string;
  /** SHA-256 of weights and tokenizer. */
  readonly hash: string;
  /** One name per logit. */
  readonly labels: readonly string[];
  /** What a logit says: of one class among all, of a class by itself, or a number as it stands. */
  readonly kind: 'single-label' | 'multi-label' | 'regression';
  /** Whether `kind` is an assumption, since the model's configuration names no `problem_type`. */
  readonly kindIsAssumed?: boolean | undefined;
  /** A row of logits for each text, in order; long texts are cut to what the model reads. */
  readonly logits: (texts: readonly string[], signal?: AbortSignal) => Promise<readonly Float32Array[]>;
}

export interface SequenceClassifierOptions {
  /**
   * The label whose probability is the score, by name or index, or several of classes that exclude each other; see
   * `toxicLabels` for what is taken unless given.
   */
  readonly label?: string | number | readonly (string | number)[] | undefined;
  readonly threshold?: number | undefined;
  /** How probabilities are made of logits, where the model's configuration does not say so rightly. */
  readonly activation?: Activation | undefined;
  /** Texts per run; 32 unless given. */
  readonly batchSize?: number | undefined;
}

const activations: Readonly<Record<SequenceClassifier['kind'], Activation>> = {
  'single-label': 'softmax',
  'multi-label': 'sigmoid',
  regression: 'none',
};

/**
 * A judge that scores a completion by a sequence classifier's probability of one label; all labels are its categories.
 * What the model fails on, and outputs that are no probabilities, are unjudged. Throws `config` for a label that the
 * model does not have, or for none where it is not plain which one means toxic, and for a bad threshold.
 */
export function createSequenceClassifierJudge(
  model: SequenceClassifier,
  options: SequenceClassifierOptions = {},
): Judge {
  const { labels, name } = model;
  const threshold = checkedThreshold(options.threshold);
  const activation = options.activation ?? activationOf(model);
  const at = labelIndices(model, options.label, activation);
  return {
    kind: 'classifier',
    name,
    hash: judgeHash({ model: model.hash, labels, at, threshold, activation }),
    threshold,
    judge: (items, signal) =>
      inOrderOfLength(
        items,
        ({ text }) => text.length,
        (sorted) =>
          judgeInBatches(
            sorted,
            options.batchSize ?? 32,
            async (batch) => {
              const texts = batch.map(({ text }) => text);
              const rows = await model.logits(texts, signal);
              return texts.map((_, i) => rowVerdict(rows[i], labels, at, threshold, activation));
            },
            signal,
          ),
      ),
  };
}

/** Throws `config` where nothing says whether the classes exclude each other, and their names speak against it. */
function activationOf({ kind, kindIsAssumed, labels, name }: SequenceClassifier): Activation {
  const kinds = labels.filter((label) => meaningOf(label) === 'toxic');
  if (!kindIsAssumed || kinds.length < 2 || labels.some((label) => meaningOf(label) === 'not'))
    return activations[kind];
  throw new RankscopeError({
    code: 'config',
    what:
      `The configuration of ${name} does not say whether its classes exclude each other ("problem_type"), and ` +
      `${kinds.join(', ')} may be true of one text.`,
    remedy: 'Give "activation": "sigmoid" where each class is decided by itself, or "softmax" where one of them is.',
  });
}

function labelIndices(
  { labels, name }: SequenceClassifier,
  given: SequenceClassifierOptions['label'],
  activation: Activation,
): readonly number[] {
  const names = given === undefined ? undefined : [given].flat();
  const at = names
    ? names.map((one) => (typeof one === 'number' ? one : labels.indexOf(one)))
    : (toxicLabels(labels, activation === 'softmax') ?? []);
  const wrong = at.findIndex((i) => labels[i] === undefined);
  const remedy = `Give one of ${labels.join(', ')} as "label", or its index; several where one text has one class.`;
  if (at.length === 0)
    throw new RankscopeError({ code: 'config', what: `It is not plain which label of ${name} means toxic.`, remedy });
  if (wrong >= 0) {
    const what = `The classifier ${name} has no label ${JSON.stringify(names?.[wrong])}.`;
    throw new RankscopeError({ code: 'config', what, remedy });
  }
  if (new Set(at).size === at.length && (at.length === 1 || activation === 'softmax')) return at;
  const what = `The labels ${at.map((i) => labels[i]).join(', ')} of ${name} cannot be added up: a text may have several.`;
  throw new RankscopeError({ code: 'config', what, remedy: 'Give one label, or "activation": "softmax".' });
}
