import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { equalBytes } from '../../feeds/base/mod.ts';
import { parseReceipt } from '../../feeds/proof/mod.ts';
import { type ArtifactRecord, decodeRecord, digestOf } from '../../feeds/records/mod.ts';
import { openPayload, unsealOpenings, verifyOpening } from '../../node/payloads/mod.ts';
import { unpackTopk } from '../../node/payloads/candidates.ts';
import { sealOpenings } from '../../node/payloads/openings.ts';
import { auditedHomes } from '../lib/audited.ts';
import { Bench } from '../lib/nexus.ts';

const VOCABULARY = 65_536;
/** Of a kept transcript: a version and the job key are before it. */
const HEAD = 33;

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('in a mesh of four the entry is small, and both ends keep what it commits to', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const homes = await auditedHomes(bench, 4, 1);
  const executor = ['-m', 'austen-3.7m'];
  const [asker, ...others] = await Promise.all([
    bench.up(bootstrap, ['--role', 'requester,witness'], homes[0]),
    ...homes.slice(1).map((home) => bench.up(bootstrap, executor, home)),
  ]);
  const path = join(asker!.home, 'answer.receipt');
  const ask = ['run', 'Elizabeth walked home', '-m', 'austen-3.7m', '-n', '40', '--where', 'mesh'];
  const { code, stderr, events } = await bench.run(
    [...ask, '--json', '--receipt', path],
    asker!.home,
  );
  t.equal(code, 0, stderr);
  const done = events.find((e) => e.event === 'done')!;
  const { attempts, opening } = parseReceipt(readFileSync(path, 'utf8'));
  const { jobKey, output, bytes } = opening!;
  const { value } = attempts.at(-1)!.artifact!;
  const artifact = decodeRecord(value) as ArtifactRecord;
  const { job, attempt, root, topkRoot, resumeAt, tokens } = artifact;
  const of = { jobKey, job, attempt };
  t.ok(value.length <= 350, `${value.length} bytes, ${artifact.heads.length} heads`);
  t.ok(tokens > 0 && new Set(bytes).size > 1, 'one byte a token');

  const by = others.find(({ key }) => key === done.executor)!;
  const file = (home: string, kind: string) =>
    join(home, 'payloads', `${done.job}-${attempt}.${kind}`);
  for (const { home } of [by, asker!]) {
    const kept = file(home, 'payload');
    t.equal(statSync(kept).mode & 0o777, 0o600);
    const sealed = readFileSync(kept);
    t.ok(equalBytes(sealed.subarray(1, HEAD), jobKey));
    const { payload, nonce } = openPayload(new Uint8Array(sealed.subarray(HEAD)), of, VOCABULARY);
    t.same(payload.output, output.slice(resumeAt));
    t.ok(equalBytes(nonce, opening!.nonce));
    t.ok(equalBytes(digestOf(of, payload.output, payload.bytes), root));
  }

  const { from, topk } = unpackTopk(readFileSync(file(by.home, 'topk')))!;
  const positions = [resumeAt, resumeAt + tokens - 1];
  for (const shown of unsealOpenings(sealOpenings(topk, from, positions, of)!, of)) {
    t.ok(await verifyOpening(shown, { topkRoot: topkRoot!, resumeAt, tokens }, of));
    t.ok(shown.ids.includes(output[shown.position]!), 'it was drawn from these');
  }
});
