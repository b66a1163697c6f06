import { concatBytes, NexusError, sha256 } from '../../feeds/base/mod.ts';
import { halfSipHash } from './halfsiphash.ts';
import { gumbel } from './noise.ts';
import { nucleus } from './nucleus.ts';

/** Name of this specification, part of every profile; also the key's domain tag. */
const SAMPLER_SPEC = 'nexus/gumbel-int/1';

/** Candidates of one position and how to draw from them. */
export interface DrawInput {
  /** Token ids, in any order, no id twice. */
  ids: ArrayLike<number>;
  /** Quantised relative logits ({@link quantiseLogits}), one an id. */
  z: ArrayLike<number>;
  /** Index of the output token in the whole answer, over all attempts. */
  position: number;
  /** Temperature times 1024; 0 is greedy. */
  tq: number;
  /** Top-p times 65536; 65536 is off. */
  pq: number;
}

/** Draws the tokens of one answer. Stateless between positions: any order of calls is the same. */
export interface Sampler {
  /** The chosen token id. */
  draw(input: DrawInput): number;
  /**
   * Best score minus the score of `token` (the Token-DiFR statistic, arXiv 2511.20621), unit 2^-26
   * nat, at least 0; `Infinity` where the token is not among the candidates or outside the nucleus.
   */
  margin(input: DrawInput, token: number): number;
}

/**
 * A sampler for one seed: Gumbel-max over integers, noise from a keyed hash of (position, token).
 * @param seed 32 bytes that the executor cannot choose
 */
export function createSampler(seed: Uint8Array): Sampler {
  return samplerFromKey(...samplerKey(seed));
}

/** A sampler for a key as published in test vectors; everybody else has a seed. */
export function samplerFromKey(k0: number, k1: number): Sampler {
  const score = (z: number, id: number, position: number, tq: number): number =>
    tq === 0 ? z * 65536 : z * 65536 + tq * gumbel(halfSipHash(k0, k1, position, id));

  const draw = (input: DrawInput): number => {
    const { ids, z, position, tq } = input;
    const kept = candidates(input);
    const count = kept?.length ?? ids.length;
    let best = -Infinity, token = -1;
    for (let i = 0; i < count; i++) {
      const at = kept ? kept[i]! : i, id = ids[at]!;
      const s = score(z[at]!, id, position, tq);
      if (s > best || (s === best && id < token)) best = s, token = id;
    }
    return token;
  };

  const margin = (input: DrawInput, token: number): number => {
    const { ids, z, position, tq } = input;
    const kept = candidates(input);
    const count = kept?.length ?? ids.length;
    let best = -Infinity, claimed = -Infinity;
    for (let i = 0; i < count; i++) {
      const at = kept ? kept[i]! : i, id = ids[at]!;
      const s = score(z[at]!, id, position, tq);
      if (s > best) best = s;
      if (id === token) claimed = s;
    }
    return best - claimed;
  };

  return { draw, margin };
}

/**
 * The two little-endian 32-bit words of the noise key: the first eight bytes of
 * SHA-256(u32be(tag length) | u32be(seed length) | tag | seed).
 * @throws {NexusError} `BAD_SEED` unless the seed has 32 bytes
 */
export function samplerKey(seed: Uint8Array): [number, number] {
  if (seed.length !== 32) {
    throw new NexusError('BAD_SEED', `a seed has 32 bytes, this one ${seed.length}`);
  }
  const tag = new TextEncoder().encode(SAMPLER_SPEC);
  const lengths = new Uint8Array([0, 0, 0, tag.length, 0, 0, 0, seed.length]);
  const view = new DataView(sha256(concatBytes(lengths, tag, seed)).buffer);
  return [view.getUint32(0, true), view.getUint32(4, true)];
}

/** Indices of the candidates to draw from; null for all of them. */
function candidates({ ids, z, tq, pq }: DrawInput): number[] | null {
  if (ids.length === 0) {
    throw new NexusError('NO_CANDIDATES', 'there is no candidate token to draw from');
  }
  if (ids.length !== z.length) {
    throw new NexusError('BAD_CANDIDATES', `${ids.length} token ids but ${z.length} logits`);
  }
  return pq < 65536 && tq > 0 ? nucleus(ids, z, tq, pq) : null;
}
