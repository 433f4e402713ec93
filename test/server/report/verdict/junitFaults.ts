import { readFileSync } from 'node:fs';
import { validateXML } from 'xmllint-wasm';

const schema = readFileSync(new URL('../../../fixtures/schemas/junit-10.xsd', import.meta.url), 'utf8');

/** What keeps a text from being JUnit XML by the schema of Jenkins' xunit plugin. */
export async function junitFaults(xml: string): Promise<readonly string[]> {
  const { errors } = await validateXML({ xml: { fileName: 'junit.xml', contents: xml }, schema });
  return errors.map(({ message }) => message);
}
