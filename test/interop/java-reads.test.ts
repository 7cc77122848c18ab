import { beforeAll, expect, it } from "vitest";
import { describeKafka } from "../support/kafka.ts";
import { seed } from "../support/seed.ts";
import { awkwardRecords } from "./awkward-records.ts";
import { differences, type SeenRecord, type SentRecord } from "./compare.ts";
import { readWithJava } from "./java.ts";
import { sendWithKafkawire, toSend } from "./kafkawire.ts";
import { createLane, type Lane, TOGETHER, writableLaneKinds } from "./lanes.ts";
import { kafkaForSuite } from "./topics.ts";

describeKafka(`records from kafkawire to Kafka's Java client, seed ${seed}`, ["broker", "java"], () => {
  const suite = kafkaForSuite();
  const table = awkwardRecords(seed);
  const lanes: Lane[] = [];
  const sent: SentRecord[] = [];
  let seen: SeenRecord[];
  let startedAt: number;

  beforeAll(async () => {
    const { kafka, bootstrap } = suite();
    startedAt = Date.now();
    for (const kind of writableLaneKinds) {
      const lane = await createLane(suite(), kind);
      lanes.push(lane);
      sent.push(...(await sendWithKafkawire(kafka, lane, table)));
    }
    seen = await readWithJava(
      bootstrap,
      lanes.map(({ topic }) => topic),
    );
  });

  it.each(writableLaneKinds)("are the same with $compressionType and $timestampType", (kind) => {
    const { topic } = lanes[writableLaneKinds.indexOf(kind)] as Lane;
    const written = sent.filter((record) => record.topic === topic);
    const read = seen.filter((record) => record.topic === topic);
    expect(differences(written, read)).toEqual([]);
    expect(read).toHaveLength(written.length);
    console.log(
      `kafkawire wrote, Java read (${kind.compressionType}, ${kind.timestampType}): ${read.length}`,
    );
  });

  it("have the timestamp that was given, or else the time of sending", () => {
    // The broker's own timestamps were compared above, and its clock need not be ours.
    for (const { name, timestamp } of sent.filter(({ timestampType }) => timestampType === "CREATE_TIME")) {
      const given = table.find((record) => record.name === name)?.timestamp;
      expect(timestamp).toBeGreaterThanOrEqual(given ?? startedAt);
      expect(timestamp).toBeLessThanOrEqual(given ?? Date.now());
    }
  });

  it("are only compressed if that was asked for", async () => {
    // The topics take what is too large only compressed, and the tests above saw it arrive.
    const { topic } = lanes[
      writableLaneKinds.findIndex(({ compressionType }) => compressionType === "none")
    ] as Lane;
    const tooLarge = table.filter(({ onlyCompressed }) => onlyCompressed);
    expect(tooLarge).not.toEqual([]);
    const producer = suite().kafka.producer({ compressionType: "none", maxRequestSize: 8_000_000 });
    for (const record of tooLarge) {
      await expect(producer.send(toSend(record, topic, TOGETHER))).rejects.toMatchObject({
        code: "MESSAGE_TOO_LARGE",
      });
    }
  });
});
