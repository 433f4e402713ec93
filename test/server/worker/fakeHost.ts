import { RankscopeError } from '../../../server/protocol/errors.ts';
import type { AskedTexts, ModelPrompt } from '../../../server/experiments/ports/modelPort.ts';
import type { EngineHost, OpenModel, TextLogits } from '../../../server/worker/host/engineHost.ts';
import { FakeModel, type FakeOptions } from '../experiments/fakeModel.ts';

type FakeHashes = Pick<OpenModel, 'hash' | 'fileHashes'>;

class FakeOpenModel extends FakeModel implements OpenModel {
  readonly hash: string;
  readonly fileHashes: Readonly<Record<string, string>>;
  readonly path = '/model';
  readonly device = 'fake (1 thread)';
  readonly #onDispose: () => void;

  constructor({ hash, fileHashes }: FakeHashes, options: FakeOptions, onDispose: () => void) {
    super(options);
    this.hash = hash;
    this.fileHashes = fileHashes;
    this.#onDispose = onDispose;
  }

  override loadAdapter(arm: string, directory: string): Promise<void> {
    if (directory === '/missing') {
      return Promise.reject(new RankscopeError({ code: 'model', what: 'there is no adapter', where: directory }));
    }
    this.steps.set(arm, 100);
    return Promise.resolve();
  }

  logits(arm: string, text: string): Promise<TextLogits> {
    return Promise.resolve({ ids: Array.from(text, (_, i) => i), top1: [1], logits: Float32Array.from([arm.length]) });
  }

  /** Tokens are letters. */
  readonly tokens = {
    decode: (ids: readonly number[]) => ids.map((id) => String.fromCharCode(id)).join(''),
    tokenText: (id: number) => String.fromCharCode(id),
    vocabularySize: 128,
    hash: 'letters',
  };

  readonly checked: AskedTexts[] = [];

  /** Reads prompts of up to a hundred letters, and gives up to 500 new tokens. */
  check(asked: AskedTexts): void {
    this.checked.push(asked);
    const { maxNewTokens, prompts } = asked;
    if (maxNewTokens > 500) throw new RankscopeError({ code: 'data', what: `${maxNewTokens} are too many` });
    if (prompts.some((prompt) => typeof prompt === 'string' && prompt.length > 100))
      throw new RankscopeError({ code: 'data', what: 'a prompt is too long' });
  }

  chatPrompt(message: string): string {
    return message;
  }

  promptTokens(prompt: ModelPrompt): readonly number[] {
    return Array.from(JSON.stringify(prompt), (letter) => letter.charCodeAt(0));
  }

  dispose(): Promise<void> {
    this.#onDispose();
    return Promise.resolve();
  }
}

export interface FakeHost extends EngineHost {
  readonly opened: OpenModel[];
  /** Models open now. */
  open(): number;
}

export function fakeHost(
  options: FakeOptions = {},
  hash = 'a'.repeat(64),
  fileHashes: OpenModel['fileHashes'] = {},
): FakeHost {
  let open = 0;
  const opened: OpenModel[] = [];
  return {
    opened,
    open: () => open,
    runtimeVersion: '1.0.0-fake',
    openModel: (_reference, { onProgress }) => {
      open += 1;
      onProgress?.({ what: 'weights', done: 1, total: 2 });
      onProgress?.({ what: 'weights', done: 2, total: 2 });
      const model = new FakeOpenModel({ hash, fileHashes }, options, () => (open -= 1));
      opened.push(model);
      return Promise.resolve(model);
    },
    openClassifier: (path) =>
      Promise.reject(new RankscopeError({ code: 'model', what: 'there is no such classifier', where: path })),
    openSequenceClassifier: (reference) =>
      Promise.reject(new RankscopeError({ code: 'model', what: 'there is no such classifier', where: reference })),
    describeModel: (reference) =>
      Promise.reject(
        new RankscopeError({ code: 'model', what: 'there is no such model', where: reference, remedy: 'Check it.' }),
      ),
    localModels: () => Promise.resolve(['owner/name']),
    devices: () => Promise.resolve([{ name: 'cpu', available: true, detail: 'fake' }]),
  };
}
