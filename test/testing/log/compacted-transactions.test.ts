/** What compaction leaves of transactions. */

import { expect, it } from "vitest";
import { Kafka } from "../../../src/client/kafka.ts";
import { FetchRequest, FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { RawClient } from "../raw-client.ts";

const MINUTE_MS = 60_000;

async function transaction(
  kafka: Kafka,
  id: string,
  pairs: Readonly<Record<string, string>>,
  isKept: boolean,
) {
  await using producer = kafka.producer({ transactionalId: id });
  const send = producer.transaction(async () => {
    for (const [key, value] of Object.entries(pairs)) await producer.send({ topic: "state", key, value });
    if (!isKept) throw new Error("changed my mind");
  });
  await send.catch((error: Error) => expect(error.message).toBe("changed my mind"));
}

/** Batches as their records, markers as "marker", and how many aborted transactions are told of. */
async function stored(cluster: TestCluster) {
  using client = await RawClient.to(cluster);
  const { responses } = await client.ask(FetchRequest, FetchResponse, 12, {
    isolationLevel: 1,
    topics: [{ topic: "state", partitions: [{ partition: 0, partitionMaxBytes: 1_000_000 }] }],
  });
  const { records, abortedTransactions } = responses[0]?.partitions[0] ?? {};
  const batches = [...readRecordBatches(records ?? new Uint8Array(0), { checkCrc: true })].map((batch) =>
    Array.from(batch.records(), ({ key, value }) =>
      batch.isControl ? "marker" : `${Buffer.from(key ?? [])}=${Buffer.from(value ?? [])}`,
    ).join(),
  );
  return { batches, aborted: abortedTransactions?.length };
}

it("drops aborted records at once, and markers of what has gone after the time of a tombstone", async () => {
  await using cluster = await TestCluster.start({
    network: "memory",
    topics: { state: { configs: { "cleanup.policy": "compact", "delete.retention.ms": String(MINUTE_MS) } } },
  });
  const partition = cluster.partition("state", 0);
  await using kafka = new Kafka({ bootstrapServers: cluster.bootstrapServers, platform: cluster.platform });
  await transaction(kafka, "first", { a: "1" }, true);
  await transaction(kafka, "second", { a: "aborted", b: "aborted" }, false);
  await transaction(kafka, "third", { a: "2" }, true);
  expect((await stored(cluster)).aborted).toBe(1);

  partition.compact();
  const end = partition.logEndOffset;
  // With each transaction the epoch has grown, so that the marker alone says where the producer is.
  expect((await stored(cluster)).batches).toEqual(["marker", "marker", "a=2", "marker"]);

  partition.compact();
  expect((await stored(cluster)).batches.filter((batch) => batch === "marker")).toHaveLength(3);

  // Another transaction of each producer, so that nobody needs their old markers.
  for (const id of ["first", "second"]) await transaction(kafka, id, { [id]: "3" }, true);
  partition.compact();
  await cluster.clock.advance(MINUTE_MS);
  partition.compact();
  const left = await stored(cluster);
  expect(left.batches.filter((batch) => batch !== "marker" && batch !== "")).toEqual([
    "a=2",
    "first=3",
    "second=3",
  ]);
  expect(left.aborted).toBe(0);
  expect(partition.logEndOffset).toBeGreaterThan(end);

  await using consumer = kafka.consumer({
    groupId: "readers",
    topics: ["state"],
    autoOffsetReset: "earliest",
    isolationLevel: "read_committed",
  });
  const read: string[] = [];
  for await (const record of consumer) {
    read.push(`${Buffer.from(record.key ?? [])}=${Buffer.from(record.value ?? [])}`);
    if (read.length === 3) break;
  }
  expect(read).toEqual(["a=2", "first=3", "second=3"]);
  expect(cluster.failures).toEqual([]);
});
