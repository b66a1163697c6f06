import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { addModel, hubSource, pull } from '../../node/models/mod.ts';
import { DENO } from '../lib/deno.ts';
import { tinyHome } from './fixture.ts';
import { gguf, raw, u32, u64 } from './files.ts';

/** A stand-in for Hugging Face on loopback: serves one file with ranges, as long as `open` says so. */
async function hub(t: { teardown(action: () => unknown): void }, bytes: Uint8Array) {
  const state = { sent: 0, budget: Infinity, paths: [] as string[] };
  const server = createServer((request, response) => {
    state.paths.push(request.url ?? '');
    if (!request.url?.includes('.gguf')) return response.writeHead(404).end();
    const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Number(range[2]) + 1 : bytes.length;
    response.writeHead(range ? 206 : 200, {
      'content-length': end - start,
      'accept-ranges': 'bytes',
      ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` } : {}),
    });
    // The resolver looks at the answer to a request without a range, and leaves it.
    if (range === null) return request.method === 'HEAD' ? response.end() : response.flushHeaders();
    const give = Math.min(end - start, Math.max(0, state.budget - state.sent));
    state.sent += give;
    response.write(bytes.subarray(start, start + give));
    if (start + give === end) response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => (server.closeAllConnections(), server.close()));
  process.env.HF_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.teardown(() => delete process.env.HF_ENDPOINT);
  return state;
}

t.test('a model comes from the hub through a process of its own', async (t) => {
  const { open, bytes } = await tinyHome(t);
  const state = await hub(t, bytes);
  const store = open();
  const model = await pull(store, await store.resolve('tiny'), { sources: [hubSource(DENO)] });
  t.equal(model.state, 'ready');
  t.ok(state.paths.some((path) => path.startsWith('/some/tiny/resolve/main/tiny.gguf')));

  const added = await addModel(open(), 'hf:some/Other-GGUF/other-Q8_0.gguf', { deno: DENO });
  t.equal(added.entry.name, 'tiny', 'the same file is the same model');
});

t.test('an interrupted download goes on where it stopped', async (t) => {
  const filler = raw(9, u32(0), u64(12e6), new Uint8Array(12e6));
  const { open, bytes } = await tinyHome(t, gguf({ filler }));
  const state = await hub(t, bytes);
  state.budget = 7e6;
  const store = open();
  const abort = new AbortController();
  const first = pull(store, await store.resolve('tiny'), {
    sources: [hubSource(DENO)],
    signal: abort.signal,
    onProgress: ({ done }) => done >= 3e6 && abort.abort(),
  });
  await t.rejects(first, { code: 'CANCELLED' });
  Object.assign(state, { sent: 0, budget: Infinity });
  const model = await pull(store, await store.resolve('tiny'), { sources: [hubSource(DENO)] });
  t.equal(model.state, 'ready');
  t.ok(state.sent < 10e6, `${state.sent} of ${bytes.length} bytes were sent again`);
});

t.test('an unreachable hub and a wrong address are told apart, soon', async (t) => {
  const { open } = await tinyHome(t);
  const state = await hub(t, gguf());
  const begin = performance.now();
  const failure = (address: string) =>
    addModel(open(), address, { deno: DENO }).then(() => null, (error) => error);
  const wrong = await failure('hf:some/where/none.bin');
  t.equal(wrong.code, 'MODEL_HUB_FAILED');
  t.ok(state.paths.length > 0);
  process.env.HF_ENDPOINT = 'http://127.0.0.1:9';
  const unreachable = await failure('hf:some/tiny/tiny.gguf');
  t.equal(unreachable.code, 'MODEL_HUB_UNREACHABLE');
  t.match(unreachable.message, /127\.0\.0\.1:9/);
  t.ok(performance.now() - begin < 10_000);
});
