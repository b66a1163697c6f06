import fc from 'fast-check';
import t from 'tap';
import type { Channel } from '../../feeds/client/mod.ts';
import { ackMessage, importSigner, type Signer } from '../../feeds/records/mod.ts';
import {
  ackPatience,
  channelId,
  channelPair,
  decodeMessage,
  encodeMessage,
  JOB_PROTOCOL,
  JOB_VERSION,
  type JobMessage,
} from '../../node/job/mod.ts';
import {
  buildOffer,
  type BuiltOffer,
  type Job,
  offerMessages,
  prepareJob,
} from '../../node/job/offer.ts';
import { type FakeExecutor, NETWORK, PROFILE, World } from './world.ts';

type Of<T extends JobMessage['type']> = Extract<JobMessage, { type: T }>;

/** A requester that does exactly what a test says. */
class Puppet {
  readonly signer: Signer;
  readonly executor: FakeExecutor;
  job: Job;
  attempt = 0;
  channel!: Channel;
  offer!: BuiltOffer;
  #messages!: AsyncIterator<Uint8Array>;

  constructor(signer: Signer, executor: FakeExecutor) {
    this.signer = signer;
    this.executor = executor;
    this.job = prepareJob({
      network: NETWORK,
      profile: PROFILE,
      requester: signer.publicKey,
      parent: null,
      key: crypto.getRandomValues(new Uint8Array(32)),
      nonce: new Uint8Array(32).fill(9),
      prompt: [1, 2, 3],
      stops: [],
      sampling: { tq: 0, pq: 65536, maxTokens: 300 },
      priceCap: 10,
    });
  }

  static async make(executor: FakeExecutor, seed = 201): Promise<Puppet> {
    return new Puppet(await importSigner(new Uint8Array(32).fill(seed)), executor);
  }

  async build(prefix: number[] = []): Promise<this> {
    this.offer = await buildOffer(this.job, {
      attempt: this.attempt,
      executor: this.executor.signer.publicKey,
      prefix,
      heads: [],
      at: 1,
    }, (m) => this.signer.sign(m));
    return this;
  }

  open(handshake = new Uint8Array([JOB_VERSION]), id = channelId(this.job.id, this.attempt)): this {
    const keys = [this.signer.publicKey, this.executor.signer.publicKey] as const;
    const pair = channelPair({ protocol: JOB_PROTOCOL, id, handshake, keys, window: 1000 });
    this.executor.server.handle(pair.ends[1]);
    this.channel = pair.ends[0];
    this.#messages = this.channel[Symbol.asyncIterator]();
    return this;
  }

  async start(): Promise<this> {
    await this.build();
    this.open();
    await this.propose();
    return this;
  }

  send(message: JobMessage): Promise<void> {
    return this.channel.send(encodeMessage(message));
  }

  /** Sends the offer, in as many messages as it takes. */
  async propose(): Promise<void> {
    for (const message of offerMessages(this.offer.offer)) await this.send(message);
  }

  async ack(tokens: number, signer = this.signer): Promise<void> {
    const signature = await signer.sign(ackMessage(this.job.id, this.attempt, tokens));
    await this.send({ type: 'ack', tokens, signature });
  }

  /** The next message of a kind; others are passed over. */
  async next<T extends JobMessage['type']>(type: T): Promise<Of<T>> {
    while (true) {
      const { done, value } = await this.#messages.next();
      if (done) throw new Error(`the channel ended before ${type}`);
      const message = decodeMessage(value);
      if (message.type === type) return message as Of<T>;
    }
  }

  /** Reads tokens until there are so many. */
  async tokens(count: number): Promise<number> {
    let got = 0;
    while (got < count) got += (await this.next('tokens')).ids.length;
    return got;
  }
}

const rules = { settleMs: 60, offerMs: 60, stopMs: 60 };

async function idle(executor: FakeExecutor): Promise<void> {
  while (executor.server.sessions > 0) await new Promise((resolve) => setTimeout(resolve, 2));
}

t.test('offers that do not hold are refused with a code each', async (t) => {
  const world = await World.make({ rules });
  const executor = world.executors[0]!;
  const cases: [string, (p: Puppet) => void | Promise<void>, string][] = [
    [
      'network',
      (p) => void (p.job = prepareJob({ ...p.job, network: new Uint8Array(32) })),
      'OTHER_NETWORK',
    ],
    [
      'profile',
      (p) => void (p.job = prepareJob({ ...p.job, profile: new Uint8Array(32) })),
      'NOT_SERVED',
    ],
    ['price', (p) => void (p.job = prepareJob({ ...p.job, priceCap: 1 })), 'PRICE'],
    [
      'length',
      (p) =>
        void (p.job = prepareJob({ ...p.job, sampling: { ...p.job.sampling, maxTokens: 5000 } })),
      'TOO_LONG',
    ],
    [
      'context',
      (p) => void (p.job = prepareJob({ ...p.job, prompt: Array(4000).fill(1) })),
      'TOO_LONG',
    ],
    [
      'requester',
      (p) => void (p.job = prepareJob({ ...p.job, requester: new Uint8Array(32) })),
      'BAD_OFFER',
    ],
    ['job id', (p) => void (p.job = { ...p.job, id: new Uint8Array(32) }), 'BAD_COMMITMENT'],
  ];
  for (const [name, change, code] of cases) {
    const p = await Puppet.make(executor);
    await change(p);
    await p.start();
    t.match(await p.next('refuse'), { code }, name);
  }
  const edits: [string, (p: Puppet) => void, string][] = [
    ['prompt', (p) => p.offer.offer.prompt[0]!++, 'BAD_COMMITMENT'],
    ['nonce', (p) => p.offer.offer.nonce = new Uint8Array(32), 'BAD_COMMITMENT'],
    ['key', (p) => p.offer.offer.jobKey = new Uint8Array(32), 'BAD_COMMITMENT'],
    ['stops', (p) => p.offer.offer.stops.push('x'), 'BAD_COMMITMENT'],
    ['prefix', (p) => p.offer.offer.prefix.push(1), 'BAD_OFFER'],
    [
      'signature',
      (p) => p.offer.offer.job[p.offer.offer.job.length - 1]! ^= 1,
      'BAD_SIGNATURE',
    ],
    ['record', (p) => p.offer.offer.job = new Uint8Array(9), 'BAD_OFFER'],
  ];
  for (const [name, edit, code] of edits) {
    const p = await (await Puppet.make(executor)).build();
    edit(p);
    p.open();
    await p.propose();
    t.match(await p.next('refuse'), { code }, name);
  }
  const version = (await (await Puppet.make(executor)).build()).open(
    new Uint8Array([JOB_VERSION - 1]),
  );
  t.match(await version.next('refuse'), { code: 'BAD_VERSION' });
  const channel = (await (await Puppet.make(executor)).build()).open(undefined, new Uint8Array(32));
  await channel.propose();
  t.match(await channel.next('refuse'), { code: 'BAD_OFFER' });
  const first = (await Puppet.make(executor)).open();
  await first.send({ type: 'cancel' });
  t.match(await first.next('refuse'), { code: 'BAD_MESSAGE' });
  const mute = (await Puppet.make(executor)).open();
  t.match(await mute.next('refuse'), { code: 'NO_OFFER' });
  t.same(executor.log.records, [], 'nothing was logged');
  t.equal(executor.engine.made, 0);
  await world.close();
});

t.test('a long prompt comes in pieces, and every one of them is bounded', async (t) => {
  const world = await World.make({ rules });
  const executor = world.executors[0]!;
  executor.served = { contextSize: 200_000 };
  const prompt = Array.from({ length: 100_000 }, (_, i) => 65_536 + (i % 60_000));
  const whole = await Puppet.make(executor);
  whole.job = prepareJob({ ...whole.job, prompt });
  await whole.build();
  const messages = offerMessages(whole.offer.offer);
  t.equal(messages.length, 14);
  t.ok(messages.every((m) => encodeMessage(m).length < 48 * 1024));
  whole.open();
  await whole.propose();
  await whole.next('accept');
  const short = await (await Puppet.make(executor)).build();
  short.open();
  await short.send(offerMessages(short.offer.offer)[0]!);
  await short.send({ type: 'ids', ids: [1, 2] });
  t.match(await short.next('refuse'), { code: 'NO_OFFER' });
  const empty = await (await Puppet.make(executor)).build();
  empty.open();
  await empty.send(offerMessages(empty.offer.offer)[0]!);
  await empty.send({ type: 'ids', ids: [] });
  t.match(await empty.next('refuse'), { code: 'BAD_OFFER' });
  await world.close();
});

t.test('an attempt is done once', async (t) => {
  const world = await World.make({ rules });
  const p = await (await Puppet.make(world.executors[0]!)).start();
  await p.next('accept');
  p.open();
  await p.propose();
  t.match(await p.next('refuse'), { code: 'DUPLICATE' });
  p.attempt = 1;
  await p.start();
  t.match(await p.next('accept'), { position: 0 }, 'another attempt is another matter');
  await world.close();
});

t.test('work without acknowledgement ends at the window, and goes on with one', async (t) => {
  const world = await World.make({ rules: { ...rules, ackMs: 80 } });
  const executor = world.executors[0]!;
  executor.engine.length = 200;
  const p = await (await Puppet.make(executor)).start();
  t.equal(await p.tokens(64), 64);
  t.equal(executor.engine.made, 64, 'not one more');
  await p.ack(30);
  t.equal(await p.tokens(30), 30);
  t.equal(executor.engine.made, 94);
  const error = await p.next('error');
  t.match(error, { code: 'REQUESTER_SLOW' });
  await idle(executor);
  t.match(executor.log.records, [
    { type: 'artifact', tokens: 94, finish: 'error' },
    { type: 'claim', ack: { tokens: 30 } },
  ], 'the last acknowledgement is claimed');
  t.equal(executor.engine.running, 0);
  await world.close();
});

t.test('a slot is lent: who drips acknowledgements gives it up once another one waits', async (t) => {
  const world = await World.make({ slots: 1, rules: { ...rules, ackMs: 60_000, ackWaitMs: 200 } });
  const executor = world.executors[0]!;
  executor.engine.length = 100_000;
  const slow = await (await Puppet.make(executor)).start();
  await slow.tokens(64);
  let acknowledged = 0, over = false;
  const drip = async (until: () => boolean) => {
    while (!until()) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      await slow.ack(++acknowledged).catch(() => {});
    }
  };
  await drip(() => acknowledged === 30);
  t.equal(executor.engine.running, 1, 'alone it may be slow');
  const own = await Puppet.make(executor);
  own.attempt = 1;
  await own.start();
  await own.next('accept');
  await drip(() => acknowledged === 60);
  t.equal(executor.engine.running, 1, 'it waits for nobody but itself');
  await own.channel.close();

  const other = await (await Puppet.make(executor, 202)).start();
  t.match(await other.next('accept'), { position: 1 });
  const dripping = drip(() => over);
  t.match(await slow.next('error'), { code: 'REQUESTER_SLOW' });
  over = true;
  await dripping;
  t.equal(await other.tokens(64), 64, 'who waited is served');
  await other.channel.close();
  await world.close();
});

t.test('patience with a full window', (t) => {
  const rules = { ackMs: 60_000, ackWaitMs: 10_000 };
  const time = fc.nat({ max: 100_000 });
  fc.assert(fc.property(time, time, time, (now, before, more) => {
    const [alone, wanted] = [false, true].map((wanted) => ackPatience(rules, now, before, wanted));
    t.ok(wanted! <= alone!);
    t.equal(alone, Math.max(0, rules.ackMs - now));
    t.ok(now + before < rules.ackWaitMs || wanted === 0);
    t.ok(ackPatience(rules, now + more, before, true) <= wanted!);
  }));
  t.equal(ackPatience(rules, 1000, 2000, true), 7000);
  t.end();
});

t.test('a false acknowledgement ends the work', async (t) => {
  const world = await World.make({ rules });
  const executor = world.executors[0]!;
  executor.engine.length = 200;
  const stranger = await importSigner(new Uint8Array(32).fill(77));
  const forged = await (await Puppet.make(executor)).start();
  await forged.tokens(64);
  await forged.ack(30, stranger);
  t.match(await forged.next('error'), { code: 'BAD_ACK' });
  const early = await (await Puppet.make(executor)).start();
  await early.tokens(64);
  await early.ack(65);
  t.match(await early.next('error'), { code: 'BAD_ACK' });
  await idle(executor);
  t.same(executor.log.of('claim'), []);
  await world.close();
});

t.test('cancelling stops within one token and is committed to', async (t) => {
  const world = await World.make({ rules });
  const executor = world.executors[0]!;
  executor.engine.length = 300;
  const p = await (await Puppet.make(executor)).start();
  await p.tokens(64);
  await p.ack(40);
  await p.tokens(40);
  await p.send({ type: 'cancel' });
  await p.next('summary');
  await idle(executor);
  t.match(executor.log.records, [
    { type: 'artifact', tokens: 104, finish: 'cancelled' },
    { type: 'claim', ack: { tokens: 40 } },
  ]);
  const q = await (await Puppet.make(executor, 202)).start();
  await q.tokens(64);
  await q.channel.close();
  await idle(executor);
  t.match(executor.log.of('artifact')[1], { tokens: 64, finish: 'cancelled' });
  t.equal(executor.engine.running, 0);
  await world.close();
});

t.test('what comes up while the line is busy goes out together', async (t) => {
  const world = await World.make({ rules });
  const executor = world.executors[0]!;
  executor.engine.length = 60;
  let release = (): void => {};
  const blocked = new Promise<void>((resolve) => release = resolve);
  let batches = 0;
  const p = await (await Puppet.make(executor)).build();
  const keys = [p.signer.publicKey, executor.signer.publicKey] as const;
  const id = channelId(p.job.id, 0);
  const pair = channelPair({
    protocol: JOB_PROTOCOL,
    id,
    handshake: new Uint8Array([JOB_VERSION]),
    keys,
  });
  const end = pair.ends[1];
  executor.server.handle({
    peer: end.peer,
    protocol: end.protocol,
    id: end.id,
    handshake: end.handshake,
    [Symbol.asyncIterator]: () => end[Symbol.asyncIterator](),
    close: () => end.close(),
    send: async (bytes) => {
      const message = decodeMessage(bytes);
      if (message.type === 'tokens' && batches++ === 0) await blocked;
      if (message.type === 'tokens' && batches === 2) t.equal(message.ids.length, 59);
      await end.send(bytes);
    },
  });
  for (const m of offerMessages(p.offer.offer)) await pair.ends[0].send(encodeMessage(m));
  while (executor.engine.made < 60) await new Promise((resolve) => setTimeout(resolve, 1));
  release();
  await idle(executor);
  t.equal(batches, 2);
  await world.close();
});

t.test('requesters take turns, whoever came with many jobs first', async (t) => {
  const world = await World.make({ slots: 1, rules: { ...rules, ackWindow: 1000 } });
  const executor = world.executors[0]!;
  executor.engine.length = 3;
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => open = resolve);
  executor.engine.step = () => gate;
  const order: string[] = [];
  const run = async (name: string, seed: number): Promise<void> => {
    const p = await (await Puppet.make(executor, seed)).start();
    const { position } = await p.next('accept');
    order.push(`${name} ${position}`);
    await p.next('summary');
    order.push(name);
    await p.channel.close();
  };
  const jobs: Promise<void>[] = [];
  for (
    const [name, seed] of [['a', 201], ['a', 201], ['a', 201], ['a', 201], ['b', 202]] as const
  ) {
    const before = order.length;
    jobs.push(run(name, seed));
    while (order.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  t.same(order, ['a 0', 'a 1', 'a 2', 'a 3', 'b 2']);
  t.match(executor.server.load(PROFILE), { active: 1, queued: 4, slots: 1 });
  open();
  await Promise.all(jobs);
  t.same(order.slice(5), ['a', 'a', 'b', 'a', 'a']);
  t.equal(executor.engine.most, 1);
  await world.close();
});

t.test('a full queue refuses, a cancelled place is free again', async (t) => {
  const world = await World.make({ slots: 1, rules: { ...rules, queueLimit: 2, queuePerPeer: 1 } });
  const executor = world.executors[0]!;
  executor.engine.step = (_, signal) =>
    new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  const start = async (seed: number) => (await Puppet.make(executor, seed)).start();
  await (await start(201)).next('accept');
  const waiting = await start(201);
  t.match(await waiting.next('accept'), { position: 1 });
  t.match(await (await start(201)).next('refuse'), { code: 'FULL' }, 'of one requester');
  t.match(await (await start(202)).next('accept'), { position: 2 });
  t.match(await (await start(203)).next('refuse'), { code: 'FULL' }, 'of all');
  await waiting.send({ type: 'cancel' });
  await waiting.next('summary');
  t.match(await (await start(203)).next('accept'), { position: 2 });
  await world.close();
});

t.test('draining lets work end, then hands it on', async (t) => {
  const world = await World.make({ rules });
  const executor = world.executors[0]!;
  executor.engine.length = 30;
  const quick = await (await Puppet.make(executor)).start();
  await quick.next('accept');
  const drained = executor.server.drain(5000);
  t.ok(await quick.next('summary'));
  await quick.channel.close();
  await drained;
  const late = await (await Puppet.make(executor, 202)).start();
  t.match(await late.next('refuse'), { code: 'DRAINING' });

  const other = await world.addExecutor(1);
  other.engine.step = (_, signal) =>
    new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  const slow = await (await Puppet.make(other)).start();
  await slow.next('accept');
  const stopped = other.server.drain(20);
  t.match(await slow.next('error'), { code: 'DRAINING' });
  await slow.channel.close();
  await stopped;
  t.match(other.log.of('artifact'), [{ finish: 'error', tokens: 0 }]);
});
