import type { Value } from '../../ops/value.ts';
import {
  encoderBody,
  encoderModules,
  encoderParameters,
  readBertConfig,
  type BertConfig,
} from '../blocks/bertEncoder.ts';
import type { Family } from '../family.ts';
import { dense, denseParameters } from '../blocks/dense.ts';
import type { LinearModule } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';

const POOLER = 'bert.pooler.dense';

/** BERT with a sequence-classification head: tanh of the pooled first token, and one linear map to the classes. */
export const bert: Family<BertConfig> = {
  modelTypes: ['bert'],
  task: 'sequence-classification',
  readConfig: (json) => readBertConfig(json, 'BERT', 0),
  linearModules: (c): readonly LinearModule[] => [
    ...encoderModules(c, 'bert'),
    { name: POOLER, inFeatures: c.hiddenSize, outFeatures: c.hiddenSize, layout: 'out-in', bias: true },
  ],
  otherParameters: (c) => [...encoderParameters(c, 'bert'), ...denseParameters('classifier', c.hiddenSize, c.classes)],
  defaultTargets: ['query', 'value'],
  otherHeads: [/^cls\./, /^qa_outputs\./],
  classifier: { modules: ['classifier'], pooling: ['bert.pooler'] },
  body: (m, c) => encoderBody(m, c, 'bert'),
  head: (m: ModelContext, _, hidden: Value): Value => dense(m, 'classifier', m.e.Tanh(m.linear(POOLER, hidden))),
};
