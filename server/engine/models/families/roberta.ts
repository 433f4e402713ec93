import {
  encoderBody,
  encoderModules,
  encoderParameters,
  readBertConfig,
  type BertConfig,
} from '../blocks/bertEncoder.ts';
import { dense, denseParameters } from '../blocks/dense.ts';
import type { Family } from '../family.ts';

/** RoBERTa and XLM-RoBERTa with a sequence-classification head of two linear maps on the first token. */
export const roberta: Family<BertConfig> = {
  modelTypes: ['roberta', 'xlm-roberta'],
  task: 'sequence-classification',
  // Positions are counted from the padding token's id on, which has a row of its own.
  readConfig: (json) => readBertConfig(json, 'RoBERTa', json.index('pad_token_id', 1) + 1),
  linearModules: (c) => encoderModules(c, 'roberta'),
  otherParameters: (c) => [
    ...encoderParameters(c, 'roberta'),
    ...denseParameters('classifier.dense', c.hiddenSize, c.hiddenSize),
    ...denseParameters('classifier.out_proj', c.hiddenSize, c.classes),
  ],
  defaultTargets: ['query', 'value'],
  otherHeads: [/^lm_head\./, /^qa_outputs\./, /^(roberta\.)?pooler\./],
  classifier: { modules: ['classifier'], pooling: [] },
  body: (m, c) => encoderBody(m, c, 'roberta'),
  head: (m, _, hidden) => dense(m, 'classifier.out_proj', m.e.Tanh(dense(m, 'classifier.dense', hidden))),
};
