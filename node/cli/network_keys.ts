import { isInsecure, KeyRing, type Statement, STATEMENTS } from '../../circuits/mod.ts';
import { counted, NexusError } from '../../feeds/base/mod.ts';
import { isVouched, type Network } from '../network/mod.ts';
import { keepKey, keysIn } from '../proofs/mod.ts';
import { table } from './columns.ts';
import type { Output } from './output.ts';

/** Says which keys a network pins, and which of them are here. */
export async function listKeys(network: Network, out: Output): Promise<void> {
  const { circuits } = network.file;
  if (circuits === null) {
    return await out.note(`${network.name} pins no keys: proofs count under those of this program`);
  }
  const ring = new KeyRing(network.keyFolder);
  const rows = [['STATEMENT', 'KEY', 'HERE', 'MADE BY']];
  for (const statement of STATEMENTS) {
    const hash = circuits.keys[statement];
    if (hash === undefined) continue;
    const key = await ring.find(statement, hash);
    const vouched = isVouched(circuits, statement);
    const insecure = key === null ? !vouched : isInsecure(key, vouched);
    const here = key === null ? 'no' : key.proves ? 'yes' : 'to check with';
    await out.event({
      event: 'proof-key',
      network: network.name,
      statement,
      hash,
      here: key !== null,
      proves: key?.proves ?? false,
      insecure,
    });
    rows.push([statement, hash, here, insecure ? 'INSECURE' : 'a ceremony']);
  }
  await out.result(table(rows, out.columns));
  if (rows.some(([, , here]) => here === 'no')) {
    await out.note('take in what is missing: nexus network keys <folder>');
  }
}

/**
 * Takes in the keys of a folder that a network pins.
 * @throws {NexusError} `KEYS_UNPINNED`, `KEY_OTHER`, `KEYS_NONE`, `KEY_CORRUPT`, `KEY_CIRCUIT`
 */
export async function importKeys(network: Network, folder: string, out: Output): Promise<void> {
  const pinned = network.file.circuits?.keys ?? {};
  if (Object.keys(pinned).length === 0) {
    throw new NexusError('KEYS_UNPINNED', `${network.name} pins no keys of proofs`, {
      hint: 'name the network that they are of: --network <name>; or pin them in a new one: ' +
        'nexus network new <name> --keys <folder>',
    });
  }
  const found = await keysIn(folder);
  for (const { statement, hash } of found) {
    if (pinned[statement] !== undefined && pinned[statement] !== hash) {
      throw otherKey(network.name, statement, hash, pinned[statement]);
    }
  }
  const wanted = found.filter(({ statement }) => pinned[statement] !== undefined);
  const ring = new KeyRing(network.keyFolder);
  for (const key of wanted) {
    await keepKey(network.keyFolder, key);
    const { statement, hash, proves } = key;
    const vouched = isVouched(network.file.circuits, statement);
    const insecure = isInsecure(await ring.demand(statement, hash), vouched);
    const about = { network: network.name, statement, hash, proves, insecure };
    await out.event({ event: 'proof-key-kept', ...about });
    const for_ = proves ? 'to prove and check with' : 'to check with';
    await out.result(`${statement}: ${hash}, ${for_}${insecure ? '; INSECURE' : ''}`);
  }
  await out.note(`${counted(wanted.length, 'key')} of ${network.name} taken in`);
}

function otherKey(
  network: string,
  statement: Statement,
  hash: string,
  pinned: string,
): NexusError {
  return new NexusError('KEY_OTHER', `${network} pins another key of ${statement}`, {
    hint:
      `the one in the folder has the hash ${hash}, the network ${pinned}: take the files that ` +
      'were published beside its network file',
  });
}
