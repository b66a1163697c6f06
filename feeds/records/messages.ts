import { messageOf, NexusError } from '../base/mod.ts';
import { type Codec, decodeWith, encodeWith } from './codec.ts';
import { struct } from './combine.ts';

type Typed = { type: string };
type Body<M extends Typed, T extends M['type']> = Omit<Extract<M, { type: T }>, 'type'>;

/** Fields of each message. Its type's byte is its place here, from 1: only ever append. */
export type MessageFields<M extends Typed> = {
  [T in M['type']]: { [K in keyof Body<M, T>]-?: Codec<Body<M, T>[K]> };
};

/** The messages of a channel between two peers. */
export interface MessageCodec<M extends Typed> {
  /** @throws {NexusError} `BAD_MESSAGE` if a field is out of its bounds */
  encode(message: M): Uint8Array;
  /**
   * What a peer sent; byte arrays in the result are views on `bytes`.
   * @throws {NexusError} `BAD_MESSAGE`, `UNKNOWN_MESSAGE` (a type that this version does not know)
   */
  decode(bytes: Uint8Array): M;
}

/**
 * @param about what the messages are of, for people: `a job`
 * @param maxBytes of one message
 */
export function messageCodec<M extends Typed>(
  about: string,
  maxBytes: number,
  fields: MessageFields<M>,
): MessageCodec<M> {
  const bodies = Object.entries(fields).map(([type, of]) =>
    [type, struct(of as never) as unknown as Codec<object>] as const
  );
  const bytes = new Map(bodies.map(([type], i) => [type, i + 1]));
  const unknown = (type: string): NexusError =>
    new NexusError('UNKNOWN_MESSAGE', `unknown message of ${about}: ${type.slice(0, 40)}`, {
      hint: 'one of the two nodes is older: update it',
    });
  const codec: Codec<M> = {
    preencode(state, value) {
      const byte = bytes.get(value.type);
      if (byte === undefined) throw unknown(String(value.type));
      state.end += 1;
      bodies[byte - 1]![1].preencode(state, value);
    },
    encode(state, value) {
      const byte = bytes.get(value.type)!;
      state.buffer![state.start++] = byte;
      bodies[byte - 1]![1].encode(state, value);
    },
    decode(state) {
      if (state.start >= state.end) throw new NexusError('BAD_MESSAGE', 'an empty message');
      const byte = state.buffer![state.start++]!;
      const body = bodies[byte - 1];
      if (body === undefined) throw unknown(String(byte));
      return Object.assign({ type: body[0] }, body[1].decode(state)) as unknown as M;
    },
  };
  const coded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      if (thrown instanceof NexusError && !thrown.code.startsWith('RECORD_')) throw thrown;
      throw new NexusError('BAD_MESSAGE', `malformed message of ${about}: ${messageOf(thrown)}`, {
        hint: 'the peer does not follow the protocol: use another one',
        cause: thrown,
      });
    }
  };
  return {
    encode: (message) => coded(() => encodeWith(codec, message, maxBytes)),
    decode: (bytes) => coded(() => decodeWith(codec, bytes, maxBytes)),
  };
}
