import type { PartitionState } from "../consumer/fetch-state.ts";
import type { ConsumerCounters } from "./counters.ts";
import type { EventSource } from "./event-hub.ts";
import type { ClientEvents } from "./events.ts";
import type { PartitionLag } from "./metrics.ts";
import type { Observability } from "./observability.ts";
import type { Waits } from "./waits.ts";

/** What one answer to a fetch has brought. */
export class FetchTally {
  partitionsWithRecords = 0;
  batches = 0;
  bytes = 0;

  add(batches: number, bytes: number): void {
    this.partitionsWithRecords++;
    this.batches += batches;
    this.bytes += bytes;
  }
}

/** What is noticed of one consumer. */
export class ConsumerObserver {
  readonly waits: Waits;
  /** Records that are handed out are counted by whoever hands them out: it is the only thing done per record. */
  readonly counters: ConsumerCounters;
  readonly #fetchDone: EventSource<"fetch:done">;
  readonly #forget: () => void;

  constructor(
    observability: Observability,
    states: () => readonly PartitionState[],
    bytesBuffered: () => number,
  ) {
    this.waits = observability.waits;
    this.counters = observability.consumer;
    this.#fetchDone = observability.events.source("fetch:done");
    this.#forget = observability.addConsumer({ bytesBuffered, lags: () => lagsOf(states()) });
  }

  /** A broker has answered a fetch. */
  fetched(
    tally: FetchTally,
    place: () => Pick<ClientEvents["fetch:done"], "broker" | "nodeId" | "partitions" | "latencyMs">,
  ): void {
    const { batches, bytes, partitionsWithRecords } = tally;
    this.counters.fetches++;
    this.counters.batchesFetched += batches;
    this.counters.bytesFetched += bytes;
    if (this.#fetchDone.isWanted) {
      this.#fetchDone.emit({ ...place(), partitionsWithRecords, batches, bytes });
    }
  }

  /** A fetch came to nothing. */
  fetchFailed(): void {
    this.counters.fetchesFailed++;
  }

  /** The consumer is closed. */
  close(): void {
    this.#forget();
  }
}

function lagsOf(states: readonly PartitionState[]): PartitionLag[] {
  const lags: PartitionLag[] = [];
  for (const { topic, partition, position, endOffset } of states) {
    if (position === null || endOffset === null) continue;
    lags.push({ topic, partition, lag: Math.max(0, Number(endOffset - position)) });
  }
  return lags;
}
