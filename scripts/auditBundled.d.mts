export interface Vulnerability {
  readonly name: string;
  readonly severity: string;
  readonly nodes: readonly string[];
  readonly via: readonly (string | { readonly title: string; readonly url: string })[];
}
export function graveFaults(
  vulnerabilities: Readonly<Record<string, Vulnerability>>,
  folders: readonly string[],
): string[];
