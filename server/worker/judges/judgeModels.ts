import type { JudgeModels } from '../../judges/judgeBuilders.ts';
import { judgeHash } from '../../judges/judge/judgeHash.ts';
import { fileHashesOf, type Hashes } from '../../runs/recordedHashes.ts';
import { askModel, askedPrompt, yesNoTokens } from './askModel.ts';
import type { EngineHost, OpenOptions } from '../host/engineHost.ts';

/** Opens what judges ask for, and lets all of it go at once. */
export interface OpenedJudgeModels {
  readonly models: Required<JudgeModels>;
  /** Hashes, for a run's record, of the files beside the weights of what has been opened. */
  readonly fileHashes: () => Hashes;
  readonly dispose: () => Promise<void>;
}

/** The models of judges over an engine host. `dispose` releases every model that was opened through it. */
export function openJudgeModels(
  host: EngineHost,
  where: Pick<OpenOptions, 'device' | 'threads'> = { device: 'auto', threads: 0 },
): OpenedJudgeModels {
  const opened: (() => Promise<void>)[] = [];
  const read = new Map<string, Hashes>();
  return {
    models: {
      classifier: async (path, options) => {
        const classifier = await host.openClassifier(path, options);
        opened.push(() => classifier.release());
        return { hash: classifier.hash, run: (ids) => classifier.run(ids) };
      },
      sequenceClassifier: async (reference) => {
        const classifier = await host.openSequenceClassifier(reference, where);
        opened.push(() => classifier.dispose());
        read.set(reference, classifier.fileHashes);
        const { hash, tokenizerHash, labels, kind, kindIsAssumed } = classifier;
        return {
          name: `sequence-classifier(${shortName(reference)})`,
          hash: judgeHash([hash, tokenizerHash]),
          labels,
          kind,
          kindIsAssumed,
          logits: async (texts, signal) => {
            const [all] = await classifier.classLogits(['base'], texts, undefined, signal);
            return texts.flatMap((_, i) => all?.slice(i * labels.length, (i + 1) * labels.length) ?? []);
          },
        };
      },
      endpoint: { fetch: globalThis.fetch, environment: process.env },
      llm: async (reference, { explainTokens }) => {
        const model = await host.openModel(reference, where);
        opened.push(() => model.dispose());
        read.set(reference, model.fileHashes);
        const tokens = yesNoTokens(model);
        return {
          name: shortName(reference),
          // The template shows in what becomes of a message.
          hash: judgeHash([model.hash, model.tokens.hash, model.promptTokens(askedPrompt(model, '?'))]),
          ask: (messages, signal) => askModel(model, tokens, messages, { explainTokens, signal }),
        };
      },
    },
    fileHashes: () =>
      Object.assign({}, ...[...read].map(([reference, hashes]) => fileHashesOf('judge', hashes, reference))) as Hashes,
    dispose: async () => {
      await Promise.all(opened.splice(0).map((release) => release()));
    },
  };
}

/** The last component of a path or of a hub id. */
function shortName(reference: string): string {
  return reference.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '');
}
