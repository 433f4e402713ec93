/** The only file that uses the widget toolkit. All other files create buttons and fields through it. */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeTextArea,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { customElement, element, setAttribute } from './dom.ts';

let isRegistered = false;

/** Registers the toolkit's elements. It must run before any of them is created. */
function register(): void {
  if (isRegistered) return;
  isRegistered = true;
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeTextArea(), vsCodeTextField());
}

export type Button = HTMLElement & { disabled: boolean };

export interface ButtonOptions {
  readonly look?: 'primary' | 'secondary';
  /** Describes the action where the text does not. A screen reader says it after the text. */
  readonly label?: string;
  /** Whether a toggle button is pressed. */
  readonly pressed?: boolean;
  readonly disabled?: boolean;
}

export function button(text: string, press: () => void, options: ButtonOptions = {}): Button {
  register();
  const { look = 'secondary', label, pressed, disabled = false } = options;
  return customElement(
    'vscode-button',
    {
      appearance: look,
      'aria-label': label && nameOf(text, label),
      title: label,
      'aria-pressed': pressed === undefined ? undefined : String(pressed),
      disabled,
      click: press,
    },
    text,
  ) as Button;
}

/** A name that contains the visible text, so that a person can say it to a voice control (WCAG 2.5.3). */
function nameOf(text: string, label: string): string {
  return label.startsWith(text) ? label : `${text}: ${label}`;
}

export function setPressed(target: Button, pressed: boolean): void {
  setAttribute(target, 'aria-pressed', String(pressed));
}

export type Checkbox = HTMLElement & { checked: boolean };

export interface CheckboxOptions {
  /** Whether the text is for screen readers only, because a table's header shows it to everybody else. */
  readonly hidesText?: boolean;
}

/** Creates a checkbox. The toolkit takes its name from the text inside it, and from nothing else. */
export function checkbox(
  text: string,
  checked: boolean,
  change: (checked: boolean) => void,
  { hidesText = false }: CheckboxOptions = {},
): Checkbox {
  register();
  const said = hidesText ? element('span', { class: 'visually-hidden' }, text) : text;
  const box = customElement('vscode-checkbox', { checked, change: () => change(box.checked) }, said) as Checkbox;
  return box;
}

export type Field = HTMLElement & { value: string };

export interface TextAreaOptions {
  readonly value: string;
  readonly rows: number;
  readonly input?: () => void;
}

export function textArea(label: string, { value, rows, input }: TextAreaOptions): Field {
  register();
  const field = customElement('vscode-text-area', { rows, resize: 'vertical', input }, label) as Field;
  field.value = value;
  return field;
}

/** Creates a field for a number. `value` is its initial value. */
export function numberField(label: string, value: number): Field {
  register();
  const field = customElement('vscode-text-field', { size: 6 }, label) as Field;
  field.value = String(value);
  return field;
}
