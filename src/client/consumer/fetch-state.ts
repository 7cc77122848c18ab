import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { RecordView } from "../../protocol/records/record-view.ts";
import type { Uuid } from "../../protocol/uuid.ts";
import {
  formatPartition,
  type LookedUpPosition,
  type StartPosition,
  type TopicPartition,
} from "./assignment.ts";
import type { PreferredReplica } from "./preferred-replica.ts";

/**
 * Where reading of a partition stands since it was last told where to start. A seek makes a new one, so whatever was
 * under way or fetched for the former one finds that it is not the partition's any more, and can do no harm.
 */
export class Cursor {
  #position: bigint | null = null;
  /** What was handed out since the position was last looked at: it is behind that. */
  #last: RecordView | null = null;
  /** Leader epoch of the batch that the position lies in or behind; -1 where it is not known. */
  positionEpoch = -1;
  /** The batch that is being read; null between two. */
  openBatch: RecordBatch | null = null;
  /** Offset to fetch next; null while it has to be looked up. */
  fetchOffset: bigint | null = null;
  /** Leader epoch of the last batch in front of it; -1 where it is not known. */
  fetchEpoch = -1;
  /** Where to look, while the offset is not known; null where nothing says so. */
  lookUp: LookedUpPosition | null;
  /** It began where a look-up said. */
  isLookedUp = false;
  /** Leader epoch in which the log is known to hold what was read; -1 before it was asked. */
  validEpoch = -1;
  /** Id of the topic whose offsets these are; null before the first fetch, and where topics have none. */
  topicId: Uuid | null = null;
  /** A leader has served the topic by that id. Before, the id is only what metadata said, which may be old. */
  isTopicProven = false;
  /** The leader is being asked whether its log holds what was read: what was fetched may be gone. */
  isSuspect = false;
  /** What is under way: a fetch, or what has to be known before one. */
  work: "fetch" | "preparation" | null = null;
  /** Answers with records of it that were not yet read to their end. */
  unread = 0;
  /** Not to be asked for before this time on the monotonic clock. */
  notBeforeMs = 0;
  /** Failures since the last answer. */
  failures = 0;
  /** Since when, on the monotonic clock, there are only failures; null while all is well. */
  failingSinceMs: number | null = null;

  /** No longer the partition's: whoever reads for it stops. */
  isAbandoned = false;
  /** Tells the reader of what was handed out last. */
  onStopped: (() => void) | null = null;

  /** @param reset where to look when nothing else is said */
  constructor(from: StartPosition | undefined, reset: LookedUpPosition | null) {
    this.lookUp = reset;
    if (typeof from === "bigint") this.startAt(from, -1);
    else if (typeof from === "object" && "offset" in from) this.startAt(from.offset, from.leaderEpoch);
    else if (from !== undefined) this.lookUp = from;
  }

  /** Offset of the next record to hand out; null before the first offset is known. */
  get position(): bigint | null {
    if (this.#last !== null) {
      this.#position = this.#last.offset + 1n;
      this.#last = null;
    }
    return this.#position;
  }

  set position(position: bigint | null) {
    this.#position = position;
    this.#last = null;
  }

  /** The position is behind this record. Making an offset for each would cost as much as reading the record. */
  moveBehind(record: RecordView): void {
    this.#last = record;
  }

  /** Begins at this offset. */
  startAt(offset: bigint, leaderEpoch: number): void {
    this.position = offset;
    this.positionEpoch = leaderEpoch;
    this.fetchOffset = offset;
    this.fetchEpoch = leaderEpoch;
  }

  /** Fetches again from where reading stands. What is under way from further on is for nobody then. */
  goBack(): void {
    this.fetchOffset = this.position;
    this.fetchEpoch = this.positionEpoch;
  }

  /** Reading goes on by another. */
  abandon(): void {
    this.isAbandoned = true;
    this.stopReader();
  }

  /** What was handed out last has no more records, whatever of it was not read. */
  stopReader(): void {
    this.onStopped?.();
    this.onStopped = null;
  }
}

/** What is going on with a partition that is read. */
export class PartitionState implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** `topic-partition`. */
  readonly name: string;
  cursor: Cursor;
  /** Offset behind the last record that any consumer may read, as the last fetch found it; null before. */
  highWatermark: bigint | null = null;
  /** Offset in front of the first transaction that is open; null where no fetch has told. */
  lastStableOffset: bigint | null = null;
  /** Offset of the first record that is still there; null where no fetch has told. */
  logStartOffset: bigint | null = null;
  /** The user's wish: what is there is kept and not handed out, and nothing is fetched. */
  isPaused = false;
  /** The consumer's own: its start is not known, or it is being given up. */
  isHeld: boolean;
  /** Since when, on the monotonic clock, it has more than enough to be read; null while it has not. */
  fullSinceMs: number | null = null;
  /** When an answer of it was last read to its end, on the monotonic clock. */
  lastDoneMs = 0;
  /** Takes longer over an answer than a broker waits, so that nothing is gained by waiting for it. */
  isSlow = false;
  /** Until then, on the monotonic clock, only the leader is asked: a near replica could not serve. */
  leaderOnlyUntilMs = 0;
  /** The replica to read from instead of the leader (KIP-392); null for the leader. */
  preferredReplica: PreferredReplica | null = null;
  readonly #isCommittedOnly: boolean;

  constructor(
    { topic, partition }: TopicPartition,
    cursor: Cursor,
    isCommittedOnly: boolean,
    isHeld: boolean,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.name = formatPartition(this);
    this.cursor = cursor;
    this.#isCommittedOnly = isCommittedOnly;
    this.isHeld = isHeld;
  }

  /** Offset of the next record to hand out; null before the first offset is known. */
  get position(): bigint | null {
    return this.cursor.position;
  }

  /** Leader epoch to commit with the position; -1 where it is not known. */
  get positionEpoch(): number {
    return this.cursor.positionEpoch;
  }

  /** Offset behind the last record that this consumer may read, as the last fetch found it; null before. */
  get endOffset(): bigint | null {
    return this.#isCommittedOnly ? this.lastStableOffset : this.highWatermark;
  }
}

/** Record batches of one partition, as they came in one answer. */
export interface FetchedRecords {
  readonly state: PartitionState;
  /** The one that they were fetched for; a reader moves its position. */
  readonly cursor: Cursor;
  readonly batches: readonly RecordBatch[];
  /** Size of the batches in bytes. */
  readonly bytes: number;
  /** Null where all records may be read, committed or not. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  readonly answer: Answer;
}

/** From `firstOffset` on, what the producer wrote in transactions was aborted, up to its next marker. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** What stopped the fetching of a partition, for the reader to know. */
export interface FetchFailure {
  readonly state: PartitionState;
  readonly error: unknown;
}

/** One answer of a broker, in whose memory the records of all its partitions lie. */
export interface Answer {
  /** Size of all record batches in it. */
  readonly bytes: number;
  /** Partitions with records in it that were not yet read. */
  unreadPartitions: number;
}
