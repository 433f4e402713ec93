export * from '../random/random.ts';
