import fc from 'fast-check';
import t from 'tap';
import type { AuditorRecord } from '../../feeds/records/mod.ts';
import { Roster } from '../../feeds/trust/roster.ts';
import { bytes32 } from './world.ts';
import { toHex } from '../../feeds/base/mod.ts';

const PROFILES = [1, 2, 3].map((i) => bytes32(i)), KIND = bytes32(9);
const record = (named: readonly number[]): AuditorRecord => ({
  type: 'auditor',
  network: bytes32(0),
  offerings: named.map((i) => ({ profile: PROFILES[i]!, class: KIND })),
  at: 0,
});

/** Who says what, cut by cut. */
const history = fc.array(
  fc.array(
    fc.tuple(fc.integer({ min: 0, max: 3 }), fc.uniqueArray(fc.constantFrom(0, 1, 2))),
    { maxLength: 3 },
  ),
  { maxLength: 12 },
);

t.test('auditors are found by what their newest entries name, as of every cut', (t) => {
  fc.assert(
    fc.property(history, (cuts) => {
      const roster = new Roster(() => 1),
        said = new Map<string, [cut: number, named: number[]][]>();
      cuts.forEach((entries, cut) => {
        for (const [who, named] of entries) {
          const key = `auditor ${who}`;
          roster.auditor(key, record(named), cut);
          said.set(key, [...said.get(key) ?? [], [cut, named]]);
        }
        const again = new Roster(() => 1);
        again.load(structuredClone(roster.state()));
        for (const as of [cut, cut - 1]) {
          PROFILES.forEach((profile, i) => {
            const wanted = [...said].filter(([, all]) =>
              all.findLast(([cut]) => cut <= as)?.[1].includes(i)
            ).map(([key]) => key).sort();
            for (const one of [roster, again]) {
              t.same(one.standing(toHex(profile), as).pool.keys, wanted);
            }
          });
        }
      });
    }),
    { numRuns: 60 },
  );
  t.end();
});
