/**
 * What a nonce decides: the challenger's choices that nobody else can tell before.
 * @module
 */
export { Draw } from './draw.ts';
