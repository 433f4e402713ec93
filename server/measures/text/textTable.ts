/** A table of texts: what stands behind every chart, what is printed, and what is copied. */
export interface TextTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
