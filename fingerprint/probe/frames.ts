import { NexusError } from '../../feeds/base/mod.ts';

/** Largest message either end accepts, bytes. */
export const MAX_FRAME = 8 * 2 ** 20;

const encoder = new TextEncoder(), decoder = new TextDecoder();

/** A message as its length (u32, big-endian) and JSON. @throws {NexusError} `FRAME_TOO_LONG` */
export function frameOf(message: unknown): Uint8Array {
  const body = encoder.encode(JSON.stringify(message));
  if (body.length > MAX_FRAME) throw tooLong(body.length);
  const frame = new Uint8Array(4 + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, 4);
  return frame;
}

/**
 * Messages of a byte stream; a last one that is cut short is dropped.
 * @throws {NexusError} `FRAME_TOO_LONG` before anything of it is kept, `FRAME_MALFORMED`
 */
export async function* splitFrames(stream: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  let parts: Uint8Array[] = [], held = 0, wanted = -1;
  for await (const part of stream) {
    parts.push(part);
    held += part.length;
    while (held >= (wanted < 0 ? 4 : wanted)) {
      const bytes = joined(parts, held);
      if (wanted < 0) {
        wanted = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
        if (wanted > MAX_FRAME) throw tooLong(wanted);
        parts = [bytes.subarray(4)];
        held -= 4;
        continue;
      }
      const body = bytes.subarray(0, wanted);
      parts = [bytes.subarray(wanted)];
      held -= wanted;
      wanted = -1;
      yield parse(body);
    }
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body));
  } catch (cause) {
    throw new NexusError('FRAME_MALFORMED', 'a message of the probe is not JSON', {
      hint: 'the probe was ended; it starts again by itself',
      cause,
    });
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function tooLong(length: number): NexusError {
  return new NexusError('FRAME_TOO_LONG', `a message of the probe has ${length} bytes`, {
    hint: `at most ${MAX_FRAME} are accepted`,
  });
}
