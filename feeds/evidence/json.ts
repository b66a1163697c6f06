import { equalBytes, messageOf, NexusError, taggedHash, toHex } from '../base/mod.ts';
import { cleanText, LIMITS, type Profile, profileFromJson, profileToJson } from '../records/mod.ts';
import { canonical, headToJson, type Json, JsonFields } from '../proof/mod.ts';
import {
  type Evidence,
  EVIDENCE_FORMAT,
  EVIDENCE_LIMITS,
  type EvidenceClaim,
  type EvidenceLog,
  type EvidenceOpening,
  type EvidenceTopic,
} from './types.ts';

const fields = new JsonFields((what) => refuse('EVIDENCE_BAD_FIELD', what));

function checksumOf(body: Json): string {
  return toHex(taggedHash('nexus/evidence/1', new TextEncoder().encode(canonical(body))));
}

/**
 * Writes evidence as a `nexus-evidence/1` file. A checksum covers every value; spaces and the order
 * of members are free.
 * @throws {NexusError} `EVIDENCE_TOO_LARGE`
 */
export function buildEvidence(evidence: Evidence): string {
  const { network, about, epoch, claim, logs, openings } = evidence;
  const body: Json = {
    format: EVIDENCE_FORMAT,
    network,
    about,
    epoch,
    claim: { digest: claim.digest, cheat: claim.cheat },
    logs: logs.map(({ key, head, blocks }) => ({
      key: toHex(key),
      head: head === null ? null : headToJson(head),
      blocks: blocks.map(toHex),
    })),
    openings: openings.map((one) => ({
      ...one,
      sealed: toHex(one.sealed),
      candidates: one.candidates === null ? null : toHex(one.candidates),
      jobKey: one.jobKey === null ? null : toHex(one.jobKey),
      profile: profileToJson(one.profile) as Json,
    })),
  };
  const text = JSON.stringify({ ...body, checksum: checksumOf(body) }, null, 1) + '\n';
  if (text.length > EVIDENCE_LIMITS.characters) throw tooLarge(text.length);
  return text;
}

/** True for a text that calls itself such a file, of whatever version. */
export function isEvidence(text: string): boolean {
  return /"format"\s*:\s*"nexus-evidence\//.test(text.slice(0, 4096));
}

/**
 * Reads evidence that anybody may have written. It checks the form and the checksum; what follows
 * from it is for whoever replays it to check.
 * @throws {NexusError} `EVIDENCE_BAD_JSON`, `EVIDENCE_UNKNOWN_FORMAT`, `EVIDENCE_BAD_FIELD`,
 * `EVIDENCE_BAD_CHECKSUM` or `EVIDENCE_TOO_LARGE`
 */
export function parseEvidence(text: string): Evidence {
  if (text.length > EVIDENCE_LIMITS.characters) throw tooLarge(text.length);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (thrown) {
    throw refuse('EVIDENCE_BAD_JSON', `not JSON: ${cleanText(messageOf(thrown), 200)}`);
  }
  const format = (json as { format?: unknown } | null)?.format;
  if (format !== EVIDENCE_FORMAT) {
    const found = JSON.stringify(format)?.slice(0, 40);
    throw refuse('EVIDENCE_UNKNOWN_FORMAT', `expected ${EVIDENCE_FORMAT}, found ${found}`);
  }
  const names = [
    'format',
    'network',
    'about',
    'epoch',
    'claim',
    'logs',
    'openings',
    'checksum',
  ] as const;
  const { checksum, ...body } = fields.members(json, 'file', names);
  const evidence: Evidence = {
    network: body.network as Json,
    about: topic(body.about),
    epoch: fields.whole(body.epoch, 'epoch', LIMITS.epochs),
    claim: claim(body.claim),
    logs: fields.list(body.logs, 'logs', EVIDENCE_LIMITS.logs, log),
    openings: fields.list(body.openings, 'openings', EVIDENCE_LIMITS.openings, opening),
  };
  if (checksum !== checksumOf(body as Json)) {
    throw refuse('EVIDENCE_BAD_CHECKSUM', 'the file was changed after it was written');
  }
  return evidence;
}

function topic(json: unknown): EvidenceTopic {
  const isJob = typeof json === 'object' && json !== null && Object.hasOwn(json, 'job');
  if (isJob) return { job: key(fields.members(json, 'about', ['job']).job, 'about.job') };
  const { executor } = fields.members(json, 'about', ['executor']);
  return { executor: key(executor, 'about.executor') };
}

function claim(json: unknown): EvidenceClaim {
  const { digest, cheat } = fields.members(json, 'claim', ['digest', 'cheat']);
  if (cheat === null) return { digest: key(digest, 'claim.digest'), cheat };
  const from = fields.members(cheat, 'claim.cheat', ['epoch', 'profile', 'log', 'limit']);
  return {
    digest: key(digest, 'claim.digest'),
    cheat: {
      epoch: fields.whole(from.epoch, 'claim.cheat.epoch', LIMITS.epochs),
      profile: key(from.profile, 'claim.cheat.profile'),
      log: fields.whole(from.log, 'claim.cheat.log'),
      limit: fields.whole(from.limit, 'claim.cheat.limit'),
    },
  };
}

function log(json: unknown, where: string): EvidenceLog {
  const from = fields.members(json, where, ['key', 'head', 'blocks']);
  const head = from.head === null ? null : fields.head(from.head, `${where}.head`);
  const own = fields.hex(from.key, `${where}.key`, 32);
  if (head !== null && !equalBytes(head.key, own)) {
    throw fields.bad(`${where}.head.key`, 'the key of the log');
  }
  const block = (value: unknown, where: string) => fields.hex(value, where);
  const blocks = fields.list(from.blocks, `${where}.blocks`, EVIDENCE_LIMITS.blocks, block);
  return { key: own, head, blocks };
}

function opening(json: unknown, where: string): EvidenceOpening {
  const names = ['subject', 'sealed', 'candidates', 'jobKey', 'profile', 'vocabulary'] as const;
  const from = fields.members(json, where, names);
  return {
    subject: key(from.subject, `${where}.subject`),
    sealed: sealedBytes(from.sealed, `${where}.sealed`),
    candidates: from.candidates === null
      ? null
      : sealedBytes(from.candidates, `${where}.candidates`),
    jobKey: from.jobKey === null ? null : fields.hex(from.jobKey, `${where}.jobKey`, 32),
    profile: profile(from.profile, `${where}.profile`),
    vocabulary: from.vocabulary === null ? null : vocabulary(from.vocabulary, where),
  };
}

function sealedBytes(json: unknown, where: string): Uint8Array {
  const sealed = fields.hex(json, where);
  if (sealed.length <= EVIDENCE_LIMITS.sealedBytes) return sealed;
  throw fields.bad(where, `at most ${EVIDENCE_LIMITS.sealedBytes} bytes`);
}

function profile(json: unknown, where: string): Profile {
  try {
    return profileFromJson(json);
  } catch (thrown) {
    throw fields.bad(where, messageOf(thrown));
  }
}

function vocabulary(json: unknown, where: string): EvidenceOpening['vocabulary'] {
  const at = `${where}.vocabulary`;
  const { size, endTokens } = fields.members(json, at, ['size', 'endTokens']);
  const token = (id: unknown, where: string) => fields.token(id, where);
  return {
    size: fields.token(size, `${at}.size`),
    endTokens: fields.list(endTokens, `${at}.endTokens`, EVIDENCE_LIMITS.endTokens, token),
  };
}

function key(json: unknown, where: string): string {
  return toHex(fields.hex(json, where, 32));
}

function tooLarge(characters: number): NexusError {
  return refuse('EVIDENCE_TOO_LARGE', `evidence of ${characters} characters is too large`);
}

function refuse(code: string, text: string): NexusError {
  return new NexusError(code, text, {
    hint: 'ask for the file again; nothing in it is proven',
  });
}
