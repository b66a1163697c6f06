import { sha256, toHex } from '../../feeds/base/mod.ts';
import type { VerdictRevealRecord } from '../../feeds/records/mod.ts';
import type { Duty, Subject } from '../../feeds/trust/mod.ts';

export const bytes = (name: string): Uint8Array => sha256(new TextEncoder().encode(name));
export const hex = (name: string): string => toHex(bytes(name));

/** An attempt of a job that `asker` gave to `worker`. */
export function subjectOf(name: string, more: Partial<Subject> = {}): Subject {
  return {
    id: hex(name),
    kind: 'artifact',
    place: { core: hex('artifacts'), index: 3, cut: 4 },
    offer: { core: hex('jobs'), index: 2, cut: 4 },
    job: hex(`job of ${name}`),
    attempt: 0,
    requester: hex('asker'),
    executor: hex('worker'),
    profile: hex('profile'),
    class: hex('class'),
    tokens: 40,
    ...more,
  };
}

/** A duty of `auditor` that was drawn in epoch 5. */
export function dutyOf(name: string, more: Partial<Duty> = {}): Duty {
  return {
    subject: subjectOf(name),
    auditor: hex('auditor'),
    class: hex('class'),
    panel: false,
    beacon: 5,
    draw: hex('draw'),
    readings: [1, 2],
    calibration: null,
    state: 'drawn',
    due: 8,
    mayReveal: false,
    request: null,
    open: null,
    opens: [],
    commit: null,
    reveal: null,
    revealed: null,
    ...more,
  };
}

export function draftOf(name: string): VerdictRevealRecord {
  return {
    type: 'verdictReveal',
    network: bytes('network'),
    subject: bytes(name),
    commit: 0,
    finding: 'ok',
    calibration: null,
    evidence: [],
    readings: [{ position: 1, byte: 7, top: 2 }],
    positions: 40,
    mismatches: 0,
    detail: '',
    salt: bytes('salt'),
  };
}
