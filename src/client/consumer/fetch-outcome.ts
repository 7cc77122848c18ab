/** Applies the answers of brokers to the partitions that are read. */

import type { Cluster } from "../cluster.ts";
import { BrokerError } from "../errors.ts";
import { FetchTally } from "../observe/consumer-observer.ts";
import { judge, type PartitionData } from "./fetch-answer.ts";
import type { FetchBuffer } from "./fetch-buffer.ts";
import type { FetchAnswer } from "./fetch-source.ts";
import type { Answer, Cursor, PartitionState } from "./fetch-state.ts";
import type { FetcherOptions } from "./fetcher-options.ts";
import { resetPosition } from "./offset-reset.ts";
import type { Setbacks } from "./setbacks.ts";
import { isOtherTopic } from "./truncation.ts";

/** What a partition was asked for. */
export interface Asked {
  readonly state: PartitionState;
  readonly cursor: Cursor;
  readonly fetchOffset: bigint;
  readonly currentLeaderEpoch: number;
}

const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC_ID = 100;
const UNKNOWN_SERVER_ERROR = -1;
/** So long a replica that failed is not read from: by then the leader may have noticed too. */
const LEADER_ONLY_MS = 10_000;

export class FetchOutcome {
  readonly #cluster: Cluster;
  readonly #options: FetcherOptions;
  readonly #buffer: FetchBuffer;
  readonly #setbacks: Setbacks;

  constructor(cluster: Cluster, options: FetcherOptions, buffer: FetchBuffer, setbacks: Setbacks) {
    this.#cluster = cluster;
    this.#options = options;
    this.#buffer = buffer;
    this.#setbacks = setbacks;
  }

  /**
   * Takes over what a broker says of each partition that it was asked for.
   *
   * @param served is told of those with records
   */
  heed(
    nodeId: number,
    asked: ReadonlyMap<string, Asked>,
    response: FetchAnswer,
    served: (state: PartitionState) => void,
  ): FetchTally {
    const answer: Answer = { bytes: response.bytes, unreadPartitions: 0 };
    const tally = new FetchTally();
    for (const [name, each] of asked) {
      const { state, cursor, fetchOffset } = each;
      // Reading was sent elsewhere meanwhile, or back.
      if (state.cursor !== cursor || cursor.fetchOffset !== fetchOffset) continue;
      const data = response.partitions.get(name);
      if (data !== undefined) {
        if (this.#heedPartition(nodeId, each, data, { response, answer, tally })) served(state);
      } else if (response.isFull) {
        this.#failedBy(state, response, "its answer leaves the partition out");
      } else {
        this.#setbacks.recovered(cursor);
      }
    }
    return tally;
  }

  /** Whether there were records. */
  #heedPartition(
    nodeId: number,
    { state, cursor, currentLeaderEpoch }: Asked,
    data: PartitionData,
    { response, answer, tally }: { response: FetchAnswer; answer: Answer; tally: FetchTally },
  ): boolean {
    const { config, crc32, metadataMaxAgeMs } = this.#options;
    if (data.errorCode === 0) learnOffsets(state, data);
    const verdict = judge(data, state, cursor.fetchOffset as bigint, { checkCrc: config.checkCrcs, crc32 });
    if (verdict.kind === "records" || verdict.kind === "nothing") {
      this.#setbacks.recovered(cursor);
      cursor.isTopicProven = true;
    }
    switch (verdict.kind) {
      case "records": {
        const { batches, bytes, last } = verdict;
        cursor.fetchOffset = last.lastOffset + 1n;
        cursor.fetchEpoch = last.partitionLeaderEpoch;
        cursor.validEpoch = currentLeaderEpoch;
        tally.add(batches.length, bytes);
        const abortedTransactions =
          config.isolationLevel === "read_committed" ? (data.abortedTransactions ?? []) : null;
        this.#buffer.deliver({ state, cursor, batches, bytes, abortedTransactions, answer });
        return true;
      }
      case "nothing":
        return false;
      case "stale":
        this.#failedBy(state, response, "the records in its answer end before the offset asked for");
        return false;
      case "damaged":
        this.#setbacks.fatal(state, verdict.error);
        return false;
      case "redirected": {
        const untilMs = this.#cluster.clock.monotonicMs() + metadataMaxAgeMs;
        state.preferredReplica = { nodeId: verdict.nodeId, untilMs };
        return false;
      }
      case "diverged":
        // The leader is asked where, in so many words.
        cursor.validEpoch = -1;
        this.#setbacks.backOff(cursor);
        return false;
      case "out of range":
        this.#outOfRange(nodeId, state, response);
        return false;
      case "refused": {
        const { topic, partition } = state;
        this.failed(state, new BrokerError(verdict.errorCode, { ...response.context, topic, partition }));
        this.#heedLeader(state, data, response);
        return false;
      }
    }
  }

  /** The broker's answer makes no sense. */
  #failedBy(state: PartitionState, { context }: FetchAnswer, brokerMessage: string): void {
    const { topic, partition } = state;
    const problem = { ...context, topic, partition, brokerMessage, retriable: true };
    this.failed(state, new BrokerError(UNKNOWN_SERVER_ERROR, problem));
  }

  /** No answer has come, or an error. */
  failed(state: PartitionState, error: unknown): void {
    this.#leaveReplica(state);
    this.#setbacks.failed(state, error);
  }

  /** A replica that fails is left for the leader, which would point to it again. */
  #leaveReplica(state: PartitionState): void {
    if (state.preferredReplica === null) return;
    state.preferredReplica = null;
    state.leaderOnlyUntilMs = this.#cluster.clock.monotonicMs() + LEADER_ONLY_MS;
  }

  /** The new leader is known (KIP-951): there is nothing to wait for. */
  #heedLeader(state: PartitionState, { currentLeader }: PartitionData, { brokers }: FetchAnswer): void {
    const { topic, partition, cursor } = state;
    const { topicId } = cursor;
    const learned = this.#cluster.learnLeaders([{ topic, topicId, partition, ...currentLeader }], brokers);
    if (learned > 0) cursor.notBeforeMs = 0;
  }

  /** The offset was deleted by retention, or lies past the end. What to do then is the user's choice. */
  #outOfRange(nodeId: number, state: PartitionState, { context }: FetchAnswer): void {
    const { topic, partition, cursor } = state;
    // Only the leader knows: a replica may lag behind, and a leader may have been replaced.
    if (this.#cluster.leaderOf(topic, partition) !== nodeId) {
      this.#leaveReplica(state);
      this.#setbacks.backOff(cursor);
      return;
    }
    const remedy = `offset ${cursor.fetchOffset} is not in the log; seek to another one, or set autoOffsetReset`;
    this.#reset(state, new BrokerError(OFFSET_OUT_OF_RANGE, { ...context, topic, partition, remedy }));
  }

  /** Whether the partition is still that of the topic that was read: offsets mean nothing in another of its name. */
  isSameTopic(state: PartitionState): boolean {
    const { cursor, topic } = state;
    const topicId = this.#cluster.metadata.topics.get(topic)?.topicId ?? null;
    if (!isOtherTopic(cursor.topicId, topicId)) {
      cursor.topicId = topicId;
      return true;
    }
    if (!cursor.isTopicProven) {
      // Metadata was older than the topic. What was looked up was so by name; it is looked up once more, since nobody
      // can tell in which of the two.
      cursor.topicId = topicId;
      if (cursor.isLookedUp) {
        cursor.fetchOffset = null;
        return false;
      }
      return true;
    }
    const remedy =
      "the topic was deleted and made anew; seek to where to go on in it, or set autoOffsetReset";
    this.#reset(state, new BrokerError(UNKNOWN_TOPIC_ID, { topic, partition: state.partition, remedy }));
    return false;
  }

  /** Goes on where `autoOffsetReset` says, once what was fetched has been read. */
  #reset(state: PartitionState, error: BrokerError): void {
    const { config, logger } = this.#options;
    const { cursor } = state;
    const reset = resetPosition(config.autoOffsetReset);
    if (reset === null) {
      this.#setbacks.fatal(state, error);
      return;
    }
    logger.warn(
      `Offset ${cursor.fetchOffset} of ${state.name} is not in the log: reading goes on by autoOffsetReset ("${config.autoOffsetReset}")`,
    );
    cursor.fetchOffset = null;
    cursor.lookUp = reset;
    cursor.topicId = null;
    cursor.isTopicProven = false;
  }
}

function learnOffsets(state: PartitionState, data: PartitionData): void {
  if (data.highWatermark >= 0n) state.highWatermark = data.highWatermark;
  if (data.lastStableOffset >= 0n) state.lastStableOffset = data.lastStableOffset;
  if (data.logStartOffset >= 0n) state.logStartOffset = data.logStartOffset;
}
