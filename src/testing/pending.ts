/** An answer that a request waits for. Whoever holds it gives the answer, once; the connection sends it. */
export class Pending<Response> {
  #state: "waiting" | "answered" | "abandoned" = "waiting";
  #response: Response | undefined;
  #whenAnswered: ((response: Response) => void) | null = null;
  readonly #whenAbandoned: (() => void)[] = [];

  /** The answer that a promise gives; `failed` makes one of what it rejects with. */
  static from<Response>(promise: Promise<Response>, failed: (error: unknown) => Response): Pending<Response> {
    const pending = new Pending<Response>();
    promise.then(
      (response) => pending.answer(response),
      (error: unknown) => pending.answer(failed(error)),
    );
    return pending;
  }

  /** Whether nobody waits for an answer any more. */
  get isDone(): boolean {
    return this.#state !== "waiting";
  }

  /** Answers. A second answer, or one that nobody waits for any more, changes nothing. */
  answer(response: Response): void {
    if (this.#state !== "waiting") return;
    this.#state = "answered";
    this.#response = response;
    this.#whenAnswered?.(response);
  }

  /** Calls `listener` once the client has gone, so that what was kept for the answer can go too. */
  onAbandoned(listener: () => void): void {
    this.#whenAbandoned.push(listener);
  }

  /** What becomes of the answer once it is there. Whoever gives this one up gives up the other. */
  map<Other>(become: (response: Response) => Other): Pending<Other> {
    const other = new Pending<Other>();
    this.onAnswered((response) => other.answer(become(response)));
    other.onAbandoned(() => this.abandon());
    return other;
  }

  /** For the connection: calls `listener` with the answer, at once when it is there. */
  onAnswered(listener: (response: Response) => void): void {
    if (this.#state === "answered") listener(this.#response as Response);
    else this.#whenAnswered = listener;
  }

  /** For the connection: the client has gone. */
  abandon(): void {
    if (this.#state !== "waiting") return;
    this.#state = "abandoned";
    for (const listener of this.#whenAbandoned) listener();
  }
}
