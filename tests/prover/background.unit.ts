import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import { decodeRecord, type ProofRecord } from '../../feeds/records/mod.ts';
import { samplePublics, type SampleStatement } from '../../circuits/mod.ts';
import { BackgroundProver, type ProofDone } from '../../node/prover/mod.ts';
import { sealPayload } from '../../node/payloads/mod.ts';
import { sealOpenings } from '../../node/payloads/openings.ts';
import { sealShown } from '../../node/payloads/shown.ts';
import { answer, asked, fill, NETWORK, NONCE, OF } from './made_up.ts';

const made = await answer();
const payload = { prompt: [1], prefix: [], output: made.output, bytes: new Uint8Array(20) };
const owed = (n: number, due = 9) => ({
  ...asked(made.root, { entry: null, state: 'open', due }),
  subject: { ...made.proof.subject, id: toHex(fill(n)) },
});

/** A promise with what settles it. */
function gated() {
  let resolve = () => {}, reject: (thrown: unknown) => void = () => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const WORK_MS = 3000;

/** A queue over one answer that is kept under any name. */
function world(
  prove: (statement: SampleStatement) => Promise<unknown> = () => Promise.resolve(),
  write: () => Promise<void> = () => Promise.resolve(),
) {
  const stop = new AbortController(), log: ProofRecord[] = [], done: ProofDone[] = [];
  const rests: number[] = [];
  let clock = 0, waiters: (() => void)[] = [];
  const background = new BackgroundProver({
    network: NETWORK,
    key: toHex(fill(30)),
    prover: {
      prove: async (_key, statement) => {
        clock += WORK_MS;
        await prove(statement);
        return { proof: new Uint8Array(256).fill(1), publics: samplePublics(statement) };
      },
    },
    store: {
      keyOf: () => OF.jobKey,
      get: () => Promise.resolve(sealPayload({ payload, nonce: NONCE, stops: [] }, OF)),
      openings: (_, __, positions) => Promise.resolve(sealOpenings(made.topk, 0, positions, OF)),
      shown: (_, __, positions) => Promise.resolve(sealShown(made.topk, 0, positions, OF)),
    },
    append: async (block) => {
      await write();
      log.push(decodeRecord(block) as ProofRecord);
    },
    onDone: (one) => {
      done.push(one);
      for (const wake of waiters) wake();
      waiters = [];
    },
    now: () => 5,
    clock: () => clock,
    rest: (ms) => {
      rests.push(ms);
      clock += ms;
      return Promise.resolve();
    },
    signal: stop.signal,
  });
  const until = async (count: number) => {
    while (done.length < count) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  return { background, log, done, until, stop, rests, pass: (ms: number) => clock += ms };
}

t.test('what is owed is made, the most urgent first, and logged once', async (t) => {
  const { background, log, done, until } = world();
  background.owe([owed(51, 12), owed(50, 8)]);
  await until(2);
  t.same(log.map(({ subject }) => subject[0]), [50, 51]);
  t.match(log[0], { type: 'proof', statement: 'sample', key: fill(30), at: 5 });
  t.same(done.map(({ error }) => error), [null, null]);
  t.ok(done.every(({ ms }) => ms! > 0));
  background.owe([owed(50), owed(51)]);
  background.made(toHex(fill(52)));
  background.owe([owed(52)]);
  await background.idle();
  t.equal(log.length, 2);
  t.equal(background.waiting, 0);
});

t.test('a prover that dies is asked again; what cannot be proven is told once', async (t) => {
  let tries = 0;
  const { background, log, done, until } = world(() =>
    ++tries < 3 ? Promise.reject(new NexusError('PROVER_LOST', 'gone')) : Promise.resolve()
  );
  background.owe([owed(50)]);
  await until(1);
  t.equal(tries, 3);
  t.equal(log.length, 1);
  t.equal(done[0]!.error, null);
  const other = world(() => Promise.reject(new NexusError('PROOF_WITNESS', 'it was not so drawn')));
  other.background.owe([owed(50)]);
  await other.until(1);
  t.match(other.done, [{ error: { code: 'PROOF_WITNESS' }, ms: null }]);
  other.background.owe([owed(50)]);
  await other.background.idle();
  t.equal(other.done.length, 1);
  t.same(other.log, []);
});

t.test('one that is asked for by hand comes first, and tells why it cannot be made', async (t) => {
  const gate = gated();
  const { background, log, until } = world(() => gate.promise);
  background.owe([owed(50, 3), owed(51, 4)]);
  const byHand = background.now(owed(52));
  gate.resolve();
  t.match(await byHand, { type: 'proof', subject: fill(52) });
  await until(3);
  t.ok(log.findIndex(({ subject }) => subject[0] === 52) < 2);
  await t.rejects(background.now(owed(52)), { code: 'PROOF_TWICE' });
});

t.test('who is stopped leaves what it owes for the next run', async (t) => {
  const gate = gated();
  const { background, log, done, stop } = world(() => gate.promise);
  background.owe([owed(50), owed(51)]);
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new Error('stopped'));
  gate.reject(new NexusError('PROVER_LOST', 'killed'));
  await background.idle();
  t.same(log, []);
  t.same(done, [], 'nothing is told to have failed');
});

t.test('as long as a proof took, none is made: nor one that comes later, nor one by hand', async (t) => {
  const { background, rests, pass, log } = world();
  background.owe([owed(50)]);
  await background.idle();
  t.same(rests, [], 'nobody waits for the first');
  background.owe([owed(51), owed(52)]);
  await background.idle();
  t.same(rests, [WORK_MS, WORK_MS]);
  pass(1000);
  await background.now(owed(53));
  t.same(rests.at(-1), WORK_MS - 1000);
  pass(WORK_MS);
  await background.now(owed(54));
  t.equal(rests.length, 3, 'it has rested');
  t.equal(log.length, 5);
});

t.test('what is in the way of all proofs ends none: it is tried again, ever more seldom', async (t) => {
  let isFull = true, writes = 0;
  const write = () => {
    writes++;
    return isFull ? Promise.reject(new Error('no space left on device')) : Promise.resolve();
  };
  const { background, log, done, pass } = world(undefined, write);
  const cut = async () => {
    background.owe([owed(50)]);
    await background.idle();
    return writes;
  };
  t.equal(await cut(), 3);
  t.match(done, [{ ms: null, error: { message: 'no space left on device' } }]);
  t.equal(await cut(), 3, 'not with each cut');
  pass(60_000);
  t.equal(await cut(), 4);
  pass(60_000);
  t.equal(await cut(), 4);
  isFull = false;
  pass(60_000);
  t.equal(await cut(), 5);
  t.match(done.at(-1), { error: null });
  t.equal(log.length, 1);
});
