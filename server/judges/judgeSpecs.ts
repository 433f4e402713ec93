import type { JudgeSpec as LexiconSpec } from '../protocol/judgeSpec.ts';
import type { CombinationRule } from './combine.ts';

/** An ONNX text classifier with its Keras vocabulary; paths are resolved. */
export interface ClassifierSpec {
  readonly kind: 'classifier';
  readonly model: string;
  readonly vocabulary: string;
  readonly label?: string;
  readonly threshold?: number;
}

/** A bag-of-words model's JSON. */
export interface LinearSpec {
  readonly kind: 'linear';
  readonly model: string;
  readonly threshold?: number;
}

/** A causal model with the paper's judging prompt. */
export interface LlmSpec {
  readonly kind: 'llm';
  readonly model: string;
  readonly threshold?: number;
}

export interface CombinedSpec {
  readonly kind: 'combined';
  readonly judges: readonly AnyJudgeSpec[];
  readonly rule?: CombinationRule;
}

/** Every judge that `createJudge` can build. */
export type AnyJudgeSpec = LexiconSpec | ClassifierSpec | LinearSpec | LlmSpec | CombinedSpec;
