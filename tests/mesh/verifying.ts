import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pathsOf } from '../../node/home/mod.ts';
import { writeVariant } from '../lib/gguf_variant.ts';
import type { Bench, Cheat, Node } from '../lib/nexus.ts';

const MODEL = fileURLToPath(new URL('../../models/austen-3.7m-q8_0.gguf', import.meta.url));
const ASK = ['run', 'Elizabeth walked home and thought', '-m', 'austen-3.7m', '-n', '48'];
const HOW = ['--where', 'mesh', '--verify', '--json', '--seed', 'ab'.repeat(32)];

/** Who asks, who is honest, and who lies when it is told to. */
export interface World {
  /** Address of the DHT. */
  bootstrap: string;
  asker: Node;
  honest: Node;
  cheat: Cheat;
  /** Has a prompt answered and checked. */
  ask: (executor?: string) => ReturnType<typeof checked>;
  /** The asker forgets what it has against the cheat. */
  forgive: () => Promise<unknown>;
}

/** A mesh of three, connected. The cheat also has weights with a layer less. */
export async function worldOf(bench: Bench): Promise<World> {
  const bootstrap = await bench.dht();
  const home = bench.home(), other = join(home, 'models', 'other.gguf');
  mkdirSync(join(home, 'models'), { recursive: true });
  await writeVariant(MODEL, other, { drop: [1] });
  const [asker, honest, cheat] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester']),
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
    bench.cheat(bootstrap, ['--other', other], home),
  ]);
  for (const { key } of [honest, cheat]) {
    await asker.running.waitFor((e) => e.event === 'capability' && e.key === key);
  }
  return {
    bootstrap,
    asker,
    honest,
    cheat,
    ask: (executor) => checked(bench, asker, executor),
    forgive: () => call(asker.home, 'forgive', { key: cheat.key }),
  };
}

async function checked(bench: Bench, asker: Node, executor?: string) {
  const first = executor === undefined ? [] : ['--executor', executor];
  const { code, stderr, events } = await bench.run([...ASK, ...HOW, ...first], asker.home);
  const verdicts = events.filter((e) => e.event === 'verdict');
  return { code, stderr, events, verdicts, done: events.find((e) => e.event === 'done')! };
}

/** One call of a running node; its answer. */
export function call(home: string, method: string, params: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(pathsOf(home).socket);
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => text += part).on('error', reject);
    socket.on('close', () => {
      const { result, error } = JSON.parse(text.trim().split('\n').at(-1)!);
      if (error === undefined) resolve(result);
      else reject(new Error(error.message));
    });
    socket.write(`${JSON.stringify({ method, params })}\n`);
  });
}
