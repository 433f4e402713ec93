/**
 * The forms of data sets that are known: by which fields each is recognised, and which of them holds what. The first that fits
 * is taken, so that those with more telling fields stand first. A field of a field is written `a.b`, every item of a list
 * `a[]`, and the words of a list as one text `a[+]`.
 */

/** Whether a label, as written, says that its text is toxic; undefined where it says neither. */
export type LabelMeaning = (label: string) => boolean | undefined;

export interface Shape {
  /** What people call such a file. */
  readonly name: string;
  /** Fields that tell it: each is there, and holds a text or what its path says. */
  readonly tells: readonly string[];
  /** Fields of the texts, each an example of its own. */
  readonly text: readonly string[];
  /** Which of several texts is right: a field with its index from 0. The others are left out. */
  readonly choice?: string;
  /** Fields of what the texts answer or continue, joined by a space. */
  readonly prompt?: readonly string[];
  /** The field of the group, or one for each of `text`. */
  readonly group?: string | readonly string[];
  readonly label?: string;
  /** Absent where labels say nothing of toxicity, or are not known to. */
  readonly labels?: LabelMeaning;
  /** Whether its fields say too little of themselves, or are read by a rule of their own: chats, pairs of answers, Alpaca. */
  readonly isGeneral?: true;
}

const words =
  (toxic: readonly string[], benign: readonly string[]): LabelMeaning =>
  (label) => {
    const written = label.trim().toLowerCase();
    return toxic.includes(written) ? true : benign.includes(written) ? false : undefined;
  };

const score =
  (meaning: (score: number) => boolean | undefined): LabelMeaning =>
  (label) =>
    label.trim() === '' || Number.isNaN(Number(label)) ? undefined : meaning(Number(label));

/** A share of the people asked, from 0 to 1: half of them or more. */
const share = score((value) => (value >= 0 && value <= 1 ? value >= 0.5 : undefined));

/** Data sets of toxicity and bias as their authors publish them, and as the hub has them. */
const published: readonly Shape[] = [
  {
    name: 'RealToxicityPrompts',
    tells: ['prompt.text', 'continuation.text'],
    text: ['continuation.text'],
    prompt: ['prompt.text'],
  },
  { name: 'BOLD', tells: ['domain', 'name', 'category', 'prompts[]'], text: ['prompts[]'], group: 'category' },
  {
    name: 'BBQ',
    tells: ['context', 'question', 'ans0', 'ans1', 'ans2'],
    text: ['ans0', 'ans1', 'ans2'],
    choice: 'label',
    prompt: ['context', 'question'],
    group: 'category',
  },
  { name: 'CrowS-Pairs', tells: ['sent_more', 'sent_less'], text: ['sent_more', 'sent_less'], group: 'bias_type' },
  {
    name: 'HateCheck',
    tells: ['functionality', 'test_case', 'label_gold'],
    text: ['test_case'],
    label: 'label_gold',
    group: 'target_ident',
    labels: words(['hateful'], ['non-hateful']),
  },
  {
    name: 'ParaDetox',
    tells: ['en_toxic_comment', 'en_neutral_comment'],
    ...rewritten('en_toxic_comment', 'en_neutral_comment'),
  },
  {
    name: 'ParaDetox',
    tells: ['toxic_sentence', 'neutral_sentence'],
    ...rewritten('toxic_sentence', 'neutral_sentence'),
  },
  { name: 'ParaDetox', tells: ['toxic', 'neutral1'], ...rewritten('toxic', 'neutral1', 'neutral2', 'neutral3') },
  {
    name: 'ToxiGen',
    tells: ['text', 'target_group', 'toxicity_human'],
    text: ['text'],
    label: 'toxicity_human',
    group: 'target_group',
    // From 1 to 5; the middle says neither.
    labels: score((value) => (value === 3 ? undefined : value > 3)),
  },
  {
    name: 'ToxiGen',
    tells: ['prompt', 'generation', 'generation_method'],
    text: ['generation'],
    prompt: ['prompt'],
    group: 'group',
  },
  {
    name: 'StereoSet',
    tells: ['bias_type', 'target', 'sentences.sentence[]'],
    text: ['sentences.sentence[]'],
    group: 'bias_type',
  },
  {
    name: 'StereoSet',
    tells: ['data.intersentence[].bias_type', 'data.intrasentence[].bias_type'],
    text: ['data.intersentence[].sentences[].sentence', 'data.intrasentence[].sentences[].sentence'],
    group: ['data.intersentence[].bias_type', 'data.intrasentence[].bias_type'],
  },
  { name: 'WinoBias', tells: ['tokens[+]', 'coreference_clusters[]'], text: ['tokens[+]'] },
  {
    name: 'Civil Comments',
    tells: ['text', 'toxicity', 'severe_toxicity', 'identity_attack'],
    text: ['text'],
    label: 'toxicity',
    labels: share,
  },
  {
    name: 'Civil Comments',
    tells: ['comment_text', 'target', 'severe_toxicity', 'identity_attack'],
    text: ['comment_text'],
    label: 'target',
    labels: share,
  },
  {
    name: 'Jigsaw toxic comments',
    tells: ['comment_text', 'toxic', 'severe_toxic'],
    text: ['comment_text'],
    label: 'toxic',
    // -1 in its test set: nobody said.
    labels: words(['1'], ['0']),
  },
];

/** Outer names of the fields that tell a published form best: a record of one has at least one of them. */
export const tellingNames: ReadonlySet<string> = new Set(
  published.map(({ tells }) => (tells.at(-1) ?? '').replace(/[.[].*$/, '')),
);

/** A toxic text with one rewriting of it or several, each the answer to it. */
function rewritten(toxic: string, ...neutral: readonly string[]): Pick<Shape, 'text' | 'prompt'> {
  return { text: neutral, prompt: [toxic] };
}

/** Forms of any content, which chats, pairs and texts come in; `jsonLine` tells them apart. */
export const generalShapes = {
  preferences: {
    name: 'preference pairs',
    tells: ['chosen', 'rejected'],
    text: ['chosen', 'rejected'],
    prompt: ['prompt'],
    isGeneral: true,
  },
  kto: {
    name: 'KTO',
    tells: ['prompt', 'completion', 'label'],
    text: ['completion'],
    prompt: ['prompt'],
    label: 'label',
    // Whether the answer is to be learnt, which is no word on its toxicity.
    labels: () => undefined,
    isGeneral: true,
  },
  pairs: {
    name: 'prompt and completion',
    tells: ['completion'],
    text: ['completion'],
    prompt: ['prompt'],
    isGeneral: true,
  },
  alpaca: {
    name: 'Alpaca',
    tells: ['instruction', 'output'],
    text: ['output'],
    prompt: ['instruction', 'input'],
    isGeneral: true,
  },
  chats: { name: 'chats', tells: ['messages'], text: ['messages'], isGeneral: true },
  shareGpt: { name: 'ShareGPT', tells: ['conversations'], text: ['conversations'], isGeneral: true },
  texts: { name: 'texts', tells: ['text'], text: ['text'], isGeneral: true },
} as const satisfies Readonly<Record<string, Shape>>;

/** Whether a form's own field names say all of it: an editor need not say that `text` is the text. */
export function isPlain(shape: Shape): boolean {
  const { texts, pairs, chats, preferences } = generalShapes;
  return ([texts, pairs, chats, preferences] as readonly Shape[]).includes(shape);
}

/** The published form that a record or header fits, `has` saying whether a path is there; undefined for none. */
export function publishedShape(has: (path: string) => boolean): Shape | undefined {
  return published.find(({ tells }) => tells.every(has));
}

/** Names of columns that say by themselves what 1 means. */
const toxicNames = ['toxic', 'toxicity', 'is_toxic', 'hate', 'hateful', 'is_hate', 'offensive', 'abusive'];
const toxicWords = ['toxic', 'hateful', 'hate', 'offensive', 'abusive'];
const benignWords = [
  'benign',
  'non-toxic',
  'nontoxic',
  'not toxic',
  'non-hateful',
  'nothate',
  'not hateful',
  'not offensive',
];

/**
 * What the labels of a file mean: those of its form, unless another column was named as the label. In any other file 1
 * means toxic only where the column's name says so: elsewhere it may be a positive review.
 */
export function labelMeaning(shape: Shape | undefined, named?: string): LabelMeaning {
  const isOwn = named === undefined || named === shape?.label;
  if (isOwn && shape?.labels) return shape.labels;
  const column = named ?? shape?.label ?? 'label';
  const plain = words(toxicWords, benignWords);
  if (!toxicNames.includes(column.toLowerCase())) return plain;
  const numbers = words(['1', '1.0', 'true', 'yes'], ['0', '0.0', 'false', 'no']);
  return (label) => plain(label) ?? numbers(label) ?? share(label);
}

/** What a file was taken for, as part of a sentence: its form, and the fields that hold what. */
export function shapeText({ name, text, prompt, label, group }: Shape): string {
  const roles = Object.entries({ text, prompt, label, group }).flatMap(([role, fields]) =>
    fields === undefined ? [] : [`${role}: ${typeof fields === 'string' ? fields : [...new Set(fields)].join(', ')}`],
  );
  return `${name} (${roles.join('; ')})`;
}

/** What all of a file's examples were taken for, most first; undefined where nothing was recognised, as in a plain list. */
export function takenFor(examples: readonly { readonly shape?: Shape }[]): string | undefined {
  const counts = new Map<Shape, number>();
  for (const { shape } of examples) if (shape) counts.set(shape, (counts.get(shape) ?? 0) + 1);
  const shapes = [...counts].sort(([, a], [, b]) => b - a).map(([shape]) => shapeText(shape));
  return shapes.length === 0 ? undefined : shapes.join(', and ');
}
