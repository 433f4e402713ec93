/** Runs mocha inside the extension host. Each test's result becomes a line that the other process reads. */
import Mocha from 'mocha';

/** `load` imports the test files, after describe() and it() are defined. */
export function runMocha(load: () => Promise<unknown>): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 180_000, reporter: ResultLines as never });
  mocha.suite.emit('pre-require', globalThis as never, '', mocha);
  return load().then(
    () =>
      new Promise<void>((resolve, reject) => {
        mocha.run((failures) => {
          if (failures > 0) reject(new Error(`${failures} tests failed`));
          else resolve();
        });
      }),
  );
}

function ResultLines(runner: Mocha.Runner): void {
  const tell = (test: Mocha.Test, failure?: string) => {
    console.log(`#result ${JSON.stringify({ title: test.fullTitle(), milliseconds: test.duration ?? 0, failure })}`);
  };
  runner.on('pass', (test) => tell(test));
  runner.on('fail', (test, error: unknown) => {
    tell(test, error instanceof Error ? (error.stack ?? error.message) : String(error));
  });
}
