import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerTerms } from '../../feeds/ledger/mod.ts';
import type { ProofTerms } from '../../feeds/sampling/mod.ts';
import { fromHex, importSigner, toHex } from '../../feeds/base/mod.ts';
import { buildCalibration } from '../../node/audit/mod.ts';
import { calibrationEntry } from '../../node/calibration/mod.ts';
import { changeConfig, pathsOf } from '../../node/home/mod.ts';
import { defaultRules, MAIN, type Rules, saveNetwork } from '../../node/network/mod.ts';
import { control } from '../watch/live.ts';
import type { Test as Tap } from 'tap';
import type { Bench, Event, Node } from './nexus.ts';

/** Cuts that come fast, and time for an audit on a busy machine. */
const QUICK: Partial<Rules> = {
  epochMs: 500,
  auditors: 1,
  panel: 2,
  requestCuts: 20,
  openCuts: 20,
  commitCuts: 60,
  revealCuts: 40,
  challengeCuts: 400,
};

/**
 * Homes in an open network of their own, the first of which are its witnesses.
 * @returns as many homes as asked for
 */
export async function auditedHomes(
  bench: Bench,
  count: number,
  witnesses: number,
  rules: Partial<Rules> = {},
  ledger: LedgerTerms | null = null,
  circuits: ProofTerms | null = null,
): Promise<string[]> {
  const homes = Array.from({ length: count }, () => bench.home());
  const keys = await Promise.all(homes.map(async (home) => {
    const seed = randomBytes(32);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'identity'), `${toHex(seed)}\n`, { mode: 0o600 });
    chmodSync(join(home, 'identity'), 0o600);
    return (await importSigner(seed)).publicKey;
  }));
  const file = {
    ...MAIN,
    name: 'audited',
    rules: { ...defaultRules(), ...QUICK, ...rules },
    witnesses: keys.slice(0, witnesses).map((key) => ({ key, weight: 1 })),
    ledger,
    circuits,
  };
  for (const home of homes) {
    const paths = pathsOf(home);
    const open = { file, bootstrap: null, secret: null, members: null };
    await saveNetwork(paths, 'audited', open);
    await changeConfig(paths.config, { network: 'audited' });
  }
  return homes;
}

/** Where the audits stand, as a node folds them. */
export async function trustOf(node: Node): Promise<Event | null> {
  const [rows] = await control(pathsOf(node.home).socket, 'trust');
  return (rows ?? null) as Event | null;
}

/**
 * Has witnesses vouch for a calibration of the one class that all nodes of a test are of: honest
 * answers there come out the same to the last bit.
 * @param server a node that serves the model
 */
export async function calibrated(server: Node, witnesses: readonly Node[]): Promise<void> {
  const [status] = await control(pathsOf(server.home).socket, 'status') as Event[];
  const { profile, class: kind } = status!.models[0];
  const same = (cells: number) => [120, ...new Array<number>(cells - 1).fill(0)];
  const honest = Array.from({ length: 60 }, (_, i) => ({
    stratum: i % 2 === 0 ? 'ordinary' : 'noisy',
    margins: same(10),
    b1: same(13),
  }));
  const calibration = buildCalibration({
    profile: fromHex(profile),
    executorClass: fromHex(kind),
    auditorClass: fromHex(kind),
    deltaPpm: 100,
    slack: 200,
    honest,
    cheats: [{ name: 'seed', decisive: true, counts: [30, 2, 5, 7, 10, 12, 10, 6, 2, 2] }],
  });
  const { block } = calibrationEntry(calibration, Date.now());
  for (const { home } of witnesses) {
    await control(pathsOf(home).socket, 'calibration', { entry: toHex(block) });
  }
}

/** Waits until all nodes have folded the same cut, and compares their records of each that two have. */
export async function sameRecord(t: Tap, nodes: readonly Node[]): Promise<void> {
  const digests = new Map<number, Map<string, string>>();
  for (let most = 0; most < nodes.length;) {
    await Promise.all(nodes.map(async (node) => {
      const rows = await trustOf(node);
      if (rows === null) return;
      const of = digests.get(rows.epoch) ?? new Map<string, string>();
      digests.set(rows.epoch, of.set(node.key, rows.digest));
      most = Math.max(most, of.size);
    }));
  }
  for (const [epoch, of] of digests) {
    if (of.size > 1) t.equal(new Set(of.values()).size, 1, `cut ${epoch}: one record`);
  }
}
