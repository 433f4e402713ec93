/** The process that tests run in: it answers each order with how the test file ended. */
import { Worker } from 'node:worker_threads';
import Mocha from 'mocha';
import { FreshModules } from './freshModules.ts';

export interface TestOrder {
  /** The test file, from the root. */
  readonly test: string;
  /** The fault, as the whole text of the file that has it. */
  readonly replaced: { readonly file: string; readonly text: string } | undefined;
}

export interface TestReply {
  readonly isPassed: boolean;
  /** Processor time of loading and running. */
  readonly seconds: number;
  /** The first test that failed and its message. */
  readonly what: string;
}

/** Processor time after which a test file hangs: the slowest takes a tenth of it. */
const hangSeconds = 40;
/** A thread of its own ends the process, since an endless loop lets nothing else run. */
const deadline = new Int32Array(new SharedArrayBuffer(4));
const watch = `
const { workerData } = require('node:worker_threads');
setInterval(() => {
  const { user, system } = process.cpuUsage();
  const end = Atomics.load(workerData, 0);
  if (end > 0 && (user + system) / 1e6 > end) process.kill(process.pid, 'SIGKILL');
}, 500);`;
new Worker(watch, { eval: true, workerData: deadline }).unref();

const root = process.cwd();
const modules = new FreshModules(root);
process.on('message', (order: TestOrder) => {
  void answer(order).then((reply) => process.send?.(reply));
});
process.send?.('ready');

async function answer({ test, replaced }: TestOrder): Promise<TestReply> {
  const begun = usedSeconds();
  Atomics.store(deadline, 0, Math.ceil(begun + hangSeconds));
  modules.replace(replaced);
  const what = await runFile(test).catch((fault: unknown) => `it cannot be loaded: ${String(fault)}`);
  Atomics.store(deadline, 0, 0);
  return { isPassed: what === '', seconds: usedSeconds() - begun, what };
}

/** Runs one test file up to its first failure, which it returns; '' when all passed. */
async function runFile(test: string): Promise<string> {
  const mocha = new Mocha({ bail: true, timeout: 60_000, reporter: 'dot' });
  mocha.suite.emit('pre-require', globalThis, test, mocha);
  await modules.load(test);
  return new Promise((done) => {
    let what = '';
    const runner = mocha.run(() => done(what));
    runner.on('fail', (failed, fault: unknown) => {
      if (what === '')
        what = `${failed.fullTitle()}: ${fault instanceof Error ? fault.message : String(fault)}`.slice(0, 400);
    });
  });
}

function usedSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
