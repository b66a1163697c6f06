import { NexusError } from '../../feeds/base/mod.ts';

/** What an executor keeps for those who may audit: the whole transcript of one attempt. */
export interface Payload {
  /** Token ids of the prompt, template applied. */
  prompt: number[];
  /** Output ids of earlier attempts, forced. */
  prefix: number[];
  /** Output ids of this attempt. */
  output: number[];
  /** One byte an id of `output`, see `b1Byte`. */
  bytes: Uint8Array;
}

const VERSION = 1;
/** Tokens of a payload, and so the memory that reading one can take. */
const MAX_PAYLOAD_TOKENS = 2 ** 20;
/** Bytes of a payload, at most: counts, ids of at most five bytes, the bytes. */
export const MAX_PAYLOAD_BYTES = 6 * MAX_PAYLOAD_TOKENS + 16;

/**
 * Encodes a payload: the version byte 1, the three counts and then all ids as LEB128, then the
 * bytes. An output token takes at most 4 bytes for vocabularies of up to 2^21 tokens.
 * @throws {NexusError} `PAYLOAD_BAD`, `PAYLOAD_TOO_LARGE`
 */
export function encodePayload({ prompt, prefix, output, bytes }: Payload): Uint8Array {
  const lists = [prompt, prefix, output];
  const tokens = lists.reduce((count, { length }) => count + length, 0);
  if (tokens > MAX_PAYLOAD_TOKENS) throw tooLarge(`${tokens} tokens`);
  if (bytes.length !== output.length) throw bad(`${bytes.length} bytes for ${output.length} ids`);
  const out = [VERSION, ...lists.flatMap(({ length }) => leb128(length))];
  for (const ids of lists) {
    for (const id of ids) {
      if (!Number.isInteger(id) || id < 0 || id > 0xffff_ffff) throw bad(`${id} is no token id`);
      out.push(...leb128(id));
    }
  }
  for (const byte of bytes) out.push(byte);
  return Uint8Array.from(out);
}

/**
 * Decodes a payload that anybody may have written. Time and memory are linear in its length.
 * @param vocabulary ids are below it
 * @throws {NexusError} `PAYLOAD_TOO_LARGE`, `PAYLOAD_UNKNOWN_VERSION`, `PAYLOAD_TRUNCATED`,
 * `PAYLOAD_TRAILING`, `PAYLOAD_BAD`
 */
export function decodePayload(payload: Uint8Array, vocabulary: number): Payload {
  if (payload.length > MAX_PAYLOAD_BYTES) throw tooLarge(`${payload.length} bytes`);
  if (payload.length === 0) throw truncated();
  if (payload[0] !== VERSION) {
    throw new NexusError('PAYLOAD_UNKNOWN_VERSION', `unknown payload version ${payload[0]}`, {
      hint: 'update this program if the payload comes from a newer one',
    });
  }
  let at = 1;
  const number = (): number => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = payload[at++];
      if (byte === undefined) throw truncated();
      value += (byte & 127) * scale;
      if (value > 0xffff_ffff || scale > 2 ** 28) throw bad('a number is too large');
      if (byte < 128) {
        if (byte === 0 && scale > 1) throw bad('a number is not in shortest form');
        return value;
      }
    }
  };
  const counts = [number(), number(), number()] as const;
  const tokens = counts[0] + counts[1] + counts[2];
  if (tokens > MAX_PAYLOAD_TOKENS) throw tooLarge(`${tokens} tokens`);
  if (tokens + counts[2] > payload.length - at) throw truncated();
  const [prompt, prefix, output] = counts.map((count) =>
    Array.from({ length: count }, () => {
      const id = number();
      if (id >= vocabulary) throw bad(`${id} is not a token: the vocabulary has ${vocabulary}`);
      return id;
    })
  ) as [number[], number[], number[]];
  const left = payload.length - at - output.length;
  if (left < 0) throw truncated();
  if (left > 0) {
    throw new NexusError('PAYLOAD_TRAILING', `${left} bytes follow the end of the payload`, {
      hint: HINT,
    });
  }
  return { prompt, prefix, output, bytes: payload.slice(at) };
}

const HINT = 'list the job as not audited for this reason: its executor does not follow the format';

function leb128(value: number): number[] {
  const out: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push(value % 128 + 128);
  out.push(value);
  return out;
}

function bad(what: string): NexusError {
  return new NexusError('PAYLOAD_BAD', `bad payload: ${what}`, { hint: HINT });
}

function tooLarge(what: string): NexusError {
  return new NexusError('PAYLOAD_TOO_LARGE', `a payload of ${what} is too large`, { hint: HINT });
}

function truncated(): NexusError {
  return new NexusError('PAYLOAD_TRUNCATED', 'the payload ends too early', { hint: HINT });
}
