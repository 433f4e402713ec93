/** Python's `strip`, `lstrip` and `rstrip` with the characters to strip, which the Jinja package takes for white space whatever they are. */
import { Template } from '@huggingface/jinja';

type Side = 'strip' | 'lstrip' | 'rstrip';

const SIDES: readonly Side[] = ['strip', 'lstrip', 'rstrip'];
const nameOf = (side: Side): string => `own_${side}`;

/** The functions that calls are turned into, by name: of a text and the characters to strip from it. */
export const stripFunctions: Readonly<Record<string, (text: string, characters: string) => string>> =
  Object.fromEntries(SIDES.map((side) => [nameOf(side), (text, characters) => stripped(side, text, characters)]));

function stripped(side: Side, text: string, characters: string): string {
  const [letters, strip] = [Array.from(text), new Set(Array.from(characters))];
  const isWanted = (letter: string): boolean => !strip.has(letter);
  const start = side === 'rstrip' ? 0 : letters.findIndex(isWanted);
  const end = side === 'lstrip' ? letters.length : letters.findLastIndex(isWanted) + 1;
  return start < 0 ? '' : letters.slice(start, end).join('');
}

interface Node {
  readonly type?: unknown;
  readonly value?: unknown;
  readonly object?: unknown;
  readonly property?: Node;
  callee?: Node;
  args?: unknown[];
}

/** Turns each call of such a method with characters, in a parsed template, into a call of the function of ours. */
export function correctStripping(template: Template): Template {
  visit(template.parsed);
  return template;
}

function visit(node: Node): void {
  const { callee, args } = node;
  const side = SIDES.find((name) => name === callee?.property?.value);
  if (node.type === 'CallExpression' && callee?.type === 'MemberExpression' && side && args && args.length > 0) {
    node.callee = identifier(nameOf(side));
    node.args = [callee.object, ...args];
  }
  for (const child of Object.values(node)) {
    for (const each of Array.isArray(child) ? (child as unknown[]) : [child]) {
      if (typeof each === 'object' && each !== null) visit(each as Node);
    }
  }
}

/** The node of a name, as the package parses it. */
function identifier(name: string): Node {
  const { body } = new Template(`{{ ${name} }}`).parsed as unknown as { readonly body: readonly Node[] };
  return body[0] ?? {};
}
