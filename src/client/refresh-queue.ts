/**
 * Lets callers that want metadata at the same time share one request. Who comes while one is under way waits for
 * the next: the answer to the one under way may be older than the question.
 */
export class RefreshQueue {
  readonly #refresh: (topics: readonly string[]) => Promise<void>;
  #wanted = new Set<string>();
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  /** @param refresh Makes one request; never called while one is under way. */
  constructor(refresh: (topics: readonly string[]) => Promise<void>) {
    this.#refresh = refresh;
  }

  /** Settles as the request does that asks for these topics, beside those of others. */
  ask(topics: Iterable<string>): Promise<void> {
    for (const topic of topics) this.#wanted.add(topic);
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
    const topics = [...this.#wanted];
    this.#wanted = new Set();
    this.#running = this.#refresh(topics).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }
}
