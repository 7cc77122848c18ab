/**
 * The fetch sessions of one broker (KIP-227): a client names its partitions once, and then only says what is new; the
 * broker answers with what has changed.
 *
 * Differs from Kafka: when there are too many sessions, one that was not used for two minutes makes room, and none
 * that is merely smaller.
 */

import type { Uuid } from "../../protocol/uuid.ts";
import { errorNumber, NONE } from "../error-code.ts";

/** What a client asks of one partition. */
export interface PartitionToFetch {
  /** Null where only the id is known. */
  readonly topic: string | null;
  readonly topicId: Uuid;
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: bigint;
  readonly lastFetchedEpoch: number;
  readonly partitionMaxBytes: number;
}

/** What of an answer decides whether it is told. */
export interface FetchedPart {
  readonly errorCode: number;
  readonly highWatermark: bigint;
  readonly logStartOffset: bigint;
  readonly hasRecords: boolean;
  readonly isDiverging: boolean;
  readonly preferredReadReplica: number;
}

/** A partition of a session, and what its client was told last. */
interface SessionPartition {
  asked: PartitionToFetch;
  highWatermark: bigint;
  logStartOffset: bigint;
}

interface Session {
  readonly id: number;
  readonly usesTopicIds: boolean;
  /** That of the request which comes next. */
  epoch: number;
  lastUsedMs: number;
  /** In the order in which they are served: those that gave records go to the end. */
  readonly partitions: Map<string, SessionPartition>;
}

/** What a request opens: which partitions it is about, and which answers it gets to see. */
export interface FetchContext {
  /** Not 0 where the request is refused as a whole. */
  readonly errorCode: number;
  /** Of the session that the request goes on with; 0 for none. */
  readonly sessionId: number;
  readonly partitions: readonly PartitionToFetch[];
  /** Whether an answer is told; it counts as told then. Call it once for each partition of the final answer. */
  isTold(asked: PartitionToFetch, part: FetchedPart): boolean;
  /** The session's id to answer with, once all partitions were asked about; 0 for none. */
  close(): { readonly sessionId: number; readonly errorCode: number };
}

export interface FetchSessionRequest {
  readonly version: number;
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly toFetch: readonly PartitionToFetch[];
  readonly toForget: readonly Pick<PartitionToFetch, "topic" | "topicId" | "partition">[];
  readonly nowMs: number;
}

const FINAL_EPOCH = -1;
const FIRST_EPOCH = 0;
const LARGEST_EPOCH = 0x7fff_ffff;
const LARGEST_ID = 0x7fff_ffff;
const FIRST_VERSION_WITH_IDS = 13;
/** Kafka's `min.incremental.fetch.session.eviction.ms`. */
const EVICTION_MS = 120_000;

const FETCH_SESSION_ID_NOT_FOUND = errorNumber("FETCH_SESSION_ID_NOT_FOUND");
const INVALID_FETCH_SESSION_EPOCH = errorNumber("INVALID_FETCH_SESSION_EPOCH");
const FETCH_SESSION_TOPIC_ID_ERROR = errorNumber("FETCH_SESSION_TOPIC_ID_ERROR");

export class FetchSessions {
  /** The one that was used longest ago first. */
  readonly #sessions = new Map<number, Session>();
  readonly #most: number;
  #lastId = 0;

  /** @param most so many sessions at the same time */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#sessions.size;
  }

  open(request: FetchSessionRequest): FetchContext {
    const { sessionId, sessionEpoch, toFetch } = request;
    if (sessionEpoch === FINAL_EPOCH || sessionEpoch === FIRST_EPOCH) {
      this.#sessions.delete(sessionId);
      return sessionEpoch === FINAL_EPOCH ? sessionless(toFetch) : this.#full(request);
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return refused(FETCH_SESSION_ID_NOT_FOUND);
    if (session.epoch !== sessionEpoch) return refused(INVALID_FETCH_SESSION_EPOCH);
    if (session.usesTopicIds !== request.version >= FIRST_VERSION_WITH_IDS) {
      return refused(FETCH_SESSION_TOPIC_ID_ERROR);
    }
    return this.#incremental(session, request);
  }

  #full({ version, toFetch, nowMs }: FetchSessionRequest): FetchContext {
    const partitions = new Map<string, SessionPartition>();
    return {
      errorCode: NONE,
      sessionId: 0,
      partitions: toFetch,
      isTold: (asked, { highWatermark, logStartOffset }) => {
        partitions.set(keyOf(asked), { asked, highWatermark, logStartOffset });
        return true;
      },
      close: () => {
        if (partitions.size === 0 || !this.#hasRoom(nowMs)) return { sessionId: 0, errorCode: NONE };
        const id = this.#newId();
        const usesTopicIds = version >= FIRST_VERSION_WITH_IDS;
        this.#sessions.set(id, { id, usesTopicIds, epoch: 1, lastUsedMs: nowMs, partitions });
        return { sessionId: id, errorCode: NONE };
      },
    };
  }

  #incremental(session: Session, { toFetch, toForget, nowMs }: FetchSessionRequest): FetchContext {
    const { partitions } = session;
    for (const asked of toFetch) {
      const known = partitions.get(keyOf(asked));
      if (known === undefined) {
        partitions.set(keyOf(asked), { asked, highWatermark: -1n, logStartOffset: -1n });
      } else known.asked = asked;
    }
    for (const forgotten of toForget) partitions.delete(keyOf(forgotten));
    this.#sessions.delete(session.id);
    if (partitions.size === 0) return sessionless(toFetch);
    session.epoch = session.epoch === LARGEST_EPOCH ? 1 : session.epoch + 1;
    session.lastUsedMs = nowMs;
    this.#sessions.set(session.id, session);
    const expected = session.epoch;
    return {
      errorCode: NONE,
      sessionId: session.id,
      partitions: Array.from(partitions.values(), ({ asked }) => asked),
      isTold: (asked, part) => {
        const key = keyOf(asked);
        const known = partitions.get(key);
        // The session went on while this request waited: it is answered with an error.
        if (known === undefined || session.epoch !== expected) return false;
        return isNews(known, part, partitions, key);
      },
      close: () => ({
        sessionId: session.id,
        errorCode: session.epoch === expected ? NONE : INVALID_FETCH_SESSION_EPOCH,
      }),
    };
  }

  #hasRoom(nowMs: number): boolean {
    if (this.#sessions.size < this.#most) return true;
    const oldest = this.#sessions.values().next().value;
    if (oldest === undefined || nowMs - oldest.lastUsedMs < EVICTION_MS) return false;
    this.#sessions.delete(oldest.id);
    return true;
  }

  #newId(): number {
    do this.#lastId = this.#lastId === LARGEST_ID ? 1 : this.#lastId + 1;
    while (this.#sessions.has(this.#lastId));
    return this.#lastId;
  }
}

function sessionless(partitions: readonly PartitionToFetch[]): FetchContext {
  return {
    errorCode: NONE,
    sessionId: 0,
    partitions,
    isTold: () => true,
    close: () => ({ sessionId: 0, errorCode: NONE }),
  };
}

function refused(errorCode: number): FetchContext {
  const close = () => ({ sessionId: 0, errorCode });
  return { errorCode, sessionId: 0, partitions: [], isTold: () => false, close };
}

/** Notes what a client is told, and says whether it is anything new. */
function isNews(
  known: SessionPartition,
  part: FetchedPart,
  partitions: Map<string, SessionPartition>,
  key: string,
): boolean {
  let isNew = part.hasRecords || part.isDiverging || part.preferredReadReplica >= 0;
  if (known.highWatermark !== part.highWatermark || known.logStartOffset !== part.logStartOffset) {
    isNew = true;
    known.highWatermark = part.highWatermark;
    known.logStartOffset = part.logStartOffset;
  }
  if (part.errorCode !== NONE) {
    isNew = true;
    // So that the client is told once the error is gone.
    known.highWatermark = -1n;
  }
  if (part.hasRecords) {
    partitions.delete(key);
    partitions.set(key, known);
  }
  return isNew;
}

function keyOf({
  topic,
  topicId,
  partition,
}: Pick<PartitionToFetch, "topic" | "topicId" | "partition">): string {
  return `${partition} ${topic ?? topicId}`;
}
