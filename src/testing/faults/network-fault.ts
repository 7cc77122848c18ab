/** What is wrong with the network between clients and brokers. */

/** Which way bytes go: to the broker, from it, or both. */
export type Direction = "in" | "out" | "both";

/** A fault of the network, as `TestCluster.networkFault` takes it: one of the effects, and whom it meets. */
export interface NetworkFaultOptions {
  /** Id of the broker whose connections it meets. Default: all brokers. */
  readonly broker?: number;
  /** Default: both. */
  readonly direction?: Direction;
  /** Milliseconds of the cluster's clock that bytes are on their way. */
  readonly latencyMs?: number;
  /** Nothing arrives until the fault is removed; then it does, as when a network is whole again. */
  readonly blackHole?: boolean;
  /** Each connection breaks once so many more bytes have gone this way. */
  readonly cutAfterBytes?: number;
}

/** A fault of the network that was set. */
export class NetworkFault {
  readonly options: NetworkFaultOptions;
  readonly #onRemove: (fault: NetworkFault) => void;
  #hits = 0;

  /** @internal */
  constructor(options: NetworkFaultOptions, onRemove: (fault: NetworkFault) => void) {
    const { latencyMs, blackHole = false, cutAfterBytes } = options;
    const effects = Number(latencyMs !== undefined) + Number(blackHole) + Number(cutAfterBytes !== undefined);
    if (effects !== 1) throw new RangeError("A network fault has one of latencyMs, blackHole, cutAfterBytes");
    this.options = options;
    this.#onRemove = onRemove;
  }

  /** How often bytes were late or held back, or a connection was cut. */
  get hits(): number {
    return this.#hits;
  }

  /** The network is whole again, as far as this fault goes. */
  remove(): void {
    this.#onRemove(this);
  }

  /** @internal Counts a hit. */
  hit(): void {
    this.#hits++;
  }
}

/** The faults of a cluster's network, and who has to know when they change. */
export class NetworkFaults {
  readonly #faults = new Set<NetworkFault>();
  readonly #listeners = new Set<() => void>();

  add(options: NetworkFaultOptions): NetworkFault {
    const fault = new NetworkFault(options, (removed) => {
      this.#faults.delete(removed);
      for (const listener of [...this.#listeners]) listener();
    });
    this.#faults.add(fault);
    return fault;
  }

  get isEmpty(): boolean {
    return this.#faults.size === 0;
  }

  /** Those that meet bytes on their way from or to a broker. */
  *of(broker: number, direction: "in" | "out"): Generator<NetworkFault, void> {
    for (const fault of this.#faults) {
      const { broker: theirs = broker, direction: way = "both" } = fault.options;
      if (theirs === broker && (way === "both" || way === direction)) yield fault;
    }
  }

  /** Calls `listener` when a fault is gone; returns what ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
