/**
 * Pictures of every panel in every theme: `tsx scripts/panelHarness.ts OUT [panel ...]`. The panels are those of webview/,
 * with a host that answers from made-up data.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { launch, openPanel, type PanelName } from './panelHarness/openPanel.ts';
import type { ThemeName } from './panelHarness/themes.ts';

const panels: readonly PanelName[] = ['run', 'compare', 'prompt', 'review', 'lens'];
const themeNames: readonly ThemeName[] = ['dark', 'light', 'hc-dark', 'hc-light'];

/** What lies outside the window is not drawn: the whole of a panel is to be seen. */
const tall = 2600;

const [out = 'pictures', ...asked] = process.argv.slice(2);
const chosen = panels.filter((panel) => asked.length === 0 || asked.includes(panel));
await mkdir(out, { recursive: true });
const browser = await launch();
for (const panel of chosen) {
  for (const theme of themeNames) {
    const opened = await openPanel(browser, { panel, theme, height: tall });
    await opened.page.waitForTimeout(800);
    await opened.page.screenshot({ path: path.join(out, `${panel}-${theme}.png`) });
    for (const trouble of opened.trouble) console.error(`${panel} ${theme}: ${trouble}`);
    await opened.close();
  }
}
await browser.close();
