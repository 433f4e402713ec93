/** An engine process for tests: the real worker and channel over an engine of a few lines. Started with fork. */
import { ipcDuplex } from '../../../server/launch/ipcDuplex.ts';
import { RankscopeError, type ErrorDetails } from '../../../server/protocol/errors.ts';
import type { EngineHost, OpenModel } from '../../../server/worker/host/engineHost.ts';
import { startWorker } from '../../../server/worker/startWorker.ts';

const refused = () => Promise.reject(new RankscopeError({ code: 'model', what: 'this engine trains nothing' }));

/** Logits are the lengths of the text, so that what arrives can be told from what does not. */
const model: OpenModel = {
  hash: '0'.repeat(64),
  fileHashes: {},
  path: '/models/small',
  device: 'cpu',
  complete: refused,
  nextTokenLogProbabilities: refused,
  pairLosses: refused,
  trainableParameters: refused,
  train: refused,
  saveArm: refused,
  cutArm: refused,
  loadAdapter: refused,
  lens: refused,
  positionLogProbabilities: refused,
  logits: (_arm, text) =>
    Promise.resolve({ ids: [1], top1: [2], logits: Float32Array.of(text.length, 0.5, -Infinity) }),
  tokens: { decode: () => '', tokenText: () => undefined, vocabularySize: 0, hash: '' },
  check: () => undefined,
  chatPrompt: (message) => message,
  promptTokens: () => [],
  dispose: () => Promise.resolve(),
};

const host: EngineHost = {
  runtimeVersion: 'none',
  openModel: (reference) => {
    if (reference === 'dies') {
      process.stderr.write('a native library aborted\n');
      process.kill(process.pid, 'SIGKILL');
    }
    if (reference === 'exits') process.exit(7);
    if (reference === 'hangs') return new Promise(() => setInterval(() => undefined, 1000));
    return Promise.resolve(model);
  },
  openClassifier: refused,
  openSequenceClassifier: refused,
  describeModel: refused,
  localModels: () => Promise.reject(new TypeError('unforeseen')),
  devices: () => Promise.resolve([{ name: 'cpu', available: true, detail: 'the only one' }]),
};

const parentLeft = new Promise<ErrorDetails>((resolve) => {
  process.once('disconnect', () => resolve({ code: 'engine', what: 'the parent has gone' }));
});
const worker = startWorker(host, ipcDuplex(process, parentLeft));
process.stderr.write('ready\n');
// A worker told to stay ignores its parent's leaving, as one in a long native call does.
if (process.env['SMALL_WORKER_STAYS'] === undefined) {
  void parentLeft.then(() => worker.settled()).finally(() => process.exit(0));
} else {
  setInterval(() => undefined, 1000);
}
