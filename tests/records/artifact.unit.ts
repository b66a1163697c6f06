import t from 'tap';
import { type ArtifactRecord, encodeRecord, LIMITS } from '../../feeds/records/mod.ts';

const fill = (byte: number) => new Uint8Array(32).fill(byte);

const artifact: ArtifactRecord = {
  type: 'artifact',
  job: fill(1),
  attempt: 3,
  executor: fill(2),
  offer: fill(3),
  root: fill(4),
  topkRoot: fill(5),
  class: fill(6),
  promptTokens: 100_000,
  resumeAt: 100_000,
  tokens: 100_000,
  finish: 'length',
  firstTokenMs: 100_000,
  totalMs: 10_000_000,
  ncu: 2 ** 40,
  heads: [{ core: fill(7), length: 1_000_000 }],
  at: Date.UTC(2030, 0),
  signature: new Uint8Array(64),
};

t.test('an artifact of a long answer takes at most 350 bytes', (t) => {
  t.ok(encodeRecord(artifact).length <= 350, `${encodeRecord(artifact).length}`);
  t.equal(LIMITS.artifactHeads, 1);
  const heads = [...artifact.heads, ...artifact.heads];
  t.throws(() => encodeRecord({ ...artifact, heads }), { code: 'RECORD_BAD_FIELD' });
  t.end();
});
