/**
 * Builds the pages of panels. Text becomes text nodes and attributes are set by name. Nothing is ever parsed as
 * HTML, so that text from a model or a file stays text.
 */
export type Child = Node | string | undefined;

/** Attributes by name. `false` and `undefined` leave one out; a function listens to the event of that name. */
export type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void) | undefined>>;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return fillElement(document.createElement(tag), attributes, children);
}

/** Creates an SVG element. */
export function svgElement(tag: string, attributes: Attributes, ...children: readonly Child[]): SVGElement {
  return fillElement(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** Creates an element of the toolkit, or any other that has no type of its own. */
export function customElement(tag: string, attributes: Attributes, ...children: readonly Child[]): HTMLElement {
  return fillElement(document.createElement(tag), attributes, children);
}

function fillElement<E extends Element>(target: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') target.addEventListener(name, value);
    else setAttribute(target, name, value);
  }
  target.append(...children.filter((child) => child !== undefined));
  return target;
}

/** Sets an attribute, or removes it for `false` and `undefined`. Changes nothing where it already has the value. */
export function setAttribute(target: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === false) target.removeAttribute(name);
  else {
    const text = value === true ? '' : String(value);
    if (target.getAttribute(name) !== text) target.setAttribute(name, text);
  }
}

/** Sets the text of an element where it differs. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Shows or hides an element. */
export function show(target: HTMLElement, visible: boolean): void {
  if (target.hidden === visible) target.hidden = !visible;
}

/**
 * Fills a place again only if `key` has changed since the last time, so that unchanged parts keep their focus,
 * selection and scroll position.
 */
export function whenChanged(place: HTMLElement, key: unknown, fill: () => readonly Child[]): void {
  const text = JSON.stringify(key);
  if (place.dataset.key === text) return;
  place.dataset.key = text;
  refill(place, fill());
}

/**
 * Replaces the content of a place. The focus moves to the new element with the same name. Otherwise a person who
 * presses a button in a table that is then rebuilt would have to start again at the top of the page.
 */
export function refill(place: HTMLElement, children: readonly Child[]): void {
  const focused = document.activeElement;
  const name = focused && focused !== place && place.contains(focused) ? focusName(focused) : undefined;
  place.replaceChildren(...children.filter((child) => child !== undefined));
  if (name === undefined) return;
  const candidates = place.querySelectorAll<HTMLElement>('vscode-button, vscode-checkbox, summary, [tabindex]');
  [...candidates].find((candidate) => focusName(candidate) === name)?.focus();
}

/** The name of an element without its state: the button `Pin` becomes `Pinned` and keeps its title. */
function focusName(target: Element): string {
  return target.getAttribute('title') ?? target.getAttribute('aria-label') ?? target.textContent;
}
