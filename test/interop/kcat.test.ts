import { beforeAll, describe, expect, it } from "vitest";
import { compressionTypes } from "../../src/protocol/records/compression-type.ts";
import { describeKafka } from "../support/kafka.ts";
import { seed } from "../support/seed.ts";
import { type AwkwardRecord, awkwardRecords } from "./awkward-records.ts";
import { recordBytes } from "./bytes.ts";
import { differences, type SentRecord } from "./compare.ts";
import { readWithKafkawire, sendWithKafkawire } from "./kafkawire.ts";
import { asFarAsKcatCanSay, firstDifference, printWithKcat, writeWithKcat } from "./kcat.ts";
import { ALONE, createLane, type Lane, recordsFor, TOGETHER, writableLaneKinds } from "./lanes.ts";
import { kafkaForSuite } from "./topics.ts";

describeKafka(`kcat, seed ${seed}`, ["broker", "kcat"], () => {
  const suite = kafkaForSuite();
  const table = awkwardRecords(seed);

  describe.each(writableLaneKinds)(
    "reading what kafkawire wrote with $compressionType and $timestampType",
    (kind) => {
      let lane: Lane;
      let sent: SentRecord[];

      beforeAll(async () => {
        lane = await createLane(suite(), kind);
        sent = await sendWithKafkawire(suite().kafka, lane, table);
      });

      it.each([
        ["together", TOGETHER],
        ["alone", ALONE],
      ])("prints records sent %s as they were", async (_, partition) => {
        const written = sent
          .filter((record) => record.partition === partition)
          .toSorted((a, b) => Number(a.offset - b.offset));
        expect(written).toHaveLength(recordsFor(kind, table).length);
        const printed = await printWithKcat(suite().bootstrap, { topic: lane.topic, partition });
        expect(firstDifference(written, printed)).toBeNull();
        console.log(
          `kafkawire wrote, kcat read (${kind.compressionType}, ${kind.timestampType}): ${written.length}`,
        );
      });
    },
  );

  describe("writing", () => {
    const sayable = table.map(asFarAsKcatCanSay).filter((record) => record !== null);

    it("can express nearly all of the table", () => {
      const byHand = (records: readonly AwkwardRecord[]) =>
        records.filter(({ name }) => !name.startsWith("random")).map(({ name }) => name);
      const names = new Set(sayable.map(({ name }) => name));
      expect(byHand(table.filter(({ name }) => !names.has(name)))).toEqual(["null key and empty value"]);
      const headersOf = new Map(table.map(({ name, headers }) => [name, headers.length]));
      expect(
        byHand(sayable.filter(({ name, headers }) => headers.length < (headersOf.get(name) ?? 0))),
      ).toEqual([
        "text with a NUL and line ends",
        "every byte",
        "bytes that are no UTF-8",
        ...[63, 64, 8191, 8192].map((length) => `${length} bytes`),
        "a header without a name",
        "a header of nothing at all",
        "a header whose name holds = and ,",
      ]);
    });

    it.each(compressionTypes)("with %s, what kafkawire reads is the same", async (compressionType) => {
      const { kafka, bootstrap } = suite();
      const kind = { compressionType, timestampType: "CREATE_TIME" } as const;
      const place = { topic: (await createLane(suite(), kind)).topic, partition: TOGETHER };
      const startedAt = Date.now();
      const written = await writeWithKcat(bootstrap, place, compressionType, recordsFor(kind, sayable));
      const seen = await readWithKafkawire(kafka, [{ ...place, from: "earliest" }], written.length);
      // kcat tells neither offset nor timestamp: the one is the record's number, and the other is checked here.
      const sent = written.map((record, i) => ({
        ...place,
        name: record.name,
        bytes: recordBytes(record),
        offset: BigInt(i),
        timestamp: seen[i]?.timestamp ?? -1,
        timestampType: kind.timestampType,
      }));
      expect(differences(sent, seen)).toEqual([]);
      for (const { timestamp } of seen) {
        expect(timestamp).toBeGreaterThanOrEqual(startedAt);
        expect(timestamp).toBeLessThanOrEqual(Date.now());
      }
      console.log(
        `kcat wrote, kafkawire read (${compressionType}): ${seen.length} of ${table.length} in the table`,
      );
    });
  });
});
