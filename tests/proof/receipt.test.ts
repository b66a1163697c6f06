import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import {
  type ArtifactRecord,
  COMMIT,
  commitBytes,
  commitStops,
  commitTokens,
  decodeRecord,
  digestMessage,
  digestOf,
  encodeRecord,
  type IdentityRecord,
  importSigner,
  jobId,
  type JobRecord,
  keyHash,
  type Profile,
  profileId,
  recordHash,
  type SettleRecord,
  type Signer,
  signRecord,
} from '../../feeds/records/mod.ts';
import {
  buildReceipt,
  parseReceipt,
  type Receipt,
  type ReceiptAttempt,
  type ReceiptEntry,
  verifyReceipt,
} from '../../feeds/proof/mod.ts';
import { openStore, proofOf } from './cores.ts';

const fill = (byte: number) => new Uint8Array(32).fill(byte);
const profile: Profile = {
  version: 1,
  kind: 'text',
  file: fill(20),
  size: 1,
  architecture: 'llama',
  quantisation: 'Q8_0',
  chatTemplate: fill(21),
  tokenizer: fill(22),
  vocabulary: fill(23),
  contextSize: 512,
  kvType: 'f16',
  flashAttention: true,
  sampler: 'nexus/gumbel-int/1',
  topK: 32,
  parent: null,
  adapters: [],
  layers: null,
};

/** A job that failed over once, in real logs. */
interface Story {
  receipt: Receipt;
  sign: { requester: Signer; executors: Signer[] };
}

// deno-lint-ignore no-explicit-any
async function identityCores(store: any, name: string, signer: Signer) {
  const jobs = store.get({ name: `${name} jobs` });
  const artifacts = store.get({ name: `${name} artifacts` });
  await Promise.all([jobs.ready(), artifacts.ready()]);
  const identity = encodeRecord(
    await signRecord<IdentityRecord>({
      type: 'identity',
      publicKey: signer.publicKey,
      jobs: Uint8Array.from(jobs.key),
      artifacts: Uint8Array.from(artifacts.key),
      attestations: fill(1),
      box: fill(2),
      account: null,
    }, signer.sign),
  );
  await jobs.append(identity);
  await artifacts.append(identity);
  return { jobs, artifacts, identity };
}

async function tell(store: unknown): Promise<Story> {
  const requester = await importSigner(fill(1));
  const executors = [await importSigner(fill(2)), await importSigner(fill(3))];
  const own = await identityCores(store, 'requester', requester);
  const theirs = [
    await identityCores(store, 'first', executors[0]!),
    await identityCores(store, 'second', executors[1]!),
  ];
  const jobKey = fill(7);
  const nonce = fill(8);
  const prompt = [1, 5, 9];
  const output = Array.from({ length: 40 }, (_, i) => 100 + i);
  const bytes = Uint8Array.from(output, (id) => 3 * id);
  const stops = ['\n\n'];
  const commitments = {
    prompt: commitTokens(jobKey, COMMIT.prompt, prompt),
    nonce: commitBytes(jobKey, COMMIT.nonce, nonce),
    stops: commitStops(jobKey, stops),
    keyHash: keyHash(jobKey),
  };
  const { prompt: p, nonce: n, keyHash: k } = commitments;
  const job = jobId(requester.publicKey, p, n, k);
  const parts = [{ from: 0, to: 16 }, { from: 16, to: 40 }];
  const attempts: ReceiptAttempt[] = [];
  for (const [i, { from, to }] of parts.entries()) {
    const executor = executors[i]!;
    const ids = output.slice(from, to);
    const offer = encodeRecord(
      await signRecord<JobRecord>({
        type: 'job',
        job,
        attempt: i,
        kind: 'text',
        parent: null,
        network: fill(10),
        profile: profileId(profile),
        adapters: [],
        layers: null,
        requester: requester.publicKey,
        executor: executor.publicKey,
        ...commitments,
        promptTokens: prompt.length,
        resumeAt: from,
        prefix: commitTokens(jobKey, COMMIT.prefix(i), output.slice(0, from)),
        sampling: { tq: 717, pq: 65536, maxTokens: 64 },
        priceCap: 1,
        heads: [],
        at: 1,
      }, requester.sign),
    );
    const root = digestOf({ jobKey, job, attempt: i }, ids, bytes.subarray(from, to));
    // The first executor died: no summary of it, only its last digest.
    const artifact = i === 0 ? null : encodeRecord(
      await signRecord<ArtifactRecord>({
        type: 'artifact',
        job,
        attempt: i,
        executor: executor.publicKey,
        offer: recordHash(offer),
        root,
        topkRoot: null,
        class: fill(11),
        promptTokens: prompt.length,
        resumeAt: from,
        tokens: ids.length,
        finish: 'end',
        firstTokenMs: 5,
        totalMs: 50,
        ncu: 1,
        heads: [],
        at: 2,
      }, executor.sign),
    );
    const signature = await executor.sign(digestMessage(recordHash(offer), ids.length, root));
    const settle: SettleRecord = {
      type: 'settle',
      job,
      attempt: i,
      executor: executor.publicKey,
      outcome: artifact === null ? 'failed' : 'done',
      finish: artifact === null ? 'error' : 'end',
      tokens: ids.length,
      artifact: artifact === null ? null : recordHash(artifact),
      digest: { tokens: ids.length, digest: root, signature },
      firstTokenMs: 5,
      totalMs: 50,
      heads: [],
      at: 3,
    };
    await own.jobs.append([offer, encodeRecord(settle)]);
    if (artifact !== null) await theirs[i]!.artifacts.append(artifact);
    attempts.push({
      job: { value: offer, proof: null },
      artifact: artifact === null ? null : { value: artifact, proof: null },
      settle: { value: encodeRecord(settle), proof: null },
    });
  }
  for (const [i, attempt] of attempts.entries()) {
    attempt.job.proof = await proofOf(own.jobs, 1 + 2 * i);
    attempt.settle!.proof = await proofOf(own.jobs, 2 + 2 * i);
    if (attempt.artifact !== null) attempt.artifact.proof = await proofOf(theirs[i]!.artifacts, 1);
  }
  const identities: ReceiptEntry[] = [
    { value: own.identity, proof: await proofOf(own.jobs, 0) },
    { value: theirs[1]!.identity, proof: await proofOf(theirs[1]!.artifacts, 0) },
  ];
  const opening = {
    jobKey,
    nonce,
    prompt,
    output,
    bytes,
    stops,
    text: 'Because.\u0007 é',
    messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
    profile,
  };
  return { receipt: { identities, attempts, opening }, sign: { requester, executors } };
}

t.test('receipts', async (t) => {
  const { receipt, sign } = await tell(await openStore(t));
  const text = buildReceipt(receipt);

  await t.test('a receipt of a job that failed over comes back and holds', async (t) => {
    t.same(parseReceipt(text), receipt);
    const verdict = await verifyReceipt(text);
    t.same(verdict.checks.filter((check) => !check.ok), []);
    t.equal(verdict.ok, true);
    t.ok(verdict.checks.length >= 17, `${verdict.checks.length} checks`);
    t.match(verdict.establishes.join('\n'), /in this file|in clear/);
    t.match(verdict.doesNotEstablish.join('\n'), /computed with the model named/);
  });

  await t.test('without the opening it says that it holds commitments only', async (t) => {
    const closed = buildReceipt({ ...receipt, opening: null });
    t.notMatch(closed, 'sky blue');
    const verdict = await verifyReceipt(closed);
    t.equal(verdict.ok, true);
    t.match(verdict.doesNotEstablish.join('\n'), /commitments only/);
  });

  await t.test('Deno says the same, with permission to read its modules only', async (t) => {
    const args = ['run', '--no-prompt', '--allow-read', 'tests/proof/verify.deno.ts'];
    const { status, stdout, stderr } = spawnSync('node_modules/.bin/deno', args, {
      input: text,
      encoding: 'utf8',
      timeout: 60_000,
    });
    t.equal(status, 0, stderr);
    t.same(JSON.parse(stdout), await verifyReceipt(text));
  });

  await t.test('spaces and the order of members are free', async (t) => {
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).reverse().map(([k, v]) => [k, reversed(v)]))
        : value;
    const other = JSON.stringify(reversed(JSON.parse(text)), null, 7);
    t.equal((await verifyReceipt(other)).ok, true);
  });

  await t.test('any flipped bit of the file is refused with the reason', async (t) => {
    const bytes = new TextEncoder().encode(text);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 8 * bytes.length - 1 }), async (bit) => {
        const copy = bytes.slice();
        copy[bit >> 3]! ^= 1 << (bit & 7);
        const { ok, checks } = await verifyReceipt(new TextDecoder().decode(copy));
        return !ok && checks.some((check) => !check.ok && check.detail.startsWith('RECEIPT_'));
      }),
      { numRuns: 500 },
    );
    t.pass('in 500 places');
  });

  await t.test('a flipped bit is refused also by who mends the checksum', async (t) => {
    // Everything but the text and the messages, which only a rerun can check.
    const places: ((r: Receipt) => Uint8Array)[] = [
      (r) => r.opening!.jobKey,
      (r) => r.opening!.nonce,
      (r) => r.opening!.bytes,
      (r) => r.opening!.profile.file,
      ...receipt.attempts.flatMap((attempt, i) =>
        (['job', 'artifact', 'settle'] as const).filter((name) => attempt[name] !== null)
          .flatMap((name) => entryPlaces((r) => r.attempts[i]![name]!))
      ),
      ...receipt.identities.flatMap((_, i) => entryPlaces((r) => r.identities[i]!)),
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.nat(), async (place, at) => {
        const copy = parseReceipt(text);
        const bytes = place(copy);
        const bit = at % (8 * bytes.length);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const { ok, checks, establishes } = await verifyReceipt(buildReceipt(copy));
        return !ok && establishes.length === 0 && checks.some((c) => !c.ok && c.detail !== '');
      }),
      { numRuns: 200 },
    );
    t.pass('in 200 places');
  });

  await t.test('each lie has its reason', async (t) => {
    const failed = async (edit: (r: Receipt) => unknown): Promise<string> => {
      const copy = parseReceipt(text);
      await edit(copy);
      const { ok, checks } = await verifyReceipt(buildReceipt(copy));
      t.equal(ok, false);
      return checks.filter((c) => !c.ok).map((c) => `${c.name}: ${c.detail}`).join('\n');
    };
    const attempt = (r: Receipt, i: number) => r.attempts[i]!;
    t.match(await failed((r) => r.attempts.splice(0)), /content: it is about at least one/);
    t.match(await failed((r) => r.attempts.reverse()), /out of order/);
    t.match(await failed((r) => r.identities.splice(0)), /owner of the log is not proven/);
    t.match(
      await failed((r) => attempt(r, 1).artifact = null),
      /the summary that it is about is not in the receipt/,
    );
    t.match(await failed((r) => attempt(r, 0).settle!.proof = null), /no proof that the requester/);
    t.match(
      await failed((r) => attempt(r, 0).job = attempt(r, 1).job),
      /differ from the offer|out of order/,
    );
    t.match(await failed((r) => attempt(r, 1).artifact = attempt(r, 1).settle), /not a artifact/);
    t.match(await failed((r) => r.opening!.output[3] = 7), /opened digest: other ids/);
    t.match(await failed((r) => r.opening!.bytes[3]! ^= 1), /opened digest: other ids or bytes/);
    t.match(await failed((r) => r.opening!.output[20] = 7), /opened output: other ids/);
    t.match(await failed((r) => r.opening!.output.push(7)), /another length/);
    t.match(await failed((r) => r.opening!.prompt.reverse()), /the prompt is another one/);
    t.match(await failed((r) => r.opening!.stops.push('x')), /other stop strings/);
    t.match(await failed((r) => r.opening!.profile.topK = 31), /another model profile/);
    t.match(
      await failed(async (r) => {
        const lie = await signRecord<ArtifactRecord>({
          ...decodeRecord(attempt(r, 1).artifact!.value) as ArtifactRecord,
          ncu: 9,
        }, sign.executors[1]!.sign);
        attempt(r, 1).artifact!.value = encodeRecord(lie);
      }),
      /PROOF_BAD_BLOCK/,
      'signed anew by the executor, but not what its log holds',
    );
  });

  await t.test('hostile files are refused with a code', (t) => {
    const json = JSON.parse(text);
    const cases: [unknown, string][] = [
      [null, 'RECEIPT_UNKNOWN_FORMAT'],
      [[], 'RECEIPT_UNKNOWN_FORMAT'],
      [{ ...json, format: 'nexus-receipt/1' }, 'RECEIPT_UNKNOWN_FORMAT'],
      [{ ...json, extra: 1 }, 'RECEIPT_BAD_FIELD'],
      [{ ...json, attempts: 7 }, 'RECEIPT_BAD_FIELD'],
      [{ ...json, attempts: Array(65).fill(json.attempts[0]) }, 'RECEIPT_BAD_FIELD'],
      [{ ...json, opening: { ...json.opening, prompt: [1.5] } }, 'RECEIPT_BAD_FIELD'],
      [{ ...json, opening: { ...json.opening, profile: {} } }, 'RECEIPT_BAD_FIELD'],
      [{ ...json, opening: { ...json.opening, jobKey: 'ABCD' } }, 'RECEIPT_BAD_FIELD'],
      [{ ...json, checksum: '00'.repeat(32) }, 'RECEIPT_BAD_CHECKSUM'],
      [{ ...json, opening: null }, 'RECEIPT_BAD_CHECKSUM'],
    ];
    for (const [value, code] of cases) {
      t.throws(() => parseReceipt(JSON.stringify(value)), { code });
    }
    t.throws(() => parseReceipt('['.repeat(200_000)), { code: 'RECEIPT_BAD_JSON' });
    t.throws(() => parseReceipt('\u001b[2J'), {
      code: 'RECEIPT_BAD_JSON',
      message: /^\P{Cc}*$/u,
    });
    t.throws(() => parseReceipt(' '.repeat(2 ** 24 + 1)), { code: 'RECEIPT_TOO_LARGE' });
    fc.assert(
      fc.property(fc.json(), (anything) => {
        try {
          parseReceipt(anything);
        } catch (error) {
          return (error as { code: string }).code === 'RECEIPT_UNKNOWN_FORMAT';
        }
        return false;
      }),
    );
    t.end();
  });
});

function entryPlaces(entry: (r: Receipt) => ReceiptEntry): ((r: Receipt) => Uint8Array)[] {
  const head = (r: Receipt) => entry(r).proof!.head;
  return [
    (r) => entry(r).value,
    (r) => entry(r).proof!.proof,
    (r) => head(r).key,
    (r) => head(r).treeHash,
    (r) => head(r).signature,
    (r) => head(r).manifest,
  ];
}
