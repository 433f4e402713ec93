/** A key press, with the fields of a browser's KeyboardEvent. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** Actions by key. The prefix `mod+` means Ctrl or, on a Mac, Command. */
export type KeyMap<Action extends string> = Readonly<Record<string, Action>>;

/**
 * The action of a key press. Single letters work in either case, but not with a modifier, so that the editor's own
 * shortcuts keep working.
 */
export function actionOf<Action extends string>(map: KeyMap<Action>, press: KeyPress): Action | undefined {
  if (press.altKey) return undefined;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const name = press.ctrlKey || press.metaKey ? `mod+${key}` : key;
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** Whether a key goes into a text field, given the target's tag and whether it is editable. */
export function isTyping(tag: string, isEditable: boolean): boolean {
  return (
    isEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT', 'VSCODE-TEXT-AREA', 'VSCODE-TEXT-FIELD', 'VSCODE-DROPDOWN'].includes(
      tag.toUpperCase(),
    )
  );
}
