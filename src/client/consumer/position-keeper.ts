/** What has to be known of a partition before it can be fetched: where to start, who leads it, whether its log is whole. */

import { errorCodeOf } from "../../protocol/error-codes.ts";
import type { Cluster } from "../cluster.ts";
import type { ResolvedConsumerConfig } from "../config/consumer-config.ts";
import { BrokerError, isRetriable, messageOf, TimeoutError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Waits } from "../observe/waits.ts";
import { Deadline } from "../retry.ts";
import type { LookedUpPosition } from "./assignment.ts";
import type { FetchBuffer } from "./fetch-buffer.ts";
import type { PartitionState } from "./fetch-state.ts";
import { noSuchPartition } from "./list-offsets.ts";
import { lookUpStarts } from "./offset-lookup.ts";
import { resetPosition } from "./offset-reset.ts";
import type { Setbacks } from "./setbacks.ts";
import { askForEpochEnds, type EpochEnd, judgeLog, LogTruncationError } from "./truncation.ts";

/** What {@link PositionKeeper} works with. */
export interface PositionKeeperParts {
  readonly cluster: Cluster;
  readonly config: ResolvedConsumerConfig;
  readonly requestTimeoutMs: number;
  readonly defaultApiTimeoutMs: number;
  readonly logger: Logger;
  readonly buffer: FetchBuffer;
  readonly setbacks: Setbacks;
  readonly waits: Waits;
  readonly pump: () => void;
}

const LEADER_NOT_AVAILABLE = 5;
const UNKNOWN_SERVER_ERROR = -1;

/** Nothing here rejects: what goes wrong is a partition's setback. */
export class PositionKeeper {
  readonly #parts: PositionKeeperParts;

  constructor(parts: PositionKeeperParts) {
    this.#parts = parts;
  }

  /** Looks up where these start. */
  async lookUp(states: readonly PartitionState[], signal: AbortSignal): Promise<void> {
    const { cluster, config, requestTimeoutMs, defaultApiTimeoutMs, buffer, setbacks, waits, pump } =
      this.#parts;
    const starts = states.map((state) => ({
      state: { topic: state.topic, partition: state.partition, state, cursor: state.cursor },
      position: state.cursor.lookUp as LookedUpPosition,
    }));
    for (const { state } of starts) state.cursor.work = "preparation";
    const deadline = new Deadline(cluster.clock, defaultApiTimeoutMs);
    const options = { deadline, requestTimeoutMs, signal, isolationLevel: config.isolationLevel };
    const lookedUp = lookUpStarts(cluster, starts, options, ({ state, cursor }, outcome) => {
      cursor.work = null;
      if (signal.aborted || state.cursor !== cursor) return;
      if ("error" in outcome) {
        // The look-up has retried all that can be retried: this is for the reader. The next one starts anew.
        setbacks.fatal(state, outcome.error);
      } else {
        setbacks.recovered(cursor);
        cursor.startAt(outcome.offset, outcome.leaderEpoch);
        cursor.isLookedUp = true;
        cursor.validEpoch = outcome.currentLeaderEpoch;
        buffer.wake();
      }
      pump();
    });
    const [first] = states;
    const more = states.length > 1 ? ` and of ${states.length - 1} more partitions` : "";
    const what = `the start offset of ${(first as PartitionState).name}${more}`;
    await waits.during(lookedUp, what, deadline);
  }

  /** Finds out who leads these partitions of a topic. */
  async findLeaders(topic: string, states: readonly PartitionState[], signal: AbortSignal): Promise<void> {
    const { cluster, defaultApiTimeoutMs, pump } = this.#parts;
    const asked = states.map((state) => ({ state, cursor: state.cursor }));
    for (const { cursor } of asked) cursor.work = "preparation";
    let count = 0;
    let failure: unknown = null;
    try {
      const deadline = new Deadline(cluster.clock, defaultApiTimeoutMs);
      if (cluster.cachedTopic(topic) !== undefined) await cluster.refresh([topic]);
      count = (await cluster.topic(topic, { deadline, signal })).partitions.length;
    } catch (error) {
      failure = error;
    }
    for (const { cursor } of asked) cursor.work = null;
    if (signal.aborted) return;
    for (const { state, cursor } of asked) {
      if (state.cursor === cursor) this.#leaderLookedFor(state, count, failure);
    }
    pump();
  }

  #leaderLookedFor(state: PartitionState, count: number, failure: unknown): void {
    const { cluster, setbacks } = this.#parts;
    const { topic, partition } = state;
    if (failure instanceof TimeoutError && failure.code === "TIMEOUT") {
      // All its time went by without the topic: the reader has waited long enough.
      setbacks.fatal(state, failure);
    } else if (failure !== null) {
      setbacks.failed(state, failure);
    } else if (partition >= count) {
      setbacks.fatal(state, noSuchPartition(state, count));
    } else if (cluster.leaderOf(topic, partition) === undefined) {
      setbacks.failed(state, new BrokerError(LEADER_NOT_AVAILABLE, { topic, partition }));
    }
  }

  /** Asks a leader of another epoch whether its log is what was read (KIP-320). */
  async check(nodeId: number, states: readonly PartitionState[], signal: AbortSignal): Promise<void> {
    const { cluster, requestTimeoutMs, setbacks, pump } = this.#parts;
    const asked = states.map((state) => ({
      state,
      cursor: state.cursor,
      topic: state.topic,
      partition: state.partition,
      fetchOffset: state.cursor.fetchOffset as bigint,
      fetchEpoch: state.cursor.fetchEpoch,
      currentLeaderEpoch:
        cluster.metadata.topics.get(state.topic)?.partitions[state.partition]?.leaderEpoch ?? -1,
    }));
    for (const { cursor } of asked) {
      cursor.work = "preparation";
      cursor.isSuspect = true;
    }
    let failure: unknown = null;
    let answer: Awaited<ReturnType<typeof askForEpochEnds>> | null = null;
    try {
      answer = await askForEpochEnds(cluster, nodeId, asked, { timeoutMs: requestTimeoutMs, signal });
    } catch (error) {
      failure = error;
    }
    for (const { cursor } of asked) {
      cursor.work = null;
      cursor.isSuspect = false;
    }
    if (signal.aborted) return;
    for (const { state, cursor, currentLeaderEpoch } of asked) {
      if (state.cursor !== cursor) continue;
      const { topic, partition } = state;
      const end = answer?.ends.get(state.name);
      const errorCode = end?.errorCode ?? UNKNOWN_SERVER_ERROR;
      if (end !== undefined && errorCode === 0) {
        this.#judged(state, end, currentLeaderEpoch);
        continue;
      }
      const { retriable } = errorCodeOf(errorCode);
      const error =
        failure ?? new BrokerError(errorCode, { ...answer?.context, topic, partition, retriable });
      if (isRetriable(error)) setbacks.failed(state, error);
      else this.#cannotTell(state, currentLeaderEpoch, error);
    }
    // What was fetched before may be handed out again.
    this.#parts.buffer.wake();
    pump();
  }

  /** Brokers before 2.3 want a right for it that consumers seldom have: then reading goes on as if all were well. */
  #cannotTell({ cursor, name }: PartitionState, currentLeaderEpoch: number, error: unknown): void {
    cursor.validEpoch = currentLeaderEpoch;
    this.#parts.logger.debug(`${name} is not checked for truncation: ${messageOf(error)}`);
  }

  #judged(state: PartitionState, end: EpochEnd, currentLeaderEpoch: number): void {
    const { config, setbacks, buffer, logger } = this.#parts;
    const { cursor } = state;
    const { position } = cursor;
    const log = judgeLog(cursor.fetchOffset as bigint, end);
    if (log.kind === "whole") {
      setbacks.recovered(cursor);
      cursor.validEpoch = currentLeaderEpoch;
      // It may not have that epoch at all, and yet everything that was read: asked again, it would say so again.
      cursor.fetchEpoch = Math.min(cursor.fetchEpoch, log.leaderEpoch);
      return;
    }
    const divergentOffset = log.kind === "truncated" ? log.divergentOffset : null;
    const at = position ?? (cursor.fetchOffset as bigint);
    buffer.rewind(state);
    if (log.kind === "truncated" && at <= log.divergentOffset) {
      // What was handed out is all there; what was fetched ahead is fetched again.
      cursor.fetchEpoch = Math.min(cursor.fetchEpoch, log.leaderEpoch);
      cursor.validEpoch = currentLeaderEpoch;
      return;
    }
    const reset = resetPosition(config.autoOffsetReset);
    if (reset === null) {
      setbacks.fatal(state, new LogTruncationError(state, at, divergentOffset));
      return;
    }
    const goesOn =
      divergentOffset === null ? `by autoOffsetReset ("${config.autoOffsetReset}")` : `at ${divergentOffset}`;
    logger.warn(
      `The log of ${state.name} was truncated, and reading stood at offset ${at}: it goes on ${goesOn}`,
    );
    if (log.kind === "truncated") {
      cursor.startAt(log.divergentOffset, log.leaderEpoch);
      cursor.validEpoch = currentLeaderEpoch;
    } else {
      cursor.fetchOffset = null;
      cursor.lookUp = reset;
    }
  }
}
