import { RankscopeError } from '../../protocol/errors.ts';
import type { Judge, Judgeable, Verdict } from '../judge/judge.ts';
import { judgeHash } from '../judge/judgeHash.ts';
import { type Activation, rowVerdict } from './classifierVerdict.ts';
import { inOrderOfLength } from './inOrderOfLength.ts';
import { judgeInBatches } from '../judge/judgeInBatches.ts';
import type { EncodedText } from './kerasVocabulary.ts';
import { checkedThreshold } from '../judge/threshold.ts';

/** A text classifier given as functions; who runs it is not the judge's business. */
export interface Classifier {
  readonly name: string;
  /** SHA-256 of weights and vocabulary. */
  readonly hash: string;
  /** One name per output. */
  readonly labels: readonly string[];
  /** A text's ids, and how many of its words they stand for. */
  readonly encode: (text: string) => EncodedText;
  /** One row of outputs for each row of ids, in order; rows may differ in length where `encode` does not pad. */
  readonly run: (ids: readonly (readonly number[])[], signal?: AbortSignal) => Promise<readonly Float32Array[]>;
  /** What makes probabilities of the outputs: nothing (they are), a sigmoid each, or a softmax over all. */
  readonly activation?: Activation;
}

export interface ClassifierOptions {
  /** The label whose probability is the score; the first unless given. */
  readonly label?: string | undefined;
  readonly threshold?: number | undefined;
  /** Texts per run; 128 unless given. */
  readonly batchSize?: number | undefined;
}

/**
 * A judge that scores a completion by a classifier's probability of one label; the other labels are its categories.
 * Texts the model knows nothing of, rows of the wrong length and outputs that are not finite are unjudged, as is every
 * text whose run throws. Texts of a batch are sorted by length, so that a model that pads to its longest row pads
 * little. Throws `config` for an unknown label or threshold.
 */
export function createClassifierJudge(classifier: Classifier, options: ClassifierOptions = {}): Judge {
  const { labels, name } = classifier;
  const label = options.label ?? labels[0] ?? '';
  const threshold = checkedThreshold(options.threshold);
  const at = labels.indexOf(label);
  if (at < 0) {
    const what = `The classifier ${name} has no label "${label}".`;
    throw new RankscopeError({ code: 'config', what, remedy: `Give one of ${labels.join(', ')}.` });
  }
  const activation = classifier.activation ?? 'none';
  const verdictOf = (row: Float32Array | undefined): Verdict => rowVerdict(row, labels, at, threshold, activation);
  return {
    kind: 'classifier',
    name,
    hash: judgeHash({ model: classifier.hash, labels, label, threshold, activation }),
    threshold,
    judge: (items, signal) => judgeByLength(items, options.batchSize ?? 128, classifier, verdictOf, signal),
  };
}

/** A text with its ids, or with what was thrown when they were asked for. */
interface Encoded extends Judgeable {
  readonly encoded: EncodedText | { readonly fault: unknown };
}

async function judgeByLength(
  items: readonly Judgeable[],
  batchSize: number,
  classifier: Classifier,
  verdictOf: (row: Float32Array | undefined) => Verdict,
  signal?: AbortSignal,
): Promise<readonly Verdict[]> {
  const encoded = items.map((item): Encoded => ({ ...item, encoded: encodedOf(item, classifier) }));
  return inOrderOfLength(encoded, lengthOf, (sorted) =>
    judgeInBatches(sorted, batchSize, (batch) => ask(batch, classifier, verdictOf, signal), signal),
  );
}

function encodedOf({ text }: Judgeable, { encode }: Classifier): Encoded['encoded'] {
  try {
    return encode(text);
  } catch (fault) {
    return { fault };
  }
}

function lengthOf({ encoded }: Encoded): number {
  return 'fault' in encoded ? 0 : encoded.known;
}

async function ask(
  batch: readonly Encoded[],
  classifier: Classifier,
  verdictOf: (row: Float32Array | undefined) => Verdict,
  signal?: AbortSignal,
): Promise<readonly Verdict[]> {
  const encoded = batch.map((item) => {
    if ('fault' in item.encoded) throw item.encoded.fault;
    return item.encoded;
  });
  const known = encoded.filter((text) => text.known > 0).map(({ ids }) => ids);
  const rows = known.length === 0 ? [] : await classifier.run(known, signal);
  let next = 0;
  return encoded.map((text) =>
    text.known === 0
      ? { kind: 'unjudged', reason: "no word of the text is in the classifier's vocabulary" }
      : verdictOf(rows[next++]),
  );
}
