/** Style sheets are imported for esbuild to collect; they have no value. */
declare module '*.css';
