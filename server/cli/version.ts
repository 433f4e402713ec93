import packageJson from '../../package.json' with { type: 'json' };

/** Rankscope's own version. */
export const version: string = packageJson.version;
