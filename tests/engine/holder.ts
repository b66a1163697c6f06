/** Starts an engine, says both process ids, and stays until it is killed. */
import { createEngine } from '../../node/engine/mod.ts';

const engine = createEngine({ roots: [], gpu: false });
await engine.info();
console.log(JSON.stringify([Deno.pid, engine.pid]));
await new Promise(() => setInterval(() => {}, 60_000));
