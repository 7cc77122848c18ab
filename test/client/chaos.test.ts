/** Brokers that fail in every way there is, by chance, until they calm down: then all must have come right. */

import { DeliveryError, type RecordMetadata } from "kafkawire";
import { describe, expect, it } from "vitest";
import { ApiVersions, Fetch, ListOffsets, Metadata, Produce } from "../../src/client/api.ts";
import { cutShort, hangUp, later, type Reply, silence } from "../support/fake-broker.ts";
import { settle } from "../support/fake-clock.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { kafkaFor } from "../support/fake-kafka.ts";
import { AppendError, batchOf, type FakeLog } from "../support/fake-log.ts";
import { chance, seed } from "../support/seed.ts";
import { inSoak } from "../support/soak.ts";
import { numbered, take, textOf } from "./consumer/support.ts";

const BROKERS = 3;
const PARTITIONS = 4;
const STORM_MS = 20_000;
/** KAFKAWIRE_STORMS asks for more of them. */
const SEEDS = Array.from(
  { length: Number(process.env["KAFKAWIRE_STORMS"] ?? inSoak(200, 5)) },
  (_, i) => seed + i,
);

const NOT_LEADER_OR_FOLLOWER = 6;
/**
 * What a leader answers that has appended a batch, and did not see it on the other replicas: it leads no longer, or
 * they are too few, or too slow.
 */
const APPENDED_BUT = [NOT_LEADER_OR_FOLLOWER, 20, 7];

const KAFKA = { requestTimeoutMs: 3000, socketConnectionSetupTimeoutMs: 2000, metadataMaxAgeMs: 5000 };

function storm(from: number): FakeCluster {
  const cluster = new FakeCluster(BROKERS);
  const { clock } = cluster.platform;
  const random = chance(from);
  clock.nextRandom = random;
  cluster.createTopic("t", PARTITIONS);
  const below = (limit: number): number => Math.floor(random() * limit);
  const endsAtMs = clock.monotonicMs() + STORM_MS;
  const isOver = (): boolean => clock.monotonicMs() >= endsAtMs;

  const fault = (): Reply<object> => {
    if (isOver() || random() > 0.4) return undefined;
    const faults = [
      hangUp(),
      later(below(5000), undefined),
      silence,
      cutShort({}, below(10)),
      hangUp(new Error("reset")),
    ];
    return faults[below(faults.length)];
  };
  for (const broker of cluster.brokers) {
    for (const api of [Fetch, Metadata, ListOffsets, ApiVersions])
      broker.handle<never, never>(api as never, fault as never);
    broker.handle(Produce, ({ body }) => {
      const reply = fault();
      if (reply === undefined || random() < 0.5) return reply;
      // The records are written all the same, and only the answer is lost, or says that nobody knows.
      const nodeId = cluster.brokers.indexOf(broker) + 1;
      const errorCode = APPENDED_BUT[below(APPENDED_BUT.length)] as number;
      const responses = body.topicData.map(({ name, topicId, partitionData }) => ({
        name,
        topicId,
        partitionResponses: partitionData.map(({ index, records }) => {
          const isLeader = cluster.topics.get("t")?.partitions[index]?.leader === nodeId;
          if (!isLeader) return { index, errorCode: NOT_LEADER_OR_FOLLOWER, baseOffset: -1n };
          return { index, errorCode, ...appended(cluster.log("t", index), records as Uint8Array) };
        }),
      }));
      return random() < 0.5 ? hangUp() : { responses };
    });
  }

  const disturb = (): void => {
    if (isOver()) {
      for (const broker of cluster.brokers) broker.start();
      for (let nodeId = 1; nodeId <= BROKERS; nodeId++) cluster.alive.add(nodeId);
      return;
    }
    cluster.moveLeader("t", below(PARTITIONS), 1 + below(BROKERS));
    const nodeId = 1 + below(BROKERS);
    if (random() < 0.5) {
      cluster.broker(nodeId).stop();
      if (random() < 0.5) cluster.alive.delete(nodeId);
    } else {
      cluster.broker(nodeId).start();
      cluster.alive.add(nodeId);
    }
    clock.setTimer(200 + below(2000), disturb, { background: true });
  };
  disturb();
  return cluster;
}

/** Appends what a producer sent. Gives its offset, or why the log does not take it. */
function appended(
  log: FakeLog,
  records: Uint8Array,
): { readonly baseOffset: bigint; readonly errorCode?: number } {
  try {
    return { baseOffset: log.append(records) };
  } catch (error) {
    if (!(error instanceof AppendError)) throw error;
    return { baseOffset: -1n, errorCode: error.errorCode };
  }
}

describe("a storm", () => {
  it.each(
    SEEDS.flatMap((from) => [
      { from, enableIdempotence: true },
      { from, enableIdempotence: false },
    ]),
  )("delivers every record, in order, once it is over (%j)", async ({ from, enableIdempotence }) => {
    const cluster = storm(from);
    const { platform } = cluster;
    const kafka = kafkaFor(cluster, KAFKA);
    const producer = kafka.producer({ batchSize: 150, lingerMs: 3, enableIdempotence });
    const random = chance(from + 1000);
    const sent: Promise<unknown>[] = [];
    const expected = Array.from({ length: PARTITIONS }, (): string[] => []);
    for (let i = 0; i < 200; i++) {
      const partition = Math.floor(random() * PARTITIONS);
      expected[partition]?.push(`v-${i}`);
      sent.push(producer.send({ topic: "t", partition, value: `v-${i}` }));
      await platform.clock.advance(Math.floor(random() * 150));
    }
    const delivered = (await platform.run(Promise.all(sent), 200_000)) as {
      partition: number;
      offset: bigint;
    }[];
    expected.forEach((values, partition) => {
      const written = cluster.log("t", partition).values();
      // Without idempotence a batch may be there more than once; what counts is where each came first.
      expect(enableIdempotence ? written : [...new Set(written)]).toEqual(values);
      const offsets = delivered
        .filter((metadata) => metadata.partition === partition)
        .map(({ offset }) => offset);
      expect(offsets.map((offset) => written[Number(offset)])).toEqual(values);
    });
    await platform.run(kafka.close(), 1000);
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it.each(SEEDS)("fails what is late, and says what may be written (seed %i)", async (from) => {
    const cluster = storm(from);
    const { platform } = cluster;
    const kafka = kafkaFor(cluster, KAFKA);
    const producer = kafka.producer({ batchSize: 150, deliveryTimeoutMs: 4000, maxBlockMs: 2000 });
    const random = chance(from + 3000);
    const latest: number[] = [];
    const outcomes = new Map<string, RecordMetadata | Error>();
    const count = 400;
    for (let i = 0; i < count; i++) {
      const startMs = platform.clock.monotonicMs();
      const ended = (outcome: RecordMetadata | Error): void => {
        outcomes.set(`${i}`, outcome);
        latest.push(platform.clock.monotonicMs() - startMs);
      };
      producer.send({ topic: "t", partition: i % PARTITIONS, value: `${i}` }).then(ended, ended);
      await platform.clock.advance(Math.floor(random() * 100));
    }
    await platform.clock.advance(6000);
    expect(outcomes.size).toBe(count);
    expect(Math.max(...latest)).toBeLessThanOrEqual(6000);
    const logs = Array.from({ length: PARTITIONS }, (_, partition) => cluster.log("t", partition).values());
    for (const written of logs) {
      expect(written).toEqual([...new Set(written)].sort((a, b) => Number(a) - Number(b)));
    }
    for (const [value, outcome] of outcomes) {
      if (!(outcome instanceof Error)) expect(logs[outcome.partition]?.[Number(outcome.offset)]).toBe(value);
      // One that was never in a batch says nothing of it.
      else if (!(outcome instanceof DeliveryError) || !outcome.mayBeWritten) {
        expect(logs.flat()).not.toContain(value);
      }
    }
    await platform.run(kafka.close(), 1000);
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it.each(SEEDS)(
    "lets every record be read once, in order, however often the loop is left (seed %i)",
    async (from) => {
      const cluster = storm(from);
      const { platform } = cluster;
      const kafka = kafkaFor(cluster, KAFKA);
      const random = chance(from + 2000);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const values = numbered(60, `p${partition}`);
        for (let i = 0; i < 60; i += 5) cluster.append("t", partition, batchOf(values.slice(i, i + 5)));
      }
      const consumer = kafka.consumer({ maxPartitionFetchBytes: 250 });
      consumer.assign(
        Array.from({ length: PARTITIONS }, (_, partition) => ({
          topic: "t",
          partition,
          from: "earliest" as const,
        })),
      );
      const read: string[] = [];
      while (read.length < 60 * PARTITIONS) {
        if (random() < 0.3) {
          // A loop that is aborted at any moment.
          const abort = new AbortController();
          const loop = (async () => {
            for await (const record of consumer.records({ signal: abort.signal })) read.push(textOf(record));
          })();
          const ended = loop.catch((error: unknown) => error);
          await platform.clock.advance(Math.floor(random() * 1000));
          abort.abort(new Error("enough"));
          await settle();
          expect(await ended).toMatchObject({ message: "enough" });
        } else {
          const left = 60 * PARTITIONS - read.length;
          read.push(
            ...(await platform.run(take(consumer, Math.min(left, 1 + Math.floor(random() * 20))), 100_000)),
          );
          await platform.clock.advance(Math.floor(random() * 300));
        }
      }
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const ofPartition = read.filter((value) => value.startsWith(`p${partition}-`));
        expect(ofPartition).toEqual(numbered(60, `p${partition}`));
      }
      await kafka.close();
      await settle();
      expect(platform.keepsAlive).toBe(false);
    },
  );
});
