import { ConfigError } from "../errors.ts";
import { checkOffsets, type OffsetToCommit } from "../offset-to-commit.ts";
import { formatPartition } from "./assignment.ts";
import { ConsumerBatch } from "./consumer-batch.ts";
import { ConsumerRecord } from "./consumer-record.ts";

/** A record or batch that was processed. */
type Processed = ConsumerRecord<unknown, unknown> | ConsumerBatch<unknown, unknown>;

/**
 * What can be committed: records or batches that were processed, and with them all before them in their partitions; or
 * offsets, each of them that of the next record to process.
 */
export type Committable = Processed | OffsetToCommit | readonly (Processed | OffsetToCommit)[];

/**
 * Of several for one partition, the highest.
 *
 * @throws ConfigError naming what cannot be right.
 */
export function offsetsToCommit(what: Committable): OffsetToCommit[] {
  const given = Array.isArray(what) ? (what as readonly (Processed | OffsetToCommit)[]) : [what as Processed];
  const offsets = given.map(offsetOf);
  checkOffsets("commit", offsets);
  const highest = new Map<string, OffsetToCommit>();
  for (const offset of offsets) {
    const name = formatPartition(offset);
    const before = highest.get(name);
    if (before === undefined || offset.offset > before.offset) highest.set(name, offset);
  }
  return [...highest.values()];
}

function offsetOf(what: Processed | OffsetToCommit): OffsetToCommit {
  const record = what instanceof ConsumerBatch ? what.records.at(-1) : what;
  if (!(record instanceof ConsumerRecord)) {
    if (typeof what !== "object" || what === null) {
      throw new ConfigError(
        `commit takes records, batches or { topic, partition, offset }, and not ${String(what)}`,
      );
    }
    return what as OffsetToCommit;
  }
  const { topic, partition, offset, leaderEpoch } = record;
  return { topic, partition, offset: offset + 1n, leaderEpoch };
}
