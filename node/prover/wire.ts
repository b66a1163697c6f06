import type { HiddenPosition, SampleStatement, Statement } from '../../circuits/mod.ts';
import { type ErrorJson, fromHex, toHex } from '../../feeds/base/mod.ts';
import type { Shown, TopkClaim } from '../payloads/mod.ts';

/**
 * What the prover process is asked; one line of JSON each. Big numbers are hexadecimal.
 * `key`: hash of the verification key under which it is to be.
 */
export type ToProver =
  | {
    id: number;
    op: 'prove';
    key: string;
    statement: StatementJson;
    hidden: { z: number[]; salt: string }[];
  }
  | {
    id: number;
    op: 'check';
    statement: Statement;
    key: string;
    publics: string[];
    proof: string;
    /** What is to be shown beside a proof of sampling. */
    leaves: LeavesJson | null;
  };

/** What it answers. `rss`: bytes that it takes in memory. */
export type FromProver =
  | { id: number; ok: true; proof: string; publics: string[]; rss: number }
  | { id: number; ok: false; error: ErrorJson; rss: number };

interface StatementJson {
  context: string;
  positions: { ids: number[]; noise: number[]; token: number; leaf: string }[];
}

/** Leaves with what they are to stand under. */
export interface Leaves {
  claim: TopkClaim;
  at: readonly Pick<Shown, 'position' | 'leaf' | 'path'>[];
}

interface LeavesJson {
  topkRoot: string;
  resumeAt: number;
  tokens: number;
  at: { position: number; leaf: string; path: string[] }[];
}

export const hexOf = (value: bigint): string => value.toString(16);
export const bigOf = (text: string): bigint => BigInt(`0x${text}`);

export function statementToJson({ context, positions }: SampleStatement): StatementJson {
  return {
    context: hexOf(context),
    positions: positions.map(({ ids, noise, token, leaf }) => ({
      ids: [...ids],
      noise: [...noise],
      token,
      leaf: hexOf(leaf),
    })),
  };
}

export function statementFromJson({ context, positions }: StatementJson): SampleStatement {
  return {
    context: bigOf(context),
    positions: positions.map(({ leaf, ...rest }) => ({ ...rest, leaf: bigOf(leaf) })),
  };
}

export function hiddenToJson(hidden: readonly HiddenPosition[]): { z: number[]; salt: string }[] {
  return hidden.map(({ z, salt }) => ({ z: [...z], salt: hexOf(salt) }));
}

export function leavesToJson({ claim, at }: Leaves): LeavesJson {
  const { topkRoot, resumeAt, tokens } = claim;
  const leaves = at.map(({ position, leaf, path }) => ({
    position,
    leaf: toHex(leaf),
    path: path.map(toHex),
  }));
  return { topkRoot: toHex(topkRoot), resumeAt, tokens, at: leaves };
}

export function leavesFromJson({ topkRoot, resumeAt, tokens, at }: LeavesJson): Leaves {
  return {
    claim: { topkRoot: fromHex(topkRoot, 32), resumeAt, tokens },
    at: at.map(({ position, leaf, path }) => ({
      position,
      leaf: fromHex(leaf, 32),
      path: path.map((one) => fromHex(one, 32)),
    })),
  };
}
