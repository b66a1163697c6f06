import { Buffer } from 'node:buffer';
import process from 'node:process';
import { render } from 'ink';
import { createElement } from 'react';
import { NexusError } from '../../feeds/base/mod.ts';
import { type Recorded, Recording } from '../replay/mod.ts';
import { Controller } from './controller.ts';
import { Dashboard } from './dashboard.ts';
import type { NodeLink } from './link.ts';

/** Frames a second at most: keys are answered at once, the next frame waits for its turn. */
const MAX_FPS = 30;
/** Longest text for a terminal's clipboard. */
const MAX_COPY = 4096;

export interface DashboardOptions {
  /** A node to follow; null where there is a recording. */
  link: NodeLink | null;
  recorded?: Recorded;
  readOnly: boolean;
  /** False (NO_COLOR): bold, dim and inverse alone. */
  colour: boolean;
  /** Ends the dashboard and restores the screen. */
  signal: AbortSignal;
}

/**
 * Shows the dashboard on this process's terminal until its person leaves, with the screen restored
 * then, also where it fails.
 * @throws {NexusError} `NO_TERMINAL` where stdin or stdout is none
 */
export async function runDashboard(options: DashboardOptions): Promise<void> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new NexusError('NO_TERMINAL', 'the dashboard needs a terminal', {
      hint: 'nexus tui --once prints a snapshot, also with --json',
    });
  }
  const { link, recorded, readOnly, colour, signal } = options;
  signal.throwIfAborted();
  const controller = new Controller({
    link,
    recording: recorded === undefined ? null : new Recording(recorded),
    readOnly,
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    copy: (text) => {
      const data = Buffer.from(text.slice(0, MAX_COPY)).toString('base64');
      stdout.write(`\u001b]52;c;${data}\u0007`);
    },
    now: Date.now,
  });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  const fail = (thrown: unknown) => failed.reject(thrown);
  const stop = () => controller.stop();
  const resized = () => controller.resized();
  process.on('uncaughtException', fail).on('unhandledRejection', fail);
  signal.addEventListener('abort', stop, { once: true });
  // Before Ink's own listener, which draws what there is.
  stdout.prependListener('resize', resized);
  const screen = render(createElement(Dashboard, { controller, colour }), {
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: MAX_FPS,
    isScreenReaderEnabled: false,
  });
  // It also ends where drawing fails.
  const drawn = screen.waitUntilExit();
  drawn.catch(() => {});
  try {
    await Promise.race([controller.start(), drawn, failed.promise]);
    signal.throwIfAborted();
  } finally {
    controller.stop();
    screen.unmount();
    stdout.off('resize', resized);
    signal.removeEventListener('abort', stop);
    await drawn.catch(() => {});
    process.off('uncaughtException', fail).off('unhandledRejection', fail);
  }
}
