/**
 * A node to work with, for programs that come and go. Its door opens without reading a whole node:
 * that is done only where none is running.
 * @module
 */
export { type Context, openContext, type SettingFlags } from './context.ts';
export { networkRoom } from './later.ts';
export { attachedTo, attachOrStart, type NodeSession } from './attach.ts';
export { type Away, watchNode, type WatchOptions } from './watch.ts';
