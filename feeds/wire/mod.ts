/**
 * How the Deno side and the feeds service talk: calls, events, channel messages.
 * @module
 */
export { accountCommitment, accountSecret } from './account.ts';
export { boxSecret } from './box.ts';
export { decodeValue, encodeValue } from './codec.ts';
export { Fields } from './fields.ts';
export { Link, type LinkHandlers } from './link.ts';
export { CHANNEL_WINDOW, MAX_MESSAGE } from './window.ts';
