import { spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import process from 'node:process';
import t from 'tap';
import { verifyProof } from '../../circuits/mod.ts';
import { type ProverChild, ProverProcess, statementOf } from '../../node/prover/mod.ts';
import { DENO } from '../lib/deno.ts';
import { answer, NETWORK, OWN_KEY } from './made_up.ts';

t.setTimeout(300_000);
const CHILD = fileURLToPath(new URL('../../node/prover/child.ts', import.meta.url));

/** The real process, started from here. */
function child(): ProverChild {
  const args = ['run', '--quiet', '--no-lock', '-A', CHILD];
  const one = spawn(DENO, args);
  return {
    stdin: Writable.toWeb(one.stdin) as WritableStream<Uint8Array>,
    stdout: Readable.toWeb(one.stdout) as unknown as ReadableStream<Uint8Array>,
    stderr: Readable.toWeb(one.stderr) as unknown as ReadableStream<Uint8Array>,
    status: new Promise((resolve) => one.once('exit', resolve)),
    pid: one.pid!,
    kill: (signal) => void one.kill(signal),
  };
}

const made = await answer();
const statement = statementOf(NETWORK, made.proof, made.seed, made.shown, made.output);
const hidden = made.shown.map(({ position }, i) => ({
  z: made.candidates[position]!.z,
  salt: made.salts[i]!,
}));

t.test('a process that is killed at its work loses that work alone', async (t) => {
  const { signal } = new AbortController();
  await using prover = new ProverProcess(null, child);
  const prove = () => prover.prove(OWN_KEY, statement, hidden, signal);
  const junk = () => prover.verify('sample', OWN_KEY, [], new Uint8Array(256), signal);
  await t.rejects(junk(), { code: /^PROOF_/ }, 'it is up, and answers');
  const first = prover.pid!, work = prove();
  process.kill(first, 'SIGKILL');
  await t.rejects(work, { code: 'PROVER_LOST' });
  const { proof, publics } = await prove();
  t.not(prover.pid, first);
  await t.resolves(verifyProof('sample', publics, proof));
});

t.test('one that stands still is ended', async (t) => {
  const { signal } = new AbortController();
  let ended: Promise<unknown> | null = null;
  await using prover = new ProverProcess(null, () => {
    const one = child();
    ended = one.status;
    process.kill(one.pid, 'SIGSTOP');
    return one;
  }, 100);
  const work = prover.prove(OWN_KEY, statement, hidden, signal);
  await t.rejects(work, { code: 'PROVER_LOST', message: /hung/ });
  await ended;
  t.equal(prover.pid, null);
});
