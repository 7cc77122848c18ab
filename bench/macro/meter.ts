/** Counts what a consumer reads, and holds it up between two measurements. */

/** What a measurement gets of each record, beside being counted. */
type OnValue = (value: Uint8Array | string) => void;

export class Meter {
  /** How many more are to be read; below zero what was read beyond. */
  #left = 0;
  #asked = 0;
  #onValue: OnValue | null = null;
  /** Of what was touched, so that nothing of it can be left out. */
  #sum = 0;
  #stopped: (() => void) | null = null;
  #resume: (() => void) | null = null;
  readonly #arrived: Promise<void>;
  #arrive = (): void => {};

  constructor() {
    this.#arrived = new Promise((resolve) => {
      this.#arrive = resolve;
    });
  }

  /** Resolves when the consumer has read something, and is held up for the first time. */
  get arrived(): Promise<void> {
    return this.#arrived;
  }

  /** Whether enough was read: {@link more} has to be called and awaited before any more is. */
  get isOver(): boolean {
    return this.#left <= 0;
  }

  get sum(): number {
    return this.#sum;
  }

  /** A record was read, whose key and value are bytes. */
  bytes(key: Uint8Array, value: Uint8Array): void {
    this.#sum += key.length + (key[0] as number) + value.length + (value[0] as number);
    this.#left--;
    if (this.#onValue !== null) this.#onValue(value);
  }

  /** A record was read, whose key and value are text. */
  text(key: string, value: string): void {
    this.#sum += key.length + key.charCodeAt(0) + value.length + value.charCodeAt(0);
    this.#left--;
    if (this.#onValue !== null) this.#onValue(value);
  }

  /** Resolves when there is to be read on. */
  more(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      this.#arrive();
      this.#stopped?.();
    });
  }

  /** Lets the consumer read so many, or as many more as it had at hand, and says how many those were. */
  async read(count: number, onValue: OnValue | null = null): Promise<number> {
    this.#onValue = onValue;
    this.#asked = count;
    this.#left = count;
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    this.#resume?.();
    await stopped;
    this.#stopped = null;
    return this.#asked - this.#left;
  }
}
