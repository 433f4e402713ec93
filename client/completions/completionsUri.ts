import * as path from 'node:path';
import * as vscode from 'vscode';
import { z } from 'zod';
import { armOf } from '../../server/protocol/messages/runsContract.ts';

/** Documents of this scheme are an arm's completions as text, made when they are opened. */
export const completionsScheme = 'rankscope-completions';

const completionsOfSchema = armOf.extend({ promptIndex: z.int().min(0).exactOptional() });
/** Whose completions, and of one prompt only if one is named. */
export type CompletionsOf = Readonly<z.output<typeof completionsOfSchema>>;

export function completionsUri(of: CompletionsOf): vscode.Uri {
  const prompt = of.promptIndex === undefined ? '' : ` prompt ${of.promptIndex + 1}`;
  return vscode.Uri.from({
    scheme: completionsScheme,
    path: `/${path.basename(of.run)}/${of.arm}${prompt}.txt`,
    query: JSON.stringify(of),
  });
}

/** Whose completions a document is of. Undefined for an address that is not one of ours. */
export function completionsOf({ query }: vscode.Uri): CompletionsOf | undefined {
  try {
    return completionsOfSchema.safeParse(JSON.parse(query)).data;
  } catch {
    return undefined;
  }
}
