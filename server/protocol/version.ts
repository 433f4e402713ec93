/** This program's version, as package.json has it. */
export const rankscopeVersion = '0.1.0';
