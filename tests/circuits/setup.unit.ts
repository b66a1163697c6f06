import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { sectionAt } from '../../circuits/binary.ts';
import { contributionsOf, isOpenSecret } from '../../circuits/contributions.ts';
import { isKeyOf, makeKey, sizeOf } from '../../circuits/build/setup.ts';
import { verificationKeyOf } from '../../circuits/proving_key.ts';
import { readKeyFile } from '../../circuits/files.ts';
import { loadSnarkjs, type MemoryFile } from '../../circuits/library.ts';
import { circuitKeys, FIELD, keyHash, SAMPLE_POSITIONS, STATEMENTS } from '../../circuits/mod.ts';
import { encodeOpening, LIMITS } from '../../feeds/records/mod.ts';

/** Powers of tau as snarkjs makes them. */
interface Powers {
  newAccumulator(curve: unknown, power: number, to: MemoryFile): Promise<unknown>;
  beacon(from: Uint8Array, to: MemoryFile, name: string, hash: string, n: number): Promise<unknown>;
  preparePhase2(from: Uint8Array, to: MemoryFile): Promise<unknown>;
}

/** Setup of a circuit's key as snarkjs does it for the parties of a ceremony. */
interface Parties {
  newZKey(r1cs: Uint8Array, ptau: Uint8Array, to: MemoryFile): Promise<unknown>;
  contribute(from: Uint8Array, to: MemoryFile, name: string, secret: string): Promise<unknown>;
  beacon(from: Uint8Array, to: MemoryFile, name: string, hash: string, n: number): Promise<unknown>;
}

/** Prepared powers of tau, the same for the same secret. */
async function powersOf(power: number, secret: string): Promise<Uint8Array> {
  const { snarkjs, curve } = await loadSnarkjs();
  const { powersOfTau } = snarkjs as unknown as { powersOfTau: Powers };
  const files: MemoryFile[] = Array.from({ length: 3 }, () => ({ type: 'mem' }));
  await powersOfTau.newAccumulator(curve, power, files[0]!);
  await powersOfTau.beacon(files[0]!.data!, files[1]!, 'test', secret.repeat(32), 10);
  await powersOfTau.preparePhase2(files[1]!.data!, files[2]!);
  return files[2]!.data!.slice();
}

/** A circuit in the compiler's format: signal 1, public, is the product of the next two, n times over. */
function productCircuit(n: number): Uint8Array {
  const u32 = (...values: number[]) => [...new Uint8Array(Uint32Array.from(values).buffer)];
  const u64 = (value: number) => u32(value, 0);
  const element = (value: bigint) =>
    Array.from({ length: 32 }, (_, i) => Number(value >> BigInt(8 * i) & 255n));
  const is = (signal: number) => [...u32(1, signal), ...element(1n)];
  const section = (type: number, bytes: number[]) => [...u32(type), ...u64(bytes.length), ...bytes];
  const header = [...u32(32), ...element(FIELD), ...u32(4, 1, 0, 2), ...u64(4), ...u32(n)];
  const constraints = Array.from({ length: n }, () => [...is(2), ...is(3), ...is(1)]).flat();
  const labels = [0, 1, 2, 3].flatMap(u64);
  return Uint8Array.from([
    ...new TextEncoder().encode('r1cs'),
    ...u32(1, 3),
    ...section(1, header),
    ...section(2, constraints),
    ...section(3, labels),
  ]);
}

t.test('a key is the same from the same circuit, powers and text, and another one from others', async (t) => {
  const ptau = await powersOf(4, '01'), other = await powersOf(4, '02'), r1cs = productCircuit(2);
  t.same(await sizeOf(r1cs), { constraints: 2, publics: 1 });
  const zkey = await makeKey(r1cs, ptau, 'a text');
  t.same(await makeKey(r1cs, ptau, 'a text'), zkey);
  t.ok(await isKeyOf(zkey, r1cs, ptau));
  const hash = keyHash(await verificationKeyOf(zkey));
  for (const again of [await makeKey(r1cs, ptau, 'b text'), await makeKey(r1cs, other, 'a text')]) {
    t.not(keyHash(await verificationKeyOf(again)), hash);
  }

  t.notOk(await isKeyOf(zkey, r1cs, other), 'of other powers');
  t.notOk(await isKeyOf(zkey, productCircuit(3), ptau), 'of another circuit');
  for (const at of [20, zkey.length >> 1, zkey.length - 20]) {
    t.notOk(await isKeyOf(zkey.with(at, zkey[at]! ^ 1), r1cs, ptau), `byte ${at} is another`);
  }
  t.notOk(await isKeyOf(zkey.slice(0, 100), r1cs, ptau), 'truncated');
});

t.test('a key lists who contributed to it, and is nobody’s without a party', async (t) => {
  const { snarkjs } = await loadSnarkjs();
  const { zKey } = snarkjs as unknown as { zKey: Parties };
  const ptau = await powersOf(4, '01'), r1cs = productCircuit(2);
  const [none, party, both] = Array.from({ length: 3 }, (): MemoryFile => ({ type: 'mem' }));
  await zKey.newZKey(r1cs, ptau, none!);
  await zKey.contribute(none!.data!, party!, 'first party', 'some text');
  await zKey.beacon(party!.data!, both!, 'a beacon\u001b[2J', '5e'.repeat(32), 10);
  const [a, b, c] = [none!, party!, both!].map(({ data }) => data!.slice());
  t.same(contributionsOf(a!), []);
  t.same(contributionsOf(b!), [{ name: 'first party', open: false }]);
  t.same(contributionsOf(c!).map(({ open }) => open), [false, true]);
  t.equal(contributionsOf(c!)[1]!.name, 'a beacon[2J', 'without what a terminal would obey');
  t.same([a!, b!, c!].map(isOpenSecret), [true, false, false]);
  t.ok(isOpenSecret(await makeKey(r1cs, ptau, 'a text')));
  t.ok(await isKeyOf(c!, r1cs, ptau));
  const list = sectionAt(c!, 10)! + 64;
  for (const wrong of [c!.slice(0, list), c!.with(list, 9), c!.slice(0, 40), new Uint8Array(3)]) {
    t.throws(() => contributionsOf(wrong), { code: 'KEY_CORRUPT' });
  }
});

t.test('powers of tau that will not do are refused', async (t) => {
  const code = { code: 'PTAU_BAD' };
  const ptau = await powersOf(2, '01');
  await t.rejects(makeKey(productCircuit(9), ptau, 'a text'), code, 'too few');
  await t.rejects(makeKey(productCircuit(2), new Uint8Array(1000), 'a text'), code, 'none at all');
  await t.rejects(makeKey(productCircuit(2), ptau.slice(0, 60), 'a text'), code, 'truncated');
  // The field's order stands after three words of the file, three of the section and one.
  await t.rejects(makeKey(productCircuit(2), ptau.with(28, 1), 'a text'), code, 'another curve');
});

t.test('the keys of the program are labelled insecure and are what was built', async (t) => {
  const keys = await circuitKeys();
  t.same(keys.map(({ statement }) => statement), STATEMENTS);
  for (const { statement, hash, insecure, constraints, publics } of keys) {
    t.ok(insecure, statement);
    t.ok(constraints + publics < 2 ** 13, statement);
    t.equal(keyHash(JSON.parse(String(await keyFile(`${statement}.vkey.json`)))), hash);
    t.ok((await readKeyFile(statement, 'zkey')).length <= 8e6);
    t.ok((await readKeyFile(statement, 'wasm')).length > 0);
  }
});

t.test('whoever is forged at can show it: all public inputs fit into an accusation', async (t) => {
  const keys = await circuitKeys();
  t.equal(keys.find(({ statement }) => statement === 'sample')!.publics, 1 + 39 * SAMPLE_POSITIONS);
  for (const { statement, publics } of keys) {
    t.ok(publics <= LIMITS.proofPublics, statement);
    const inputs = new Array<bigint>(publics).fill(FIELD - 1n);
    const opening = encodeOpening({ salt: new Uint8Array(32), publics: inputs });
    t.ok(opening.length <= LIMITS.contradictionBytes, statement);
  }
  t.ok(1 + 39 * 13 <= LIMITS.proofPublics && 1 + 39 * 14 > LIMITS.proofPublics, 'as is documented');
});

t.test('files that are not what was built are refused', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-keys-'));
  const at = pathToFileURL(`${folder}/`);
  const code = { code: 'KEY_CORRUPT' };
  try {
    await t.rejects(readKeyFile('sample', 'vkey', at), code, 'no manifest');
    await writeFile(join(folder, 'manifest.json'), await keyFile('manifest.json'));
    await t.rejects(readKeyFile('sample', 'vkey', at), code, 'no file');
    const bytes = new Uint8Array(await keyFile('sample.vkey.json'));
    for (const wrong of [bytes.slice(1), bytes.with(100, bytes[100]! ^ 1), new Uint8Array()]) {
      await writeFile(join(folder, 'sample.vkey.json'), wrong);
      await t.rejects(readKeyFile('sample', 'vkey', at), code);
    }
    await writeFile(join(folder, 'sample.vkey.json'), bytes);
    t.same(await readKeyFile('sample', 'vkey', at), bytes);
    const unknown = readKeyFile('inference' as 'sample', 'vkey', at);
    await t.rejects(unknown, { code: 'KEY_UNKNOWN' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

function keyFile(name: string): Promise<Uint8Array> {
  return readFile(new URL(`../../circuits/keys/${name}`, import.meta.url));
}
