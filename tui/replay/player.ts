/** Where a recording stands. */
export interface PlayerState {
  /** Events that have happened; 0: none yet. */
  index: number;
  total: number;
  playing: boolean;
  /** How many times faster than it was. */
  speed: number;
}

/** Gaps longer than this are not waited for, in milliseconds of the recording at speed 1. */
const MAX_GAP_MS = 2000;
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, 64, 256, 1024];

export function newPlayer(total: number): PlayerState {
  return { index: total, total, playing: false, speed: 1 };
}

/** What a key does to it; null: nothing. */
export function steer(player: PlayerState, key: string): PlayerState | null {
  const to = (index: number): PlayerState => ({
    ...player,
    playing: false,
    index: Math.min(player.total, Math.max(0, index)),
  });
  switch (key) {
    case 'space':
      // At the end it begins again.
      if (!player.playing && player.index === player.total) {
        return { ...player, index: 0, playing: true };
      }
      return { ...player, playing: !player.playing };
    case 'left':
      return to(player.index - 1);
    case 'right':
      return to(player.index + 1);
    case 'shift-left':
      return to(player.index - 10);
    case 'shift-right':
      return to(player.index + 10);
    case '[':
      return to(player.index - 100);
    case ']':
      return to(player.index + 100);
    case 'home':
      return to(0);
    case 'end':
      return to(player.total);
    case '+':
    case '=':
      return { ...player, speed: SPEEDS.find((s) => s > player.speed) ?? player.speed };
    case '-':
      return { ...player, speed: SPEEDS.findLast((s) => s < player.speed) ?? player.speed };
  }
  return null;
}

/**
 * Goes on by so many milliseconds of the viewer's time.
 * @param at times of the events, milliseconds since 1970, in order
 * @returns the player, and the time that was not used up
 */
export function advance(
  player: PlayerState,
  at: (index: number) => number,
  elapsedMs: number,
): { player: PlayerState; leftMs: number } {
  if (!player.playing) return { player, leftMs: 0 };
  let { index } = player;
  let left = elapsedMs * player.speed;
  while (index < player.total) {
    const gap = index === 0 ? 0 : Math.min(MAX_GAP_MS, Math.max(0, at(index) - at(index - 1)));
    if (gap > left) break;
    left -= gap;
    index++;
  }
  const playing = index < player.total;
  return { player: { ...player, index, playing }, leftMs: playing ? left / player.speed : 0 };
}
