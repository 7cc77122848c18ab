/** Topics that have to be described: by name, or by id where only that is known. */
export interface WantedTopics {
  readonly names: readonly string[];
  readonly ids: readonly string[];
}

/**
 * Lets callers that want metadata at the same time share one request. Who comes while one is under way waits for
 * the next: the answer to the one under way may be older than the question.
 */
export class RefreshQueue {
  readonly #refresh: (wanted: WantedTopics) => Promise<void>;
  #names = new Set<string>();
  #ids = new Set<string>();
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  /** @param refresh Makes one request; never called while one is under way. */
  constructor(refresh: (wanted: WantedTopics) => Promise<void>) {
    this.#refresh = refresh;
  }

  /** Settles as the request does that asks for these topics, beside those of others. */
  ask({ names, ids }: WantedTopics): Promise<void> {
    for (const name of names) this.#names.add(name);
    for (const id of ids) this.#ids.add(id);
    // The next one counts before it has started: between the two there is a moment when none is under way.
    if (this.#next !== null) return this.#next;
    if (this.#running === null) return this.#start();
    this.#next = this.#running
      .catch(() => {
        // The caller of that refresh has its failure; ours is another.
      })
      .then(() => {
        this.#next = null;
        return this.#start();
      });
    return this.#next;
  }

  #start(): Promise<void> {
    const wanted = { names: [...this.#names], ids: [...this.#ids] };
    this.#names = new Set();
    this.#ids = new Set();
    this.#running = this.#refresh(wanted).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }
}
