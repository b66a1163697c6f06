import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import { channelPair } from '../../node/job/mod.ts';
import {
  buildTopk,
  fetchPayload,
  type Kept,
  MAX_SEALED_BYTES,
  openPayload,
  PAYLOAD_PROTOCOL,
  PAYLOAD_VERSION,
  PayloadStore,
  type ServeOptions,
  servePayloads,
  unsealOpenings,
  verifyOpening,
} from '../../node/payloads/mod.ts';
import { loadPoseidon } from '../../node/poseidon/mod.ts';
import { encodeAnswer, encodeAsk } from '../../node/payloads/wire.ts';

const fill = (byte: number) => new Uint8Array(32).fill(byte);
const LIMITS = { attempts: 3, bytes: 1_000_000, ageMs: 1000 };
const { signal } = new AbortController();

const kept = (n: number, more: Partial<Kept> = {}): Kept => ({
  job: fill(n),
  attempt: 0,
  jobKey: fill(100 + n),
  nonce: fill(200),
  stops: ['.'],
  payload: { prompt: [n, 2], prefix: [], output: [4, 5], bytes: Uint8Array.of(1, 2) },
  topk: null,
  ...more,
});

async function world(t: Test, limits = LIMITS) {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-payloads-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const clock = { now: Date.now() };
  const open = () => PayloadStore.open({ folder, limits, now: () => clock.now });
  return { folder, clock, open, store: await open() };
}

t.test('what is kept survives a restart, for its owner alone', async (t) => {
  const { folder, store, open } = await world(t);
  await store.keep(kept(1));
  for (const name of await readdir(folder)) {
    t.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
  }
  const again = await open();
  const sealed = await again.get(fill(1), 0);
  const { jobKey, job, attempt, topk: _, ...disclosed } = kept(1);
  t.same(openPayload(sealed!, { jobKey, job, attempt }, 100), {
    nonce: disclosed.nonce,
    stops: disclosed.stops,
    payload: disclosed.payload,
  });
  t.same(again.keyOf(toHex(fill(1)), 0), jobKey);
  t.equal(await again.get(fill(1), 1), null, 'another attempt');
  t.equal(again.keyOf(toHex(fill(2)), 0), null);
  t.equal(await again.openings(fill(1), 0, [0]), null, 'a requester has no candidates');
});

t.test('the oldest go where there are too many, or too many bytes', async (t) => {
  const { folder, store } = await world(t);
  for (let n = 1; n <= 5; n++) await store.keep(kept(n));
  t.equal(store.size, 3);
  t.same(await Promise.all([1, 2, 3].map(async (n) => await store.get(fill(n), 0) === null)), [
    true,
    true,
    false,
  ]);
  t.equal((await readdir(folder)).length, 3);
  const small = await world(t, { ...LIMITS, bytes: 300 });
  for (let n = 1; n <= 3; n++) await small.store.keep(kept(n));
  t.ok(small.store.size < 3);
  t.ok(small.store.keyOf(toHex(fill(3)), 0), 'the newest stays');
});

t.test('after the challenge window nothing is left, key included', async (t) => {
  const { folder, store, clock, open } = await world(t);
  await store.keep(kept(1));
  clock.now += 900;
  await store.keep(kept(2));
  clock.now += 200;
  t.equal(await store.get(fill(1), 0), null);
  t.equal(store.keyOf(toHex(fill(1)), 0), null);
  t.ok(await store.get(fill(2), 0));
  await store.sweep();
  t.equal((await readdir(folder)).length, 1);
  clock.now += 100_000;
  t.equal((await open()).size, 0);
  t.same(await readdir(folder), [], 'a start sweeps');
});

t.test('what lies there half-written, or is no transcript, goes at the next start', async (t) => {
  const { folder, store, open } = await world(t);
  await store.keep(kept(1));
  const name = toHex(fill(2));
  await writeFile(join(folder, `${name}-0.payload.draft`), 'half');
  await writeFile(join(folder, `${name}-0.payload`), 'other');
  await writeFile(join(folder, `${name}-0.topk`), 'alone');
  await writeFile(join(folder, 'notes.txt'), 'what is this');
  const again = await open();
  t.equal(again.size, 1);
  t.same(await readdir(folder), [`${toHex(fill(1))}-0.payload`]);
});

t.test('the answer is not in the file in clear', async (t) => {
  const { folder, store } = await world(t);
  const text = [...new TextEncoder().encode('a secret answer')];
  const bytes = new Uint8Array(text.length);
  await store.keep(kept(1, { payload: { prompt: text, prefix: [], output: text, bytes } }));
  const [name] = await readdir(folder);
  t.notMatch(await readFile(join(folder, name!), 'latin1'), 'secret answer');
});

/** Two nodes: what one serves, the other fetches. */
function line(options: Partial<ServeOptions> & Pick<ServeOptions, 'store'>) {
  let handler: (channel: Channel) => void = () => {};
  const entitled = () => true;
  servePayloads({ serve: (_, serve) => void (handler = serve) }, { entitled, ...options });
  const open = (
    _: Uint8Array,
    { protocol, id, handshake }: { protocol: string; id: Uint8Array; handshake: Uint8Array },
  ) => {
    const pair = channelPair({ protocol, id, handshake, keys: [fill(50), fill(51)] });
    handler(pair.ends[1]);
    return Promise.resolve(pair.ends[0]);
  };
  return { open };
}

t.test('a transcript and openings travel to who is entitled', async (t) => {
  const { store } = await world(t);
  // Of several pieces.
  const output = Array.from({ length: 30_000 }, (_, i) => i);
  const bytes = Uint8Array.from(output);
  const { job, jobKey, attempt } = kept(1);
  const of = { job, jobKey, attempt };
  const candidates = [{ ids: [4, 9], z: [0, -3] }, { ids: [5, 9], z: [-1, 0] }];
  const { root, nodes } = buildTopk(await loadPoseidon(), { of, from: 0, candidates })!;
  const topk = { candidates, nodes };
  await store.keep(kept(1, { payload: { prompt: [1], prefix: [], output, bytes }, topk }));
  const feeds = line({ store });
  const sealed = await fetchPayload(feeds, fill(51), { job, attempt, signal });
  t.ok(sealed.length > 48 * 1024);
  t.same(openPayload(sealed, of, 30_000).payload.output, output);
  const shown = await fetchPayload(feeds, fill(51), { job, attempt, positions: [1], signal });
  const [opening] = unsealOpenings(shown, of);
  t.match(opening, { position: 1, ids: [5, 9], z: [-1, 0] });
  t.ok(await verifyOpening(opening!, { topkRoot: root, resumeAt: 0, tokens: 2 }, of));
  await t.rejects(fetchPayload(feeds, fill(51), { job, attempt, positions: [2], signal }), {
    code: 'PAYLOAD_ABSENT',
  });
  await t.rejects(fetchPayload(feeds, fill(51), { job, attempt, maxBytes: 100, signal }), {
    code: 'PAYLOAD_TOO_LARGE',
  });
});

t.test('who is not entitled, and who asks for nothing that is there, is told so', async (t) => {
  const { store } = await world(t);
  await store.keep(kept(1));
  const asked: unknown[] = [];
  const closed = line({
    store,
    entitled: (peer, job, attempt) => {
      asked.push([peer[0], job[0], attempt]);
      return false;
    },
  });
  const { job, attempt } = kept(1);
  await t.rejects(fetchPayload(closed, fill(51), { job, attempt, signal }), {
    code: 'NOT_ENTITLED',
  });
  t.same(asked, [[50, 1, 0]]);
  const absent = fetchPayload(line({ store }), fill(51), { job: fill(9), attempt, signal });
  await t.rejects(absent, { code: 'PAYLOAD_ABSENT' });
});

t.test('a server that lies about lengths harms nobody', async (t) => {
  const lying = (messages: Uint8Array[]) => ({
    open: () => {
      const pair = channelPair({
        protocol: PAYLOAD_PROTOCOL,
        id: fill(1),
        handshake: new Uint8Array([PAYLOAD_VERSION]),
        keys: [fill(50), fill(51)],
      });
      (async () => {
        await pair.ends[1][Symbol.asyncIterator]().next();
        for (const message of messages) await pair.ends[1].send(message);
        await pair.ends[1].close();
      })().catch(() => {});
      return Promise.resolve(pair.ends[0]);
    },
  });
  const said = (bytes: number) => encodeAnswer({ ok: true, bytes });
  // A gigabyte, written where the format's own bound would refuse to encode it.
  const gigabyte = Uint8Array.of(0, 0xfe, 0, 0, 0, 0x40, 0, 0, 0);
  const cases: [string, Uint8Array[], string][] = [
    ['a gigabyte', [gigabyte], 'BAD_MESSAGE'],
    ['nothing', [], 'PAYLOAD_LENGTH'],
    ['too little', [said(100), new Uint8Array(60)], 'PAYLOAD_LENGTH'],
    ['too much', [said(100), new Uint8Array(101)], 'PAYLOAD_LENGTH'],
    ['an end', [said(60_000), new Uint8Array(48 * 1024)], 'PAYLOAD_LENGTH'],
    ['noise', [Uint8Array.of(9, 9, 9)], 'BAD_MESSAGE'],
  ];
  for (const [name, messages, code] of cases) {
    const fetched = fetchPayload(lying(messages), fill(51), { job: fill(1), attempt: 0, signal });
    await t.rejects(fetched, { code }, name);
  }
  t.throws(() => said(MAX_SEALED_BYTES + 1), { code: 'BAD_MESSAGE' });
});

t.test('a peer that asks strangely is refused, and the next one is served', async (t) => {
  const { store } = await world(t);
  await store.keep(kept(1));
  const refused: string[] = [];
  const feeds = line({ store, onRefused: (_, { code }) => refused.push(code) });
  const ask = async (handshake: number[], message: Uint8Array | null) => {
    const options = {
      protocol: PAYLOAD_PROTOCOL,
      id: fill(1),
      handshake: new Uint8Array(handshake),
    };
    const channel = await feeds.open(fill(51), options);
    if (message !== null) await channel.send(message);
    await channel[Symbol.asyncIterator]().next();
    await channel.close();
  };
  const good = encodeAsk({ job: fill(1), attempt: 0, positions: null, shown: false });
  await ask([PAYLOAD_VERSION + 1], good);
  await ask([], good);
  await ask([PAYLOAD_VERSION], Uint8Array.of(1, 2, 3));
  await ask([PAYLOAD_VERSION], new Uint8Array(65_536));
  t.same(refused, ['BAD_VERSION', 'BAD_VERSION', 'BAD_MESSAGE', 'BAD_MESSAGE']);
  t.throws(() =>
    encodeAsk({
      job: fill(1),
      attempt: 0,
      positions: Array.from({ length: 65 }, () => 1),
      shown: false,
    })
  );
  const { job, attempt } = kept(1);
  t.ok(await fetchPayload(feeds, fill(51), { job, attempt, signal }));
});
