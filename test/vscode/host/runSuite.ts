/**
 * Runs a mocha suite inside the extension host of a real VS Code, with the whole `vscode` API: the extension from the
 * working copy, the suite from a bundle of its own. What `@vscode/test-electron` does, without Electron or a download.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import esbuild from 'esbuild';
import { openBrowser, startCodeServer } from './codeServer.ts';
import { makeProfile, removeProfile, type ProfileOptions } from './profile.ts';

export const root = path.join(import.meta.dirname, '..', '..', '..');
export const results = path.join(root, 'test-results');

export interface SuiteResult {
  readonly title: string;
  readonly milliseconds: number;
  /** Absent when it passed. */
  readonly failure?: string;
}

interface SuiteOptions extends ProfileOptions {
  /** File of test/vscode/suite without its ending. */
  readonly suite: string;
  readonly limitMilliseconds?: number;
}

/** One result per test; a suite that ends before its time is one failed result. */
export async function runSuite(options: SuiteOptions): Promise<readonly SuiteResult[]> {
  const bundle = await bundleSuite(options.suite);
  const profile = makeProfile(options);
  const trusted = options.trusted ?? true;
  const server = await startCodeServer(profile, { trusted, args: ['--vscode-option', 'enable-smoke-test-driver'] });
  const context = await openBrowser(profile);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const said: string[] = [];
    const ended = new Promise<unknown>((resolve) => {
      void page.exposeFunction('codeAutomationExit', resolve);
    });
    await page.exposeFunction('codeAutomationLog', (_kind: string, args: readonly unknown[]) => {
      said.push(args.map(String).join(' '));
    });
    const remote = (file: string) => `vscode-remote://${new URL(server.base).host}${file}`;
    const payload = [
      ['extensionDevelopmentPath', remote(root)],
      ['extensionTestsPath', remote(bundle)],
    ];
    await page.goto(server.url(profile.workspace, { payload: JSON.stringify(payload) }));
    const code = await Promise.race([
      ended,
      setTimeout(options.limitMilliseconds ?? 600_000, 'ran out of time', { ref: false }),
    ]);
    mkdirSync(results, { recursive: true });
    await page.screenshot({ path: path.join(results, `suite-${options.suite}.png`) }).catch(() => undefined);
    return readResults(said, code, server.log());
  } finally {
    await context.close();
    await server.stop();
    removeProfile(profile);
  }
}

const mark = '#result ';

function readResults(said: readonly string[], code: unknown, log: string): readonly SuiteResult[] {
  for (const line of said.filter((text) => text.startsWith('#note '))) console.log(`  ${line.slice(6)}`);
  const told = said
    .filter((line) => line.startsWith(mark))
    .map((line) => JSON.parse(line.slice(mark.length)) as SuiteResult);
  const failed = told.some(({ failure }) => failure !== undefined);
  if (told.length > 0 && (code === 0 || failed)) return told;
  const failure = `the suite ended with ${String(code)}\n${said.slice(-30).join('\n')}\n${log.slice(-3000)}`;
  return [...told, { title: 'comes to its end', milliseconds: 0, failure }];
}

/** The suite as one CommonJS file; `vscode` and mocha are found where it runs. */
async function bundleSuite(suite: string): Promise<string> {
  const outfile = path.join(root, 'node_modules', '.cache', 'vscode-suite', `${suite}.cjs`);
  await esbuild.build({
    entryPoints: [path.join(root, 'test', 'vscode', 'suite', `${suite}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return outfile;
}

/** Makes one test of the outer mocha of each result, so that both count alike. */
export function tellResults(title: string, told: readonly SuiteResult[]): void {
  describe(title, () => {
    for (const { title: name, failure } of told) {
      it(name, () => {
        if (failure !== undefined) throw new Error(failure);
      });
    }
  });
}
