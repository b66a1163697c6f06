import { advance, newPlayer, type PlayerState, type Recording } from '../replay/mod.ts';
import { emptyState, type State, step } from '../state/mod.ts';
import { heard, messagesOf, stopped } from './chat.ts';
import type { Key } from './key.ts';
import type { NodeLink } from './link.ts';
import { failureText, perform } from './perform.ts';
import { paste, press } from './press.ts';
import { type Effect, initialUi, type Screen, type Ui, withToast } from './ui.ts';

/** Events are drawn together, so often at most; keys are answered at once. */
const DRAW_MS = 200;
/** Ages go on without events. */
const TICK_MS = 1000;

export interface ControllerOptions {
  /** Null: there is a recording instead. */
  link: NodeLink | null;
  recording: Recording | null;
  readOnly: boolean;
  size: () => { columns: number; rows: number };
  /** Puts text into the terminal's clipboard. */
  copy: (text: string) => void;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Brings together what the node tells, what the keyboard says, and what is done about it. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  #end: () => void = () => {};
  #answer: AbortController | null = null;
  #drawTimer: ReturnType<typeof setTimeout> | null = null;
  #tickTimer: ReturnType<typeof setInterval> | null = null;
  #state: State;
  #ui: Ui = initialUi();
  #player: PlayerState | null;
  #playedAt = 0;
  #version = 0;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#ended = new Promise((resolve) => this.#end = resolve);
    const { recording, now } = options;
    this.#player = recording === null ? null : newPlayer(recording.events.length);
    this.#state = recording?.stateAt(recording.events.length) ?? emptyState(now());
  }

  /** Begins to follow the node; resolves when the person leaves. Fails where following fails. */
  async start(): Promise<void> {
    this.#tickTimer = setInterval(() => this.#changed(), TICK_MS);
    try {
      await Promise.race([this.#ended, this.#follow()]);
    } finally {
      this.stop();
    }
  }

  /** Ends all that was begun. */
  stop(): void {
    this.#abort.abort();
    this.#answer?.abort();
    if (this.#tickTimer !== null) clearInterval(this.#tickTimer);
    if (this.#drawTimer !== null) clearTimeout(this.#drawTimer);
    this.#end();
  }

  /** For React: what to call when there is something new to draw. */
  readonly subscribe = (listener: () => void): () => void => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly version = (): number => this.#version;

  get ui(): Ui {
    return this.#ui;
  }

  get screen(): Screen {
    const { size, now, readOnly } = this.#options;
    const player = this.#player;
    const at = player === null ? now() : this.#state.at;
    return { context: { state: this.#state, now: at }, ...size(), readOnly, player };
  }

  /** Keys, in order; drawn together. */
  keys(keys: readonly Key[]): void {
    for (const key of keys) {
      const { ui, effects } = press(this.#ui, key, this.screen);
      this.#ui = ui;
      for (const effect of effects) this.#do(effect);
    }
    this.#changed();
  }

  pasted(text: string): void {
    this.#ui = paste(this.#ui, text);
    this.#changed();
  }

  /** The window has another size. */
  resized(): void {
    this.#changed();
  }

  async #follow(): Promise<void> {
    const { link } = this.#options;
    if (link === null) return await this.#ended;
    for await (const event of link.watch(this.#abort.signal)) this.#take(event);
    await this.#ended;
  }

  #take(event: unknown): void {
    step(this.#state, event);
    this.#drawTimer ??= setTimeout(() => {
      this.#drawTimer = null;
      this.#changed();
    }, DRAW_MS);
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }

  #say(text: string, tone: 'good' | 'bad' | 'plain'): void {
    this.#ui = withToast(this.#ui, text, tone, this.screen.context.now);
    this.#changed();
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'quit':
        return this.stop();
      case 'copy':
        this.#options.copy(effect.text);
        return this.#say(`copied ${effect.text}`, 'good');
      case 'cancel':
        return this.#answer?.abort();
      case 'player':
        this.#steer(effect.player);
        return;
      case 'act': {
        const { link, now } = this.#options;
        if (link === null) return;
        const says = (text: string) => this.#say(text, 'plain');
        const telling = { says, event: (event: unknown) => this.#take(event), now };
        perform(effect.action, link, telling, this.#abort.signal).then(
          (text) => this.#say(text, 'good'),
          (thrown) => this.#abort.signal.aborted || this.#say(failureText(thrown), 'bad'),
        );
        return;
      }
      case 'prompt':
        this.#prompt();
    }
  }

  async #prompt(): Promise<void> {
    const { link } = this.#options;
    if (link === null) return;
    this.#answer = new AbortController();
    const { chat } = this.#ui;
    const request = { messages: messagesOf(chat), parent: chat.parent };
    let reason: string | null = null;
    try {
      for await (const event of link.run(request, this.#answer.signal)) {
        const told = heard(this.#ui.chat, event as Record<string, unknown>);
        this.#ui = { ...this.#ui, chat: told };
        this.#drawTimer ??= setTimeout(() => {
          this.#drawTimer = null;
          this.#changed();
        }, DRAW_MS / 2);
      }
      if (this.#ui.chat.busy) reason = 'the answer has ended without its end';
    } catch (thrown) {
      reason = this.#answer.signal.aborted ? null : failureText(thrown);
    }
    this.#ui = { ...this.#ui, chat: stopped(this.#ui.chat, reason) };
    this.#changed();
  }

  #steer(player: PlayerState): void {
    const begun = player.playing && this.#player?.playing !== true;
    this.#show(player);
    if (begun) {
      this.#playedAt = this.#options.now();
      this.#play(0);
    }
  }

  #show(player: PlayerState): void {
    this.#player = player;
    this.#state = this.#options.recording!.stateAt(player.index);
  }

  #play(leftMs: number): void {
    if (this.#drawTimer !== null) return;
    this.#drawTimer = setTimeout(() => {
      this.#drawTimer = null;
      const { recording, now } = this.#options;
      if (this.#player?.playing !== true || recording === null) return;
      const at = now(), elapsed = leftMs + at - this.#playedAt;
      this.#playedAt = at;
      const next = advance(this.#player, (i) => recording.events[i]!.at, elapsed);
      this.#show(next.player);
      this.#changed();
      this.#play(next.leftMs);
    }, DRAW_MS);
  }
}
