import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { ProofBook } from '../../node/daemon/proof_book.ts';

const idOf = (n: number) => n.toString(16).padStart(64, '0');
const never = (thrown: unknown) => {
  throw thrown;
};

t.test('what was found is known after a restart; what is to be tried again is not', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-book-'));
  const path = join(folder, 'proofs.json');
  try {
    const book = new ProofBook(path, never);
    book.set(idOf(1), { check: 'checked', code: null });
    book.set(idOf(2), { check: 'refused', code: 'PROOF_INVALID' });
    book.set(idOf(3), { check: 'unchecked', code: 'PAYLOAD_UNAVAILABLE' });
    book.set(idOf(4), { check: null, code: 'PROOF_NOT_KEPT' });
    await book.flushed();
    t.equal((await stat(path)).mode & 0o077, 0);
    const again = new ProofBook(path, never);
    await again.ready;
    t.same([...again.found], [
      [idOf(1), { check: 'checked', code: null }],
      [idOf(2), { check: 'refused', code: 'PROOF_INVALID' }],
    ]);
    again.keepOnly((id) => id === idOf(2));
    t.same([...again.found.keys()], [idOf(2)]);
    await again.flushed();
    const rows = [['x', 'checked', null], [idOf(5), 'sure', null], [idOf(6), 'checked', 7], 3];
    const good = [idOf(7), 'checked', null];
    for (const text of ['{', JSON.stringify({ version: 1, found: [...rows, good] })]) {
      await writeFile(path, text);
      const read = new ProofBook(path, never);
      await read.ready;
      await read.flushed();
      t.same([...read.found.keys()], text === '{' ? [] : [idOf(7)]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

t.test('it is bounded by bytes, the oldest go', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-book-'));
  const path = join(folder, 'proofs.json');
  try {
    const book = new ProofBook(path, never);
    const most = 40_000;
    for (let n = 0; n < most; n++) book.set(idOf(n), { check: 'checked', code: null });
    t.ok(book.found.size < most);
    t.ok(book.found.has(idOf(most - 1)));
    t.notOk(book.found.has(idOf(0)));
    await book.flushed();
    t.ok((await readFile(path)).length < 4 * 1024 * 1024, 'it can be read again');
  } finally {
    await rm(folder, { recursive: true });
  }
});
