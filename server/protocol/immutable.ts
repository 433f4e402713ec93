/**
 * A type whose fields, lists and tuples, at every depth, are read only: what a schema describes, once it has been read.
 */
export type Immutable<T> = T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T;
