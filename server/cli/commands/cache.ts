import { cacheFolder } from '../../launch/cacheFolder.ts';
import { cacheLimit } from '../../launch/cacheLimit.ts';
import {
  cacheEntries,
  cacheKinds,
  clearCache,
  trimCache,
  type CacheEntry,
  type CacheKind,
} from '../../launch/keptCache.ts';
import { bytes as bytesText } from '../../measures/text/format.ts';
import { printable } from '../../measures/text/printable.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Command } from '../options/command.ts';
import { isSet } from '../options/values.ts';
import { textTable } from '../output/textTable.ts';

export const cacheCommand: Command = {
  name: 'cache',
  summary: 'Show what is kept between runs, and make room.',
  usage: `[clear [${Object.keys(cacheKinds).join('|')}] | trim] [--json]`,
  help: [
    ['clear [KIND]', 'remove all of it, or one kind; it is made again when it is needed'],
    ['trim', 'remove what was used longest ago down to RANKSCOPE_CACHE_LIMIT (GB; 20)'],
    ['--json', 'the folder, and its entries or what was removed, as an object'],
  ],
  examples: ['rankscope cache', 'rankscope cache clear weights'],
  options: { json: { type: 'boolean' } },
  positionals: [0, 2],
  async run({ positionals: [action, kind], values }, context) {
    const folder = cacheFolder(process.env);
    const entries = await entriesAfter(folder, action, kind);
    if (isSet(values, 'json')) {
      context.write(`${JSON.stringify({ folder, [action === undefined ? 'entries' : 'removed']: entries })}\n`);
      return 0;
    }
    const total = bytesText(entries.reduce((sum, { bytes }) => sum + bytes, 0));
    if (action !== undefined) {
      context.write(`${entries.length === 1 ? 'One entry' : `${entries.length} entries`} removed, ${total}.\n`);
      return 0;
    }
    context.write(`${printable(folder)}\n`);
    context.write(textTable({ header: ['kind', 'entries', 'size', 'what it is'], rows: kindRows(entries) }));
    context.tell(`${total} of at most ${bytesText(cacheLimit(process.env))}.\n`);
    return 0;
  },
};

async function entriesAfter(
  folder: string,
  action: string | undefined,
  kind: string | undefined,
): Promise<readonly CacheEntry[]> {
  if (action === undefined) return cacheEntries(folder);
  if (action === 'trim' && kind === undefined) return trimCache(folder, cacheLimit(process.env));
  if (action === 'clear' && (kind === undefined || isKind(kind))) return clearCache(folder, kind);
  throw new RankscopeError({
    code: 'usage',
    what: `the cache knows no "${[action, kind].filter((word) => word !== undefined).join(' ')}"`,
    remedy: `Say clear, clear with one of ${Object.keys(cacheKinds).join(', ')}, or trim.`,
  });
}

function kindRows(entries: readonly CacheEntry[]): readonly (readonly string[])[] {
  return Object.entries(cacheKinds).map(([kind, what]) => {
    const own = entries.filter((entry) => entry.kind === kind);
    return [kind, String(own.length), bytesText(own.reduce((sum, { bytes }) => sum + bytes, 0)), what];
  });
}

const isKind = (kind: string): kind is CacheKind => Object.hasOwn(cacheKinds, kind);
