import type { ProcessEngine } from '../engine/mod.ts';
import type { Home, Settings } from '../home/mod.ts';
import type { Network } from '../network/mod.ts';

/** What a node does for others; every node may ask. */
export type Role = 'executor' | 'requester' | 'auditor' | 'witness';

/** How a node is to be. */
export interface NodeOptions {
  home: Home;
  settings: Settings;
  network: Network;
  roles: ReadonlySet<Role>;
  /** Names or ids of the models to serve; empty: the default one. */
  models: readonly string[];
  /** False: the logs are written, no network is touched. */
  mesh: boolean;
  /** False: this node looks for peers, and is not found by them. */
  announce: boolean;
  /** Path of the Node binary; found on the PATH if left out. */
  nodeBinary?: string;
  /** An engine process that was started before. */
  engineProcess?: Deno.ChildProcess;
  /** Puts something in front of the engine: for trying what peers make of an executor that lies. */
  wrapEngine?: (engine: ProcessEngine) => ProcessEngine;
}
