import { type RecordBytes, show, showHeaders } from "./bytes.ts";

export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** A record of the table, and where and when it was written as the writing client tells. */
export interface SentRecord extends Place {
  readonly name: string;
  readonly bytes: RecordBytes;
  readonly timestamp: number;
  readonly timestampType: string;
}

/** A record as a reading client saw it, its bytes as bytes.ts shows them. */
export interface SeenRecord extends Place {
  readonly timestamp: number;
  readonly timestampType: string;
  readonly key: string;
  readonly value: string;
  readonly headers: string;
}

/**
 * What tells the records that were read from those that were sent, in words; nothing if they are the same, in
 * the same order within each partition.
 */
export function differences(sent: readonly SentRecord[], seen: readonly SeenRecord[]): string[] {
  const expected = byPartition(sent);
  const actual = byPartition(seen);
  return [...new Set([...expected.keys(), ...actual.keys()])].flatMap((partition) =>
    differencesInPartition(
      partition,
      (expected.get(partition) ?? []).toSorted((a, b) => Number(a.offset - b.offset)),
      actual.get(partition) ?? [],
    ),
  );
}

function differencesInPartition(
  partition: string,
  sent: readonly SentRecord[],
  seen: readonly SeenRecord[],
): string[] {
  const found: string[] = [];
  sent.forEach((record, i) => {
    const actual = seen[i];
    const where = `${partition}@${record.offset} (${record.name})`;
    if (actual === undefined) {
      found.push(`${where} is missing`);
      return;
    }
    const expected = expectation(record);
    for (const part of Object.keys(expected) as (keyof typeof expected)[]) {
      if (actual[part] !== expected[part]) {
        found.push(`${where}: ${part} should be ${expected[part]} and is ${actual[part]}`);
      }
    }
  });
  for (const surplus of seen.slice(sent.length)) found.push(`${partition}@${surplus.offset} was never sent`);
  return found;
}

function expectation({
  bytes,
  offset,
  timestamp,
  timestampType,
}: SentRecord): Omit<SeenRecord, "topic" | "partition"> {
  return {
    offset,
    timestamp,
    timestampType,
    key: show(bytes.key),
    value: show(bytes.value),
    headers: showHeaders(bytes.headers),
  };
}

function byPartition<T extends Place>(records: readonly T[]): Map<string, T[]> {
  const partitions = new Map<string, T[]>();
  for (const record of records) {
    const name = `${record.topic}-${record.partition}`;
    const list = partitions.get(name);
    if (list === undefined) partitions.set(name, [record]);
    else list.push(record);
  }
  return partitions;
}
