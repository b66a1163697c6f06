import { fromHex, messageOf, NexusError, taggedHash, toHex } from '../../feeds/base/mod.ts';
import {
  type Profile,
  profileFromJson,
  profileId,
  profileToJson,
} from '../../feeds/records/mod.ts';
import type { LedgerTerms } from '../../feeds/ledger/mod.ts';
import type { ProofTerms } from '../../feeds/sampling/mod.ts';
import { isHostPort } from '../home/mod.ts';
import { canonicalBytes } from './canonical.ts';
import { circuitReasons, circuitsToJson, parseCircuits } from './circuits.ts';
import { type Fail, hex, isLabel, isNetworkName, listOf, members, whole } from './check.ts';
import { demandLastingBonds, ledgerReasons, ledgerToJson, parseLedger } from './ledger.ts';
import { defaultRules, parseRules, ruleReasons, type Rules, rulesToJson } from './rules.ts';

const FORMAT = 'nexus-network/1';
const MAX_MODELS = 64;
const MAX_BOOTSTRAP = 32;
const MAX_WITNESSES = 64;
const MAX_WEIGHT = 1_000_000;

/** A model that the network knows by name. */
export interface NetworkModel {
  name: string;
  profile: Profile;
}

/** An identity that certifies cuts. */
export interface Witness {
  key: Uint8Array;
  weight: number;
}

/** What the network's id is the hash of. */
export interface NetworkFile {
  name: string;
  kind: 'open' | 'private';
  rules: Rules;
  /** Names of models; others may be served as well, under their profile's id. */
  models: NetworkModel[];
  /** Key of who signs the member list of a private network; null on open ones. */
  owner: Uint8Array | null;
  /** Who certifies cuts, more than two thirds of their weight together; none: no audits. */
  witnesses: Witness[];
  /** Money: rules, first balances, what tokens cost; null: none. Needs witnesses. */
  ledger: LedgerTerms | null;
  /** Which proofs are to be made, and under which keys; null: none. Needs witnesses. */
  circuits: ProofTerms | null;
}

/** A network file as it is stored or handed on: with what stands outside its hash. */
export interface NetworkDocument {
  file: NetworkFile;
  /** DHT bootstrap nodes, `host:port`; null: HyperDHT's public ones. */
  bootstrap: string[] | null;
}

/** The open network: no owner, no secret, the public DHT. */
export const MAIN: NetworkFile = {
  name: 'main',
  kind: 'open',
  rules: defaultRules(),
  models: [],
  owner: null,
  witnesses: [],
  ledger: null,
  circuits: null,
};

/** The network's id, 32 bytes: a hash over everything in the file. */
export function networkId(file: NetworkFile): Uint8Array {
  return taggedHash('nexus/network/1', canonicalBytes(hashedPart(file)));
}

/**
 * The topic, 32 bytes, on which members find each other.
 * @param secret of a private network: without it the topic cannot be guessed
 * @param profile id of a profile, for the topic of those who serve it
 */
export function topicOf(
  network: Uint8Array,
  secret: Uint8Array | null,
  profile: Uint8Array | null,
): Uint8Array {
  const none = new Uint8Array();
  return taggedHash('nexus/topic/1', network, secret ?? none, profile ?? none);
}

/** A network as plain JSON, with the reasons of its rules for people. */
export function networkToJson({ file, bootstrap }: NetworkDocument): Record<string, unknown> {
  return {
    ...hashedPart(file),
    reasons: {
      ...ruleReasons(file.rules),
      ...(file.ledger === null ? {} : ledgerReasons(file.ledger.rules)),
      ...(file.circuits === null ? {} : circuitReasons(file.circuits)),
    },
    ...(bootstrap === null ? {} : { bootstrap }),
  };
}

/**
 * Validates a network file that anybody may have written, as parsed from JSON.
 * @throws {NexusError} `NETWORK_INVALID`
 */
export function parseNetwork(json: unknown): NetworkDocument {
  const fail = (what: string): never => {
    throw new NexusError('NETWORK_INVALID', `not a network file: ${what}`, {
      hint: 'ask for the file again, or compare it with the output of `nexus network show main`',
    });
  };
  const names = ['format', 'name', 'kind', 'rules', 'models', 'owner', 'witnesses'];
  names.push('ledger?', 'circuits?', 'reasons?', 'bootstrap?');
  const from = members(json, names, fail);
  if (from.format !== FORMAT) fail(`format is not ${FORMAT}; update this program if it is newer`);
  if (!isNetworkName(from.name)) return fail('its name is not made of a-z, 0-9 and single hyphens');
  if (from.kind !== 'open' && from.kind !== 'private') return fail('kind is not open or private');
  const isPrivate = from.kind === 'private';
  if (isPrivate !== (from.owner !== null)) fail('a private network has an owner, an open one not');
  const models = listOf(from.models, MAX_MODELS, 'models', fail).map((entry) => {
    const { name, profile } = members(entry, ['name', 'profile'], fail);
    if (!isLabel(name)) return fail('a model has no proper name');
    try {
      return { name, profile: profileFromJson(profile) };
    } catch (cause) {
      return fail(`model ${name}: ${messageOf(cause)}`);
    }
  });
  if (new Set(models.map((model) => model.name)).size < models.length) fail('two models, one name');
  const file: NetworkFile = {
    name: from.name,
    kind: from.kind,
    rules: parseRules(from.rules, fail),
    models,
    owner: isPrivate ? fromHex(hex(from.owner, 32, 'owner', fail)) : null,
    witnesses: parseWitnesses(from.witnesses, fail),
    ledger: parseLedger(from.ledger ?? null, fail),
    circuits: parseCircuits(from.circuits ?? null, fail),
  };
  if (file.ledger !== null && file.witnesses.length === 0) fail('a ledger needs witnesses');
  if (file.ledger !== null) demandLastingBonds(file.ledger.rules, file.rules, fail);
  if (file.circuits !== null && file.witnesses.length === 0) fail('proofs need witnesses');
  return { file, bootstrap: parseBootstrap(from.bootstrap ?? null, fail) };
}

function parseWitnesses(value: unknown, fail: Fail): Witness[] {
  const witnesses = listOf(value, MAX_WITNESSES, 'witnesses', fail).map((entry) => {
    const { key, weight } = members(entry, ['key', 'weight'], fail);
    return {
      key: fromHex(hex(key, 32, "a witness's key", fail)),
      weight: whole(weight, 1, MAX_WEIGHT, "a witness's weight", fail),
    };
  });
  const keys = new Set(witnesses.map(({ key }) => toHex(key)));
  return keys.size === witnesses.length ? witnesses : fail('a witness is named twice');
}

/** A list of DHT bootstrap nodes, or null. */
function parseBootstrap(value: unknown, fail: (what: string) => never): string[] | null {
  if (value === null) return null;
  const list = listOf(value, MAX_BOOTSTRAP, 'bootstrap', fail);
  return list.every(isHostPort) ? list : fail('bootstrap is not a list of "host:port"');
}

/** Finds a model of the network's table by its name or its profile's id in hexadecimal. */
export function modelOf(file: NetworkFile, wanted: string): NetworkModel | null {
  const found = file.models.find(({ name, profile }) =>
    name === wanted || toHex(profileId(profile)) === wanted
  );
  return found ?? null;
}

function hashedPart(file: NetworkFile): Record<string, unknown> {
  return {
    format: FORMAT,
    name: file.name,
    kind: file.kind,
    rules: rulesToJson(file.rules),
    models: file.models.map(({ name, profile }) => ({ name, profile: profileToJson(profile) })),
    owner: file.owner === null ? null : toHex(file.owner),
    witnesses: file.witnesses.map(({ key, weight }) => ({ key: toHex(key), weight })),
    // Left out where there is none: networks without money keep the id that they had.
    ...(file.ledger === null ? {} : { ledger: ledgerToJson(file.ledger) }),
    ...(file.circuits === null ? {} : { circuits: circuitsToJson(file.circuits) }),
  };
}
