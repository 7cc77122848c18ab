import { ConfigError } from "../errors.ts";

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A position whose offset has to be asked for. */
export type LookedUpPosition =
  | "earliest"
  | "latest"
  | { readonly timestamp: number }
  | { readonly durationMs: number };

/** An offset with the leader epoch of the record in front of it, by which a truncated log is noticed (KIP-320). */
export interface OffsetAndEpoch {
  readonly offset: bigint;
  /** -1 where it is not known. */
  readonly leaderEpoch: number;
}

/**
 * Where to start reading: at the first record there is, after the last one, at an offset, or at the first record
 * whose timestamp (milliseconds since the epoch) is at least the one given, or no longer ago than `durationMs`. Where
 * no record is that late, reading starts after the last one. An offset that comes with the leader epoch of the record
 * before it, as committed ones do, is checked against the log first.
 */
export type StartPosition = LookedUpPosition | bigint | OffsetAndEpoch;

/** A partition to read, and where from. */
export interface PartitionAssignment extends TopicPartition {
  /** Default: the consumer's `autoOffsetReset`. */
  readonly from?: StartPosition | undefined;
}

/** @throws ConfigError naming what is wrong. */
export function checkAssignment({ topic, partition, from }: PartitionAssignment): void {
  if (typeof topic !== "string" || topic === "") throw new ConfigError("A partition to read needs a topic");
  if (!Number.isInteger(partition) || partition < 0) {
    throw new ConfigError(`Topic "${topic}": partition ${partition} is not a number from 0 up`);
  }
  if (from === undefined || isStartPosition(from)) return;
  throw new ConfigError(
    `Topic "${topic}", partition ${partition}: from is ${shown(from)}; ` +
      'give "earliest", "latest", an offset as a bigint from 0n up, { timestamp } or { durationMs } in milliseconds, ' +
      "or { offset, leaderEpoch }",
  );
}

function isStartPosition(from: unknown): boolean {
  if (from === "earliest" || from === "latest") return true;
  if (typeof from === "bigint") return from >= 0n;
  if (typeof from !== "object" || from === null) return false;
  const { timestamp, durationMs, offset, leaderEpoch } = from as Readonly<Record<string, unknown>>;
  if (offset !== undefined) {
    const isEpoch = Number.isInteger(leaderEpoch) && (leaderEpoch as number) >= -1;
    return typeof offset === "bigint" && offset >= 0n && isEpoch;
  }
  return isMs(timestamp) !== isMs(durationMs);
}

function isMs(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function shown(from: unknown): string {
  if (typeof from !== "object" || from === null) return String(from);
  const parts = Object.entries(from).map(([key, value]) => `${key}: ${String(value)}`);
  return `{ ${parts.join(", ")} }`;
}

/** `topic-partition`, as Kafka writes it. */
export function formatPartition({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
