/** Offsets of a group as they are committed: by a consumer, or in a producer's transaction. */

import { utf8Length } from "../protocol/utf8.ts";
import { ConfigError } from "./errors.ts";

/** How far a partition was processed. */
export interface OffsetToCommit {
  readonly topic: string;
  readonly partition: number;
  /** Of the next record to read: one past the last one that was processed. */
  readonly offset: bigint;
  /** Leader epoch of the last record that was processed; null or -1 where it is not known. Default: not known. */
  readonly leaderEpoch?: number | null | undefined;
  /** Any text to keep with it. Default: `""`. */
  readonly metadata?: string | undefined;
}

/** Bytes of a string in a request. */
const MAX_STRING = 2 ** 15 - 1;
const MAX_INT32 = 2 ** 31 - 1;
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * @param call Whose argument it is, such as `sendOffsets`.
 * @throws ConfigError naming what cannot be right.
 */
export function checkOffsets(call: string, offsets: readonly OffsetToCommit[]): void {
  if (!Array.isArray(offsets)) {
    throw new ConfigError(`${call} takes a list of { topic, partition, offset }`);
  }
  for (const given of offsets as readonly unknown[]) {
    if (typeof given !== "object" || given === null) {
      throw new ConfigError(`${call}: ${String(given)} is not a { topic, partition, offset }`);
    }
    checkOffset(given as OffsetToCommit);
  }
}

function checkOffset({ topic, partition, offset, leaderEpoch, metadata }: OffsetToCommit): void {
  if (typeof topic !== "string" || topic === "") throw new ConfigError("An offset needs a topic");
  if (!isCount(partition)) {
    throw new ConfigError(
      `Offset for topic "${topic}": partition ${String(partition)} is not a number from 0 up`,
    );
  }
  const place = `Offset for topic "${topic}", partition ${partition}`;
  if (typeof offset !== "bigint" || offset < 0n || offset > MAX_INT64) {
    throw new ConfigError(`${place}: ${String(offset)} is not a bigint from 0n up`);
  }
  if (leaderEpoch !== undefined && leaderEpoch !== null && leaderEpoch !== -1 && !isCount(leaderEpoch)) {
    throw new ConfigError(`${place}: leaderEpoch ${String(leaderEpoch)} is not a number from 0 up`);
  }
  if (metadata !== undefined && typeof metadata !== "string") {
    throw new ConfigError(`${place}: metadata is of type ${typeof metadata}; give a string`);
  }
  if (metadata !== undefined && utf8Length(metadata) > MAX_STRING) {
    throw new ConfigError(
      `${place}: metadata has more than ${MAX_STRING} bytes, and brokers take 4096 by default`,
    );
  }
}

function isCount(given: unknown): boolean {
  return Number.isInteger(given) && (given as number) >= 0 && (given as number) <= MAX_INT32;
}
