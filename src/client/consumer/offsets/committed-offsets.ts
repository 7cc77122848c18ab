/** Reads what a group has committed (OffsetFetch). */

import { fetchVerdict, type OffsetVerdict } from "../../../group/offset-errors.ts";
import type { OffsetFetchRequest, OffsetFetchResponse } from "../../../protocol/messages/offset-fetch.ts";
import type { InferInput } from "../../../protocol/schema.ts";
import type { Uuid } from "../../../protocol/uuid.ts";
import { OffsetFetch } from "../../api.ts";
import type { Cluster, WaitOptions } from "../../cluster.ts";
import { BrokerError, ConfigError, isRetriable, messageOf, TimeoutError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { Deadline, within } from "../../retry.ts";
import { formatPartition, type TopicPartition } from "../assignment.ts";
import type { GroupCoordinator } from "../group/group-coordinator.ts";
import { lastVersionFor } from "./commit-request.ts";
import type { Standing } from "./group-standing.ts";

/** What a group has committed for a partition. */
export interface CommittedOffset extends TopicPartition {
  /** Of the next record to read. */
  readonly offset: bigint;
  /** Leader epoch of the last record that was processed; null where it was not told. */
  readonly leaderEpoch: number | null;
  /** The text that was committed with it; empty where there is none. */
  readonly metadata: string;
}

/** How long to wait, and whether one partition may fail alone. */
export interface CommittedOptions extends WaitOptions {
  /** Is told of each partition that is refused for good, and of the others there are answers. Default: all fail. */
  readonly refused?: ((partition: TopicPartition, error: Error) => void) | undefined;
}

/** What looking them up needs. */
export interface FetchCommittedOptions extends CommittedOptions {
  readonly cluster: Cluster;
  readonly coordinator: GroupCoordinator;
  /** As whom to ask, anew for each attempt; null for who is no member now. */
  readonly standing: () => Standing | null;
  /** Is told of each error code that was the answer to a member. */
  readonly onRefused: (errorCode: number, as: Standing) => void;
  readonly logger: Logger;
}

const FIRST_WITH_STABLE = 7;
const FIRST_WITH_GROUPS = 8;
const FIRST_WITH_IDS = 10;
const UNKNOWN_SERVER_ERROR = -1;

const PASSING: ReadonlySet<OffsetVerdict> = new Set([
  "retry",
  "find coordinator",
  "describe topic",
  "new epoch",
  "membership over",
]);

interface Answered {
  readonly offset: bigint;
  readonly leaderEpoch: number;
  readonly metadata: string | null;
  readonly errorCode: number;
}

/**
 * Offsets by `topic-partition`; null where nothing was committed. Asks again for what may yet come, until the deadline.
 */
export async function fetchCommitted(
  partitions: readonly TopicPartition[],
  options: FetchCommittedOptions,
): Promise<Map<string, CommittedOffset | null>> {
  const { cluster, coordinator, deadline, signal, logger } = options;
  const { groupId } = coordinator;
  const left = new Map(partitions.map((each) => [formatPartition(checked(each)), each]));
  const found = new Map<string, CommittedOffset | null>();
  let problem: unknown = null;
  const expired = (): Error => {
    const why = problem === null ? cluster.diagnosis() : messageOf(problem);
    return new TimeoutError(
      "TIMEOUT",
      `The committed offsets of group "${groupId}" were not told within ${deadline.timeoutMs} ms${why === "" ? "" : `: ${why}`}`,
      problem === null ? {} : { cause: problem },
    );
  };
  for (let attempt = 1; left.size > 0; attempt++) {
    const attempted = new AbortController();
    try {
      const asked = ask([...left.values()], options, attempted.signal, {
        take: (partition, committed) => {
          found.set(formatPartition(partition), committed);
          left.delete(formatPartition(partition));
        },
        refuse: (partition, error) => {
          if (options.refused === undefined) throw error;
          options.refused(partition, error);
          left.delete(formatPartition(partition));
        },
      });
      problem = await within(cluster.clock, asked, deadline, signal, expired);
      if (left.size === 0) break;
    } catch (error) {
      attempted.abort(error);
      if (!isRetriable(error)) throw error;
      if (deadline.expired) throw problem === null ? error : expired();
      problem = error;
    }
    logger.debug(`OffsetFetch of group "${groupId}" is sent again: ${messageOf(problem)}`);
    await cluster.pause(attempt, { deadline, signal }, expired);
  }
  return found;
}

/** Who takes what one request comes to. */
interface Takers {
  readonly take: (partition: TopicPartition, committed: CommittedOffset | null) => void;
  /** May throw, which ends all. */
  readonly refuse: (partition: TopicPartition, error: Error) => void;
}

/**
 * Asks once, and hands over what is told.
 *
 * @returns why something was not told that may be later.
 * @throws what no later attempt can mend.
 */
async function ask(
  partitions: readonly TopicPartition[],
  { cluster, coordinator, standing, onRefused, deadline, logger }: FetchCommittedOptions,
  signal: AbortSignal,
  { take, refuse }: Takers,
): Promise<unknown> {
  const topicIds = new Map(
    partitions.map(({ topic }) => [topic, cluster.metadata.topics.get(topic)?.topicId ?? null]),
  );
  const maxVersion = lastVersionFor(topicIds.values());
  let as: Standing | null = null;
  const { response, version, broker, nodeId } = await coordinator.ask(
    OffsetFetch,
    (usable) => {
      as = standing();
      return offsetFetchRequest(usable, coordinator.groupId, as, byTopic(partitions), topicIds);
    },
    {
      // An answer that is late takes the connection with it, and heartbeats go over that as well.
      deadline: new Deadline(cluster.clock, deadline.remainingMs + coordinator.requestTimeoutMs),
      signal,
      ...(maxVersion === undefined ? {} : { maxVersion }),
    },
  );
  const asker = (as as Standing | null)?.asker ?? "nobody";
  const context = { broker, apiKey: OffsetFetch.apiKey, apiVersion: version };
  const { errorCode: whole, offsets } = answersIn(response, version, topicIds);
  let problem: unknown = null;
  const unknown = new Set<string>();
  for (const partition of partitions) {
    const answered = offsets.get(formatPartition(partition));
    const errorCode = whole !== 0 ? whole : (answered?.errorCode ?? UNKNOWN_SERVER_ERROR);
    const verdict = fetchVerdict(errorCode, asker);
    if (verdict === "done") {
      take(partition, committedOf(partition, answered as Answered));
      continue;
    }
    coordinator.heed(errorCode, nodeId);
    if (verdict === "find coordinator") coordinator.forget(nodeId);
    if (verdict === "describe topic") unknown.add(partition.topic);
    // Who is no member, or a new one, may ask as well.
    const mayPass = PASSING.has(verdict);
    const { topic, partition: index } = partition;
    const place = whole === 0 ? { topic, partition: index } : {};
    const error = new BrokerError(errorCode, { ...context, ...place, retriable: mayPass });
    if (!mayPass) {
      refuse(partition, error);
      continue;
    }
    problem ??= error;
    if (as !== null) onRefused(errorCode, as);
  }
  if (unknown.size > 0) {
    // A topic that is gone has no id any more, and is asked for by its name, of which nothing is committed.
    await cluster.refresh(unknown).catch((error: unknown) => {
      logger.debug(`Topics whose offsets are wanted could not be described: ${messageOf(error)}`);
    });
  }
  return problem;
}

function offsetFetchRequest(
  version: number,
  groupId: string,
  standing: Standing | null,
  topics: ReadonlyMap<string, number[]>,
  topicIds: ReadonlyMap<string, Uuid | null>,
): InferInput<typeof OffsetFetchRequest> {
  const stable = version >= FIRST_WITH_STABLE ? { requireStable: true } : {};
  const named = [...topics].map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
  if (version < FIRST_WITH_GROUPS) return { groupId, topics: named, ...stable };
  const member =
    standing?.asker === "consumer"
      ? { memberId: standing.memberId, memberEpoch: standing.generationId }
      : { memberId: null, memberEpoch: -1 };
  const asked =
    version < FIRST_WITH_IDS
      ? named
      : named.map(({ name, partitionIndexes }) => ({
          topicId: topicIds.get(name) as Uuid,
          partitionIndexes,
        }));
  return { groups: [{ groupId, ...member, topics: asked }], ...stable };
}

function answersIn(
  response: OffsetFetchResponse,
  version: number,
  topicIds: ReadonlyMap<string, Uuid | null>,
): { readonly errorCode: number; readonly offsets: ReadonlyMap<string, Answered> } {
  const offsets = new Map<string, Answered>();
  const names = new Map([...topicIds].map(([name, topicId]) => [topicId, name]));
  const group = version < FIRST_WITH_GROUPS ? response : response.groups[0];
  if (group === undefined) return { errorCode: UNKNOWN_SERVER_ERROR, offsets };
  for (const each of group.topics) {
    const topic = "topicId" in each && version >= FIRST_WITH_IDS ? names.get(each.topicId) : each.name;
    if (topic === undefined) continue;
    for (const {
      partitionIndex: partition,
      committedOffset,
      committedLeaderEpoch,
      ...told
    } of each.partitions) {
      const answered = { ...told, offset: committedOffset, leaderEpoch: committedLeaderEpoch };
      offsets.set(formatPartition({ topic, partition }), answered);
    }
  }
  return { errorCode: group.errorCode, offsets };
}

function committedOf(
  { topic, partition }: TopicPartition,
  { offset, leaderEpoch, metadata }: Answered,
): CommittedOffset | null {
  if (offset < 0n) return null;
  return {
    topic,
    partition,
    offset,
    leaderEpoch: leaderEpoch < 0 ? null : leaderEpoch,
    metadata: metadata ?? "",
  };
}

function byTopic(partitions: readonly TopicPartition[]): ReadonlyMap<string, number[]> {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const known = topics.get(topic);
    if (known === undefined) topics.set(topic, [partition]);
    else known.push(partition);
  }
  return topics;
}

function checked(given: TopicPartition): TopicPartition {
  const { topic, partition } = given;
  if (typeof topic !== "string" || topic === "") {
    throw new ConfigError("A partition whose committed offset is wanted needs a topic");
  }
  if (!Number.isInteger(partition) || partition < 0) {
    throw new ConfigError(`Topic "${topic}": partition ${String(partition)} is not a number from 0 up`);
  }
  return given;
}
