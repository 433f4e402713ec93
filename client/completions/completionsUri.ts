import * as path from 'node:path';
import * as vscode from 'vscode';
import { z } from 'zod';
import { armOf } from '../../server/protocol/messages/runsContract.ts';

/** The URI scheme of documents with an arm's completions. Their text is made when they are opened. */
export const completionsScheme = 'rankscope-completions';

const completionsOfSchema = armOf.extend({ promptIndex: z.int().min(0).exactOptional() });
/** The run and the arm of the completions, and the prompt if there is only one. */
export type CompletionsOf = Readonly<z.output<typeof completionsOfSchema>>;

export function completionsUri(of: CompletionsOf): vscode.Uri {
  const prompt = of.promptIndex === undefined ? '' : ` prompt ${of.promptIndex + 1}`;
  return vscode.Uri.from({
    scheme: completionsScheme,
    path: `/${path.basename(of.run)}/${of.arm}${prompt}.txt`,
    query: JSON.stringify(of),
  });
}

/** The run and the arm that a URI names. Undefined for a URI of another form. */
export function completionsOf({ query }: vscode.Uri): CompletionsOf | undefined {
  try {
    return completionsOfSchema.safeParse(JSON.parse(query)).data;
  } catch {
    return undefined;
  }
}
