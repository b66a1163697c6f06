import { equalBytes } from '../base/mod.ts';
import {
  contradicts,
  type HeadEvidence,
  type HypercoreProof,
  prefixOf,
  type ShownHead,
  type SignedHead,
  treeHashAbove,
} from '../proof/mod.ts';
import { signedHead } from './heads.ts';
import { type Core, Crypto, Hypercore, type TreeNode } from './native.ts';

/**
 * What a signed head proves against the writer of a core, together with what is held here of it:
 * that it was truncated, or that it has two histories. Null if they agree, or the head is ahead and
 * does not show what it held at the length that is here.
 * @param shown its signature must have been verified
 */
export async function evidenceAgainst(core: Core, shown: ShownHead): Promise<HeadEvidence | null> {
  const { head } = shown;
  if (head.fork > 0) return { proof: 'fork', head: { head, prefix: null } };
  const own = await signedHead(core);
  // A core that was fetched after its writer had truncated it.
  if (own.fork > 0) return { proof: 'fork', head: { head: own, prefix: null } };
  const pair = own.length < head.length
    ? { first: { head: own, prefix: null }, second: shown }
    : { first: { head, prefix: null }, second: await longer(core, own, head) };
  return contradicts(pair.first, pair.second) ? { proof: 'heads', ...pair } : null;
}

async function longer(core: Core, own: SignedHead, head: SignedHead): Promise<ShownHead> {
  const isSame = own.length === head.length ||
    equalBytes(await Hypercore.treeHashFromStorage(core, head.length), head.treeHash);
  return { head: own, prefix: isSame ? null : await prefixIn(core, head.length, own.length) };
}

async function prefixIn(core: Core, from: number, to: number) {
  const nodes: TreeNode[] = [];
  for (const upgrade of [{ start: 0, length: from }, { start: from, length: to - from }]) {
    const proof = await core.proof({ upgrade }) as unknown as HypercoreProof;
    nodes.push(...proof.upgrade?.nodes ?? []);
  }
  return prefixOf(from, to, nodes);
}

/** The head in the proof that Hypercore tells a conflict with; null without its signature. */
export function headInConflict(core: Core, { fork, upgrade }: ConflictProof): ShownHead | null {
  const manifest = core.getManifest({ raw: true });
  if (manifest === null || !upgrade?.signature || upgrade.start !== 0) return null;
  const { length: from, signature } = upgrade;
  const nodes = [...upgrade.nodes, ...upgrade.additionalNodes];
  // What was asked for may be less than what is signed.
  const length = nodes.reduce((blocks, { index }) => blocks + blocksBelow(index), 0);
  const prefix = length === from ? null : prefixOf(from, length, nodes);
  const treeHash = prefix === null
    ? new Uint8Array(Crypto.tree(upgrade.nodes))
    : treeHashAbove(from, length, prefix);
  return {
    head: {
      key: new Uint8Array(core.key),
      length,
      fork,
      treeHash,
      signature: new Uint8Array(signature),
      manifest: new Uint8Array(manifest),
    },
    prefix,
  };
}

/** Blocks below a node of the flat tree. */
function blocksBelow(index: number): number {
  let blocks = 1;
  for (let n = index; n % 2 === 1; n = (n - 1) / 2) blocks *= 2;
  return blocks;
}

/** The part that matters of what Hypercore's event `conflict` tells. */
export interface ConflictProof {
  fork: number;
  upgrade: {
    start: number;
    length: number;
    nodes: TreeNode[];
    additionalNodes: TreeNode[];
    signature: Uint8Array;
  } | null;
}
