/** What files of other programs name their fields, by what those files are; lower case, without separators. */
const namesOfPurpose: Readonly<Record<string, readonly string[]>> = {
  'a log': [
    ...['timestamp', 'ts', 'time', 'datetime', 'level', 'loglevel', 'severity', 'logger', 'thread', 'pid', 'host'],
    ...['hostname', 'ip', 'useragent', 'statuscode', 'method', 'url', 'uri', 'path', 'file', 'filename', 'requestid'],
    ...['traceid', 'spanid', 'latency', 'latencyms', 'duration', 'durationms', 'bytes', 'event', 'service', 'pod'],
    ...['container', 'namespace', 'exitcode', 'stacktrace'],
  ],
  'a table of measurements': ['metric', 'step', 'epoch', 'loss', 'unit', 'volume', 'cpu', 'memory', 'sensor', 'queue'],
  'a list of packages': [
    'version',
    'package',
    'license',
    'licence',
    'dependencies',
    'sha',
    'sha1',
    'sha256',
    'checksum',
  ],
  'a list of places': [
    'lat',
    'latitude',
    'lon',
    'lng',
    'longitude',
    'geometry',
    'coordinates',
    'altitude',
    'elevation',
  ],
  'a list of goods or payments': ['price', 'amount', 'currency', 'quantity', 'sku', 'invoice', 'iban', 'balance'],
};

const purposeOfName: ReadonlyMap<string, string> = new Map(
  Object.entries(namesOfPurpose).flatMap(([purpose, names]) => names.map((name) => [name, purpose] as const)),
);

/** Words of a file's name that say what programs have written into it. */
const purposeOfFile = /(?:^|[^a-z])(logs?|metrics?|telemetry|traces?|access|audit)(?:[^a-z]|$)/i;

/** The first of some field names that says what else a file is for, and what that is; undefined where none does. */
export function otherPurpose(
  names: readonly string[],
): { readonly name: string; readonly purpose: string } | undefined {
  for (const name of names) {
    const purpose = purposeOfName.get(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
    if (purpose !== undefined) return { name, purpose };
  }
  return undefined;
}

/** The word of a file's name (without its folder) that says so. */
export function otherPurposeOfFile(name: string): string | undefined {
  return purposeOfFile.exec(name)?.[1];
}
