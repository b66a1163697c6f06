import { createHash } from 'node:crypto';
import process from 'node:process';
import { createSampler } from '../../node/sampler/mod.ts';

/** SHA-256 over `position:token;` of `count` draws from generated candidates. */
export function generatedDigest(count: number): string {
  const sampler = createSampler(new Uint8Array(32).fill(7));
  const next = generator(12345);
  const hash = createHash('sha256');
  for (let position = 0; position < count; position++) {
    const size = 1 + (next() % 64);
    const ids = [...new Set(Array.from({ length: size }, () => next() % 50_000))];
    const z = ids.map(() => -(next() % 9000));
    const tq = [0, 512, 717, 1024, 1536][next() % 5]!;
    const pq = [65536, 62259, 58982, 32768][next() % 4]!;
    hash.update(`${position}:${sampler.draw({ ids, z, position, tq, pq })};`);
  }
  return hash.digest('hex');
}

/** xorshift32: the same numbers in every runtime. */
function generator(state: number): () => number {
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

if (process.argv[1]?.endsWith('digest.ts')) console.log(generatedDigest(20_000));
