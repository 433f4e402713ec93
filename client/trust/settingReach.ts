import { judgeReach } from '../../server/protocol/sweep/judgeKinds.ts';

/**
 * What each setting can make the extension access. A setting that names a file, an address or a program is not
 * taken from an untrusted workspace. The manifest's `restrictedConfigurations` repeats this table (a test checks
 * that), and the settings that the server gets in such a workspace leave these settings out.
 */
export const settingReach = {
  judge: judgeReach(),
  counterfactuals: 'a file',
  modelFolders: 'folders',
  cacheFolder: 'a folder',
  exportFolder: 'a folder',
  inlayHints: 'nothing',
  author: 'nothing',
  fields: 'nothing',
  columns: 'nothing',
  judgeFiles: 'nothing',
  judgeExclude: 'nothing',
  severity: 'nothing',
  'limits.characters': 'nothing',
  'limits.lines': 'nothing',
  'limits.lineLength': 'nothing',
  'limits.textLength': 'nothing',
  'limits.problems': 'nothing',
  curvePoints: 'nothing',
  showRunOnStart: 'nothing',
  device: 'nothing',
  resumeAfterReload: 'nothing',
} as const satisfies Readonly<Record<string, string>>;

/** Names (without `rankscope.`) of the settings that are not taken from an untrusted workspace. */
export const restrictedSettings: readonly string[] = Object.entries(settingReach).flatMap(([name, reach]) =>
  reach === 'nothing' ? [] : [name],
);

/** The settings for an untrusted workspace. Restricted settings are left out, so that their defaults apply. */
export function withoutReach(settings: unknown): unknown {
  if (typeof settings !== 'object' || settings === null) return settings;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !restrictedSettings.includes(name)));
}
