/**
 * The witnesses' cuts, read from their logs by any node and made by those that the network file names.
 * @module
 */
export { CutFollower, type FollowerOptions, type FollowerState } from './follower.ts';
export type { Positions } from './cursor.ts';
export type { ReadFeeds } from './logs.ts';
export { BeaconChains, type BeaconChainsOptions, type ChainsState } from './chain.ts';
export type { WitnessState } from './start.ts';
export { Witness, type WitnessOptions } from './witness.ts';
