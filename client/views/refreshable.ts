/** A view that can be told to look again. */
export interface Refreshable {
  refresh(): void;
  dispose(): void;
}
