/** The packaged extension, installed into a VS Code of its own and shown in a browser. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { installTestHost } from '../../../scripts/installTestHost.mjs';
import { makePackages } from '../../../scripts/package.mjs';
import { installVsix, openBrowser, startCodeServer, type CodeServer } from './codeServer.ts';
import { makeProfile, removeProfile, type Profile, type ProfileOptions } from './profile.ts';
import { results } from './runSuite.ts';
import { Workbench } from './workbench.ts';

export interface Session {
  readonly profile: Profile;
  readonly server: CodeServer;
  readonly context: BrowserContext;
  readonly workbench: Workbench;
  end(): Promise<void>;
}

let made: Promise<string> | undefined;

/** The package of this machine's platform, made once per test run; a given one is RANKSCOPE_VSIX. */
function vsix(): Promise<string> {
  made ??= makeVsix();
  return made;
}

async function makeVsix(): Promise<string> {
  const given = process.env.RANKSCOPE_VSIX;
  if (given !== undefined && existsSync(given)) return path.resolve(given);
  const [file] = await makePackages([`${process.platform}-${process.arch}`], results);
  if (file === undefined) throw new Error('no package was made');
  return file;
}

/** Opens the workspace of `options` with the extension installed. `name` is the folder of the pictures. */
export async function openSession(name: string, options: ProfileOptions): Promise<Session> {
  await installTestHost();
  const profile = makeProfile(options);
  installVsix(profile, await vsix());
  const server = await startCodeServer(profile, { trusted: options.trusted ?? true });
  const context = await openBrowser(profile);
  const page = context.pages()[0] ?? (await context.newPage());
  const workbench = new Workbench(page, name);
  await page.goto(server.url(profile.workspace));
  await page.locator('.part.statusbar').waitFor();
  return {
    profile,
    server,
    context,
    workbench,
    end: async () => {
      await context.close();
      await server.stop();
      removeProfile(profile);
    },
  };
}
