/**
 * A producer whose `send` is called at a steady pace without waiting, while brokers and the network fail: what was
 * acknowledged is in the log once, where the acknowledgement said, in the order of the calls, and every record ends
 * in exactly one of delivered and failed. kcat reads the log, which is none of ours.
 *
 * Each fault goes on for some seconds, and for a minute in full runs.
 */

import { Kafka, type KafkaConfig } from "kafkawire";
import { afterEach, expect, it } from "vitest";
import { leavesNothingBehind } from "../../support/aftermath.ts";
import { describeKafka, QUICK_FENCING } from "../../support/kafka.ts";
import { NumberedStream, type StreamOptions } from "../../support/numbered-stream.ts";
import { proxiedClusterFor } from "../../support/proxied-cluster.ts";
import { expectExactlyOnce } from "../../support/read-back.ts";
import { chance, seed } from "../../support/seed.ts";
import { inSoak, isSoak } from "../../support/soak.ts";
import { createTopic, readAll } from "../../support/topics.ts";
import { type Fault, faults } from "./producer-faults.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const FULL_MS = 60_000;

describeKafka("a producer while", ["cluster", "kcat"], () => {
  const proxied = proxiedClusterFor({ brokers: 3, properties: QUICK_FENCING });
  leavesNothingBehind(proxied);
  const figures: string[] = [];

  // Printed at once, since a run may be ended before its end.
  afterEach(() => {
    for (const line of figures.splice(0)) console.log(line);
  });

  const suffer = async (
    fault: Fault,
    options: StreamOptions,
    config: Partial<KafkaConfig> = {},
  ): Promise<NumberedStream> => {
    const { bootstrapServers } = proxied();
    await using kafka = new Kafka({ bootstrapServers, logger: silent, ...config });
    const stream = await NumberedStream.start(kafka, options);
    await stream.progress();
    // What a producer's first records wait for is no matter of faults.
    stream.slowestMs.fill(0);
    const random = chance(seed);
    const durationMs = inSoak(FULL_MS, fault.shortMs ?? FULL_MS);
    const remarks: string[] = [];
    const note = (remark: string): void => void remarks.push(remark);
    const spared = await fault.strike({ proxied: proxied(), stream, random, durationMs, note });
    proxied().heal();
    await stream.progress();
    await stream.stop();
    const slowest = stream.slowestMs.filter((_, partition) => spared?.has(partition) ?? true);
    figures.push(
      `${fault.name}, ${describeOptions(options)}: ${stream.count("delivered")} delivered, ` +
        `${stream.count("failed")} failed, longest stall ${Math.round(Math.max(...stream.slowestMs))} ms` +
        (spared === null ? "" : `, beside it ${Math.round(Math.max(...slowest))} ms`) +
        `${remarks.map((remark) => `, ${remark}`).join("")} (KAFKAWIRE_SEED=${seed})`,
    );
    await expectExactlyOnce(bootstrapServers, stream);
    expect(Math.max(...slowest), "longest stall").toBeLessThan(fault.longestStallMs);
    return stream;
  };

  const variants: StreamOptions[] = [
    { producer: {} },
    ...(isSoak
      ? [{ placedBy: "key", through: "enqueue", producer: { lingerMs: 0, batchSize: 8000 } } as const]
      : []),
  ];
  for (const options of variants) {
    it.each(faults.filter(({ shortMs }) => isSoak || shortMs !== null))(
      `$name: nothing lost, doubled or swapped; ${describeOptions(options)}`,
      async (fault) => {
        const stream = await suffer(fault, options);
        expect(stream.failures()).toEqual([]);
      },
      180_000,
    );
  }

  // Batches that expire while nobody knows whether they were written are what sequences stumble over.
  // Here an attempt that gets no answer leaves no time for another.
  const impatient = { deliveryTimeoutMs: 1_510 };
  it.each(
    faults.filter(({ expires }) => expires === "in every run" || (isSoak && expires === "in full runs")),
  )(
    "$name for longer than records may take: each is delivered once or has failed",
    async (fault) => {
      const stream = await suffer(fault, { producer: impatient }, { requestTimeoutMs: 1_500 });
      expect(stream.count("failed")).toBeGreaterThan(0);
      expect(stream.count("delivered")).toBeGreaterThan(stream.outcomes.length / 10);
    },
    180_000,
  );

  it("no broker answers: the buffer fills up and no further, and is emptied once they do", async () => {
    const { bootstrapServers, all } = proxied();
    await using kafka = new Kafka({ bootstrapServers, requestTimeoutMs: 2_000, logger: silent });
    const topic = await createTopic(kafka, 3);
    await using producer = kafka.producer({ bufferMemory: 300_000, maxBlockMs: 1_000 });
    await producer.send([0, 1, 2].map((partition) => ({ topic, partition, value: "first" })));
    for (const { toBroker } of all) toBroker.swallow = true;
    const errors: unknown[] = [];
    let delivered = 0;
    const enqueue = (value: string): boolean =>
      producer.enqueue({ topic, partition: 0, value }, (error) => {
        if (error === null) delivered++;
        else errors.push(error);
      });
    const value = "x".repeat(1000);
    let taken = 1;
    while (enqueue(value)) taken++;
    expect(taken).toBeGreaterThan(200);
    expect(taken).toBeLessThan(301);
    const full = { code: "BUFFER_EXHAUSTED", retriable: true };
    await expect(producer.ready()).rejects.toMatchObject(full);
    expect(() => enqueue(value)).toThrow(expect.objectContaining(full));
    await expect(producer.send({ topic, value })).rejects.toMatchObject(full);
    proxied().heal();
    await producer.ready({ timeoutMs: 30_000 });
    await producer.flush();
    expect({ delivered, errors }).toEqual({ delivered: taken, errors: [] });
    expect(await readAll(kafka, topic, taken + 3)).toHaveLength(taken + 3);
  }, 60_000);
});

function describeOptions({ placedBy = "partition", through = "send", producer = {} }: StreamOptions): string {
  return `${through} by ${placedBy} ${JSON.stringify(producer)}`;
}
