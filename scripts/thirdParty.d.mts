export interface Licence {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}
export interface Bill {
  readonly metadata: { readonly component: { readonly 'bom-ref': string } };
  readonly components: readonly { readonly 'bom-ref': string; readonly name: string; readonly version: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}
/** Folders of all that a package carries. */
export function carriedFolders(metafiles: readonly { readonly inputs: object }[]): string[];
export function bundledFolders(metafiles: readonly { readonly inputs: object }[]): string[];
export function readLicence(folder: string): Promise<Licence>;
export function licencesText(packages: readonly Licence[]): string;
export function billOfMaterials(packages: readonly Pick<Licence, 'name' | 'version'>[], whole?: Bill): Bill;
