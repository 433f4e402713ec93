import type { Command } from './options/command.ts';

/** The text of `rankscope --help`. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Rankscope: which rank of fine-tuning is safe?',
    '',
    'Usage: rankscope COMMAND [arguments]',
    '',
    ...lines,
    '',
    'rankscope COMMAND --help tells more about one. rankscope --version prints the version.',
    'RANKSCOPE_DEBUG=1 shows stack traces and what the engine process logs.',
    '',
  ].join('\n');
}

/** The text of `rankscope NAME --help`. */
export function commandHelp({ name, summary, usage, help, examples }: Command): string {
  const all = [...help, ['-h, --help', 'this text'] as const];
  const width = Math.max(...all.map(([option]) => option.length));
  return [
    `Usage: rankscope ${[name, usage].filter((part) => part !== '').join(' ')}`,
    '',
    summary,
    '',
    ...all.map(([option, text]) => `  ${option.padEnd(width)}  ${text}`),
    '',
    examples.length === 1 ? 'Example:' : 'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}
