/**
 * The witnesses' cuts, read from their logs by any node and made by those that the network file names.
 * @module
 */
export { CutFollower, type FollowerOptions } from './follower.ts';
export type { ReadFeeds } from './logs.ts';
export { BeaconChains, type BeaconChainsOptions } from './chain.ts';
export { Witness, type WitnessOptions } from './witness.ts';
