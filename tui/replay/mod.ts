/**
 * Stepping through what was recorded.
 * @module
 */
export { advance, newPlayer, type PlayerState, steer } from './player.ts';
export { record, type Recorded, Recording } from './recording.ts';
