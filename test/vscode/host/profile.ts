/** A profile that lasts one test: settings, extensions and a copy of a workspace, in a folder of its own. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Profile {
  readonly root: string;
  readonly user: string;
  readonly extensions: string;
  readonly workspace: string;
  readonly browser: string;
}

/** Quiet, offline and the same every time. */
const settings = {
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.tips.enabled': false,
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'telemetry.feedback.enabled': false,
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false,
  'window.restoreWindows': 'none',
  'files.hotExit': 'off',
  'files.autoSave': 'off',
  'files.simpleDialog.enable': true,
  'editor.accessibilitySupport': 'off',
  'editor.cursorBlinking': 'solid',
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  'remote.restoreForwardedPorts': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'json.schemaDownload.enable': false,
  'npm.fetchOnlinePackageInfo': false,
};

export interface ProfileOptions {
  /** Folders and files that the workspace is made of: name in it, and where it is copied from. */
  readonly workspace: Readonly<Record<string, string>>;
  /** Files of the workspace by their text. */
  readonly files?: Readonly<Record<string, string>>;
  readonly user?: Readonly<Record<string, unknown>>;
  /** Settings of scope machine: on a remote they are read from here alone. */
  readonly machine?: Readonly<Record<string, unknown>>;
  readonly trusted?: boolean;
}

export function makeProfile({
  workspace,
  files = {},
  user = {},
  machine = {},
  trusted = true,
}: ProfileOptions): Profile {
  const root = mkdtempSync(path.join(tmpdir(), 'rankscope-vscode-'));
  const at = (name: string) => path.join(root, name);
  const profile = {
    root,
    user: at('user'),
    extensions: at('extensions'),
    workspace: at('workspace'),
    browser: at('browser'),
  };
  for (const folder of [
    path.join(profile.user, 'User'),
    path.join(profile.user, 'Machine'),
    profile.extensions,
    profile.browser,
  ]) {
    mkdirSync(folder, { recursive: true });
  }
  const trust = { 'security.workspace.trust.enabled': !trusted, 'security.workspace.trust.startupPrompt': 'never' };
  writeFileSync(path.join(profile.user, 'User/settings.json'), JSON.stringify({ ...settings, ...trust, ...user }));
  writeFileSync(path.join(profile.user, 'Machine/settings.json'), JSON.stringify(machine));
  writeFileSync(at('config.yaml'), 'auth: none\n');
  mkdirSync(profile.workspace, { recursive: true });
  for (const [name, from] of Object.entries(workspace))
    cpSync(from, path.join(profile.workspace, name), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(profile.workspace, name)), { recursive: true });
    writeFileSync(path.join(profile.workspace, name), text);
  }
  return profile;
}

export function removeProfile({ root }: Profile): void {
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
