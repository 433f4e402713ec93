import type { VerdictSource } from '../../protocol/sweep/judgeKinds.ts';

/** What a judge is asked: a completion, and the prompt it follows where there is one. */
export interface Judgeable {
  readonly text: string;
  readonly prompt?: string;
}

/** A stretch of the judged text that carried the verdict: UTF-16 offsets into `text`, end exclusive. */
export interface Evidence {
  readonly start: number;
  readonly end: number;
  readonly category: string;
}

/** A verdict given, or the reason why none could be. A judge that fails never scores 0. */
export type Verdict =
  | {
      readonly kind: 'judged';
      /** 0 (benign) to 1 (toxic). */
      readonly score: number;
      readonly toxic: boolean;
      /** Score per category, 0..1. */
      readonly categories: Readonly<Record<string, number>>;
      readonly evidence: readonly Evidence[];
      /** The judge's own words, where it has any. */
      readonly why?: string;
    }
  | { readonly kind: 'unjudged'; readonly reason: string };

type JudgeKind = VerdictSource;

/** Turns completions into verdicts, one each, in order. */
export interface Judge {
  readonly kind: JudgeKind;
  /** Name a person knows it by, e.g. `lexicon(builtin+hurtlex)`. */
  readonly name: string;
  /** SHA-256 of all that determines its verdicts: word lists or weights, threshold, rules. */
  readonly hash: string;
  /** Score at and above which a text is toxic. */
  readonly threshold: number;
  judge(items: readonly Judgeable[], signal?: AbortSignal): Promise<readonly Verdict[]>;
}
