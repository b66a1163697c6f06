/**
 * Rooms that are read only when they are needed: they take longer to read than an attached prompt
 * takes in all. Their paths are no literals, since Deno reads what a literal names at once.
 */
const at = (path: string): Promise<unknown> => import(new URL(path, import.meta.url).href);

/** What a network may be; not needed for a local prompt in the open network. */
export async function networkRoom() {
  return await at('../network/mod.ts') as typeof import('../network/mod.ts');
}

/** The engine's client; needed where no node runs. */
export async function engineRoom() {
  return await at('../engine/mod.ts') as typeof import('../engine/mod.ts');
}

/** A whole node. */
export async function daemonRoom() {
  return await at('../daemon/mod.ts') as typeof import('../daemon/mod.ts');
}
