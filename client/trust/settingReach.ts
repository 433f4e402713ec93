import { judgeReach } from '../../server/protocol/sweep/judgeKinds.ts';

/**
 * What each setting can make the extension reach. Whatever names a file, an address or a program is not taken from a workspace
 * that is not trusted: the manifest's `restrictedConfigurations` is this table's, which a test checks, and what goes to the
 * server there leaves these settings out.
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

/** Names, without `rankscope.`, of the settings that are not taken from a workspace without trust. */
export const restrictedSettings: readonly string[] = Object.entries(settingReach).flatMap(([name, reach]) =>
  reach === 'nothing' ? [] : [name],
);

/** Settings as a workspace without trust may have them: the defaults stand in for what is left out. */
export function withoutReach(settings: unknown): unknown {
  if (typeof settings !== 'object' || settings === null) return settings;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !restrictedSettings.includes(name)));
}
