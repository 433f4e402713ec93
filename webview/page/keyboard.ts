/** One key press, as a browser's KeyboardEvent has it. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** Names of keys, `mod+` before those held with Ctrl or, on a Mac, with Command, and what they do. */
export type KeyMap<Action extends string> = Readonly<Record<string, Action>>;

/**
 * What a key press means. Single letters work in either case and mean nothing with a modifier, so that they leave the
 * editor's own chords alone.
 */
export function actionOf<Action extends string>(map: KeyMap<Action>, press: KeyPress): Action | undefined {
  if (press.altKey) return undefined;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const name = press.ctrlKey || press.metaKey ? `mod+${key}` : key;
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** Whether a key goes into a field that one types in, given the tag and role of where it goes. */
export function isTyping(tag: string, isEditable: boolean): boolean {
  return (
    isEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT', 'VSCODE-TEXT-AREA', 'VSCODE-TEXT-FIELD', 'VSCODE-DROPDOWN'].includes(
      tag.toUpperCase(),
    )
  );
}
