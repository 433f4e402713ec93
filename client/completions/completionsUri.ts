import * as path from 'node:path';
import * as vscode from 'vscode';

/** Documents of this scheme are an arm's completions as text, made when they are opened. */
export const completionsScheme = 'rankscope-completions';

/** Whose completions, and of one prompt only if one is named. */
export interface CompletionsOf {
  readonly run: string;
  readonly arm: string;
  readonly promptIndex?: number;
}

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
    const { run, arm, promptIndex } = JSON.parse(query) as Partial<Record<keyof CompletionsOf, unknown>>;
    if (typeof run !== 'string' || typeof arm !== 'string') return undefined;
    return { run, arm, ...(typeof promptIndex === 'number' && { promptIndex }) };
  } catch {
    return undefined;
  }
}
