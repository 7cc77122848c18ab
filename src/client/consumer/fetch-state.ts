import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { PartitionAssignment } from "./assignment.ts";
import type { LookedUpPosition } from "./offset-lookup.ts";

/** What is going on with a partition that is read. */
export interface PartitionState {
  readonly topic: string;
  readonly partition: number;
  /** Offset to fetch next; null while it has to be looked up. */
  fetchOffset: bigint | null;
  /** Where to look, while the offset is not known. */
  lookUp: LookedUpPosition;
  /** Offset of the next record to hand out; null before the first offset is known. */
  position: bigint | null;
  /** Offset behind the last record that may be read, as the last fetch found it; null before. */
  endOffset: bigint | null;
  /** A look-up of its offset or its leader, or a fetch, is under way. */
  isBusy: boolean;
  /** Answers with records of it that were not yet read to their end. */
  unread: number;
  /** Not to be asked for before this time on the monotonic clock. */
  notBeforeMs: number;
  /** Failures since the last answer. */
  failures: number;
  /** Since when, on the monotonic clock, there are only failures; null while all is well. */
  failingSinceMs: number | null;
}

/** The state of a partition before anything was asked. */
export function initialState(
  { topic, partition, from }: PartitionAssignment,
  reset: "earliest" | "latest",
): PartitionState {
  const offset = typeof from === "bigint" ? from : null;
  return {
    topic,
    partition,
    fetchOffset: offset,
    position: offset,
    endOffset: null,
    lookUp: from === undefined || typeof from === "bigint" ? reset : from,
    isBusy: false,
    unread: 0,
    notBeforeMs: 0,
    failures: 0,
    failingSinceMs: null,
  };
}

/** What is going on with a broker that leads partitions which are read. */
export interface LeaderState {
  /** A fetch is under way. One at a time: a broker answers the requests of a connection one after another. */
  isFetching: boolean;
  /** Answers that were fetched and not yet read to their end. */
  unread: number;
}

/** Record batches of one partition, as they came in one answer. */
export interface FetchedRecords {
  readonly state: PartitionState;
  readonly batches: readonly RecordBatch[];
  /** Size of the batches in bytes. */
  readonly bytes: number;
  readonly answer: Answer;
}

/** What stopped the fetching of a partition, for the reader to know. */
export interface FetchFailure {
  readonly state: PartitionState;
  readonly error: unknown;
}

/** One answer of a leader. */
export interface Answer {
  readonly leader: LeaderState;
  /** Partitions with records in it that were not yet read. */
  unreadPartitions: number;
}
