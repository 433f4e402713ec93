import { RankscopeError } from '../../protocol/errors.ts';
import { type Activation, rowVerdict } from './classifierVerdict.ts';
import { inOrderOfLength } from './inOrderOfLength.ts';
import type { Judge } from '../judge/judge.ts';
import { judgeHash } from '../judge/judgeHash.ts';
import { judgeInBatches } from '../judge/judgeInBatches.ts';
import { checkedThreshold } from '../judge/threshold.ts';

/** A transformer with a classification head, given as a function; who runs it is not the judge's business. */
export interface SequenceClassifier {
  readonly name: string;
  /** SHA-256 of weights and tokenizer. */
  readonly hash: string;
  /** One name per logit. */
  readonly labels: readonly string[];
  /** What a logit says: of one class among all, of a class by itself, or a number as it stands. */
  readonly kind: 'single-label' | 'multi-label' | 'regression';
  /** A row of logits for each text, in order; long texts are cut to what the model reads. */
  readonly logits: (texts: readonly string[], signal?: AbortSignal) => Promise<readonly Float32Array[]>;
}

export interface SequenceClassifierOptions {
  /** The label whose probability is the score, by name or index; see `toxicLabel` for what is taken unless given. */
  readonly label?: string | number | undefined;
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
  const at = labelIndex(model, options.label);
  const activation = options.activation ?? activations[model.kind];
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

function labelIndex({ labels, name }: SequenceClassifier, given: string | number | undefined): number {
  const at = given === undefined ? toxicLabel(labels) : typeof given === 'number' ? given : labels.indexOf(given);
  if (at !== undefined && labels[at] !== undefined) return at;
  const what =
    given === undefined
      ? `It is not plain which label of ${name} means toxic.`
      : `The classifier ${name} has no label ${JSON.stringify(given)}.`;
  throw new RankscopeError({
    code: 'config',
    what,
    remedy: `Give one of ${labels.join(', ')} as "label", or its index.`,
  });
}

/**
 * Index of the label that means toxic: the only one, the first that is named after toxicity, hate, offence or abuse and
 * does not deny it; undefined where none is. Names such as LABEL_1 say nothing.
 */
export function toxicLabel(labels: readonly string[]): number | undefined {
  if (labels.length === 1) return 0;
  const at = labels.findIndex(
    (label) => /tox|hate|offens|abus|harm|insult/i.test(label) && !/^(non|not|no|un)|harmless/i.test(label),
  );
  return at < 0 ? undefined : at;
}
