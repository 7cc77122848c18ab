/**
 * A session with a broker, in which a fetch only says what has changed since the last (KIP-227). Pure: what to send,
 * and what an answer makes of the session.
 */

import type { FetchRequest } from "../../protocol/messages/fetch.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { type Uuid, ZERO_UUID } from "../../protocol/uuid.ts";
import type { TopicPartition } from "./assignment.ts";
import { groupBy } from "./group-by.ts";

/** What is to be fetched of a partition. */
export interface Wanted extends TopicPartition {
  /** {@link ZERO_UUID} where the topic has none. */
  readonly topicId: Uuid;
  readonly fetchOffset: bigint;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
  /** Who wants it. A broker tells offsets that have not changed once in a session, to whoever asked then. */
  readonly reader: object;
}

/** What a broker knows from the requests before. */
export interface FetchSession {
  /** 0 while there is none. */
  readonly id: number;
  /** Number of the next request; 0 begins a session, in place of the one with this id. */
  readonly epoch: number;
  /** By a name of the caller's choice. */
  readonly partitions: ReadonlyMap<string, Wanted>;
  readonly usesTopicIds: boolean;
}

type Request = InferInput<typeof FetchRequest>;

/** One request. */
export interface FetchPlan {
  readonly request: Pick<Request, "sessionId" | "sessionEpoch"> &
    Required<Pick<Request, "topics" | "forgottenTopicsData">>;
  /** Every partition is named, so every partition has to be answered. */
  readonly isFull: boolean;
  readonly partitions: ReadonlyMap<string, Wanted>;
  /** Where one topic has no id, all have to go by their names. */
  readonly usesTopicIds: boolean;
}

/** Before the first request. */
export const NO_SESSION: FetchSession = { id: 0, epoch: 0, partitions: new Map(), usesTopicIds: false };

const FIRST_EPOCH = 1;
const LAST_EPOCH = 0x7fff_ffff;
/** Ends a session. */
export const FINAL_EPOCH = -1;
const FETCH_SESSION_ID_NOT_FOUND = 70;
const INVALID_FETCH_SESSION_EPOCH = 71;

/**
 * The next request.
 *
 * @param wanted everything that is to be fetched, in the order in which it is to be served
 */
export function planFetch(
  session: FetchSession,
  wanted: ReadonlyMap<string, Wanted>,
  partitionMaxBytes: number,
): FetchPlan {
  const usesTopicIds = [...wanted.values()].every(({ topicId }) => topicId !== ZERO_UUID);
  const isFull = session.epoch === 0 || !goesOn(session, wanted, usesTopicIds);
  const { named, forgotten } = isFull
    ? { named: [...wanted.values()], forgotten: [] }
    : changes(session, wanted);
  return {
    request: {
      sessionId: session.id,
      sessionEpoch: isFull ? 0 : session.epoch,
      topics: byTopic(named).map(([{ topic, topicId }, partitions]) => ({
        topic,
        topicId,
        partitions: partitions.map(({ partition, fetchOffset, currentLeaderEpoch, lastFetchedEpoch }) => ({
          partition,
          fetchOffset,
          currentLeaderEpoch,
          lastFetchedEpoch,
          partitionMaxBytes,
        })),
      })),
      forgottenTopicsData: byTopic(forgotten).map(([{ topic, topicId }, partitions]) => ({
        topic,
        topicId,
        partitions: partitions.map(({ partition }) => partition),
      })),
    },
    isFull,
    partitions: wanted,
    usesTopicIds,
  };
}

/** The session after an answer without an error. */
export function answered({ partitions, usesTopicIds, ...plan }: FetchPlan, sessionId: number): FetchSession {
  // The broker has no room for a session, has none at all, or has ended this one.
  if (sessionId === 0) return NO_SESSION;
  const { sessionEpoch = 0 } = plan.request;
  const epoch = plan.isFull || sessionEpoch === LAST_EPOCH ? FIRST_EPOCH : sessionEpoch + 1;
  return { id: sessionId, epoch, partitions, usesTopicIds };
}

/** The session after an answer with an error as a whole. */
export function refused(session: FetchSession, errorCode: number): FetchSession {
  return errorCode === FETCH_SESSION_ID_NOT_FOUND ? NO_SESSION : lost(session);
}

/** The session when it is not known what the broker has heard: the next one takes its place. */
export function lost({ id }: FetchSession): FetchSession {
  return { ...NO_SESSION, id };
}

/** Whether nothing but the session was wrong, so that a full request gets through at once. */
export function isForgotten({ isFull }: FetchPlan, errorCode: number): boolean {
  return !isFull && (errorCode === FETCH_SESSION_ID_NOT_FOUND || errorCode === INVALID_FETCH_SESSION_EPOCH);
}

/**
 * A broker refuses to go from names to ids and back within a session. Where a topic was made anew, brokers that know
 * partitions by their names would forget the new one with the old. And a new reader has to be told everything.
 */
function goesOn(session: FetchSession, wanted: ReadonlyMap<string, Wanted>, usesTopicIds: boolean): boolean {
  if (usesTopicIds !== session.usesTopicIds) return false;
  for (const [name, { topicId, reader }] of wanted) {
    const before = session.partitions.get(name);
    if (before !== undefined && (before.topicId !== topicId || before.reader !== reader)) return false;
  }
  return true;
}

function changes(
  { partitions }: FetchSession,
  wanted: ReadonlyMap<string, Wanted>,
): { named: Wanted[]; forgotten: Wanted[] } {
  const named: Wanted[] = [];
  const forgotten: Wanted[] = [];
  for (const [name, now] of wanted) {
    const before = partitions.get(name);
    if (before === undefined || !isSame(before, now)) named.push(now);
  }
  for (const [name, before] of partitions) if (!wanted.has(name)) forgotten.push(before);
  return { named, forgotten };
}

function isSame(a: Wanted, b: Wanted): boolean {
  return (
    a.fetchOffset === b.fetchOffset &&
    a.currentLeaderEpoch === b.currentLeaderEpoch &&
    a.lastFetchedEpoch === b.lastFetchedEpoch
  );
}

function byTopic(partitions: readonly Wanted[]): [Wanted, Wanted[]][] {
  const groups = groupBy(partitions, ({ topic, topicId }) => `${topic} ${topicId}`);
  return [...groups.values()].map((group) => [group[0] as Wanted, group]);
}
