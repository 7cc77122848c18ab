/** What clients asked of a cluster, for tests to look at. */

/** One request. */
export interface LoggedRequest {
  /** Counts the requests of a cluster from 1. */
  readonly number: number;
  /** When it came, in milliseconds since the epoch by the cluster's clock. */
  readonly atMs: number;
  /** Id of the broker that was asked. */
  readonly broker: number;
  /** Name of the API, such as `Fetch`. */
  readonly api: string;
  readonly version: number;
  readonly clientId: string | null;
  readonly correlationId: number;
  /** Address and port of the client. */
  readonly peer: string;
  /** Counts the connections of a cluster from 1. */
  readonly connection: number;
  /** As the schema of the API has it; what is in it shares the memory of the request. */
  readonly body: unknown;
  /** When it was answered, or its connection ended; null until then. */
  answeredAtMs: number | null;
  /** As the schema of the API has it; null until there is an answer, and where there is none. */
  response: unknown;
}

/** So many requests are kept at least, and so many bytes of them at most. */
const MOST_REQUESTS = 10_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** The requests of a cluster, the last ones of them: up to some 10,000, and of large ones fewer. */
export class RequestLog implements Iterable<LoggedRequest> {
  #requests: LoggedRequest[] = [];
  #sizes: number[] = [];
  #bytes = 0;
  #count = 0;

  /** How many there have been, those included that are not kept any more. */
  get count(): number {
    return this.#count;
  }

  [Symbol.iterator](): Iterator<LoggedRequest> {
    return this.#requests[Symbol.iterator]();
  }

  /** Those of one API, by its name such as `Fetch`. */
  of(api: string): LoggedRequest[] {
    return this.#requests.filter((request) => request.api === api);
  }

  /** Forgets them all; counting goes on. */
  clear(): void {
    this.#requests = [];
    this.#sizes = [];
    this.#bytes = 0;
  }

  /** @param size of the request in bytes */
  add(request: Omit<LoggedRequest, "number" | "answeredAtMs" | "response">, size: number): LoggedRequest {
    const logged = { ...request, number: ++this.#count, answeredAtMs: null, response: null };
    this.#requests.push(logged);
    this.#sizes.push(size);
    this.#bytes += size;
    if (this.#requests.length > 2 * MOST_REQUESTS || this.#bytes > MOST_BYTES) this.#forgetOldest();
    return logged;
  }

  /** Half of them at once, so that it costs little for each. */
  #forgetOldest(): void {
    const half = this.#requests.length >>> 1;
    this.#requests = this.#requests.slice(half);
    this.#sizes = this.#sizes.slice(half);
    this.#bytes = 0;
    for (const size of this.#sizes) this.#bytes += size;
  }
}
