import { readJson, writeJson } from './files.ts';

/** Threads of a lone row and of a batch, and whether a lone row gets a companion. */
interface Threads {
  single: number;
  batch: number;
  pad: boolean;
}

/** What this machine learnt and can learn again; losing it costs a calibration. */
export interface State {
  version: 1;
  /** Calibrated threads of a model on a machine, by `machine/profile id`. */
  threads: Record<string, Threads>;
  /** Determinism classes (hex) of this machine, and whether their self-test was exact. */
  exact: Record<string, boolean>;
  /** Where the identity was when it was last looked at; null: never. */
  place: Place | null;
}

/** Which file an identity is: a copy is another one. */
export interface Place {
  path: string;
  /** Of the file system; stays when the file is moved within it. */
  inode: string;
}

/** Oldest entries beyond this are forgotten, so that the file stays small. */
const MAX_ENTRIES = 256;

/** Nothing learnt yet. */
export function emptyState(): State {
  return { version: 1, threads: {}, exact: {}, place: null };
}

/** Takes what is well formed of a state file and leaves the rest. */
function parseState(value: unknown): State {
  const state = emptyState();
  const root = value as Partial<Record<keyof State, unknown>> | null | undefined;
  if (typeof root !== 'object' || root === null || root.version !== 1) return state;
  state.threads = entries(root.threads, isThreads);
  state.exact = entries(root.exact, (b): b is boolean => typeof b === 'boolean');
  state.place = isPlace(root.place) ? { path: root.place.path, inode: root.place.inode } : null;
  return state;
}

/** Reads the state file; a missing or broken one counts as empty. */
export async function loadState(path: string): Promise<State> {
  return parseState(await readJson(path).catch(() => undefined));
}

/** Writes the state file. */
async function saveState(path: string, state: State): Promise<void> {
  await writeJson(path, parseState(state));
}

/** Reads, changes and writes the state file. */
export async function changeState(path: string, change: (state: State) => void): Promise<State> {
  const state = await loadState(path);
  change(state);
  await saveState(path, state);
  return state;
}

function entries<T>(value: unknown, ok: (v: unknown) => v is T): Record<string, T> {
  if (typeof value !== 'object' || value === null) return {};
  const good = Object.entries(value).filter((entry): entry is [string, T] => ok(entry[1]));
  return Object.fromEntries(good.slice(-MAX_ENTRIES));
}

function isPlace(value: unknown): value is Place {
  const { path, inode } = (value ?? {}) as Partial<Record<keyof Place, unknown>>;
  return typeof path === 'string' && path.length <= 4096 && typeof inode === 'string' &&
    /^\d{1,40}$/.test(inode);
}

function isThreads(value: unknown): value is Threads {
  const { single, batch, pad } = (value ?? {}) as Partial<Record<keyof Threads, unknown>>;
  const count = (n: unknown) => Number.isInteger(n) && Number(n) > 0 && Number(n) <= 1024;
  return count(single) && count(batch) && typeof pad === 'boolean';
}
