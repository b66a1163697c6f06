import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { digestMessage, importSigner, recordHash, verifyEd25519 } from '../../feeds/records/mod.ts';
import {
  attemptName,
  channelId,
  channelPair,
  decodeMessage,
  encodeMessage,
  type ExecutorEvent,
  JOB_PROTOCOL,
  JOB_VERSION,
  type JobMessage,
  jobRules,
} from '../../node/job/mod.ts';
import { Attempts } from '../../node/job/attempts.ts';
import { systemClock } from '../../node/job/clock.ts';
import { buildOffer, offerMessages, prepareJob } from '../../node/job/offer.ts';
import { defaultRules } from '../../node/network/mod.ts';
import { type FakeExecutor, MemoryAttempts, NETWORK, PROFILE, World } from './world.ts';

const rules = { settleMs: 60, stopMs: 60, logMs: 200 };
const never = () => new Promise<never>(() => {});

/** A requester that offers one attempt as often as a test wants, byte for byte the same. */
async function offering(executor: FakeExecutor) {
  const me = await importSigner(new Uint8Array(32).fill(201));
  const job = prepareJob({
    network: NETWORK,
    profile: PROFILE,
    requester: me.publicKey,
    parent: null,
    key: new Uint8Array(32).fill(4),
    nonce: new Uint8Array(32).fill(9),
    prompt: [1, 2, 3],
    stops: [],
    sampling: { tq: 0, pq: 65536, maxTokens: 300 },
    priceCap: 10,
  });
  const build = (attempt: number) => {
    const to = { attempt, executor: executor.signer.publicKey, prefix: [], heads: [], at: 1 };
    return buildOffer(job, to, (m) => me.sign(m));
  };
  const first = await build(0);
  return {
    job,
    hash: recordHash(first.bytes),
    /** All that comes until `isEnough`, or the executor closes. */
    ask: async (
      server: FakeExecutor['server'],
      isEnough: (message: JobMessage) => boolean,
      attempt = 0,
    ): Promise<JobMessage[]> => {
      const { ends: [channel, other] } = channelPair({
        protocol: JOB_PROTOCOL,
        id: channelId(job.id, attempt),
        handshake: new Uint8Array([JOB_VERSION]),
        keys: [me.publicKey, executor.signer.publicKey],
        window: 1000,
      });
      server.handle(other);
      const { offer } = attempt === 0 ? first : await build(attempt);
      for (const message of offerMessages(offer)) await channel.send(encodeMessage(message));
      const heard: JobMessage[] = [];
      for await (const bytes of channel) {
        const message = decodeMessage(bytes.slice());
        heard.push(message);
        if (isEnough(message)) break;
      }
      return heard;
    },
  };
}

const is = (type: JobMessage['type']) => (message: JobMessage) => message.type === type;

t.test('an attempt that broke off with its process is not done again: what was signed of it stays', async (t) => {
  const world = await World.make({ rules });
  const [before] = world.executors;
  before!.engine.length = 300;
  // Killed in mid-answer: nothing is logged any more.
  before!.log.append = never;
  const { job, hash, ask } = await offering(before!);
  const heard = await ask(before!.server, is('digest'));
  const signed = heard.at(-1) as Extract<JobMessage, { type: 'digest' }>;
  const message = digestMessage(hash, signed.tokens, signed.digest);
  t.ok(await verifyEd25519(before!.signer.publicKey, message, signed.signature));
  t.strictSame(before!.attempts.names, [attemptName(job.id, 0)]);

  const after = await world.addExecutor(0, before!.attempts);
  const again = await ask(after.server, () => false);
  t.match(again, [{
    type: 'refuse',
    code: 'DUPLICATE',
    message: 'this attempt was taken before, and is not done again',
    hint: 'offer it as the next attempt of the job',
  }]);
  t.equal(again.length, 1, 'not a token');
  t.strictSame(after.log.records, [], 'and nothing of its own against it');
  const next = await ask(after.server, is('summary'), 1);
  t.match(next.at(-1), { type: 'summary' }, 'the next attempt is another matter');
  await world.close();
});

t.test('nothing is signed before the attempt is kept; its tokens do not wait', async (t) => {
  const world = await World.make({ rules: { ...rules, logMs: 5000 } });
  const [executor] = world.executors;
  let written = (): void => {};
  executor!.attempts.disk = () => new Promise((resolve) => written = resolve);
  const { ask } = await offering(executor!);
  let tokens = 0, isKept = false;
  const heard = await ask(executor!.server, (message) => {
    if (message.type === 'tokens') tokens += message.ids.length;
    if (message.type === 'digest') t.ok(isKept, 'a digest comes after it');
    // As far as it gets without its signature.
    if (tokens >= 16 && !isKept) {
      setTimeout(() => {
        isKept = true;
        written();
      }, 50);
    }
    return message.type === 'summary';
  });
  t.ok(heard.some(is('digest')));
  t.match(heard.at(-1), { type: 'summary' });
  await world.close();
});

for (
  const [what, disk] of [
    ['full', () => Promise.reject(new Error('ENOSPC: no space left on device'))],
    ['stalled', never],
  ] as const
) {
  t.test(`with a ${what} disk an attempt ends unsigned, its requester is told`, async (t) => {
    const world = await World.make({ rules });
    const [executor] = world.executors;
    executor!.attempts.disk = disk;
    const { ask } = await offering(executor!);
    const heard = await ask(executor!.server, () => false);
    t.match(heard.at(-1), { type: 'error', code: 'ATTEMPT_UNKEPT' });
    t.equal((heard.at(-1) as Extract<JobMessage, { type: 'error' }>).artifact.length, 0);
    t.notOk(heard.some(is('digest')));
    t.strictSame(executor!.log.records, []);
    const refused = () => executor!.events.find((e) => e.type === 'refused');
    while (refused() === undefined) await new Promise((resolve) => setTimeout(resolve, 2));
    t.equal(executor!.server.sessions, 0);
    const { error } = refused() as Extract<ExecutorEvent, { type: 'refused' }>;
    t.match(error, { code: 'ATTEMPT_UNKEPT', cause: what === 'full' ? /ENOSPC/ : /200 ms/ });
    t.match(await ask(executor!.server, () => false), [{ code: 'DUPLICATE' }]);
    await world.close();
  });
}

t.test('no attempt is taken before those of before are known', async (t) => {
  const world = await World.make({ rules });
  const [executor] = world.executors;
  let fails = 1;
  executor!.attempts.taken = () =>
    fails-- > 0 ? Promise.reject(new Error('not yet')) : Promise.resolve([]);
  const { ask } = await offering(executor!);
  t.match(await ask(executor!.server, () => false), [{ type: 'refuse', message: 'not yet' }]);
  t.match((await ask(executor!.server, is('summary'))).at(-1), { type: 'summary' });
  await world.close();
});

t.test('as many are remembered as the rules say, own ones in memory alone', async (t) => {
  const store = new MemoryAttempts();
  const attempts = new Attempts(store, { remembered: 3, logMs: 100 }, systemClock);
  for (const name of ['a', 'b', 'c']) await attempts.take(name, false);
  await attempts.take('d', true);
  t.strictSame(store.names, ['a', 'b', 'c']);
  t.throws(() => attempts.demandNew('d'), { code: 'DUPLICATE' });
  t.throws(() => attempts.demandNew('b'), { code: 'DUPLICATE' });
  attempts.demandNew('a');
  t.ok(jobRules(defaultRules()).remembered >= 262_144);
});

t.test('a name is of job and attempt alone', (t) => {
  const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  t.equal(attemptName(one, 0), toHex(channelId(one, 0)).slice(0, 20));
  t.equal(new Set([attemptName(one, 0), attemptName(one, 1), attemptName(other, 0)]).size, 3);
  t.end();
});
