// One scenario of the control socket; prints what happened as one JSON object.
import { call, serveControl, streamCall } from '../../node/control/mod.ts';
import { NexusError } from '../../feeds/base/mod.ts';

const folder = await Deno.makeTempDir();
const path = `${folder}/node.sock`;
let produced = 0;
const cancelled = Promise.withResolvers<string>();
const led = Promise.withResolvers<string>();
const codeOf = (run: Promise<unknown>) => run.then(() => 'none', (e: NexusError) => e.code);

const notRunning = await codeOf(call(path, 'add', {}));
await Deno.writeTextFile(path, 'stale');
const server = await serveControl(path, {
  add: (params) =>
    Promise.resolve((params as { a: number; b: number }).a + (params as { b: number }).b),
  fail: () => Promise.reject(new NexusError('PEER_LOST', 'gone', { peer: 'ab', hint: 'retry' })),
  async *count(params) {
    for (let i = 0; i < (params as { to: number }).to; i++) yield i;
    return 'counted';
  },
  async *flood() {
    for (;;) {
      produced++;
      yield 'x'.repeat(65536);
    }
  },
  async *watch(_params, signal) {
    yield 'watching';
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  },
  async *work(_params, signal) {
    while (!signal.aborted) yield 'x'.repeat(65536);
    for (const step of ['cancelled', 'settled']) yield step;
    led.resolve('to its end');
  },
  async *wait(_params, signal) {
    yield 'waiting';
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    cancelled.resolve('cancelled');
  },
});
const mode = (await Deno.stat(path)).mode! & 0o777;
const sum = await call(path, 'add', { a: 2, b: 3 });
const failure = await call(path, 'fail').catch((e) => e.toJSON());
const events: unknown[] = [];
const counting = streamCall(path, 'count', { to: 3 });
let step = await counting.next();
for (; !step.done; step = await counting.next()) events.push(step.value);

// A reader that stops reading holds back its own call, and nobody else's.
const flood = streamCall(path, 'flood');
await flood.next();
let before = -1;
while (before !== produced) {
  before = produced;
  await call(path, 'add', { a: 1, b: 1 });
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await flood.return(undefined);

const waiting = streamCall(path, 'wait');
await waiting.next();
await waiting.return(undefined);

// It leaves while its events are being written: what was begun is led to its end all the same.
const working = streamCall(path, 'work');
await working.next();
await working.return(undefined);
const worked = await Promise.race([
  led.promise,
  new Promise((resolve) => setTimeout(() => resolve('left where it stood'), 10_000)),
]);

const unknown = await codeOf(call(path, 'constructor'));
const conn = await Deno.connect({ transport: 'unix', path });
await conn.write(new TextEncoder().encode('not json\n'));
const buffer = new Uint8Array(1024);
const garbage = JSON.parse(
  new TextDecoder().decode(buffer.subarray(0, (await conn.read(buffer))!)),
);

// Who only looks on is not waited for.
while (server.calls > 0) await new Promise((resolve) => setTimeout(resolve, 5));
const looking = streamCall(path, 'watch');
await looking.next();
await server.idle();
const waitedFor = server.calls;

// Nor is who reads no more, when the node stops.
const stuck = await Deno.connect({ transport: 'unix', path });
await stuck.write(new TextEncoder().encode('{"method":"flood"}\n'));
await stuck.read(new Uint8Array(1));

const pending = streamCall(path, 'wait');
await pending.next();
const stopped = codeOf(pending.next());
const outcome = {
  notRunning,
  mode,
  sum,
  failure,
  events,
  result: step.value,
  produced,
  unknown,
  worked,
  cancelled: await cancelled.promise,
  garbage: garbage.error.code,
  waitedFor,
};
await server.close();
console.log(JSON.stringify({ ...outcome, stopped: await stopped }));
await Deno.remove(folder, { recursive: true });
