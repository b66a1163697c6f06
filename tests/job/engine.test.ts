import t from 'tap';
import { toHex } from '../../feeds/base/mod.ts';
import { importSigner, type Profile } from '../../feeds/records/mod.ts';
import { createFakeEngine, type FakeEngine } from '../../node/engine/mod.ts';
import {
  channelPair,
  JOB_PROTOCOL,
  JOB_RULES,
  JOB_VERSION,
  type JobRequest,
  type JobServer,
  type RequesterDeps,
  serveJobs,
} from '../../node/job/mod.ts';
import { type Offered, StatsBook } from '../../node/router/mod.ts';
import { CLASS, collect, MemoryLog, NETWORK } from './world.ts';

const hash = (byte: number) => new Uint8Array(32).fill(byte);
const files = { weights: 'any', vocabulary: 'any' };
const profile: Profile = {
  version: 1,
  kind: 'text',
  file: hash(1),
  size: 1,
  architecture: 'fake',
  quantisation: 'none',
  chatTemplate: hash(2),
  tokenizer: hash(3),
  vocabulary: hash(4),
  contextSize: 512,
  kvType: 'f16',
  flashAttention: true,
  sampler: 'nexus/gumbel-int/1',
  topK: 16,
  parent: null,
  adapters: [],
  layers: null,
};

/** Two executors and a requester without weights, on the engine's own fake. */
async function mesh() {
  const rules = { ...JOB_RULES, settleMs: 100, cancelMs: 100, stopMs: 100, pauseMs: 20 };
  const requester = createFakeEngine();
  const { profileId } = await requester.load(profile, files, { weights: false });
  const engines: FakeEngine[] = [];
  const servers = new Map<string, JobServer>();
  const offered: Offered[] = [];
  for (const i of [0, 1]) {
    const engine = createFakeEngine();
    const model = await engine.load(profile, files, { weights: true });
    const signer = await importSigner(hash(50 + i));
    const server = serveJobs({
      feeds: new MemoryLog(),
      engine,
      signer,
      network: NETWORK,
      rules,
      offerings: () => [{
        profile: profileId,
        class: CLASS,
        price: 0,
        contextSize: model.contextSize,
        maxTokens: 400,
        slots: model.slots,
      }],
    });
    engines.push(engine);
    servers.set(toHex(signer.publicKey), server);
    offered.push({
      executor: signer.publicKey,
      profile: profileId,
      class: CLASS,
      price: 0,
      rttMs: 1 + 100_000 * i,
      load: { active: 0, queued: 0, slots: model.slots },
      warm: true,
      prefixAffinity: 0,
      isLocal: false,
      versions: [JOB_VERSION],
      banned: false,
    });
  }
  const signer = await importSigner(hash(60));
  const deps: RequesterDeps = {
    feeds: new MemoryLog(),
    engine: requester,
    signer,
    network: NETWORK,
    rules,
    stats: new StatsBook(),
    candidates: () => offered,
    dial: ({ executor }, { id, handshake }) => {
      const keys = [signer.publicKey, executor] as const;
      const { ends } = channelPair({ protocol: JOB_PROTOCOL, id, handshake, keys });
      servers.get(toHex(executor))!.handle(ends[1]);
      return Promise.resolve(ends[0]);
    },
  };
  const request = (more: Partial<JobRequest> = {}): JobRequest => ({
    profile: profileId,
    contextSize: profile.contextSize,
    messages: [{ role: 'user', content: 'tell me a story' }],
    sampling: { tq: 1024, pq: 65536, maxTokens: 60 },
    nonce: hash(9),
    where: 'mesh',
    priceCap: 0,
    ...more,
  });
  const close = async () => {
    await Promise.all([...servers.values()].map((s) => s.drain(0)));
    await Promise.all([requester, ...engines].map((e) => e.close()));
  };
  return { deps, request, engines, close };
}

t.test('an engine killed in mid-answer changes neither text nor end', async (t) => {
  const { deps, request, engines, close } = await mesh();
  const calm = await collect(request(), deps);
  t.ok(calm.ids.length > 20, `${calm.ids.length} tokens`);
  for (let at = 1; at < calm.ids.length; at += 7) {
    let seen = 0, lost = false;
    const { text, done, events } = await collect(request(), deps, (event) => {
      if (event.type !== 'token' || (seen += event.ids.length) < at || lost) return;
      lost = true;
      for (const engine of engines) engine.lose();
    });
    t.equal(text, calm.text, `after ${at} tokens`);
    t.match(done, { finish: calm.done.finish, outputTokens: calm.ids.length });
    const moved = events.filter((e) => e.type === 'failover');
    t.ok(moved.every((e) => e.cause.code === 'ENGINE_LOST'));
  }
  await close();
});

t.test('a stop string that spans the failover is found all the same', async (t) => {
  const { deps, request, engines, close } = await mesh();
  const whole = await collect(request(), deps);
  const middle = Math.floor(whole.text.length / 2);
  const stops = [whole.text.slice(middle, middle + 12)];
  const calm = await collect(request({ stops }), deps);
  t.equal(calm.done.finish, 'stop');
  t.equal(calm.text, whole.text.slice(0, whole.text.indexOf(stops[0]!)));
  for (let at = 1; at <= calm.ids.length; at++) {
    let seen = 0;
    const { text, done } = await collect(request({ stops }), deps, (event) => {
      if (event.type === 'token' && (seen += event.ids.length) === at) engines[0]!.lose();
    });
    t.equal(text, calm.text);
    t.equal(done.finish, 'stop');
  }
  await close();
});
