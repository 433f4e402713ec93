import {
  encoderBody,
  encoderModules,
  encoderParameters,
  readBertConfig,
  type BertConfig,
} from '../blocks/bertEncoder.ts';
import { dense, denseParameters } from '../blocks/dense.ts';
import type { Family } from '../family.ts';

/** ELECTRA's discriminator with a sequence-classification head: RoBERTa's, with GELU between its two maps. */
export const electra: Family<BertConfig> = {
  modelTypes: ['electra'],
  task: 'sequence-classification',
  readConfig: (json) => ({
    ...readBertConfig(json, 'ELECTRA', 0),
    embeddingSize: json.count('embedding_size', 128),
  }),
  linearModules: (c) => encoderModules(c, 'electra'),
  otherParameters: (c) => [
    ...encoderParameters(c, 'electra'),
    ...denseParameters('classifier.dense', c.hiddenSize, c.hiddenSize),
    ...denseParameters('classifier.out_proj', c.hiddenSize, c.classes),
  ],
  defaultTargets: ['query', 'value'],
  otherHeads: [/^(discriminator|generator)_predictions\./, /^generator_lm_head\./, /^qa_outputs\./],
  classifier: { modules: ['classifier'], pooling: [] },
  body: (m, c) => encoderBody(m, c, 'electra'),
  head: (m, _, hidden) => dense(m, 'classifier.out_proj', m.e.Gelu(dense(m, 'classifier.dense', hidden))),
};
