import {
  type CutHead,
  type IdentityRecord,
  importSigner,
  type ProposalRecord,
  type Seat,
  type Signer,
  signRecord,
  type VoteRecord,
} from '../../feeds/records/mod.ts';

export const NETWORK = new Uint8Array(32).fill(9), ZEROS = new Uint8Array(32);

/** A witness that writes what the test wants. */
export class Writer {
  constructor(readonly signer: Signer, readonly core: Uint8Array) {}

  static async of(number: number): Promise<Writer> {
    const signer = await importSigner(new Uint8Array(32).fill(number));
    return new Writer(signer, new Uint8Array(32).fill(100 + number));
  }

  identity(): Promise<IdentityRecord> {
    const publicKey = this.signer.publicKey;
    const base = { type: 'identity' as const, publicKey, box: ZEROS, account: null };
    const cores = { jobs: NETWORK, artifacts: ZEROS, attestations: this.core };
    return signRecord<IdentityRecord>({ ...base, ...cores }, this.signer.sign);
  }

  /** Of cores that have one block more than there were epochs. */
  proposal(epoch: number, previous: Uint8Array, cores = [this.core]): Promise<ProposalRecord> {
    const heads = cores.map((core) => ({ core, length: epoch + 1, treeHash: ZEROS }));
    return this.stating(epoch, previous, heads, null);
  }

  stating(
    epoch: number,
    previous: Uint8Array,
    heads: CutHead[],
    seats: Seat[] | null,
  ): Promise<ProposalRecord> {
    const base = { type: 'proposal' as const, network: NETWORK, epoch, round: 0, previous, heads };
    const witness = this.signer.publicKey;
    return signRecord<ProposalRecord>(
      { ...base, validRound: null, seats, witness },
      this.signer.sign,
    );
  }

  vote(epoch: number, cut: Uint8Array | null): Promise<VoteRecord> {
    const base = { type: 'vote' as const, network: NETWORK, epoch, round: 0, cut };
    const witness = this.signer.publicKey;
    return signRecord<VoteRecord>({ ...base, step: 'precommit', witness }, this.signer.sign);
  }
}
