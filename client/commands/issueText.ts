import { homedir } from 'node:os';

export interface IssueParts {
  readonly versions: Readonly<Record<string, string>>;
  /** Settings that differ from their defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly log: readonly string[];
}

/** The draft of an issue report, in which the person describes what happened. Paths do not show the home folder. */
export function issueText({ versions, settings, log }: IssueParts, home = homedir()): string {
  const lines = [
    '# What happened',
    '',
    '# What was expected',
    '',
    '# How to make it happen again',
    '',
    '# Versions',
    '',
    ...Object.entries(versions).map(([name, version]) => `- ${name}: ${version}`),
    '',
    '# Changed settings',
    '',
    '```json',
    JSON.stringify(settings, null, 2),
    '```',
    '',
    '# Last lines of the log',
    '',
    '````text',
    ...(log.length > 0 ? log : ['(nothing)']),
    '````',
    '',
  ];
  const text = lines.join('\n');
  return home.length > 1 ? text.replaceAll(home, '~') : text;
}
