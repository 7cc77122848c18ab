import type { FetchResponse } from "../../protocol/messages/fetch.ts";
import { Fetch } from "../api.ts";
import type { Purpose } from "../broker.ts";
import type { Cluster } from "../cluster.ts";
import type { ResolvedConsumerConfig } from "../config/consumer-config.ts";
import { BrokerError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { formatPartition } from "./assignment.ts";
import type { PartitionData } from "./fetch-answer.ts";
import {
  answered,
  type FetchPlan,
  type FetchSession,
  FINAL_EPOCH,
  isForgotten,
  lost,
  NO_SESSION,
  planFetch,
  refused,
  type Wanted,
} from "./fetch-session.ts";
import { isolationLevelCode } from "./list-offsets.ts";

/** What a {@link FetchSource} is made of. */
export interface FetchSourceParts {
  readonly cluster: Cluster;
  readonly config: ResolvedConsumerConfig;
  readonly requestTimeoutMs: number;
  readonly purpose: Purpose;
  readonly logger: Logger;
}

/** What one fetch may take, and who asks. */
export interface FetchLimits {
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  /** Empty where the leader is to serve. */
  readonly rackId: string;
}

/** A broker's answer. */
export interface FetchAnswer {
  readonly context: { readonly broker: string; readonly apiKey: number; readonly apiVersion: number };
  /** What it says of partitions, by `topic-partition`. */
  readonly partitions: ReadonlyMap<string, PartitionData>;
  /** Whether it has to say something of each. */
  readonly isFull: boolean;
  /** Brokers that it names. */
  readonly brokers: FetchResponse["nodeEndpoints"];
  /** Size of all record batches. */
  readonly bytes: number;
}

/** KIP-595: the epoch that was fetched last, by which a broker finds where the log was cut off. */
const FIRST_VERSION_WITH_FETCHED_EPOCHS = 12;
/** Fetch v13 names topics by id; where a topic has none, v12 is the last that takes its name. */
const LAST_VERSION_BY_NAME = 12;
const CLOSE_TIMEOUT_MS = 1000;

/** A broker that is read from, with the session that it keeps for us. */
export class FetchSource {
  readonly nodeId: number;
  /** A fetch is under way. One at a time: a broker answers the requests of a connection one after another. */
  isFetching = false;
  /** What its answer may have, while it is on its way. */
  reservedBytes = 0;
  readonly #parts: FetchSourceParts;
  #session: FetchSession;

  /** @param former the same broker's, of an assignment that is over; its session is taken over, to end it */
  constructor(nodeId: number, parts: FetchSourceParts, former: FetchSource | null = null) {
    this.nodeId = nodeId;
    this.#parts = parts;
    this.#session = former === null ? NO_SESSION : lost(former.#session);
  }

  /**
   * @param wanted all that is read from the broker, by `topic-partition`, in the order in which it is to be served
   * @throws KafkaError when there is no answer, or one that refuses the whole.
   */
  async fetch(
    wanted: ReadonlyMap<string, Wanted>,
    limits: FetchLimits,
    signal: AbortSignal,
  ): Promise<FetchAnswer> {
    const { config } = this.#parts;
    for (;;) {
      const plan = planFetch(this.#session, wanted, config.maxPartitionFetchBytes);
      const { response, version, broker } = await this.#send(plan, limits, signal);
      const context = { broker, apiKey: Fetch.apiKey, apiVersion: version };
      const { errorCode } = response;
      if (errorCode === 0) {
        this.#session = answered(plan, response.sessionId);
        const { isFull } = plan;
        return { context, isFull, brokers: response.nodeEndpoints, ...byPartition(plan, response, version) };
      }
      this.#session = refused(this.#session, errorCode);
      if (!isForgotten(plan, errorCode)) throw new BrokerError(errorCode, context);
    }
  }

  /** Gives the broker its memory of us back. Nobody waits for it. */
  endSession(): void {
    const { id } = this.#session;
    this.#session = NO_SESSION;
    if (id === 0) return;
    const { cluster, logger } = this.#parts;
    const request = { maxWaitMs: 0, minBytes: 0, sessionId: id, sessionEpoch: FINAL_EPOCH, topics: [] };
    // On a connection for short requests: the fetch that is under way may stand in front of it on the other.
    cluster
      .request(this.nodeId, Fetch, request, { timeoutMs: CLOSE_TIMEOUT_MS })
      .catch((error) => logger.debug(`Broker ${this.nodeId} keeps a fetch session: ${messageOf(error)}`));
  }

  async #send(
    { request, usesTopicIds }: FetchPlan,
    { maxBytes, maxWaitMs, rackId }: FetchLimits,
    signal: AbortSignal,
  ) {
    const { cluster, config, requestTimeoutMs, purpose } = this.#parts;
    const session = this.#session;
    try {
      return await cluster.request(
        this.nodeId,
        Fetch,
        (version) => ({
          maxWaitMs,
          minBytes: config.fetchMinBytes,
          maxBytes,
          isolationLevel: isolationLevelCode(config.isolationLevel),
          rackId,
          ...request,
          topics:
            version < FIRST_VERSION_WITH_FETCHED_EPOCHS
              ? withoutFetchedEpochs(request.topics)
              : request.topics,
        }),
        {
          timeoutMs: requestTimeoutMs + maxWaitMs,
          mayTakeMs: maxWaitMs,
          purpose,
          signal,
          ...(usesTopicIds ? {} : { maxVersion: LAST_VERSION_BY_NAME }),
        },
      );
    } catch (error) {
      // It may have been heard or not.
      this.#session = lost(session);
      throw error;
    }
  }
}

/** Brokers that old do not look for where a log was cut off, and have no place for the epoch. */
function withoutFetchedEpochs(topics: FetchPlan["request"]["topics"]): FetchPlan["request"]["topics"] {
  return topics?.map(({ partitions, ...topic }) => ({
    ...topic,
    partitions: partitions?.map((partition) => ({ ...partition, lastFetchedEpoch: -1 })),
  }));
}

function byPartition(
  { partitions: wanted }: FetchPlan,
  { responses }: FetchResponse,
  version: number,
): { partitions: Map<string, PartitionData>; bytes: number } {
  // By the ids that were asked for: the topic may have been made anew, under another one, before this came.
  const names = new Map([...wanted.values()].map(({ topic, topicId }) => [topicId, topic]));
  const partitions = new Map<string, PartitionData>();
  let bytes = 0;
  for (const response of responses) {
    const topic = version > LAST_VERSION_BY_NAME ? names.get(response.topicId) : response.topic;
    for (const data of response.partitions) {
      bytes += data.records?.byteLength ?? 0;
      if (topic !== undefined) {
        partitions.set(formatPartition({ topic, partition: data.partitionIndex }), data);
      }
    }
  }
  return { partitions, bytes };
}
