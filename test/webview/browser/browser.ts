/** One browser for all suites of panels, and what they ask of a page. */
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { launch, openPanel, type OpenedPanel, type OpenOptions } from '../../../scripts/panelHarness/openPanel.ts';

export interface BrowserOfTests {
  readonly open: (options: OpenOptions) => Promise<OpenedPanel>;
}

/** A browser that starts before the tests of a suite and ends after them; panels are closed after each test. */
export function browserOfTests(): BrowserOfTests {
  let browser: Browser | undefined;
  const opened: OpenedPanel[] = [];
  before(async () => {
    browser = await launch();
  });
  afterEach(async () => {
    for (const panel of opened.splice(0)) await panel.close();
  });
  after(() => browser?.close());
  return {
    async open(options) {
      const panel = await openPanel(browser!, options);
      opened.push(panel);
      return panel;
    },
  };
}

let axe: Promise<string> | undefined;

/** What axe-core finds wrong at WCAG 2.0 to 2.2, levels A and AA: `rule: targets`. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  axe ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // Through the debugger: the page's policy lets no other script in.
  await page.evaluate(await axe);
  return await page.evaluate<string[]>(`axe
    .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    .then(({ violations }) => violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target + ' ' + n.failureSummary).join('; ')))`);
}

/** The parameters of every request of a method so far. */
export function requestsOf(page: Page, method: string): Promise<readonly unknown[]> {
  return page.evaluate<unknown[]>(
    `harness.asked.filter((message) => message.method === ${JSON.stringify(method)}).map(({ params }) => params)`,
  );
}

/** Asks again and again, as a busy machine may need, until what is read passes; fails after ten seconds as the check does. */
export async function eventually<T>(read: () => Promise<T>, check: (value: T) => void): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      check(await read());
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
