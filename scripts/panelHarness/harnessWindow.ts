/** The little of a browser's window that the fake host uses; scripts are checked without the browser's types. */
export interface Harness {
  /** Every message of the panel. */
  readonly asked: unknown[];
  /** What the panel left with the editor to be restored from. */
  readonly kept: unknown[];
  readonly faults: string[];
}

interface HarnessWindow {
  harness: Harness;
  acquireVsCodeApi: () => { postMessage(message: unknown): void; setState(state: unknown): void };
  readonly origin: string;
  readonly location: { readonly href: string };
  postMessage(message: unknown, origin: string): void;
  structuredClone(value: unknown): unknown;
}

export const harnessWindow = globalThis as unknown as HarnessWindow;
