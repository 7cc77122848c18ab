import { ConfigError } from "../errors.ts";

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Where to start reading: at the first record there is, after the last one, at an offset, or at the first record
 * whose timestamp (milliseconds since the epoch) is at least the one given. Where no record is that late, reading
 * starts after the last one.
 */
export type StartPosition = "earliest" | "latest" | bigint | { readonly timestamp: number };

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
  if (from === undefined || from === "earliest" || from === "latest") return;
  if (typeof from === "bigint" && from >= 0n) return;
  if (
    typeof from === "object" &&
    from !== null &&
    Number.isSafeInteger(from.timestamp) &&
    from.timestamp >= 0
  )
    return;
  const shown =
    typeof from === "object" && from !== null ? `{ timestamp: ${String(from.timestamp)} }` : String(from);
  throw new ConfigError(
    `Topic "${topic}", partition ${partition}: from is ${shown}; ` +
      'give "earliest", "latest", an offset as a bigint from 0n up, or { timestamp } in milliseconds',
  );
}

/** `topic-partition`, as Kafka writes it. */
export function formatPartition({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
