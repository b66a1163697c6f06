import type { Feeds } from '../../feeds/client/mod.ts';
import type { JobServer } from '../job/mod.ts';
import { type Announcement, encodeAnnouncement } from './announcement.ts';
import type { ServedModel } from './serving.ts';

/** Changes nearer than this travel together. */
const GATHER_MS = 50;

export interface AnnouncerOptions {
  feeds: Pick<Feeds, 'announce'>;
  jobs: Pick<JobServer, 'load'>;
  /** What is served to peers now. */
  served: () => readonly ServedModel[];
  name: string;
  hardware: string;
  maxTokens: number;
  /** An announcement counts for this long, and is renewed three times within it. */
  ttlMs: number;
  onError: (thrown: unknown) => void;
}

/** Tells peers what this node serves: at once when it changes, and regularly so that it stays fresh. */
export class Announcer implements Disposable {
  readonly #options: AnnouncerOptions;
  readonly #renewal: ReturnType<typeof setInterval>;
  #pending: ReturnType<typeof setTimeout> | null = null;
  #draining = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#renewal = setInterval(() => this.changed(), options.ttlMs / 3);
  }

  /** Something that peers should know has changed. */
  changed(): void {
    this.#pending ??= setTimeout(() => {
      this.#pending = null;
      this.#send().catch(this.#options.onError);
    }, GATHER_MS);
  }

  /** Whether jobs are wanted; peers are told at once. */
  async draining(on: boolean): Promise<void> {
    this.#draining = on;
    await this.#send();
  }

  current(): Announcement {
    const { jobs, served, name, hardware, maxTokens, ttlMs } = this.#options;
    const models = served();
    const loads = models.map(({ loaded }) => jobs.load(loaded.profileId)).filter((l) => l !== null);
    const sum = (field: 'active' | 'queued' | 'slots') =>
      loads.reduce((total, load) => total + load[field], 0);
    return {
      name,
      hardware,
      maxTokens,
      load: { active: sum('active'), queued: sum('queued'), slots: sum('slots') },
      profiles: models.map(({ model, loaded, price, blobs }) => ({
        id: loaded.profileId,
        profile: model.entry.profile,
        name: model.entry.name,
        price,
        class: loaded.class,
        warm: true,
        blobs,
      })),
      ttlMs,
      draining: this.#draining,
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#renewal);
    if (this.#pending !== null) clearTimeout(this.#pending);
  }

  async #send(): Promise<void> {
    await this.#options.feeds.announce(encodeAnnouncement(this.current()));
  }
}
