/** What this node found of a proof. `unchecked`: it may not, or could not yet. */
export type ProofChecked = 'checked' | 'refused' | 'unchecked';

/** Where the proof of one answer's sampling stands. Keys and hashes are hexadecimal. */
export interface ProofRow {
  /** Hash of the artifact. */
  subject: string;
  job: string;
  attempt: number;
  executor: string;
  requester: string;
  /** Epoch whose beacon drew the positions. */
  epoch: number;
  /** The network asks for it, up to the cut of epoch `due`. */
  asked: boolean;
  due: number | null;
  /** `refuted`: shown to everybody to be wrong. */
  state: 'open' | 'made' | 'missing' | 'refuted';
  /** This node is to make it. */
  own: boolean;
  /** What this node found; null while there is no proof, and of its own. */
  check: ProofChecked | null;
  /** Why it was refused, could not be checked or not be made; null otherwise. */
  code: string | null;
}

/** The proofs of a network that asks for them. */
export interface ProofRows {
  /** Anybody can forge proofs under the key of the network, or nobody says that one cannot. */
  insecure: boolean;
  /** Over all cuts; `made` counts those that were not asked for too. */
  asked: number;
  made: number;
  missing: number;
  refuted: number;
  /** By this node, of those within the challenge window. */
  checked: number;
  refused: number;
  /** Those that this node may check and has not. */
  unchecked: number;
  /** Waiting to be made by this node. */
  waiting: number;
  /** The newest, the newest last. Bounded. */
  proofs: ProofRow[];
}
