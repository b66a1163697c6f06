/**
 * Runs the probe process and reports what it did as one JSON line: the test runner cannot start it
 * itself.
 */
import { readFileSync } from 'node:fs';
import { featuresOf, microPlan, verifyMicro } from '../../fingerprint/micro/mod.ts';
import { Probe } from '../../fingerprint/probe/mod.ts';
import {
  drawRows,
  multiplyHere,
  type RawChallenge,
  verifyOpening,
} from '../../fingerprint/raw/mod.ts';

const never = new AbortController().signal;
const bytes = (value: number) => new Uint8Array(32).fill(value);

async function codeOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const probe = new Probe();
const info = await probe.info(never);
const pid = probe.pid!;
const linux = Deno.build.os === 'linux';
const commandLine = linux ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') : null;
// The fields after the name, which may hold anything, in parentheses.
const fields = linux ? readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ') : null;

const shape = { rows: 192, inner: 128, cols: 64 };
const challenge: RawChallenge = { type: 'raw', nonce: bytes(1), shape, backend: 'cpu' };
const commitment = await probe.run(challenge, never);
const rows = drawRows(bytes(2), commitment.root, shape.rows, 8);
const opening = await probe.open(rows, never);
verifyOpening(challenge, commitment, rows, opening, bytes(3));
const here = multiplyHere(challenge).root;

const micro = { type: 'micro', nonce: bytes(4), effort: 0.02, memory: 2 } as const;
const answer = await probe.run(micro, never);
// What a loaded machine keeps waiting is no matter of this test.
const timing = { elapsedMs: answer.ms + 1, rttMs: 0.5 };
verifyMicro(micro, answer, timing, { secret: bytes(5), spots: 100 });

const large = { rows: 16_384, inner: 32_768, cols: 16_384 };
const refused = {
  twice: await codeOf(probe.open(rows, never)),
  large: await codeOf(probe.run({ ...challenge, shape: large }, never)),
  odd: await codeOf(probe.run({ ...challenge, shape: { ...shape, rows: 1 } }, never)),
  effort: await codeOf(probe.run({ ...micro, effort: 2 }, never)),
  gpu: info.backend === 'gpu'
    ? null
    : await codeOf(probe.run({ ...challenge, backend: 'gpu' }, never)),
};
const samePid = probe.pid === pid;

const abort = new AbortController();
const long = probe.run(
  { ...challenge, shape: { rows: 2048, inner: 2048, cols: 2048 } },
  abort.signal,
);
abort.abort(new DOMException('enough', 'AbortError'));
const aborted = await long.then(() => null, (error) => error.name);
const after = await probe.run(challenge, never);
const restarted = probe.pid !== pid;
await probe.close();

console.log(JSON.stringify({
  info,
  commandLine,
  nice: fields === null ? null : Number(fields[16]),
  sameRoot: here.every((byte, i) => byte === commitment.root[i]),
  features: featuresOf(microPlan(micro), answer).length,
  refused,
  samePid,
  aborted,
  restarted,
  sameAgain: here.every((byte, i) => byte === after.root[i]),
}));
