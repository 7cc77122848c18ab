/** The counters as plain data, for whoever wants to export them. */

import { apiName } from "../../protocol/api-keys.ts";
import {
  ApiCounters,
  type BrokerCounters,
  type ConsumerCounters,
  type MetadataCounters,
  type ProducerCounters,
} from "./counters.ts";
import type { GroupPlace } from "./events.ts";
import type { LatencySnapshot } from "./latency-histogram.ts";

/** Requests of one API to one broker. All counters only grow. */
export interface ApiMetrics {
  /** Kafka's name, such as `Produce`. */
  readonly api: string;
  /** Requests that were written to a connection. */
  readonly sent: number;
  /** Requests that were answered, with whatever error code. */
  readonly answered: number;
  /** Requests whose connection ended, whose answer did not come in time, or could not be read. */
  readonly failed: number;
  /** Requests that were given up by the caller. */
  readonly cancelled: number;
  /** Answers that said that a quota was exceeded, and for how long altogether (KIP-219). */
  readonly throttled: number;
  readonly throttleTimeMs: number;
  /** From writing a request to its answer. */
  readonly latency: LatencySnapshot;
}

/** What went on with one broker, or with several added up. */
export interface BrokerCountersSnapshot {
  /** Connections that are open now. */
  readonly connectionsOpen: number;
  readonly connectionsOpened: number;
  /** Attempts to connect, negotiate versions and authenticate that came to nothing. */
  readonly connectionsFailed: number;
  /** Connections that ended without the client's closing them. */
  readonly connectionsLost: number;
  /** Connections that were opened after another one to this broker had been lost. */
  readonly reconnects: number;
  /** Authentications, those of a connection that was authenticated before among them. */
  readonly authentications: number;
  /** Requests that are written and not answered now. */
  readonly inFlight: number;
  readonly requestsSent: number;
  readonly requestsFailed: number;
  /** Bytes of requests and of responses, without TLS's own. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly throttleTimeMs: number;
  /** Of all APIs together. */
  readonly latency: LatencySnapshot;
  /** Each API that was used. */
  readonly apis: readonly ApiMetrics[];
}

/** What went on with one broker. */
export interface BrokerMetrics extends BrokerCountersSnapshot {
  /** `host:port`. */
  readonly broker: string;
  /** Null for a bootstrap server: which broker it is is not known. */
  readonly nodeId: number | null;
}

/** What the producers of a client have done. All but the first two only grow. */
export interface ProducerMetrics {
  /** Records that were handed over and are neither delivered nor failed, and their bytes before compression. */
  readonly recordsQueued: number;
  readonly bytesQueued: number;
  /** Records in requests, each attempt. */
  readonly recordsSent: number;
  readonly recordsRetried: number;
  readonly recordsDelivered: number;
  readonly recordsFailed: number;
  readonly batchesSent: number;
  readonly batchesRetried: number;
  readonly batchesDelivered: number;
  readonly batchesFailed: number;
  /** Bytes of batches in requests, each attempt. */
  readonly bytesSent: number;
  /** Bytes after compression by bytes before; 1 while nothing was sent. */
  readonly compressionRate: number;
}

/** How far a consumer is behind in one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Records between the consumer's position and the end of the partition as the last fetch found it. */
  readonly lag: number;
}

/** How one member of a group stands. */
export interface GroupMetrics extends GroupPlace {
  /** Such as `stable`. */
  readonly state: string;
  /** How many partitions it holds. */
  readonly partitions: number;
}

/** What the consumers of a client have done. All but the last four only grow. */
export interface ConsumerMetrics {
  /** Fetches that were answered, and those that failed. */
  readonly fetches: number;
  readonly fetchesFailed: number;
  readonly batchesFetched: number;
  /** Bytes of record batches, as fetched. */
  readonly bytesFetched: number;
  /** Records that were handed out. */
  readonly recordsConsumed: number;
  /** Rebalances that were gone through, and the time they took. */
  readonly rebalances: number;
  readonly rebalanceTimeMs: number;
  readonly partitionsAssigned: number;
  /** Given up in order, and lost to others without that. */
  readonly partitionsRevoked: number;
  readonly partitionsLost: number;
  /** Commits of offsets that stored all that they should, and those that did not. */
  readonly commits: number;
  readonly commitsFailed: number;
  /** Offsets that were stored: one for each partition of each request. */
  readonly offsetsCommitted: number;
  /** Fetched and not yet read to the end. */
  readonly bytesBuffered: number;
  /** Sum of {@link lags}. */
  readonly lag: number;
  /** Each assigned partition whose end is known. */
  readonly lags: readonly PartitionLag[];
  /** Each consumer that has joined a group, or is about to. */
  readonly groups: readonly GroupMetrics[];
}

/** What a client has done since it was made, as plain data: `JSON.stringify` takes it. */
export interface Metrics {
  readonly clientId: string;
  /** When it was taken, in milliseconds since the epoch. */
  readonly takenAtMs: number;
  /** Bootstrap servers and the brokers of the cluster as it is known. */
  readonly brokers: readonly BrokerMetrics[];
  /** Brokers that have left the cluster or moved, added up: so that sums over all never shrink. */
  readonly formerBrokers: BrokerCountersSnapshot;
  readonly metadata: {
    /** Time since the cluster was last described; null before the first time. */
    readonly ageMs: number | null;
    readonly refreshes: number;
    readonly refreshesFailed: number;
  };
  readonly producer: ProducerMetrics;
  readonly consumer: ConsumerMetrics;
  /** How much is being waited for now: see `Kafka.waits`. */
  readonly waits: number;
}

/** What a producer is asked when metrics are taken. */
export interface ProducerGauges {
  queued(): { readonly records: number; readonly bytes: number };
}

/** What a consumer is asked when metrics are taken. */
export interface ConsumerGauges {
  bytesBuffered(): number;
  lags(): readonly PartitionLag[];
}

export function brokerCountersSnapshot(counters: BrokerCounters): BrokerCountersSnapshot {
  const total = new ApiCounters();
  const apis: ApiMetrics[] = [];
  counters.apis.forEach((api, apiKey) => {
    if (api === undefined) return;
    total.add(api);
    apis.push({ api: apiName(apiKey), ...api, latency: api.latency.snapshot() });
  });
  const { sent: requestsSent, failed: requestsFailed, throttleTimeMs } = total;
  const latency = total.latency.snapshot();
  return { ...counters, requestsSent, requestsFailed, throttleTimeMs, latency, apis };
}

export function producerMetrics(
  counters: ProducerCounters,
  gauges: Iterable<ProducerGauges>,
): ProducerMetrics {
  let recordsQueued = 0;
  let bytesQueued = 0;
  for (const gauge of gauges) {
    const { records, bytes } = gauge.queued();
    recordsQueued += records;
    bytesQueued += bytes;
  }
  const { compressedBytes, uncompressedBytes, ...counted } = counters;
  const compressionRate = uncompressedBytes === 0 ? 1 : compressedBytes / uncompressedBytes;
  return { recordsQueued, bytesQueued, ...counted, compressionRate };
}

export function consumerMetrics(
  counters: ConsumerCounters,
  gauges: Iterable<ConsumerGauges>,
  groups: Iterable<() => GroupMetrics>,
): ConsumerMetrics {
  let bytesBuffered = 0;
  const lags: PartitionLag[] = [];
  for (const gauge of gauges) {
    bytesBuffered += gauge.bytesBuffered();
    lags.push(...gauge.lags());
  }
  const lag = lags.reduce((sum, each) => sum + each.lag, 0);
  return { ...counters, bytesBuffered, lag, lags, groups: Array.from(groups, (group) => group()) };
}

export function metadataMetrics(counters: MetadataCounters, nowMs: number): Metrics["metadata"] {
  const { refreshes, refreshesFailed, refreshedAtMs } = counters;
  return { ageMs: refreshedAtMs === null ? null : nowMs - refreshedAtMs, refreshes, refreshesFailed };
}
