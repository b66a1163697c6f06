import {
  cleanText,
  equalBytes,
  fromHex,
  ncuText,
  NexusError,
  sleep,
  toHex,
} from '../../feeds/base/mod.ts';
import { JsonFields } from '../../feeds/proof/mod.ts';
import { randomBytes } from '../home/mod.ts';
import {
  type Applicant,
  applicantOf,
  EARLY,
  openText,
  standingChallenge,
  standingText,
} from '../proofs/mod.ts';
import { openContext } from './context.ts';
import type { Output } from './output.ts';
import { FORGEABLE } from './pinned_key.ts';
import { leastOf, type StandingFlags, standingOf } from './prove_standing.ts';

/** Characters of an answer that are read. */
const MAX_TEXT = 64 * 1024;
/** Between two tries of what time mends. */
const AGAIN_MS = 2000;
/** A gateway answers within this. */
const ANSWER_MS = 30_000;

/**
 * Proves to a gateway what it asks for, and gets a key of it. The proof is bound to a key pair of this
 * one application, to which the gateway's key comes sealed: whoever stands in between gets nothing.
 * @throws {NexusError} `GATEWAY_UNREACHABLE`, the refusals of the gateway, `ADMISSION_ASKS_MORE`,
 * `ADMISSION_BAD_ANSWER`
 */
export async function applyAt(
  address: string,
  flags: StandingFlags,
  out: Output,
  signal: AbortSignal,
): Promise<void> {
  const base = addressOf(address);
  const most = leastOf(flags);
  const context = await openContext({ home: flags.home });
  const applicant = applicantOf(randomBytes(32)), name = toHex(applicant.publicKey);
  const asked = challengeIn(await post(base, 'challenge', { applicant: name }, signal), applicant);
  const { network, challenge, expires, reputation, bond, verifier } = asked;
  const wanted = `reputation ${reputation / 1e6} and ${ncuText(bond)} NCU bonded`;
  if (reputation > (most.reputation ?? 1e6) || bond > (most.bond ?? Infinity)) {
    throw new NexusError('ADMISSION_ASKS_MORE', `the gateway asks for ${wanted}`, {
      hint: 'that is more than --reputation and --bond let it know: give more, or leave them out',
    });
  }
  await out.note(`the gateway of ${toHex(verifier).slice(0, 16)} asks for ${wanted}`);
  const wish = { reputation, bond, challenge };
  const { proof, insecure } = await standingOf(context, wish, out, signal, toHex(network));
  const file = JSON.parse(standingText(proof));
  const body = { applicant: name, expires, proof: file };
  const answer = await patiently(() => post(base, '', body, signal), expires, out, signal);
  const { id, until, secret, limits } = keyIn(answer, applicant);
  const fields = { gateway: base, verifier: toHex(verifier), network: toHex(network) };
  await out.event({
    event: 'admitted',
    ...fields,
    reputation,
    bond,
    id,
    expires: until,
    limits,
    secret,
    insecure,
  });
  if (insecure) await out.warn(FORGEABLE);
  await out.note(`admitted until ${new Date(until).toISOString()}. The key is shown this once:`);
  await out.result(secret);
}

/** The witnesses vouch for a root some cuts after it: until then the gateway knows nothing of it. */
async function patiently<T>(
  ask: () => Promise<T>,
  until: number,
  out: Output,
  signal: AbortSignal,
): Promise<T> {
  for (let told = false;; told = true) {
    try {
      return await ask();
    } catch (thrown) {
      const early = thrown instanceof NexusError && EARLY.has(thrown.code);
      if (!early || Date.now() + AGAIN_MS >= until) throw thrown;
      if (!told) await out.note('waiting until the witnesses vouch for the root');
      await sleep(AGAIN_MS, signal);
    }
  }
}

function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) {
    return `${url.origin}${url.pathname.replace(/\/(v1\/?)?$/, '')}`;
  }
  throw new NexusError('USAGE', '--for takes the address of a gateway', {
    hint: 'such as --for http://127.0.0.1:8040',
  });
}

async function post(
  base: string,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  let status: number, text: string;
  try {
    const response = await fetch(`${base}/v1/admission${path === '' ? '' : `/${path}`}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    status = response.status;
    text = await bounded(response);
  } catch (cause) {
    signal.throwIfAborted();
    throw new NexusError('GATEWAY_UNREACHABLE', `${base} does not answer`, {
      hint: 'compare the address with what nexus up --http says there',
      cause,
    });
  }
  const json = parsed(text);
  if (status === 200) return json;
  const { code, message } = (json as { error?: { code?: unknown; message?: unknown } }).error ?? {};
  const known = typeof code === 'string' && /^[A-Za-z_]{3,64}$/.test(code);
  throw new NexusError(
    known ? code : 'ADMISSION_REFUSED',
    typeof message === 'string' ? cleanText(message, 400) : `the gateway answers with ${status}`,
    { hint: 'said by the gateway' },
  );
}

async function bounded({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MAX_TEXT) throw new Error('its answer is too long');
  }
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw bad('no JSON');
  }
}

const read = new JsonFields(bad);

/** The challenge has to be for this network, verifier and application, or it is somebody else's. */
function challengeIn(json: unknown, { publicKey }: Applicant) {
  const from = read.members(json, 'challenge', [
    'network',
    'verifier',
    'applicant',
    'nonce',
    'challenge',
    'expires',
    'reputation',
    'bond',
    'cuts',
  ]);
  const network = read.hex(from.network, 'network', 32);
  const verifier = read.hex(from.verifier, 'verifier', 32);
  const nonce = read.hex(from.nonce, 'nonce', 32);
  const challenge = read.hex(from.challenge, 'challenge', 32);
  if (!equalBytes(challenge, standingChallenge(network, verifier, publicKey, nonce))) {
    throw read.bad('challenge', 'one that was made for this application');
  }
  const expires = read.whole(from.expires, 'expires');
  const reputation = read.whole(from.reputation, 'reputation', 1_000_000);
  const bond = read.whole(from.bond, 'bond');
  return { network, verifier, challenge, expires, reputation, bond };
}

function keyIn(json: unknown, applicant: Applicant) {
  const { id, expires, limits, sealed } = read.members(json, 'admission', [
    'id',
    'expires',
    'limits',
    'sealed',
  ]);
  if (typeof id !== 'string' || !/^[0-9a-f]{8}$/.test(id)) throw read.bad('id', 'eight digits');
  if (typeof sealed !== 'string' || !/^([0-9a-f]{2}){1,512}$/.test(sealed)) {
    throw read.bad('sealed', 'hexadecimal');
  }
  const secret = openText(fromHex(sealed), applicant);
  if (!/^nexus-[\w-]{43}$/.test(secret)) throw read.bad('sealed', 'a key');
  const until = read.whole(expires, 'expires', 8.64e15);
  return { id, until, limits: limits as Record<string, unknown>, secret };
}

function bad(what: string): NexusError {
  return new NexusError('ADMISSION_BAD_ANSWER', `the gateway’s answer is no admission: ${what}`, {
    hint: 'it does not follow the format, or somebody stands in between: ask its owner',
  });
}
