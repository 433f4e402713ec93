/** One browser for all suites of panels, and what they ask of a page. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { launch, openPanel, type OpenedPanel, type OpenOptions } from '../../../scripts/panelHarness/openPanel.ts';
import type { PanelName } from '../../../server/protocol/messages/panelStates.ts';

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

/** What each panel shows when it is worth looking at. */
export const ready: Readonly<Record<PanelName, (page: Page) => Promise<void>>> = {
  run: (page) => page.getByRole('table', { name: 'Completions side by side' }).waitFor(),
  compare: (page) => page.getByRole('table', { name: 'Compared arms' }).waitFor(),
  prompt: async (page) => {
    await page.getByRole('button', { name: /^Try on all ranks/ }).click();
    await page.getByText(/tokens in/).waitFor();
  },
  review: (page) => page.getByText('7 of 200', { exact: true }).waitFor(),
  devices: async (page) => {
    await page.getByRole('table', { name: 'Devices of this machine' }).waitFor();
    await page.getByRole('table', { name: 'Timings of devices' }).waitFor();
  },
  lens: (page) => page.getByRole('grid', { name: /of full/ }).waitFor(),
};

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

/** Asks again and again, as a busy machine may need, until what is read passes; fails after a minute as the check does. */
export async function eventually<T>(read: () => Promise<T>, check: (value: T) => void): Promise<void> {
  const end = Date.now() + 60_000;
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

/** What is read once it has not changed for half a second. */
export async function settled<T>(page: Page, read: () => Promise<T>): Promise<T> {
  let last = await read();
  await eventually(
    async () => {
      const before = last;
      await page.waitForTimeout(500);
      last = await read();
      return before;
    },
    (before) => assert.deepEqual(last, before),
  );
  return last;
}

/** Waits until nothing more is added to the panel: it is drawn piece by piece, and on a busy machine slowly. */
export async function atRest(page: Page): Promise<void> {
  await settled(page, () => page.evaluate<number>(`document.querySelectorAll('main *').length`));
}
