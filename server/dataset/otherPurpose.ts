/** Typical field names of files with other purposes, by purpose; lower case, without separators. */
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

/** Words in a file name that show that a program has written it for another purpose. */
const purposeOfFile = /(?:^|[^a-z])(logs?|metrics?|telemetry|traces?|access|audit)(?:[^a-z]|$)/i;

/** The first field name that shows another purpose, with the purpose; undefined where there is none. */
export function otherPurpose(
  names: readonly string[],
): { readonly name: string; readonly purpose: string } | undefined {
  for (const name of names) {
    const purpose = purposeOfName.get(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
    if (purpose !== undefined) return { name, purpose };
  }
  return undefined;
}

/** The word in a file's name (without its folder) that shows another purpose. */
export function otherPurposeOfFile(name: string): string | undefined {
  return purposeOfFile.exec(name)?.[1];
}
