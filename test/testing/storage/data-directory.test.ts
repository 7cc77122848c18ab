/** What a cluster with a data directory has again after it was closed. */

import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Kafka } from "../../../src/client/kafka.ts";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from "../../../src/protocol/messages/alter-partition-reassignments.ts";
import {
  DeleteRecordsRequest,
  DeleteRecordsResponse,
} from "../../../src/protocol/messages/delete-records.ts";
import {
  DescribeConfigsRequest,
  DescribeConfigsResponse,
} from "../../../src/protocol/messages/describe-configs.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../src/protocol/messages/incremental-alter-configs.ts";
import {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from "../../../src/protocol/messages/init-producer-id.ts";
import { MetadataRequest, MetadataResponse } from "../../../src/protocol/messages/metadata.ts";
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from "../../../src/protocol/messages/offset-for-leader-epoch.ts";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { batchOf, RawClient } from "../raw-client.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kafkawire-data-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const started = (options: TestClusterOptions = {}): Promise<TestCluster> =>
  TestCluster.start({ network: "memory", time: "manual", dataDirectory: directory, ...options });

/** Runs something against a cluster, which has to have no failures in the end. */
async function within<T>(
  run: (cluster: TestCluster) => Promise<T>,
  options: TestClusterOptions = {},
): Promise<T> {
  await using cluster = await started(options);
  const result = await run(cluster);
  expect(cluster.failures).toEqual([]);
  return result;
}

async function produce(cluster: TestCluster, records: Uint8Array): Promise<bigint | string> {
  using client = await RawClient.to(cluster, cluster.partition("orders", 0).leader);
  const { responses } = await client.ask(ProduceRequest, ProduceResponse, 9, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: "orders", partitionData: [{ index: 0, records }] }],
  });
  const answer = responses[0]?.partitionResponses[0];
  return answer?.errorCode === 0 ? answer.baseOffset : errorCodeOf(answer?.errorCode ?? -1).name;
}

const clientOf = (cluster: TestCluster): Kafka =>
  new Kafka({ bootstrapServers: cluster.bootstrapServers, platform: cluster.platform });

const textOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();

const segmentsOf = async (partition = "orders-0", broker = 1): Promise<string[]> => {
  const names = await readdir(join(directory, `broker-${broker}`, partition));
  return names.filter((name) => name.endsWith(".log"));
};

const logFile = (name = "00000000000000000000.log"): string => join(directory, "broker-1", "orders-0", name);

const endOf = (cluster: TestCluster): bigint => cluster.partition("orders", 0).logEndOffset;

describe("a data directory", () => {
  it("keeps topics, their ids, records and configurations", async () => {
    const describeIt = async (cluster: TestCluster) => {
      using client = await RawClient.to(cluster);
      const { clusterId, topics } = await client.ask(MetadataRequest, MetadataResponse, 12, {
        topics: [{ name: "orders" }],
      });
      const { results } = await client.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
        resources: [
          {
            resourceType: 2,
            resourceName: "orders",
            configurationKeys: ["retention.ms", "max.message.bytes"],
          },
        ],
      });
      const values = results[0]?.configs.map(({ value }) => value);
      return { clusterId, topicId: topics[0]?.topicId, partitions: topics[0]?.partitions.length, values };
    };
    const before = await within(
      async (cluster) => {
        expect(await produce(cluster, batchOf(["a", "b"]))).toBe(0n);
        using client = await RawClient.to(cluster);
        await client.ask(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
          resources: [
            {
              resourceType: 2,
              resourceName: "orders",
              configs: [{ name: "max.message.bytes", configOperation: 0, value: "5000" }],
            },
          ],
        });
        cluster.createTopic("short-lived");
        cluster.deleteTopic("short-lived");
        return describeIt(cluster);
      },
      { topics: { orders: { partitions: 2, configs: { "retention.ms": "-1" } } } },
    );
    expect(before.values).toEqual(expect.arrayContaining(["-1", "5000"]));
    await within(
      async (cluster) => {
        expect(await describeIt(cluster)).toEqual(before);
        expect(cluster.topics).toEqual(["orders"]);
        expect(await produce(cluster, batchOf(["c"]))).toBe(2n);
        expect(cluster.partition("orders", 0)).toMatchObject({ logEndOffset: 3n, highWatermark: 3n });
        expect(cluster.warnings).toEqual([]);
      },
      // A topic that is there stays as it is.
      { topics: { orders: 7 } },
    );
  });

  it("holds batches in Kafka's own files, as they were fetched", async () => {
    await within(
      async (cluster) => {
        await produce(cluster, batchOf(["a", "b"]));
        await produce(cluster, batchOf(["c"]));
      },
      { topics: { orders: 1 } },
    );
    const bytes = await readFile(logFile());
    const values = [...readRecordBatches(bytes)].flatMap((batch) =>
      Array.from(batch.records(), ({ offset, value }) => `${offset} ${Buffer.from(value ?? []).toString()}`),
    );
    expect(values).toEqual(["0 a", "1 b", "2 c"]);
    const files = await readdir(join(directory, "broker-1", "orders-0"));
    expect(files.sort()).toEqual([
      "00000000000000000000.log",
      "leader-epoch-checkpoint",
      "partition.metadata",
    ]);
    expect(await readFile(join(directory, "broker-1", "orders-0", "leader-epoch-checkpoint"), "utf8")).toBe(
      "0\n1\n0 0\n",
    );
    expect(await readFile(join(directory, "broker-1", "meta.properties"), "utf8")).toContain("node.id=1\n");
  });

  it("knows a batch again that was written before", async () => {
    const batch = batchOf(["a", "b"], { producerId: 7n, producerEpoch: 0, baseSequence: 0 });
    await within((cluster) => produce(cluster, batch), { topics: { orders: 1 } });
    await within(async (cluster) => {
      expect(await produce(cluster, batch)).toBe(0n);
      expect(cluster.partition("orders", 0).logEndOffset).toBe(2n);
      const far = batchOf(["c"], { producerId: 7n, producerEpoch: 0, baseSequence: 5 });
      expect(await produce(cluster, far)).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
      const next = batchOf(["c"], { producerId: 7n, producerEpoch: 0, baseSequence: 2 });
      expect(await produce(cluster, next)).toBe(2n);
    });
  });

  it("gives no producer id twice", async () => {
    const next = async (cluster: TestCluster): Promise<bigint> => {
      using client = await RawClient.to(cluster);
      const body = { transactionalId: null, transactionTimeoutMs: 1000 };
      return (await client.ask(InitProducerIdRequest, InitProducerIdResponse, 4, body)).producerId;
    };
    const first = await within(next);
    expect(await within(next)).toBeGreaterThan(first);
  });

  it("tells of the epochs of leaders that were before", async () => {
    await within(
      async (cluster) => {
        await produce(cluster, batchOf(["a"]));
        cluster.partition("orders", 0).moveLeader(2);
        await produce(cluster, batchOf(["b"]));
      },
      { brokers: 2, topics: { orders: { assignments: [[1, 2]] } } },
    );
    await within(async (cluster) => {
      expect(cluster.brokers.length).toBe(2);
      const { leader, leaderEpoch } = cluster.partition("orders", 0);
      expect(leaderEpoch).toBeGreaterThan(1);
      using client = await RawClient.to(cluster, leader);
      const { topics } = await client.ask(OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, 4, {
        replicaId: -1,
        topics: [{ topic: "orders", partitions: [{ partition: 0, leaderEpoch: 0 }] }],
      });
      expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, endOffset: 1n });
    });
  });

  it("has segments, which are deleted as a whole, and a log that begins where it began", async () => {
    await within(
      async (cluster) => {
        for (const value of ["a", "b", "c"]) await produce(cluster, batchOf([value.repeat(600)]));
        using client = await RawClient.to(cluster);
        await client.ask(DeleteRecordsRequest, DeleteRecordsResponse, 2, {
          timeoutMs: 1000,
          topics: [{ name: "orders", partitions: [{ partitionIndex: 0, offset: 1n }] }],
        });
        expect(await segmentsOf()).toHaveLength(3);
        await cluster.clock.advance(300_000);
      },
      { topics: { orders: { configs: { "segment.bytes": "1000" } } } },
    );
    expect(await segmentsOf()).toEqual(["00000000000000000001.log", "00000000000000000002.log"]);
    await within(async (cluster) => {
      expect(cluster.partition("orders", 0)).toMatchObject({ logStartOffset: 1n, logEndOffset: 3n });
      using client = await RawClient.to(cluster);
      await client.ask(DeleteRecordsRequest, DeleteRecordsResponse, 2, {
        timeoutMs: 1000,
        topics: [{ name: "orders", partitions: [{ partitionIndex: 0, offset: -1n }] }],
      });
    });
    await within(async (cluster) => {
      expect(cluster.partition("orders", 0)).toMatchObject({ logStartOffset: 3n, logEndOffset: 3n });
      expect(await produce(cluster, batchOf(["d"]))).toBe(3n);
    });
  });

  it("goes on with its offsets where retention has left nothing", async () => {
    const configs = { "retention.ms": "1000" };
    await within(
      async (cluster) => {
        await produce(cluster, batchOf(["a", "b"], { timestamp: cluster.clock.wallMs() }));
        await cluster.clock.advance(600_000);
      },
      { topics: { orders: { configs } } },
    );
    await within(async (cluster) => {
      expect(cluster.partition("orders", 0)).toMatchObject({ logStartOffset: 2n, logEndOffset: 2n });
    });
  });

  it("keeps what compaction has left", async () => {
    const configs = { "cleanup.policy": "compact", "segment.bytes": "150" };
    const keyed = (key: string, value: string) => batchOf([value], { key });
    await within(
      async (cluster) => {
        for (const value of ["1", "2", "3"]) {
          await produce(cluster, keyed("a", value));
          await produce(cluster, keyed("b", value));
        }
        expect(await segmentsOf()).toHaveLength(3);
        cluster.partition("orders", 0).compact();
      },
      { topics: { orders: { configs } } },
    );
    await within(async (cluster) => {
      expect(cluster.partition("orders", 0).logEndOffset).toBe(6n);
      expect(await produce(cluster, keyed("a", "4"))).toBe(6n);
    });
    const records = await Promise.all((await segmentsOf()).sort().map((name) => readFile(logFile(name))));
    const left = records.flatMap((bytes) =>
      [...readRecordBatches(bytes)].flatMap((batch) =>
        Array.from(batch.records(), ({ offset, key }) => `${offset} ${Buffer.from(key ?? []).toString()}`),
      ),
    );
    expect(left).toEqual(["4 a", "5 b", "6 a"]);
  });

  it("brings back groups and their offsets, and transactional producers", async () => {
    await within(
      async (cluster) => {
        await using kafka = clientOf(cluster);
        await using producer = kafka.producer({ transactionalId: "billing" });
        await producer.transaction(async () => {
          await producer.send({ topic: "orders", value: "paid" });
        });
        await using consumer = kafka.consumer({
          groupId: "readers",
          topics: ["orders"],
          autoOffsetReset: "earliest",
          enableAutoCommit: false,
        });
        for await (const record of consumer) {
          expect(textOf(record.value)).toBe("paid");
          await consumer.commit(record);
          break;
        }
      },
      { time: "real", topics: { orders: 1 } },
    );
    expect(
      (await readdir(join(directory, "broker-1"))).some((name) => name.startsWith("__consumer_offsets-")),
    ).toBe(true);
    await within(
      async (cluster) => {
        await using kafka = clientOf(cluster);
        await using producer = kafka.producer({ transactionalId: "billing" });
        await producer.transaction(async () => {
          await producer.send({ topic: "orders", value: "shipped" });
        });
        await using consumer = kafka.consumer({
          groupId: "readers",
          topics: ["orders"],
          autoOffsetReset: "earliest",
        });
        for await (const record of consumer) {
          expect(textOf(record.value)).toBe("shipped");
          break;
        }
      },
      { time: "real" },
    );
  });

  it("follows a partition that moves to another broker", async () => {
    await within(
      async (cluster) => {
        await produce(cluster, batchOf(["a"]));
        expect(await segmentsOf("orders-0", 1)).toHaveLength(1);
        using client = await RawClient.to(cluster);
        await client.ask(AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse, 0, {
          topics: [{ name: "orders", partitions: [{ partitionIndex: 0, replicas: [2] }] }],
        });
        expect(await produce(cluster, batchOf(["b"]))).toBe(1n);
      },
      { brokers: 2, topics: { orders: { assignments: [[1]] } } },
    );
    expect(await segmentsOf("orders-0", 2)).toHaveLength(1);
    await within(async (cluster) => {
      expect(cluster.partition("orders", 0)).toMatchObject({ leader: 2, logEndOffset: 2n });
    });
  });

  it.runIf(process.platform === "linux")("refuses what the disk has no room for", async () => {
    await within(
      async (cluster) => {
        await symlink("/dev/full", logFile());
        expect(await produce(cluster, batchOf(["a"]))).toBe("KAFKA_STORAGE_ERROR");
        expect(cluster.partition("orders", 0).logEndOffset).toBe(0n);
        await rm(logFile());
      },
      { topics: { orders: 1 } },
    );
  });

  it("is for one cluster at a time, and for no fewer brokers", async () => {
    await within(
      async () => {
        await expect(started()).rejects.toThrow(/uses .*kafkawire-data-/);
      },
      { brokers: 2 },
    );
    await expect(started({ brokers: 1 })).rejects.toThrow("of 2 brokers");
    await within(async (cluster) => {
      expect(cluster.brokers.length).toBe(2);
    });
  });

  it("is refused where its file makes no sense", async () => {
    await within(async () => {});
    await writeFile(join(directory, "cluster.json"), "{");
    await expect(started()).rejects.toThrow(/cluster\.json is damaged/);
  });
});

describe("a damaged file", () => {
  async function written(): Promise<number> {
    await within(
      async (cluster) => {
        for (const value of ["a", "b", "c"]) await produce(cluster, batchOf([value]));
      },
      { topics: { orders: 1 } },
    );
    return (await stat(logFile())).size;
  }

  it("loses a torn batch at its end, and nothing else", async () => {
    const size = await written();
    await truncate(logFile(), size - 7);
    await within(async (cluster) => {
      expect(endOf(cluster)).toBe(2n);
      expect(cluster.warnings).toHaveLength(1);
      expect(cluster.warnings[0]).toContain("was cut off at byte");
      expect(await produce(cluster, batchOf(["d"]))).toBe(2n);
    });
    await within(async (cluster) => {
      expect([endOf(cluster), cluster.warnings]).toEqual([3n, []]);
    });
  });

  it.each([
    ["a few bytes", () => Buffer.from("garbage")],
    ["many bytes", () => Buffer.alloc(500, 0xa5)],
    ["zeros", () => Buffer.alloc(500)],
    ["the last batch again", (log: Buffer) => log.subarray(log.byteLength / 3)],
    ["a batch with a wrong checksum", () => Buffer.from(batchOf(["x"])).fill(0x7a, 60)],
  ] as const)("loses %s at its end, and nothing else", async (_what, tail) => {
    const size = await written();
    await appendFile(logFile(), tail(await readFile(logFile())));
    await within(async (cluster) => {
      expect(endOf(cluster)).toBe(3n);
      expect(cluster.warnings).toHaveLength(1);
    });
    expect((await stat(logFile())).size).toBe(size);
  });
});
