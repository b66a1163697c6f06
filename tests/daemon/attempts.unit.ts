import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { AttemptRing, boundOf } from '../../node/daemon/attempt_ring.ts';
import { AttemptFile } from '../../node/daemon/attempts.ts';
import { attemptName } from '../../node/job/mod.ts';

type Test = Parameters<Parameters<typeof t.test>[0]>[0];

const MOST = 1000;
const nameOf = (i: number) => i.toString(16).padStart(20, '0');
const names = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => nameOf(from + i));

function ringOf(to: number, most = MOST): AttemptRing {
  const ring = new AttemptRing(most);
  for (const name of names(1, to + 1)) ring.add(name);
  return ring;
}

/** What a file that says `bytes` tells; null: it is damaged. */
function told(bytes: Uint8Array, most = MOST): string[] | null {
  const ring = AttemptRing.read(bytes, most);
  return ring && [...ring.names()];
}

t.test('the newest are kept, in a bounded file, over any number of rounds', (t) => {
  for (const count of [0, 1, 7, 999, 1000, 1001, 1500, 3210]) {
    const bytes = ringOf(count).content();
    t.equal(bytes.length, boundOf(Math.min(count, MOST)));
    const kept = names(Math.max(1, count - MOST + 1), count + 1);
    t.strictSame(told(bytes), kept, `${count}`);
    const ring = AttemptRing.read(bytes, MOST)!;
    ring.add(nameOf(count + 1));
    t.equal([...ring.names()].at(-1), nameOf(count + 1), 'and it goes on from there');
    t.strictSame(ring.content(), ringOf(count + 1).content());
  }
  t.end();
});

t.test('a record that a power cut tore is passed over, and takes no other with it', (t) => {
  const bytes = ringOf(20).content();
  for (let cut = 1; cut < 16; cut++) t.strictSame(told(bytes.slice(0, -cut)), names(1, 20));
  const zeros = new Uint8Array(bytes.length + 64);
  zeros.set(bytes);
  t.strictSame(told(zeros), names(1, 21), 'longer, and not written yet');
  const mixed = bytes.slice();
  mixed.fill(0, boundOf(15), boundOf(16));
  t.strictSame(told(mixed), [...names(1, 16), ...names(17, 21)], 'disks write in any order');
  // It stays whole while the ring goes on.
  const ring = AttemptRing.read(mixed, MOST)!;
  for (const name of names(500, 900)) ring.add(name);
  t.strictSame(told(ring.content()), [...names(1, 16), ...names(17, 21), ...names(500, 900)]);
  const round = ringOf(1500).content().slice();
  round.fill(0xff, boundOf(500), boundOf(501));
  t.strictSame(told(round), names(502, 1501), 'where the oldest was to be written over');
  t.end();
});

t.test('what is damaged otherwise is not taken for a memory', (t) => {
  const bytes = ringOf(600).content();
  const edited = (edit: (copy: Uint8Array) => void) => {
    const copy = bytes.slice();
    edit(copy);
    return told(copy);
  };
  t.equal(told(new Uint8Array()), null);
  t.equal(told(bytes.slice(0, 15)), null);
  t.equal(edited((copy) => copy[0]! ^= 1), null, 'another file');
  t.equal(edited((copy) => copy.fill(0, boundOf(9), boundOf(10))), null, 'a hole far back');
  t.equal(edited((copy) => copy[boundOf(10) - 1]! ^= 1), null, 'a number of another place');
  t.equal(told(ringOf(600, 1024).content(), 1024)?.length, 600);
  const far = ringOf(600, 1024).content().slice();
  far[boundOf(10) - 4]! ^= 1;
  t.equal(told(far, 1024), null, 'a number of another time');
  t.equal(told(ringOf(1500, 2000).content()), null, 'a larger ring');
  t.end();
});

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'nexus-attempts-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** @param logged attempts of one job with an artifact in the log */
function fileOf(path: string, logged: number[] = [], most = MOST) {
  const asked: number[] = [];
  const job = new Uint8Array(32).fill(5);
  const file = new AttemptFile({
    path,
    most,
    committed: async function* (entries) {
      asked.push(entries);
      yield* logged.map((attempt) => ({ job, attempt }));
    },
  });
  return { file, asked, names: logged.map((attempt) => attemptName(job, attempt)) };
}

const takenOf = async (file: AttemptFile) => [...await file.taken()];

t.test('what is kept is known after a restart', async (t) => {
  const path = join(folder(t), 'home', 'attempts');
  const { file } = fileOf(path);
  t.strictSame(await takenOf(file), []);
  await file.keep(nameOf(1));
  t.strictSame(await takenOf(fileOf(path).file), [nameOf(1)]);
  // Those that come at once share their writes.
  await Promise.all(names(2, 400).map((name) => file.keep(name)));
  t.strictSame(await takenOf(fileOf(path).file), names(1, 400));
  t.equal(statSync(path).mode & 0o777, 0o600);
  const again = fileOf(path).file;
  await Promise.all([again.keep(nameOf(400)), again.keep(nameOf(401))]);
  t.strictSame(await takenOf(fileOf(path).file), names(1, 402));
  const small = join(folder(t), 'attempts'), few = fileOf(small, [], 8).file;
  for (const name of names(1, 101)) await few.keep(name);
  t.equal(statSync(small).size, boundOf(8), 'it never grows beyond its bound');
  t.strictSame(await takenOf(fileOf(small, [], 8).file), names(93, 101));
});

t.test('without a file the log tells what was answered, with one only what is missing there', async (t) => {
  const path = join(folder(t), 'attempts');
  const old = fileOf(path, [0, 1, 2]);
  t.strictSame(await takenOf(old.file), old.names);
  t.strictSame(old.asked, [MOST], 'as far back as is remembered');
  await old.file.keep(nameOf(9));
  const next = fileOf(path, [0, 1, 2, 3]);
  const all = [...old.names, nameOf(9), next.names[3]];
  t.strictSame(await takenOf(next.file), all);
  t.strictSame(await takenOf(fileOf(path).file), all);
});

t.test('a torn end is written over, a damaged file is told and left alone', async (t) => {
  const path = join(folder(t), 'attempts');
  const { file } = fileOf(path);
  for (const name of names(1, 4)) await file.keep(name);
  writeFileSync(path, readFileSync(path).subarray(0, -5));
  const torn = fileOf(path).file;
  t.strictSame(await takenOf(torn), names(1, 3));
  await torn.keep(nameOf(7));
  t.strictSame(await takenOf(fileOf(path).file), [...names(1, 3), nameOf(7)]);
  writeFileSync(path, 'what is this');
  const damaged = fileOf(path).file;
  await t.rejects(damaged.taken(), { code: 'ATTEMPTS_DAMAGED', hint: /^an answer .*mv / });
  await t.rejects(damaged.keep(nameOf(1)), { code: 'ATTEMPTS_DAMAGED' });
  t.equal(readFileSync(path, 'utf8'), 'what is this');
  writeFileSync(path, new Uint8Array(boundOf(MOST) + 1));
  await t.rejects(damaged.taken(), { code: 'FILE_TOO_LARGE' });
});

t.test('after a write that failed the next one writes all that is to be known', async (t) => {
  const path = join(folder(t), 'attempts');
  const { file } = fileOf(path);
  await file.keep(nameOf(1));
  rmSync(path);
  await t.rejects(file.keep(nameOf(2)), { code: 'ENOENT' });
  await file.keep(nameOf(3));
  t.strictSame(await takenOf(fileOf(path).file), names(1, 4));
});
