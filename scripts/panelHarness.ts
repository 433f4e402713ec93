/**
 * Pictures of every panel in every theme: `tsx scripts/panelHarness.ts OUT [picture ...]`. The panels are those of
 * webview/, with a host that answers from made-up data.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { launch, openPanel, type OpenOptions } from './panelHarness/openPanel.ts';
import type { ThemeName } from './panelHarness/themes.ts';

interface Picture {
  /** What lies outside the window is not drawn: it is as high as what is to be seen. */
  readonly open: OpenOptions;
  readonly prepare?: (page: Page) => Promise<void>;
}

const pictures: Readonly<Record<string, Picture>> = {
  run: { open: { panel: 'run', height: 3600 } },
  streaming: { open: { panel: 'run', scenario: 'stream', height: 1700 } },
  failed: { open: { panel: 'run', scenario: 'failed', height: 1000 } },
  classification: { open: { panel: 'run', scenario: 'classification', height: 3000 } },
  broken: { open: { panel: 'run', scenario: 'broken', height: 400 } },
  narrow: { open: { panel: 'run', width: 480, height: 2600 } },
  compare: { open: { panel: 'compare', height: 900 } },
  prompt: {
    open: { panel: 'prompt', height: 900 },
    prepare: (page) => page.getByRole('button', { name: /^Try on all ranks/ }).click(),
  },
  review: {
    open: { panel: 'review', height: 800 },
    prepare: async (page) => {
      for (const key of ['t', 'n', 'k']) await page.keyboard.press(key);
    },
  },
  lens: { open: { panel: 'lens', height: 1600 } },
  devices: { open: { panel: 'devices', height: 900 } },
};

const themeNames: readonly ThemeName[] = ['dark', 'light', 'hc-dark', 'hc-light'];

const [out = 'pictures', ...asked] = process.argv.slice(2);
await mkdir(out, { recursive: true });
const browser = await launch();
for (const [name, { open, prepare }] of Object.entries(pictures)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  for (const theme of themeNames) {
    const { page, trouble, close } = await openPanel(browser, { ...open, theme });
    await page.waitForTimeout(800);
    await prepare?.(page);
    await page.waitForTimeout(700);
    await page.screenshot({ path: path.join(out, `${name}-${theme}.png`) });
    for (const one of trouble) console.error(`${name} ${theme}: ${one}`);
    await close();
  }
}
await browser.close();
