import type { ConfigReader } from './configReader.ts';

/** The classes of a sequence classifier, as config.json tells them. */
export interface Classification {
  /** Names of the classes, in the order of the logits. */
  readonly labels: readonly string[];
  /**
   * What a logit says: of one class among all (softmax), of a class by itself (sigmoid), or a number as it stands. As
   * Transformers' pipelines read it: a single class without a `problem_type` is by itself.
   */
  readonly kind: 'single-label' | 'multi-label' | 'regression';
  /** Whether `kind` is an assumption: config.json names no `problem_type`, and there are several classes. */
  readonly kindIsAssumed?: boolean;
}

const KINDS: Readonly<Record<string, Classification['kind']>> = {
  single_label_classification: 'single-label',
  multi_label_classification: 'multi-label',
  regression: 'regression',
};

/** Reads `id2label`, `num_labels` and `problem_type`; throws RankscopeError('model') where they do not make sense. */
export function readClassification(json: ConfigReader): Classification {
  const labels = readLabels(json);
  const problem = json.optionalText('problem_type');
  const kind = problem === undefined ? undefined : KINDS[problem];
  if (problem !== undefined && !kind) throw json.unsupported(`"problem_type" ${JSON.stringify(problem)}`);
  if (kind) return { labels, kind };
  return labels.length === 1 ? { labels, kind: 'multi-label' } : { labels, kind: 'single-label', kindIsAssumed: true };
}

/** Transformers leaves out the default, two classes called LABEL_0 and LABEL_1. */
function readLabels(json: ConfigReader): readonly string[] {
  const names = json.object('id2label');
  const count = names ? Object.keys(names).length : json.count('num_labels', 2);
  return Array.from({ length: count }, (_, i) => {
    const name = names ? names[String(i)] : `LABEL_${i}`;
    if (typeof name === 'string') return name;
    throw json.unsupported(`"id2label" without a name for class ${i}`);
  });
}
