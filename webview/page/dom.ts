/**
 * How panels build their pages. Text goes in as text nodes and attributes by name; nothing is ever parsed as HTML, so
 * whatever a model or a file says stays text.
 */
export type Child = Node | string | undefined;

/** Attributes by name; `false` and `undefined` leave one out, functions listen to the event that the name tells. */
export type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children);
}

/** An element of SVG's name space. */
export function svgElement(tag: string, attributes: Attributes, ...children: readonly Child[]): SVGElement {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** An element of the toolkit, or any other that has no type of its own. */
export function customElement(tag: string, attributes: Attributes, ...children: readonly Child[]): HTMLElement {
  return filled(document.createElement(tag), attributes, children);
}

function filled<E extends Element>(target: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') target.addEventListener(name, value);
    else setAttribute(target, name, value);
  }
  target.append(...children.filter((child) => child !== undefined));
  return target;
}

/** Sets, or with `false` and `undefined` removes, an attribute, and leaves one that is right already alone. */
export function setAttribute(target: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === false) target.removeAttribute(name);
  else {
    const text = value === true ? '' : String(value);
    if (target.getAttribute(name) !== text) target.setAttribute(name, text);
  }
}

/** Sets the text of an element, if it is another. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Shows or hides an element. */
export function show(target: HTMLElement, visible: boolean): void {
  if (target.hidden === visible) target.hidden = !visible;
}

/**
 * Fills a place anew only when `key` has changed since the last time, so that what did not change keeps its focus, its
 * selection and its scroll position.
 */
export function whenChanged(place: HTMLElement, key: unknown, fill: () => readonly Child[]): void {
  const text = JSON.stringify(key);
  if (place.dataset.key === text) return;
  place.dataset.key = text;
  refill(place, fill());
}

/**
 * Replaces what is in a place. The focus stays with the one of the same name: whoever presses a button of a table that is
 * then made anew would otherwise begin again at the top of the page.
 */
export function refill(place: HTMLElement, children: readonly Child[]): void {
  const focused = document.activeElement;
  const name = focused && focused !== place && place.contains(focused) ? focusName(focused) : undefined;
  place.replaceChildren(...children.filter((child) => child !== undefined));
  if (name === undefined) return;
  const candidates = place.querySelectorAll<HTMLElement>('vscode-button, vscode-checkbox, summary, [tabindex]');
  [...candidates].find((candidate) => focusName(candidate) === name)?.focus();
}

/** What an element is called, without what changes about it: `Pin` becomes `Pinned` of the same arm. */
function focusName(target: Element): string {
  return target.getAttribute('title') ?? target.getAttribute('aria-label') ?? target.textContent;
}
