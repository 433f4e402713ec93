import { parseArgs } from 'node:util';
import { printable } from '../measures/text/printable.ts';
import { errorDetails, RankscopeError } from '../protocol/errors.ts';
import type { Arguments, CliContext, Command } from './options/command.ts';
import { commands } from './commands.ts';
import { exitStatus } from './output/exitStatus.ts';
import { commandHelp, overview } from './helpText.ts';
import { usage } from './options/values.ts';

export interface CliOptions {
  readonly version: string;
  /** Shows stacks with errors. */
  readonly debug: boolean;
}

/** Runs the command that `args` (without node and script) names. Never rejects: resolves with the exit status. */
export async function runCli(args: readonly string[], context: CliContext, options: CliOptions): Promise<number> {
  try {
    return await dispatch(args, context, options);
  } catch (error) {
    context.tell(`rankscope: ${printable(messageOf(error))}\n`);
    if (options.debug && error instanceof Error) context.tell(`${error.stack ?? ''}\n`);
    return exitStatus[errorDetails(error).code];
  }
}

async function dispatch(args: readonly string[], context: CliContext, { version }: CliOptions): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    context.tell(overview(commands));
    return exitStatus.usage;
  }
  if (name === '--version' || name === '-v') return say(context, `${version}\n`);
  if (name === '--help' || name === '-h') return say(context, overview(commands));
  if (name === 'help' && rest.length === 0) return say(context, overview(commands));
  const command = commandNamed(name === 'help' ? (rest[0] ?? '') : name);
  if (name === 'help') return say(context, commandHelp(command));
  const given = parse(command, rest);
  return given.values.help === true ? say(context, commandHelp(command)) : command.run(given, context);
}

function commandNamed(name: string): Command {
  const command = commands.find((each) => each.name === name);
  if (command) return command;
  throw new RankscopeError({
    code: 'usage',
    what: `there is no command "${name}"`,
    remedy: `The commands are ${commands.map((each) => each.name).join(', ')}.`,
  });
}

function parse({ options, positionals: [least, most] }: Command, args: readonly string[]): Arguments {
  const { values, positionals } = parseTexts(args, { ...options, help: { type: 'boolean', short: 'h' } });
  if (values.help === true) return { values, positionals };
  if (positionals.length < least) throw usage('an argument is missing');
  if (positionals.length > most) throw usage(`there is no place for "${positionals[most] ?? ''}"`);
  return { values, positionals };
}

function parseTexts(args: readonly string[], options: Command['options']): Arguments {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { values, positionals };
  } catch (error) {
    // Node's message names the option. Its advice on "--" is cut off.
    const words = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw usage(words);
  }
}

function say(context: CliContext, text: string): number {
  context.write(text);
  return 0;
}

/** One paragraph that says where, what, and what to do. */
function messageOf(error: unknown): string {
  const { what, where, remedy } = errorDetails(error);
  const place = where === undefined ? '' : `${where}: `;
  return [`${place}${sentence(what)}`, remedy === undefined ? '' : sentence(remedy)].join(' ').trim();
}

function sentence(text: string): string {
  return /[.!?]["')]?$/.test(text) ? text : `${text}.`;
}
