/**
 * Work that ends together. Each piece gets a signal of its own: one signal for all would collect a listener for
 * every request under way, and runtimes warn of a leak when a signal has more than a handful.
 */
export class AbortGroup {
  readonly #running = new Set<AbortController>();
  #reason: Error | null = null;

  /** Whether the work has been told to end. */
  get aborted(): boolean {
    return this.#reason !== null;
  }

  /** Runs a piece of work with a signal that aborts with the group. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    if (this.#reason !== null) controller.abort(this.#reason);
    this.#running.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#running.delete(controller);
    }
  }

  /** Ends all work that is under way, and all that is begun later. */
  abort(reason: Error): void {
    this.#reason ??= reason;
    for (const controller of this.#running) controller.abort(this.#reason);
  }
}
