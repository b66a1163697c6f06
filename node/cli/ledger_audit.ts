import { counted, ncuText, NexusError } from '../../feeds/base/mod.ts';
import type { Slash } from '../../feeds/ledger/mod.ts';
import { DIFFERS_MEND, vouchingText } from '../control/mod.ts';
import { pathsOf } from '../home/mod.ts';
import { loadNetwork, type Network } from '../network/mod.ts';
import { type AuditFinding, auditLedger, type LedgerAudit, openLogs } from '../record/mod.ts';
import { short } from './answer.ts';
import { table } from './columns.ts';
import { openContext } from './context.ts';
import { slashLines, totalsLines } from './ledger_view.ts';
import type { Output } from './output.ts';
import { nodeBinary } from './runtime.ts';

/** Findings that are listed for people, the newest; `--json` has all. */
const MAX_ROWS = 64;

/**
 * Recomputes the ledger from the logs in a folder, and tells all that it comes to.
 * @param folder absent: the home
 * @returns false where it does not agree with the witnesses, or with itself
 */
export async function showLedgerAudit(
  folder: string | undefined,
  flags: { home?: string | undefined; network?: string | undefined },
  out: Output,
  signal: AbortSignal,
): Promise<boolean> {
  await using source = await openLogs(folder ?? pathsOf(flags.home).home, signal, nodeBinary());
  const network = await networkOf(source.networks, folder, flags);
  const slashes: Slash[] = [], findings: AuditFinding[] = [];
  let found = 0;
  const steps = auditLedger(source, network, signal);
  let step = await steps.next();
  for (; !step.done; step = await steps.next()) {
    const { value } = step;
    // How many there will be is known at the end alone.
    if (value.type === 'cut' && out.progress && value.epoch % 16 === 0) {
      await out.raw(`\r\x1b[Kcut ${value.epoch}`);
    }
    if (value.type === 'slash') {
      slashes.push(value.slash);
      await out.event({ event: 'slash', ...value.slash });
    }
    if (value.type !== 'finding') continue;
    found++;
    findings.push(value.finding);
    if (findings.length > MAX_ROWS) findings.shift();
    const { place, ...finding } = value.finding;
    await out.event({ event: 'ledger-finding', ...finding, ...place });
  }
  if (out.progress) await out.raw('\r\x1b[K');
  return await reportAudit(step.value, { network, slashes, findings, found }, out);
}

/** @returns false where the witnesses certify another root, or the sums differ */
export async function reportAudit(
  { view, cuts, entries, stopped }: LedgerAudit,
  { network, slashes, findings, found }: {
    network: Network;
    slashes: readonly Slash[];
    findings: readonly AuditFinding[];
    found: number;
  },
  out: Output,
): Promise<boolean> {
  const { epoch, root, certified, differs, totals } = view;
  const { available, pending, escrow, bonded, owed, burned, grants, emission } = totals;
  const agrees = available + pending + escrow + bonded - owed + burned === grants + emission;
  const ok = differs === null && agrees;
  await out.event({
    event: 'ledger',
    network: network.name,
    epoch,
    root,
    certified,
    cuts,
    entries,
    totals,
    accountCount: view.accounts.length,
    slashes: slashes.length,
    findingCount: found,
    stopped,
    differs,
    ok,
  });
  for (const slash of slashes) for (const line of slashLines(slash)) await out.result(line);
  if (findings.length > 0) {
    const rows = findings.map((
      { code, author, place, detail },
    ) => [
      code,
      author === null ? '-' : short(author),
      short(place.core),
      String(place.index),
      detail,
    ]);
    await out.result(table([['RULE', 'WHOSE', 'LOG', 'INDEX', 'DETAIL'], ...rows], out.columns));
    if (found > findings.length) await out.note(`${found - findings.length} older: --json has all`);
  }
  await out.result(
    `ledger of ${network.name}, ${counted(cuts, 'cut')} and ${
      counted(entries, 'entry', 'entries')
    }: ` +
      `${counted(view.accounts.length, 'account')}, ${
        counted(slashes.length, 'slash', 'slashes')
      }, ` +
      `${counted(found, 'entry', 'entries')} ignored or punished`,
  );
  for (const line of totalsLines(totals)) await out.result(line);
  await out.result(`root ${root}, after cut ${epoch}`);
  if (certified === null) {
    await out.result('certified: none yet');
  } else {
    await out.result(`certified ${certified.root}, after cut ${certified.epoch}`);
  }
  if (differs !== null) {
    await out.result(
      `more than two thirds of the witnesses vouch for ${differs.certified} after cut ` +
        `${differs.epoch}, and ${differs.root} follows from the logs: they compute by other rules, ` +
        'or say what is not so',
    );
    await out.warn(DIFFERS_MEND);
  } else {
    const text = vouchingText(view);
    if (text !== null) await out.warn(text);
  }
  if (!agrees) {
    await out.warn(`the sums differ: money came from nowhere (${ncuText(grants)} granted)`);
  }
  if (stopped !== null) await out.warn(`the replay ends before the last cut: ${stopped}`);
  return ok;
}

/** The network whose ledger is meant: that of the settings, or the only one with money in a folder. */
async function networkOf(
  known: readonly Network[],
  folder: string | undefined,
  flags: { home?: string | undefined; network?: string | undefined },
): Promise<Network> {
  if (folder === undefined) {
    const { home, settings } = await openContext(flags);
    return await loadNetwork(home.paths, settings.network.value);
  }
  if (flags.network !== undefined) {
    const named = known.find(({ name }) => name === flags.network);
    return named ?? await loadNetwork(pathsOf(flags.home), flags.network);
  }
  const [one, other] = known.filter(({ file }) => file.ledger !== null);
  if (one !== undefined && other === undefined) return one;
  const what = one === undefined ? 'no network with money is' : 'several networks with money are';
  throw new NexusError('NETWORK_UNKNOWN', `${what} known in ${folder}`, {
    hint: 'name it, or its file: --network',
  });
}
