import type { LoggedRequest } from "../request-log.ts";

/** What a fault strikes; each part that is given has to fit. Without any, it strikes every request. */
export interface FaultTarget {
  /** Name of an API, such as `Fetch`, or several. */
  readonly api?: string | readonly string[];
  /** Id of the broker that is asked. */
  readonly broker?: number;
  /** A topic that the request names. Fetches that go on with a session name none: for them there is `error`. */
  readonly topic?: string;
  /** A partition of that topic. */
  readonly partition?: number;
  /** A group, or a transactional id. */
  readonly group?: string;
  readonly clientId?: string;
  /** Whatever else has to hold. */
  readonly when?: (request: LoggedRequest) => boolean;
}

/** What happens to a request that is struck: one of these. */
export interface FaultEffect {
  /** Kafka's name of an error to answer with; for topic, partition or group alone where they are given. */
  readonly error?: string;
  /** Milliseconds of the cluster's clock by which it is late. */
  readonly delayMs?: number;
  /** The connection is closed. */
  readonly disconnect?: boolean;
  /** Only so many bytes of the response's frame arrive, its size included; then the connection breaks. */
  readonly cutAfterBytes?: number;
  /** Nothing ever happens; the connection stays open. */
  readonly hang?: boolean;
  /** Milliseconds that the answer says the client is throttled for, and for which nothing else of it is looked at. */
  readonly throttleMs?: number;
}

/** A fault, as `TestCluster.fault` takes it. */
export interface FaultOptions extends FaultTarget, FaultEffect {
  /**
   * Whether `delayMs`, `disconnect` and `hang` strike before the request is handled, or after: then it was done, and
   * only the answer is late or lost. Default: `request`.
   */
  readonly stage?: "request" | "response";
  /** How many requests are struck, or parts of them. Default: all. */
  readonly count?: number;
}

const EFFECTS = ["error", "delayMs", "disconnect", "cutAfterBytes", "hang", "throttleMs"] as const;

/**
 * A fault that was set. It strikes until it is used up or removed.
 *
 * @example
 * ```ts
 * import { Kafka } from "kafkawire";
 * import { TestCluster } from "kafkawire/testing";
 *
 * await using cluster = await TestCluster.start({ network: "memory", topics: { orders: 1 } });
 * const fault = cluster.fault({ api: "Produce", error: "NOT_ENOUGH_REPLICAS", count: 2 });
 * await using kafka = new Kafka({ bootstrapServers: cluster.bootstrapServers, platform: cluster.platform });
 * await using producer = kafka.producer();
 * await producer.send({ topic: "orders", value: "comes through" });
 * console.log(fault.hits); // 2
 * ```
 */
export class Fault {
  readonly options: FaultOptions;
  readonly #onRemove: (fault: Fault) => void;
  readonly #waiting: { readonly hits: number; readonly resolve: () => void }[] = [];
  #hits = 0;

  /** @internal */
  constructor(options: FaultOptions, onRemove: (fault: Fault) => void) {
    const effects = EFFECTS.filter((effect) => options[effect] !== undefined && options[effect] !== false);
    if (effects.length !== 1) {
      throw new RangeError(
        `A fault has exactly one of ${EFFECTS.join(", ")}; this one has ${effects.length === 0 ? "none" : effects.join(" and ")}`,
      );
    }
    if (options.partition !== undefined && options.topic === undefined) {
      throw new RangeError("A fault for a partition has to say of which topic");
    }
    this.options = options;
    this.#onRemove = onRemove;
  }

  /** How often it has struck. */
  get hits(): number {
    return this.#hits;
  }

  /** Resolves once it has struck `hits` times. */
  waitFor(hits: number): Promise<void> {
    if (this.#hits >= hits) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ hits, resolve }));
  }

  /** Strikes no more. What it holds back stays held back. */
  remove(): void {
    this.#onRemove(this);
  }

  /** @internal Counts a hit. */
  hit(): void {
    this.#hits++;
    if (this.#hits >= (this.options.count ?? Number.POSITIVE_INFINITY)) this.#onRemove(this);
    for (let index = this.#waiting.length - 1; index >= 0; index--) {
      const waiting = this.#waiting[index];
      if (waiting === undefined || waiting.hits > this.#hits) continue;
      this.#waiting.splice(index, 1);
      waiting.resolve();
    }
  }
}
