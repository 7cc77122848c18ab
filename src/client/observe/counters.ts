/** The numbers that a client keeps of its work. They are fields that are added to; nothing is looked up. */

import { LatencyHistogram } from "./latency-histogram.ts";

/** Requests of one API to one broker. */
export class ApiCounters {
  /** Written to a connection. */
  sent = 0;
  /** Answered, with whatever error code. */
  answered = 0;
  /** Given up because the connection ended, the answer did not come in time, or it could not be read. */
  failed = 0;
  /** Given up by the caller. */
  cancelled = 0;
  throttled = 0;
  throttleTimeMs = 0;
  readonly latency = new LatencyHistogram();

  add(other: ApiCounters): void {
    addNumbers(this, other);
    this.latency.add(other.latency);
  }
}

/** What went on with one broker. */
export class BrokerCounters {
  connectionsOpen = 0;
  connectionsOpened = 0;
  connectionsFailed = 0;
  /** Connections that ended without our closing them. */
  connectionsLost = 0;
  /** Connections that were opened after another had been lost. */
  reconnects = 0;
  authentications = 0;
  inFlight = 0;
  bytesOut = 0;
  bytesIn = 0;
  /** By API key; most are never used. */
  readonly apis: (ApiCounters | undefined)[] = [];

  api(apiKey: number): ApiCounters {
    const known = this.apis[apiKey];
    if (known !== undefined) return known;
    const made = new ApiCounters();
    this.apis[apiKey] = made;
    return made;
  }

  add(other: BrokerCounters): void {
    addNumbers(this, other);
    other.apis.forEach((counters, apiKey) => {
      if (counters !== undefined) this.api(apiKey).add(counters);
    });
  }
}

/** What the producers of a client have done. */
export class ProducerCounters {
  batchesSent = 0;
  batchesRetried = 0;
  batchesDelivered = 0;
  batchesFailed = 0;
  recordsSent = 0;
  recordsRetried = 0;
  recordsDelivered = 0;
  recordsFailed = 0;
  /** As sent, each attempt. */
  bytesSent = 0;
  /** Of first attempts, after compression and before. */
  compressedBytes = 0;
  uncompressedBytes = 0;
}

/** What the consumers of a client have done. */
export class ConsumerCounters {
  fetches = 0;
  fetchesFailed = 0;
  batchesFetched = 0;
  bytesFetched = 0;
  /** Handed to the application. */
  recordsConsumed = 0;
  /** Of groups, as one member sees them: a cooperative one may take two to come to its end. */
  rebalances = 0;
  rebalanceTimeMs = 0;
  partitionsAssigned = 0;
  partitionsRevoked = 0;
  partitionsLost = 0;
  /** Commits that stored all they should, and others. */
  commits = 0;
  commitsFailed = 0;
  /** Offsets that were stored: one for each partition of each request. */
  offsetsCommitted = 0;
}

/** How often the cluster was asked what it looks like. */
export class MetadataCounters {
  refreshes = 0;
  refreshesFailed = 0;
  /** On the monotonic clock; null before the first answer. */
  refreshedAtMs: number | null = null;
}

/** Adds each field that is a number to the field of the same name. */
function addNumbers<T extends object>(to: T, from: T): void {
  const sums = to as { [name: string]: number };
  for (const [name, count] of Object.entries(from)) {
    if (typeof count === "number") sums[name] = (sums[name] ?? 0) + count;
  }
}
