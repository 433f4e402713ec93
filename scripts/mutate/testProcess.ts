/** Runs test files against faults in a process that is replaced when it ends, and now and then in any case. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { TestOrder, TestReply } from './testChild.ts';

/** What faults have done to a process's state ends with it. */
const ordersPerProcess = 400;

export class TestProcess {
  readonly #root: string;
  #child: Promise<ChildProcess> | undefined;
  #orders = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** A process that ends before it answers has failed the test: an endless loop, or no memory. */
  async run(order: TestOrder): Promise<TestReply> {
    if (this.#orders >= ordersPerProcess) await this.end();
    this.#orders += 1;
    this.#child ??= this.#start();
    const child = await this.#child;
    return new Promise((resolve) => {
      const ended = (): void => {
        child.off('message', answered);
        this.#forget();
        resolve({ isPassed: false, seconds: 0, what: 'the process hangs or ends' });
      };
      const answered = (reply: TestReply): void => {
        child.off('exit', ended);
        resolve(reply);
      };
      child.once('message', answered);
      child.once('exit', ended);
      child.send(order);
    });
  }

  async end(): Promise<void> {
    const child = await this.#child;
    child?.kill('SIGKILL');
    this.#forget();
  }

  #forget(): void {
    this.#child = undefined;
    this.#orders = 0;
  }

  #start(): Promise<ChildProcess> {
    const child = fork(join(import.meta.dirname, 'testChild.ts'), {
      cwd: this.#root,
      execArgv: ['--import', 'tsx', '--max-old-space-size=1500'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    return new Promise((resolve) => child.once('message', () => resolve(child)));
  }
}
