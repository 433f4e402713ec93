/** The workbench as a person uses it: palette, quick picks, editors, panels. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Frame, FrameLocator, Locator, Page } from 'playwright-core';
import { until } from '../suite/until.ts';
import { results } from './runSuite.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export type Theme = 'dark' | 'light' | 'high-contrast' | 'high-contrast-light';

/** Name in the theme picker, and the classes that the workbench and a panel's body get. Dark is the first and the last. */
const themes: Readonly<Record<Theme, { readonly label: string; readonly workbench: string; readonly body: string }>> = {
  light: { label: 'Light Modern', workbench: 'vs', body: 'vscode-light' },
  'high-contrast': { label: 'Dark High Contrast', workbench: 'hc-black', body: 'vscode-high-contrast' },
  'high-contrast-light': { label: 'Light High Contrast', workbench: 'hc-light', body: 'vscode-high-contrast-light' },
  dark: { label: 'Dark Modern', workbench: 'vs-dark', body: 'vscode-dark' },
};

export class Workbench {
  readonly page: Page;
  readonly #shots: string;
  /** Violations of content security policies and uncaught errors, of any frame. */
  readonly trouble: string[] = [];

  constructor(page: Page, name: string) {
    this.page = page;
    this.#shots = path.join(results, name);
    mkdirSync(this.#shots, { recursive: true });
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      const text = message.text();
      if (/Content Security Policy|Refused to (load|execute|apply)/.test(text)) this.trouble.push(text);
    });
    page.on('pageerror', (error) => this.trouble.push(String(error)));
  }

  async shot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(this.#shots, `${name}.png`) });
  }

  get input(): Locator {
    return this.page.locator('.quick-input-widget input[type=text]').first();
  }

  /** A row of the quick pick by the text of its label. */
  row(label: string | RegExp): Locator {
    return this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.page.locator('.label-name', { hasText: label }) });
  }

  /** Runs a command by its title in the palette. */
  async command(title: string): Promise<void> {
    const exact = this.row(new RegExp(`^${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`));
    for (let attempt = 1; ; attempt += 1) {
      await this.page.keyboard.press('F1');
      try {
        await this.input.fill(`>${title}`, { timeout: 6000 });
        await exact.first().waitFor({ timeout: 6000 });
        break;
      } catch (error) {
        // A command that is still running can close the palette by taking the focus.
        if (attempt === 8) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
    await exact.first().click();
  }

  /** Chooses a row of the quick pick that is open. */
  async choose(label: string | RegExp): Promise<void> {
    await this.row(label).first().click();
  }

  /** Waits for the step of a quick pick by its title. */
  async step(title: string | RegExp): Promise<void> {
    await this.page.locator('.quick-input-title').filter({ hasText: title }).waitFor();
  }

  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.input.fill(name);
    await this.row(path.basename(name)).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.tab(path.basename(name)).waitFor();
  }

  tab(label: string | RegExp): Locator {
    return this.page.locator('.tab.active').filter({ hasText: label });
  }

  /** The text of the simple file dialog, taken with Enter. The dialog first puts a path of its own there. */
  async path(file: string): Promise<void> {
    await until('the dialog', async () => (await this.input.inputValue()).startsWith('/'));
    // It may do so late, over what has been typed: what is taken has stood there for a while.
    let seen = 0;
    await until('the path in the dialog', async () => {
      if ((await this.input.inputValue()) === file) seen += 1;
      else {
        seen = 0;
        await this.input.fill(file);
      }
      await this.page.waitForTimeout(300);
      return seen > 2;
    });
    await this.page.keyboard.press('Enter');
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text });
  }

  async closeEditors(): Promise<void> {
    await this.command('View: Close All Editors');
    await this.page.locator('.tab').first().waitFor({ state: 'detached' });
  }

  async clearNotifications(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
  }

  /** The page of the panel that is shown: two frames deep. */
  get panel(): FrameLocator {
    return this.page.locator('iframe.webview.ready:visible').last().contentFrame().frameLocator('#active-frame');
  }

  async panelFrame(): Promise<Frame> {
    const handle = await this.panel.locator('body').elementHandle({ timeout: 10_000 });
    const frame = await handle.ownerFrame();
    if (!frame) throw new Error('no panel is shown');
    return frame;
  }

  /** Pictures of what is shown in every theme, and what axe finds in the panel there; dark again in the end. */
  async inThemes(name: string, shown: 'panel' | 'editor' = 'panel'): Promise<string[]> {
    const found: string[] = [];
    for (const theme of Object.keys(themes) as Theme[]) {
      await this.theme(theme, shown);
      await this.shot(`${name}-${theme}`);
      if (shown === 'panel') found.push(...(await this.axe()).map((finding) => `${theme}: ${finding}`));
    }
    return found;
  }

  /** Sets a theme by its name, and waits until what is shown has it. */
  async theme(theme: Theme, shown: 'panel' | 'editor' = 'panel'): Promise<void> {
    const { label, workbench, body } = themes[theme];
    await this.command('Preferences: Color Theme');
    await this.input.fill(label);
    await this.page.locator('.quick-input-list .monaco-list-row.focused').filter({ hasText: label }).waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator(`.monaco-workbench.${workbench}`).waitFor();
    if (shown === 'panel') await this.panel.locator(`body.${body}`).waitFor();
    await this.page.waitForTimeout(300);
  }

  /** What axe finds against WCAG A and AA in the panel that is shown. */
  async axe(): Promise<string[]> {
    const frame = await this.panelFrame();
    await frame.evaluate(axe);
    return frame.evaluate(async () => {
      const { axe: tool } = globalThis as unknown as { axe: { run: (...given: unknown[]) => Promise<AxeResult> } };
      const { violations } = await tool.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
      return violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map(({ target, html }) => `${String(target)} ${html.slice(0, 120)}`).join(' | ')}`,
      );
    });
  }

  /** How many pixels each chart of the panel has drawn, and a number that changes with what they show. */
  async pixels(): Promise<{ drawn: number; sum: number }[]> {
    const frame = await this.panelFrame();
    return frame.evaluate(() =>
      [...document.querySelectorAll('canvas')].map((canvas) => {
        const { width, height } = canvas;
        const data =
          width * height === 0 ? [] : (canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? []);
        let drawn = 0;
        let sum = 0;
        for (let at = 3; at < data.length; at += 4) {
          if ((data[at] ?? 0) === 0) continue;
          drawn += 1;
          sum = (sum * 31 + (data[at - 3] ?? 0) + 7 * (data[at - 2] ?? 0) + at) % 1_000_000_007;
        }
        return { drawn, sum };
      }),
    );
  }
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: unknown; readonly html: string }[];
  }[];
}
