import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { cleanText } from '../../feeds/records/mod.ts';
import { WIRE_LIMITS } from './bodies.ts';
import type { Said } from './wire.ts';

/** An error as it is told to the other end: no cause, no paths of ours beyond the message. */
export function toSaid(thrown: unknown): Said {
  const error = asNexusError(thrown);
  const code = error.code.slice(0, WIRE_LIMITS.code);
  return {
    code: /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'INTERNAL',
    message: cleanText(error.message, WIRE_LIMITS.message),
    hint: cleanText(error.hint ?? '', WIRE_LIMITS.message),
  };
}

/** What the other end told, as an error that names it. */
export function fromSaid(said: Said, peer: string, stage: string): NexusError {
  const detail = said.hint === '' ? { peer, stage } : { peer, stage, hint: said.hint };
  return new NexusError(said.code, said.message, detail);
}
