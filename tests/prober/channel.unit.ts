import t from 'tap';
import type { Channel } from '../../feeds/client/mod.ts';
import { fromHex, NexusError } from '../../feeds/base/mod.ts';
import { runMicro } from '../../fingerprint/micro/mod.ts';
import { multiplyHere, Product, type RawChallenge } from '../../fingerprint/raw/mod.ts';
import {
  Budget,
  decodeFingerprint,
  encodeFingerprint,
  FINGERPRINT_VERSION,
  Idleness,
  machineProbes,
  PROBE_POLICY,
  Responder,
  type ResponderEvent,
} from '../../node/prober/mod.ts';

const key = (id: number) => new Uint8Array(32).fill(id);
const NETWORK = key(9), CHALLENGER = key(1), EXECUTOR = key(2);
const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const tick = () => performance.now();

/** Two ends of one channel. */
function pair(
  between = (message: Uint8Array) => message,
  challenger: Uint8Array = CHALLENGER,
): [Channel, Channel] {
  const queues: { items: Uint8Array[]; wake: (() => void)[]; over: boolean }[] = [0, 1].map(() => ({
    items: [],
    wake: [],
    over: false,
  }));
  const end = (mine: number, peer: Uint8Array): Channel => ({
    peer,
    protocol: 'nexus/fingerprint/1',
    id: key(7),
    handshake: new Uint8Array([FINGERPRINT_VERSION]),
    send(message) {
      const to = queues[1 - mine]!;
      to.items.push(mine === 0 ? between(message) : message);
      to.wake.splice(0).forEach((wake) => wake());
      return Promise.resolve();
    },
    close() {
      for (const queue of queues) {
        queue.over = true;
        queue.wake.splice(0).forEach((wake) => wake());
      }
      return Promise.resolve();
    },
    async *[Symbol.asyncIterator]() {
      const from = queues[mine]!;
      for (;;) {
        const next = from.items.shift();
        if (next !== undefined) yield next;
        else if (from.over) return;
        else await new Promise<void>((resolve) => from.wake.push(resolve));
      }
    },
  });
  return [end(0, EXECUTOR), end(1, challenger)];
}

/** A machine in this process; `lie` may change what it multiplies. */
class Machine {
  #product: Product | null = null;
  constructor(readonly lie: (challenge: RawChallenge) => RawChallenge = (one) => one) {}

  info = () =>
    Promise.resolve({ backend: 'cpu' as const, processor: 'x', threads: 1, adapter: null });

  // deno-lint-ignore no-explicit-any -- one function for both kinds, as the probe has overloads
  run = async (challenge: any, signal: AbortSignal): Promise<any> => {
    signal.throwIfAborted();
    const now = () => performance.now();
    if (challenge.type === 'micro') return await runMicro(challenge, { now, device: null });
    const from = now();
    this.#product = await multiplyHere(this.lie(challenge));
    return { root: this.#product.root, backend: 'cpu', adapter: 'x', threads: 1, ms: now() - from };
  };

  open = (rows: readonly number[]) => Promise.resolve(this.#product!.open(rows));
}

function responder(
  machine: Machine,
  more: {
    jobs?: number;
    drawn?: (peer: Uint8Array) => boolean;
    undrawnMs?: number;
    tick?: () => number;
  } = {},
) {
  const events: ResponderEvent[] = [];
  const idleness = new Idleness(() => more.jobs ?? 0, tick);
  const made = new Responder({
    network: NETWORK,
    self: EXECUTOR,
    probe: machine,
    budget: new Budget(PROBE_POLICY, tick),
    policy: PROBE_POLICY,
    busy: () => (more.jobs ?? 0) > 0 ? 'a job is in work' : null,
    interrupted: () => idleness.interrupted,
    banned: () => false,
    drawn: more.drawn ?? (() => true),
    ...(more.undrawnMs === undefined ? {} : { undrawnMs: more.undrawnMs }),
    tick: more.tick ?? tick,
    onEvent: (event) => events.push(event),
  });
  return { made, events, idleness };
}

function probes(made: Responder, between?: (message: Uint8Array) => Uint8Array) {
  return machineProbes({
    network: NETWORK,
    self: CHALLENGER,
    open: () => {
      const [mine, theirs] = pair(between);
      made.handle(theirs);
      return Promise.resolve(mine);
    },
    randomBytes,
    tick,
    againMs: 1,
    tries: 2,
    aimS: 0.02,
    effort: 0.01,
  })(EXECUTOR, 0, () => {}, new AbortController().signal);
}

t.test('an idle machine is measured, and what it says is checked', async (t) => {
  const { made, events } = responder(new Machine());
  const { raw, features, rawTranscript } = await probes(made);
  t.equal(raw.backend, 'cpu');
  t.ok(raw.rate > 0);
  t.ok(features.length > 10);
  t.ok(rawTranscript!.opened.length > 0);
  t.strictSame(events.map((e) => e.type === 'answered' && e.probe), ['raw', 'raw', 'micro']);
});

t.test('an answer to another nonce is refused', async (t) => {
  const old = key(5);
  const { made } = responder(new Machine((challenge) => ({ ...challenge, nonce: old })));
  await t.rejects(probes(made), { code: 'RAW_UNCOMMITTED' });
});

t.test('a nonce that was handed on from another challenger gives another product', async (t) => {
  // In between, somebody puts its own nonce in place of the challenger's.
  const swapped = (message: Uint8Array) => {
    const decoded = decodeFingerprint(message);
    return decoded.type === 'raw' ? encodeFingerprint({ ...decoded, nonce: key(8) }) : message;
  };
  const { made } = responder(new Machine());
  await t.rejects(probes(made, swapped), { code: 'RAW_UNCOMMITTED' });
});

t.test('an old nonce is not answered again', async (t) => {
  const fixed = fromHex('11'.repeat(32));
  const again = (message: Uint8Array) => {
    const decoded = decodeFingerprint(message);
    return decoded.type === 'raw' ? encodeFingerprint({ ...decoded, nonce: fixed }) : message;
  };
  const { made, events } = responder(new Machine());
  await t.rejects(probes(made, again), { code: 'RAW_UNCOMMITTED' });
  await t.rejects(probes(made, again), { code: 'OLD_NONCE' });
  t.match(events.at(-1), { type: 'refused', error: { code: 'OLD_NONCE' } });
});

t.test('a machine with a job is not measured', async (t) => {
  const { made } = responder(new Machine(), { jobs: 1 });
  await t.rejects(probes(made), { code: 'BUSY' });
});

t.test('a job that comes ends the challenge at once', async (t) => {
  const machine = new Machine();
  const slow = machine.run;
  const { made, idleness } = responder(machine);
  machine.run = (challenge, signal) =>
    challenge.type === 'micro'
      ? new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        idleness.begun();
      })
      : slow(challenge, signal);
  const { raw, features, failure } = await probes(made);
  t.equal(failure?.code, 'BUSY');
  t.strictSame(features, []);
  t.equal(raw.backend, 'cpu', 'what was measured before counts');
});

/** A challenger's first message and the executor's next ones. */
function begun(made: Responder, challenger: Uint8Array) {
  const [mine, theirs] = pair(undefined, challenger);
  made.handle(theirs);
  void mine.send(encodeFingerprint({ type: 'begin' }));
  const incoming = mine[Symbol.asyncIterator]();
  const hear = async () => decodeFingerprint((await incoming.next()).value!);
  return { mine, hear };
}

const isSecond = (peer: Uint8Array) => peer[0] === 4;

t.test('a drawn challenger interrupts one that nobody drew, and not the other way', async (t) => {
  const machine = new Machine();
  let working = false, came = () => {};
  const atWork = new Promise<void>((resolve) => came = resolve);
  // As the probe does: one call at a time, which an abort ends a little later.
  machine.run = (_challenge, signal) =>
    new Promise((_, reject) => {
      working = true;
      came();
      signal.addEventListener('abort', () =>
        setTimeout(() => {
          working = false;
          reject(signal.reason);
        }, 5));
    });
  const info = machine.info;
  machine.info = () => working ? Promise.reject(new Error('PROBE_BUSY')) : info();
  const { made } = responder(machine, { drawn: isSecond });
  const first = begun(made, key(3));
  t.match(await first.hear(), { type: 'accept' });
  t.match(await begun(made, key(5)).hear(), { type: 'refuse', code: 'BUSY' });
  const micro = { type: 'micro' as const, nonce: key(7), effort: 1, memory: 1 };
  await first.mine.send(encodeFingerprint(micro));
  await atWork;
  const second = begun(made, key(4));
  t.match(await second.hear(), { type: 'accept' });
  t.match(await first.hear(), { type: 'refuse', code: 'BUSY' });
  t.match(await begun(made, key(6)).hear(), { type: 'refuse', code: 'BUSY' });
  await second.mine.close();
});

t.test('whom nobody drew holds a session for a short time, and gets small products', async (t) => {
  const { made } = responder(new Machine(), { drawn: isSecond, undrawnMs: 5 });
  const late = begun(made, key(3));
  t.match(await late.hear(), { type: 'accept' });
  t.match(await late.hear(), { type: 'refuse', code: 'CHALLENGE_OVER' });
  const other = responder(new Machine(), { drawn: isSecond }).made;
  const greedy = begun(other, key(3));
  t.match(await greedy.hear(), { type: 'accept' });
  const shape = { rows: 2048, inner: 2048, cols: 2048 };
  const nonce = key(7);
  await greedy.mine.send(encodeFingerprint({ type: 'raw', nonce, ...shape, backend: 'any' }));
  t.match(await greedy.hear(), { type: 'refuse', code: 'RAW_TOO_LARGE' });
});

t.test('a machine that its owner measures is asked again, as one with a job', async (t) => {
  const machine = new Machine();
  const { info } = machine;
  let calls = 0;
  machine.info = () =>
    calls++ === 0 ? Promise.reject(new NexusError('PROBE_BUSY', 'it is at work')) : info();
  const { made, events } = responder(machine);
  const { raw } = await probes(made);
  t.ok(raw.rate > 0);
  t.match(events[0], { type: 'refused', error: { code: 'BUSY' } });
});

t.test('who only begins makes room for somebody else', async (t) => {
  let now = 0;
  const { made } = responder(new Machine(), { drawn: isSecond, tick: () => now });
  const silent = begun(made, key(3));
  t.match(await silent.hear(), { type: 'accept' });
  t.match(await begun(made, key(5)).hear(), { type: 'refuse', code: 'BUSY' });
  now = 2_000;
  const other = begun(made, key(6));
  t.match(await other.hear(), { type: 'accept' });
  t.match(await silent.hear(), { type: 'refuse', code: 'BUSY' });
  await other.mine.close();
});

/** A machine whose GPU computes nothing. */
function broken(backends: readonly string[]): Machine {
  const machine = new Machine(), { run } = machine;
  machine.run = (challenge, signal) =>
    challenge.type === 'raw' && backends.includes(challenge.backend)
      ? Promise.reject(new NexusError('RAW_GPU', 'out of memory'))
      : run(challenge, signal);
  return machine;
}

t.test('where a GPU does not compute, the processor is measured in the same session', async (t) => {
  const { made, events } = responder(broken(['any', 'gpu']));
  const { raw, features, failure } = await probes(made);
  t.equal(failure, null);
  t.match(raw, { backend: 'cpu' });
  t.ok(raw.rate > 0 && features.length > 10);
  t.equal(events.filter(({ type }) => type === 'refused').length, 1);
});

t.test('micro-benchmarks are made where no product can be', async (t) => {
  const { made } = responder(broken(['any', 'gpu', 'cpu']));
  const { raw, features, rawTranscript, failure } = await probes(made);
  t.equal(failure?.code, 'RAW_GPU');
  t.strictSame(raw, { backend: 'none', rate: 0, memory: 0 });
  t.equal(rawTranscript, null);
  t.ok(features.length > 10);
});
