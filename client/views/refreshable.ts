/** A view that can be refreshed. */
export interface Refreshable {
  refresh(): void;
  dispose(): void;
}
