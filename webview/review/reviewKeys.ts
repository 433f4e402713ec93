import type { KeyMap } from '../page/keyboard.ts';

export type ReviewAction = 'next' | 'previous' | 'first' | 'last' | 'toxic' | 'benign' | 'unsure' | 'undo' | 'open';

/** The keys of the review. */
export const reviewKeys: KeyMap<ReviewAction> = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  Home: 'first',
  End: 'last',
  t: 'toxic',
  n: 'benign',
  u: 'unsure',
  z: 'undo',
  'mod+z': 'undo',
  Enter: 'open',
};
