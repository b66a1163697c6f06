import t from 'tap';
import { type ProverChild, ProverProcess } from '../../node/prover/mod.ts';
import { proverEnvironment } from '../../node/prover/spawn.ts';
import { answer } from '../../node/prover/answer.ts';
import { KeyRing } from '../../circuits/mod.ts';
import type { ToProver } from '../../node/prover/wire.ts';

const claim = { topkRoot: new Uint8Array(32), resumeAt: 0, tokens: 1 };
const leaves = { claim, at: [] };
const KEY = 'ab'.repeat(32);
const proof = new Uint8Array(256), live = new AbortController().signal;

type Said = { ok: true; proof: string; publics: string[]; rss?: number } | {
  ok: false;
  error: { code: string; message: string };
  rss: number;
};

/** A process that answers with what `answer` makes of a message; null: it dies of it. */
function world(answer: (message: ToProver) => Said | null | 'nothing', hangsMs = 60_000) {
  const asked: ToProver[] = [], alive = new Set<number>();
  let pids = 0;
  const prover = new ProverProcess(null, (): ProverChild => {
    const pid = ++pids;
    let end = () => {};
    const status = new Promise<void>((resolve) => end = resolve);
    const out = new TransformStream<Uint8Array, Uint8Array>();
    const writer = out.writable.getWriter();
    alive.add(pid);
    const die = () => {
      if (!alive.delete(pid)) return;
      end();
      writer.close().catch(() => {});
    };
    let text = '';
    const stdin = new WritableStream<Uint8Array>({
      write(bytes) {
        text += new TextDecoder().decode(bytes);
        for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n')) {
          const message = JSON.parse(text.slice(0, at)) as ToProver;
          text = text.slice(at + 1);
          asked.push(message);
          const said = answer(message);
          if (said === 'nothing') continue;
          if (said === null) die();
          else {
            const line = { id: message.id, rss: 1, ...said };
            writer.write(new TextEncoder().encode(JSON.stringify(line) + '\n')).catch(() => {});
          }
        }
      },
    });
    const stderr = new ReadableStream<Uint8Array>({ start: (c) => c.close() });
    return { pid, stdin, stdout: out.readable, stderr, status, kill: die };
  }, hangsMs);
  return { prover, asked, alive };
}

t.test('a process is started when it is needed, and ends with the node', async (t) => {
  const { prover, alive } = world(() => ({ ok: true, proof: '', publics: [] }));
  t.equal(prover.pid, null);
  await prover.check(KEY, [1n], proof, leaves, live);
  await prover.check(KEY, [1n], proof, leaves, live);
  t.same([...alive], [1], 'one for all');
  await prover[Symbol.asyncDispose]();
  t.same([...alive], []);
  await t.rejects(prover.check(KEY, [1n], proof, leaves, live), { code: 'PROVER_CLOSED' });
});

t.test('a proof of any statement is checked there, under the key of that statement', async (t) => {
  const { prover, asked } = world(() => ({ ok: true, proof: '', publics: [] }));
  await prover.verify('standing', KEY, [1n, 255n], proof, live);
  t.match(asked, [{ op: 'check', statement: 'standing', key: KEY, publics: ['1', 'ff'] }]);
  await prover[Symbol.asyncDispose]();
  const keys = new KeyRing(), key = await keys.demand('standing');
  const junk = {
    ...asked[0] as ToProver & { op: 'check' },
    key: key.hash,
    publics: Array(4).fill('1'),
  };
  const code = async (message: ToProver) => {
    const said = await answer(message, keys, () => 1);
    return said.ok ? 'nothing' : said.error.code;
  };
  t.equal(await code(junk), 'PROOF_MALFORMED');
  t.equal(await code({ ...junk, publics: ['1'] }), 'PROOF_PUBLICS');
  t.equal(await code({ ...junk, statement: 'sample' }), 'KEY_UNKNOWN');
});

t.test('who asked a process that died is told so; the next question starts another', async (t) => {
  let deaths = 0;
  const { prover, alive } = world(() =>
    deaths++ === 0 ? null : { ok: true, proof: '', publics: [] }
  );
  await t.rejects(prover.check(KEY, [1n], proof, leaves, live), { code: 'PROVER_LOST' });
  await prover.check(KEY, [1n], proof, leaves, live);
  t.same([...alive], [2]);
  await prover[Symbol.asyncDispose]();
});

t.test('what it refuses keeps its code; what grew too large is ended', async (t) => {
  const error = { code: 'PROOF_INVALID', message: 'no' };
  const { prover, alive } = world(() => ({ ok: false, error, rss: 2 ** 40 }));
  await t.rejects(prover.check(KEY, [1n], proof, leaves, live), { code: 'PROOF_INVALID' });
  t.same([...alive], []);
  await prover[Symbol.asyncDispose]();
});

t.test('one that grew too large is asked no more: what it was asked beside goes to another', async (t) => {
  const large: Said = { ok: true, proof: '', publics: [], rss: 2 ** 40 };
  const { prover, alive, asked } = world((message) =>
    message.id === 1 || asked.length > 3 ? large : 'nothing'
  );
  const ask = () => prover.check(KEY, [1n], proof, leaves, live);
  await Promise.all([ask(), ask(), ask()]);
  t.same(asked.map(({ id }) => id).slice(0, 4), [1, 2, 3, 2]);
  t.same([...alive], [], 'and so on');
  await prover[Symbol.asyncDispose]();
});

t.test('one that hangs is ended, and who asked it is told so', async (t) => {
  const { prover, alive } = world(() => 'nothing', 1);
  const ask = () => prover.check(KEY, [1n], proof, leaves, live);
  const both = [ask(), ask()];
  for (const one of both) one.catch(() => {});
  for (const one of both) await t.rejects(one, { code: 'PROVER_LOST', message: /hung/ });
  t.same([...alive], []);
  t.equal(prover.pid, null);
  await prover[Symbol.asyncDispose]();
});

t.test('one that cannot be started says nothing of a proof', async (t) => {
  const prover = new ProverProcess(null, () => {
    throw new Error('EMFILE');
  });
  const asked = prover.check(KEY, [1n], proof, leaves, live);
  await t.rejects(asked, { code: 'PROVER_LOST', message: /EMFILE/ });
  await prover[Symbol.asyncDispose]();
});

t.test('a question that nobody waits for any more ends the process', async (t) => {
  const { prover, alive } = world(() => 'nothing');
  const stop = new AbortController();
  const waiting = prover.check(KEY, [1n], proof, leaves, stop.signal);
  t.same([...alive], [1]);
  stop.abort(new Error('enough'));
  await t.rejects(waiting, { message: 'enough' });
  t.same([...alive], []);
  await prover[Symbol.asyncDispose]();
});

t.test('questions that wait are bounded', async (t) => {
  const { prover } = world(() => 'nothing');
  const ask = () => prover.check(KEY, [1n], proof, leaves, new AbortController().signal);
  const waiting = Array.from({ length: 64 }, ask);
  for (const one of waiting) one.catch(() => {});
  await t.rejects(ask(), { code: 'PROVER_BUSY' });
  await prover[Symbol.asyncDispose]();
  for (const one of waiting) await t.rejects(one, { code: 'PROVER_LOST' });
});

t.test('the process gets nothing of the node’s environment but what Deno itself needs', (t) => {
  const all: Record<string, string> = { HOME: '/home/me', NEXUS_TOKEN: 'secret', PATH: '/bin' };
  t.same(Object.keys(proverEnvironment((name) => all[name])).sort(), [
    'DENO_NO_UPDATE_CHECK',
    'HOME',
    'MALLOC_ARENA_MAX',
    'NO_COLOR',
  ]);
  t.end();
});
