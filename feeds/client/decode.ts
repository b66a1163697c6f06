import { NexusError } from '../base/mod.ts';
import { decodeRecord, type IdentityRecord } from '../records/mod.ts';
import type { FeedsEvent } from './types.ts';

/** An event of the service with its error made an error again. */
export function decodeEvent(value: unknown): FeedsEvent {
  const event = value as FeedsEvent & { error?: unknown };
  if (event.error === undefined) return event;
  return { ...event, error: NexusError.fromJSON(event.error) } as FeedsEvent;
}

export function decodeIdentity(bytes: Uint8Array): IdentityRecord {
  const record = decodeRecord(bytes);
  if (record.type === 'identity') return record;
  throw new NexusError('BAD_MESSAGE', 'the service sent no identity record');
}
