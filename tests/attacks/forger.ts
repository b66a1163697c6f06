import { concatBytes, taggedHash } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import {
  type ArtifactRecord,
  decodeRecord,
  encodeRecord,
  type ProofRecord,
  type Signer,
  signRecord,
} from '../../feeds/records/mod.ts';
import { decodeMessage, encodeMessage } from '../../node/job/mod.ts';
import type { Kept } from '../../node/payloads/mod.ts';
import type { Lie } from './lies.ts';

/** Changes what an executor tells and logs of its work, as the lie of the newest job has it. */
export class Forger {
  readonly #signer: Signer;
  readonly #lie: () => Lie | null;
  /** The artifact that was logged for the job before. */
  #last: Uint8Array | null = null;
  /** The proof that was made before. */
  #proof: Uint8Array | null = null;

  constructor(signer: Signer, lie: () => Lie | null) {
    this.#signer = signer;
    this.#lie = lie;
  }

  /** A job's channel that tells the requester what it is to believe. */
  channel(channel: Channel): Channel {
    const send = async (message: Uint8Array): Promise<void> => {
      const decoded = decodeMessage(message.slice());
      const forged = decoded.type === 'summary' && this.#lie()?.forge === 'root'
        ? encodeMessage({ ...decoded, artifact: await this.#otherRoot(decoded.artifact) })
        : message;
      await channel.send(forged);
    };
    return new Proxy(channel, {
      get(target, name) {
        const own = name === 'send' ? send : Reflect.get(target, name);
        return typeof own === 'function' ? own.bind(target) : own;
      },
    });
  }

  /** What is logged in place of a block; null for nothing at all. */
  async block(bytes: Uint8Array): Promise<Uint8Array | null> {
    const lie = this.#lie();
    const { type } = decodeRecord(bytes);
    if (type === 'open') return lie?.withhold ? null : bytes;
    if (type === 'proof') return this.#otherProof(bytes);
    if (type !== 'artifact') return bytes;
    const last = this.#last;
    const isForged = lie?.forge === 'root' || lie?.forge === 'log';
    this.#last = isForged ? await this.#otherRoot(bytes) : bytes;
    return lie?.replay ? last : this.#last;
  }

  /** What is kept for auditors. */
  payload(kept: Kept): Kept {
    if (this.#lie()?.forge !== 'payload') return kept;
    const { payload } = kept;
    return { ...kept, payload: { ...payload, output: payload.output.map((id) => id ^ 1) } };
  }

  /** Points of the right groups that show nothing, or what shows another answer's sampling. */
  #otherProof(bytes: Uint8Array): Uint8Array {
    const lie = this.#lie(), record = decodeRecord(bytes) as ProofRecord;
    const before = this.#proof;
    this.#proof = record.proof.slice();
    if (lie?.proof === undefined) return bytes;
    const { proof } = record;
    const forged = lie.proof === 'replayed' && before !== null
      ? before
      : concatBytes(proof.subarray(0, 192), proof.subarray(0, 64));
    return encodeRecord({ ...record, proof: forged });
  }

  #otherRoot(bytes: Uint8Array): Promise<Uint8Array> {
    const { signature: _, ...artifact } = decodeRecord(bytes) as ArtifactRecord;
    const root = taggedHash('made up', artifact.root);
    const signed = signRecord<ArtifactRecord>({ ...artifact, root }, (m) => this.#signer.sign(m));
    return signed.then(encodeRecord);
  }
}
