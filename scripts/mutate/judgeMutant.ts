/** Runs the tests that reach a mutant, the nearest first, until one fails. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SampledMutant } from './sample.ts';
import { TestProcess } from './testProcess.ts';
import { applied } from './typedMutants.ts';

export class MutantJudge {
  readonly #root: string;
  readonly #tests: ReadonlyMap<string, readonly string[]>;
  readonly #budget: number;
  readonly #process: TestProcess;
  /** Processor seconds that each test file took when it passed. */
  readonly #seconds: Map<string, number>;
  /** Whether a test file that failed once passes without a fault. */
  readonly #passes: Map<string, boolean>;

  /** `budget`: processor seconds of tests a mutant; `known` is shared by judges that work side by side. */
  constructor(
    root: string,
    tests: ReadonlyMap<string, readonly string[]>,
    budget: number,
    known: { readonly seconds: Map<string, number>; readonly passes: Map<string, boolean> },
  ) {
    this.#root = root;
    this.#tests = tests;
    this.#budget = budget;
    this.#process = new TestProcess(root);
    this.#seconds = known.seconds;
    this.#passes = known.passes;
  }

  async judge(mutant: SampledMutant): Promise<Required<Pick<SampledMutant, 'outcome' | 'why' | 'tests' | 'leftOut'>>> {
    const text = readFileSync(join(this.#root, mutant.file), 'utf8');
    const replaced = { file: mutant.file, text: applied(text, mutant) };
    const reaching = this.#tests.get(mutant.file) ?? [];
    let [spent, tests] = [0, 0];
    for (const test of reaching) {
      if (this.#passes.get(test) === false) continue;
      if (tests > 0 && spent + (this.#seconds.get(test) ?? 0) > this.#budget) continue;
      const reply = await this.#process.run({ test, replaced });
      tests += 1;
      spent += reply.seconds;
      if (reply.isPassed) this.#seconds.set(test, reply.seconds);
      else if (await this.#passesWithout(test)) return { outcome: 'killed', why: reply.what, tests, leftOut: 0 };
    }
    const why = reaching.length === 0 ? 'no test imports it' : '';
    return { outcome: 'survived', why, tests, leftOut: reaching.length - tests };
  }

  end(): Promise<void> {
    return this.#process.end();
  }

  async #passesWithout(test: string): Promise<boolean> {
    const known = this.#passes.get(test);
    if (known !== undefined) return known;
    const { isPassed, what } = await this.#process.run({ test, replaced: undefined });
    this.#passes.set(test, isPassed);
    if (!isPassed) process.stderr.write(`left out, since it fails without a fault: ${test}: ${what}\n`);
    return isPassed;
  }
}
