import { Buffer } from 'node:buffer';
import { NexusError, sha256, toHex } from '../../feeds/base/mod.ts';
import { TABLES_BASE64, TABLES_SHA256 } from './tables.ts';

const NODES = 65;
const OCTAVES = 32;
const EXP = 1024;
const POW = 32;

const { gumbelNodes, expTable, powTable } = loadTables();

/**
 * Gumbel noise -ln(-ln u) at u = (v + 1/2) / 2^32, in units of 2^-16 nat, rounded down.
 * @param v 32 uniform bits, unsigned
 */
export function gumbel(v: number): number {
  const side = v >>> 31;
  const w = side === 1 ? ~v >>> 0 : v;
  const octave = 32 - Math.clz32(w);
  const mantissaBits = octave - 1;
  if (mantissaBits <= 6) {
    const bin = octave === 0 ? 0 : (w - (1 << mantissaBits)) << (6 - mantissaBits);
    return gumbelNodes[(side * OCTAVES + octave) * NODES + bin]!;
  }
  const rest = mantissaBits - 6;
  const bin = (w >>> rest) & 63;
  const at = (side * OCTAVES + octave) * NODES + bin;
  const from = gumbelNodes[at]!;
  // At most 2^17 * 2^24, so exact in doubles.
  const step = (gumbelNodes[at + 1]! - from) * (w & ((1 << rest) - 1));
  return from + Math.floor(step / (1 << rest));
}

/**
 * Weight exp(z / T) of a candidate at temperature `tq`, scaled by 2^30; zero below exp(-21).
 * @param z relative logit in units of 1/1024 nat, at most 0
 * @param tq temperature times 1024, above 0
 */
export function weight(z: number, tq: number): number {
  const x = Math.floor((-z * 1024) / tq);
  const whole = Math.floor(x / 1024);
  if (whole >= 21) return 0;
  // The product has up to 60 bits: split one factor so that every step stays below 2^53.
  const p = powTable[whole]!, e = expTable[x % 1024]!;
  const high = Math.floor(e / 32768), low = e % 32768;
  const carried = p * high + Math.floor((p * low) / 32768);
  return Math.floor(carried / 32768);
}

function loadTables() {
  const bytes = new Uint8Array(Buffer.from(TABLES_BASE64, 'base64'));
  if (toHex(sha256(bytes)) !== TABLES_SHA256) {
    throw new NexusError('BAD_TABLES', 'the sampler tables are not the published ones', {
      hint: 'install this version of Nexus again: a file of it was changed',
    });
  }
  const view = new DataView(bytes.buffer);
  const words = Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
  const gumbelEnd = 2 * OCTAVES * NODES;
  return {
    gumbelNodes: words.subarray(0, gumbelEnd),
    expTable: words.subarray(gumbelEnd, gumbelEnd + EXP),
    powTable: words.subarray(gumbelEnd + EXP, gumbelEnd + EXP + POW),
  };
}
