/**
 * The process that answers challenges on its machine: least permission, lowest priority, bounded
 * messages over stdin and stdout.
 *
 * ```ts
 * await using probe = new Probe();
 * await probe.info(signal); // starts it
 * const commitment = await probe.run({ type: 'raw', nonce, shape, backend: 'any' }, signal);
 * const opening = await probe.open(rows, signal);
 * ```
 * @module
 */
export { Probe, type ProbeOptions, type ProbeProcess } from './client.ts';
export { frameOf, MAX_FRAME, splitFrames } from './frames.ts';
export { type SpawnOptions, spawnProbe } from './spawn.ts';
export { type Challenge, type ProbeInfo } from './wire.ts';
