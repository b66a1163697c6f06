import { age, fit, type Line, line, span, type Tone } from '../draw/mod.ts';
import { type Challenge, type Fingerprints, short } from '../state/mod.ts';

/** What the lines are drawn for. */
export interface FingerprintView {
  /** Milliseconds since 1970. */
  now: number;
  width: number;
  height: number;
  filter: string;
}

const MARKS: Record<Challenge['state'], readonly [mark: string, tone: Tone]> = {
  drawn: ['·', 'plain'],
  waiting: ['~', 'dim'],
  work: ['>', 'accent'],
  raw: ['>', 'accent'],
  micro: ['>', 'accent'],
  logged: ['✓', 'good'],
  refused: ['?', 'warn'],
  failed: ['!', 'bad'],
};

/** How far the measuring is, what it takes, and this node's challenges, the newest last. */
export function fingerprintLines(prints: Fingerprints, view: FingerprintView): Line[] {
  const { height, filter } = view;
  const { note, challenges } = prints;
  const head = [summary(prints), ...(note === null ? [] : [line(`! ${note}`, 'warn')])];
  const found = challenges.filter((one) => filter === '' || searched(one).includes(filter));
  const room = height - head.length;
  if (room < 2 || found.length === 0) return head.slice(0, height);
  return [
    ...head,
    line('challenges by this node, newest last', 'bold'),
    ...found.slice(1 - room).map((one) => challengeLine(one, view)),
  ];
}

function summary({ epoch, challengers, nodes, cost }: Fingerprints): Line {
  const count = (fits: (node: Fingerprints['nodes'][number]) => boolean) =>
    nodes.filter(fits).length;
  const refuted = count(({ contradicted }) => contradicted !== null);
  return [
    span(epoch === null ? 'no cut yet' : `cut ${epoch}`, 'bold'),
    span(
      challengers === 0 ? '  nobody is drawn to challenge' : `  ${challengers} challengers each`,
    ),
    span(
      `  ${count(({ attested }) => (attested?.by.length ?? 0) > 1)} of ${nodes.length} attested`,
    ),
    refuted === 0 ? span('  no claim refuted', 'dim') : span(`  ! ${refuted} refuted`, 'bad'),
    span(cost === null ? '' : `  answering took ${(100 * cost).toFixed(2)} % of the time`, 'dim'),
  ];
}

function challengeLine(one: Challenge, { now, width }: FingerprintView): Line {
  const { executor, profile, epoch, state, done, runs, detail, at } = one;
  const [mark, tone] = MARKS[state];
  return [
    span(fit(epoch === null ? 'asked' : `#${epoch}`, 6, 'right'), 'dim'),
    span(` ${mark} ${fit(state, 8)} `, tone),
    span(fit(short(executor), 8)),
    ...(width < 100 ? [] : [span(` profile ${fit(short(profile), 8)}`, 'dim')]),
    span(runs === 0 ? '' : ` ${done}/${runs} runs`),
    span(detail === '' ? '' : ` ${detail}`, 'dim'),
    span(at === 0 ? '' : ` ${age(now - at)} ago`, 'dim'),
  ];
}

function searched({ executor, profile, state, detail }: Challenge): string {
  return `${executor} ${profile} ${state} ${detail}`.toLowerCase();
}
