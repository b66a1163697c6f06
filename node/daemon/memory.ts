import { toHex } from '../../feeds/base/mod.ts';
import type { EngineEvent, EngineOptions, SelfTestResult } from '../engine/mod.ts';
import { changeState, loadState, type State } from '../home/mod.ts';

/** What the engine learnt on this machine, kept over restarts. */
export interface EngineMemory {
  /** Options of the engine from what is remembered; a number of threads given by the user wins. */
  options(threads: number | null, slots: number | null): Partial<EngineOptions>;
  /** Threads that decode one answer, as they were last measured for a model; null: not yet. */
  readonly threads: number | null;
  /** Keeps what an event of the engine says. */
  learn(event: EngineEvent): Promise<void>;
  /** True if a class was tested before, with whatever result. */
  isTested(classId: Uint8Array): boolean;
  /** Keeps the result of a self-test of a determinism class. */
  tested(classId: Uint8Array, result: SelfTestResult): Promise<void>;
}

/** Opens the memory that lies in a home's state file. */
export async function engineMemory(path: string): Promise<EngineMemory> {
  const state = await loadState(path);
  const machine = `${Deno.build.arch}/${navigator.hardwareConcurrency}`;
  const keyOf = (profile: string) => `${machine}/${profile}`;
  const prefix = keyOf('');
  const known = Object.entries(state.threads).filter(([key]) => key.startsWith(prefix));
  return {
    threads: newestThreads(state.threads, prefix),
    options(threads, slots) {
      const exact = Object.entries(state.exact).filter(([, passed]) => passed);
      return {
        calibrated: Object.fromEntries(known.map(([key, t]) => [key.slice(prefix.length), t])),
        knownExact: exact.map(([classId]) => classId),
        ...(threads === null ? {} : { threads }),
        ...(slots === null ? {} : { maxSlots: slots }),
      };
    },
    async learn(event) {
      if (event.type !== 'calibrated') return;
      await changeState(path, (s) => {
        s.threads[keyOf(toHex(event.model.profileId))] = event.threads;
      });
    },
    isTested: (classId) => toHex(classId) in state.exact,
    async tested(classId, { passed }) {
      if (passed === null) return;
      state.exact[toHex(classId)] = passed;
      await changeState(path, (s) => void (s.exact[toHex(classId)] = passed));
    },
  };
}

/** Threads that decode one answer, by the newest calibration whose key begins so; null: there is none. */
export function newestThreads(threads: State['threads'], prefix: string): number | null {
  const [, newest] = Object.entries(threads).findLast(([key]) => key.startsWith(prefix)) ?? [];
  // A lone row with a companion is a batch.
  return newest === undefined ? null : newest.pad ? newest.batch : newest.single;
}
