import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Block } from '../../feeds/client/mod.ts';
import { decodeRecord, encodeRecord, type JobRecord } from '../../feeds/records/mod.ts';
import { type JobQuery, listJobs } from '../../node/daemon/job_list.ts';
import { ProbeBook } from '../../node/daemon/probe_book.ts';
import { segmentsOf } from '../../node/daemon/segments.ts';
import type { AttemptReceipt, ReceiptParts } from '../../node/job/mod.ts';
import { dead, type Made, make } from '../check/world.ts';

/** How the requester settled an attempt. */
function settleOf({ ask, payload }: Made, outcome: 'done' | 'failed'): Uint8Array {
  const { job, attempt, executor } = decodeRecord(ask.job) as JobRecord;
  return encodeRecord({
    type: 'settle',
    job,
    attempt,
    executor,
    outcome,
    finish: outcome === 'done' ? 'stop' : 'error',
    tokens: payload.output.length,
    artifact: null,
    digest: ask.digest,
    firstTokenMs: 3,
    totalMs: 4,
    heads: [],
    at: 5,
  });
}

function sources(blocks: Uint8Array[], fails?: NexusError, probes: readonly string[] = []) {
  async function* read(_: Uint8Array, { start = 0, end = 0 } = {}): AsyncGenerator<Block> {
    for (let index = start; index < end; index++) yield { index, value: blocks[index]! };
  }
  const head = () => fails ? Promise.reject(fails) : Promise.resolve({ length: blocks.length });
  return {
    logs: { read, head } as never,
    core: new Uint8Array(32),
    verdicts: { of: () => [] },
    probes: { has: (job: string) => probes.includes(job) },
    store: { get: () => Promise.resolve(null) },
  };
}

t.test('jobs are told from the log, the newest first, by the start of an id', async (t) => {
  const made = await make(), settle = settleOf(made, 'done');
  // Jobs that differ in nothing but their ids.
  const { signature: _, ...plain } = decodeRecord(made.ask.job) as JobRecord;
  const other = (n: number) =>
    encodeRecord({ ...plain, job: new Uint8Array(32).fill(n), signature: new Uint8Array(64) });
  const many = Array.from({ length: 1100 }, (_, i) => other(1 + i % 200));
  const blocks = [made.ask.job, settle, new Uint8Array([200]), ...many, made.ask.artifact];
  const newest = await listJobs(sources(blocks), { limit: 3, start: null, probes: false });
  t.same(newest.map(({ job }) => job), [100, 99, 98].map((n) => toHex(new Uint8Array(32).fill(n))));
  t.equal(newest[0]!.state, 'open');
  const id = toHex(plain.job);
  const [one, ...rest] = await listJobs(sources(blocks), {
    limit: 2,
    start: id.slice(0, 6),
    probes: false,
  });
  t.same(rest, []);
  t.match(one, { job: id, state: 'done', model: null, promptTokens: 4, tokens: 42 });
  t.match(one!.attempts, [{ attempt: 1, resumeAt: 2, tokens: 40, finish: 'stop', totalMs: 4 }]);
});

t.test('jobs that measured peers push no prompt off the list', async (t) => {
  const made = await make(), id = (n: number) => toHex(new Uint8Array(32).fill(n));
  const { signature: _, ...plain } = decodeRecord(made.ask.job) as JobRecord;
  const blocks = Array.from(
    { length: 60 },
    (_, i) =>
      encodeRecord({
        ...plain,
        job: new Uint8Array(32).fill(i + 1),
        signature: new Uint8Array(64),
      }),
  );
  const probes = Array.from({ length: 50 }, (_, i) => id(i + 11));
  const from = sources(blocks, undefined, probes);
  const listed = async (query: Partial<JobQuery>) =>
    (await listJobs(from, { limit: 2, start: null, probes: false, ...query }))
      .map(({ job, probe }) => [job, probe]);
  t.same(await listed({}), [[id(10), false], [id(9), false]]);
  t.same(await listed({ probes: true }), [[id(60), true], [id(59), true]]);
  t.same(await listed({ start: id(30) }), [[id(30), true]], 'who names it sees it');
});

t.test('which jobs measured peers is kept, and read from transcripts before', async (t) => {
  const id = (n: number) => toHex(new Uint8Array(32).fill(n)), folder = join(t.testdir(), 'prints');
  mkdirSync(folder);
  const jobs = [{ job: id(1) }, { job: null }, { job: '../etc' }, null, 7];
  writeFileSync(join(folder, 'a-1.json'), JSON.stringify({ jobs }));
  writeFileSync(join(folder, 'b-2.json'), '{');
  const book = await ProbeBook.load(folder);
  t.same([id(1), '../etc', id(2)].map((job) => book.has(job)), [true, false, false]);
  await Promise.all([book.add(id(2)), book.add(id(3))]);
  rmSync(join(folder, 'a-1.json'));
  const again = await ProbeBook.load(folder);
  t.same([id(1), id(2), id(3), id(4)].map((job) => again.has(job)), [true, true, true, false]);
  const none = await ProbeBook.load(join(folder, 'none'));
  for (let i = 0; i < 4100; i++) void none.add(i.toString(16).padStart(64, '0'));
  await none.add(id(5));
  t.same([none.has('0'.repeat(64)), none.has(id(5))], [false, true], 'the oldest go');
});

t.test('an empty log has no jobs', async (t) => {
  const empty = sources([], new NexusError('CORE_EMPTY', 'nothing is in it'));
  t.same(await listJobs(empty, { limit: 5, start: null, probes: false }), []);
  const lost = sources([], new NexusError('FEEDS_LOST', 'gone'));
  await t.rejects(listJobs(lost, { limit: 5, start: null, probes: false }), { code: 'FEEDS_LOST' });
});

/** Two attempts: the first was lost after some tokens. */
async function failedOver(lost: Made, signed: Uint8Array | null): Promise<ReceiptParts> {
  const { ask } = lost, made = await make();
  const { prompt, output, bytes } = made.payload;
  const attempt = (more: Partial<AttemptReceipt>): AttemptReceipt => ({
    job: ask.job,
    artifact: null,
    settle: null,
    jobIndex: 0,
    settleIndex: 1,
    resumeAt: 0,
    class: null,
    ...more,
  });
  return {
    attempts: [
      attempt({ settle: signed, class: new Uint8Array(32).fill(8) }),
      attempt({ artifact: made.ask.artifact, resumeAt: 20 }),
    ],
    jobKey: ask.jobKey,
    nonce: ask.nonce,
    prompt,
    output: [...output.slice(0, 20), ...Array(40).fill(7)],
    bytes: Uint8Array.from([...bytes.slice(0, 20), ...Array(40).fill(9)]),
    stops: [],
  };
}

t.test('each executor’s part goes as far as it has signed', async (t) => {
  const lost = await dead(16);
  const parts = await failedOver(lost, settleOf(lost, 'failed'));
  const [first, second] = segmentsOf(parts);
  t.equal(first!.payload.output.length, 16, 'four tokens came after its last digest');
  t.equal(first!.ask!.class[0], 8);
  t.equal(first!.ask!.artifact.length, 0);
  t.same(second!.payload.prefix, parts.output.slice(0, 20));
  t.equal(second!.payload.output.length, 40);
  t.equal(second!.ask!.digest, null);
  const [unsigned] = segmentsOf(await failedOver(lost, null));
  t.equal(unsigned!.ask, null);
  const whole = { ...parts, output: parts.output.slice(0, 50), bytes: parts.bytes.slice(0, 50) };
  t.equal(
    segmentsOf(whole)[1]!.ask,
    null,
    'an artifact over more than came is about something else',
  );
});
