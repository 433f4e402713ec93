/** Opens a panel in a browser the way the editor does: its own page, a strict policy, the editor's theme variables. */
import esbuild from 'esbuild';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { PanelName } from '../../server/protocol/messages/panelStates.ts';
import { themes, type ThemeName } from './themes.ts';

export interface OpenOptions {
  readonly panel: PanelName;
  readonly theme?: ThemeName;
  readonly scenario?: string;
  readonly width?: number;
  readonly height?: number;
}

export interface OpenedPanel {
  readonly page: Page;
  /** Violations of the policy, uncaught errors and failed requests so far. */
  readonly trouble: readonly string[];
  readonly setTheme: (theme: ThemeName) => Promise<void>;
  readonly close: () => Promise<void>;
}

const origin = 'http://panel.example';
const nonce = 'harness';

/** Where the browser is; `CHROMIUM` names another. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--enable-precise-memory-info', '--js-flags=--expose-gc'],
  });
}

export async function openPanel(browser: Browser, options: OpenOptions): Promise<OpenedPanel> {
  const { panel, theme = 'dark', scenario = 'finished', width = 1300, height = 900 } = options;
  const context = await browser.newContext({ viewport: { width, height }, locale: 'en-US' });
  await serveFiles(context, panel);
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(message.text());
  });
  page.on('pageerror', (error) => trouble.push(String(error)));
  const setTheme = (name: ThemeName) => page.evaluate(themeScript(name)).then(() => undefined);
  await page.addInitScript(`document.addEventListener('DOMContentLoaded', () => { ${themeScript(theme)} })`);
  await page.goto(`${origin}/?panel=${panel}&scenario=${scenario}`);
  return { page, trouble, setTheme, close: () => context.close() };
}

/** Sets the variables on the root element and the class on the body, as the editor does. */
function themeScript(name: ThemeName): string {
  const { bodyClass, variables } = themes[name];
  return `(() => {
    document.documentElement.style.cssText = '';
    for (const [name, value] of Object.entries(${JSON.stringify(variables)}))
      document.documentElement.style.setProperty('--vscode-' + name, value);
    document.body.className = ${JSON.stringify(bodyClass)};
  })()`;
}

async function serveFiles(context: BrowserContext, panel: PanelName): Promise<void> {
  const files = await bundled(panel);
  await context.route(`${origin}/**`, (route) => {
    const name = new URL(route.request().url()).pathname;
    if (name === '/') return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html(panel) });
    const body = files.get(name.slice(1));
    if (body === undefined) return route.fulfill({ status: 404 });
    return route.fulfill({ contentType: name.endsWith('.css') ? 'text/css' : 'text/javascript', body });
  });
}

function html(panel: PanelName): string {
  const policy = `default-src 'none'; img-src data:; style-src ${origin} 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Rankscope: ${panel}</title>
<meta property="csp-nonce" content="${nonce}">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/${panel}.css">
</head>
<body>
<main id="app"></main>
<script nonce="${nonce}" src="/host.js"></script>
<script nonce="${nonce}" src="/${panel}.js"></script>
</body>
</html>`;
}

const kept = new Map<PanelName, Promise<ReadonlyMap<string, string>>>();

/** The panel and the fake host, bundled once a process. */
function bundled(panel: PanelName): Promise<ReadonlyMap<string, string>> {
  const files = kept.get(panel) ?? bundle(panel);
  kept.set(panel, files);
  return files;
}

async function bundle(panel: PanelName): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await esbuild.build({
    entryPoints: { [panel]: `webview/${panel}/main.ts`, host: 'scripts/panelHarness/fakeHost.ts' },
    absWorkingDir: new URL('../..', import.meta.url).pathname,
    outdir: 'dist/harness',
    write: false,
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    minify: true,
    logLevel: 'warning',
  });
  return new Map(outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf('/') + 1), text]));
}
