import { NexusError, toHex } from '../base/mod.ts';
import type { Core } from './native.ts';

/** How long to wait for a peer that has the core, and for progress. */
const STALLED_MS = 10_000;
const LOOK_MS = 50;

/**
 * Waits until everything that connected peers have of a core is here.
 * @param online whether there is anybody who could have it
 * @throws {NexusError} `CORE_UNAVAILABLE` if nobody has it, or the transfer stalled
 */
export async function updateCore(
  core: Core,
  online: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  let progress = performance.now();
  let seen = '';
  while (true) {
    signal.throwIfAborted();
    const goal = Math.max(0, ...core.peers.map((peer) => peer.remoteLength));
    const whole = core.length > 0 && core.length >= goal && await core.has(core.length - 1);
    if (whole && (core.peers.length > 0 || !online()) && await downloaded(core)) return;
    const state = `${core.peers.length} ${core.length} ${core.contiguousLength}`;
    if (state !== seen) progress = performance.now();
    seen = state;
    const waited = performance.now() - progress;
    if (!online() || waited > STALLED_MS) {
      throw new NexusError('CORE_UNAVAILABLE', `core ${toHex(core.key)} cannot be updated`, {
        hint: online() ? 'no connected peer holds it' : 'no peer is connected',
        stage: 'replication',
      });
    }
    await changed(core, signal);
  }
}

/** Cleared payload below does not count as missing. */
async function downloaded(core: Core): Promise<boolean> {
  if (core.contiguousLength >= core.length) return true;
  for (let i = core.length - 1; i >= Math.max(0, core.length - 1024); i--) {
    if (!await core.has(i)) return false;
  }
  return true;
}

function changed(core: Core, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      for (const name of EVENTS) core.off(name, done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, LOOK_MS);
    for (const name of EVENTS) core.on(name, done);
    signal.addEventListener('abort', done, { once: true });
  });
}

const EVENTS = ['append', 'download', 'peer-add'];
