import fc from "fast-check";
import { expect, it } from "vitest";
import { decode, encode } from "../../src/protocol/compile.ts";
import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from "../../src/protocol/consumer-protocol.ts";
import { decodeControlRecord } from "../../src/protocol/control-records.ts";
import {
  decodeGroupCoordinatorRecord,
  groupCoordinatorRecordTypes,
} from "../../src/protocol/coordinator-records/group-coordinator.ts";
import {
  decodeShareCoordinatorRecord,
  shareCoordinatorRecordTypes,
} from "../../src/protocol/coordinator-records/share-coordinator.ts";
import {
  decodeTransactionLogRecord,
  transactionCoordinatorRecordTypes,
} from "../../src/protocol/coordinator-records/transaction-coordinator.ts";
import { DecodeError, EncodeError } from "../../src/protocol/errors.ts";
import type { MessageSchema } from "../../src/protocol/schema.ts";
import { messageArbitrary } from "../support/arbitraries.ts";
import { seed } from "../support/seed.ts";
import { describeWithJava } from "./describe-java.ts";
import { readVersionedByKafka, toHex } from "./java.ts";
import {
  controlRecords,
  coordinatorRecords,
  describeControlRecord,
  describeCoordinatorRecord,
  hexOrNull,
  prefixed,
  type RecordBytes,
  recordVariants,
  variants,
  versioned,
} from "./versioned-bytes.ts";

const INSTANCES = 1_000;

/** What is asked of Kafka, and our own answer in its words. */
interface Question {
  readonly line: string;
  readonly ours: string;
}

/** Our answer; why bytes are refused is not compared. */
function answer(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) return "error";
    if (error instanceof EncodeError) return "unwritable";
    throw error;
  }
}

/** The questions to which Kafka's answer is not ours, with Kafka's. */
async function differences(
  title: string,
  questions: readonly Question[],
): Promise<(Question & { kafkas: string })[]> {
  const answers = await readVersionedByKafka(questions.map(({ line }) => line));
  const found = questions.flatMap((question, i) => {
    const kafkas = answers[i] as string;
    const isSame = question.ours === "error" ? kafkas.startsWith("error\t") : kafkas === question.ours;
    return isSame ? [] : [{ ...question, kafkas }];
  });
  const read = answers.filter((text) => text.startsWith("ok\t")).length;
  console.log(`${title}: ${questions.length}, ${read} of which Kafka reads, ${found.length} differences`);
  // Both ways have to happen for the comparison to say anything.
  expect(read).toBeGreaterThan(questions.length / 4);
  expect(read).toBeLessThan(questions.length);
  return found;
}

/** Bytes unsorted as no consumer would write them, some of them damaged, and a version to write them in again. */
function consumerProtocolBytes(schema: MessageSchema): { bytes: Uint8Array; version: number }[] {
  const bytes = versioned(schema).chain(variants);
  return fc.sample(fc.record({ bytes, version: fc.nat({ max: 3 }) }), { seed, numRuns: INSTANCES });
}

/** A subscription that says a later version than that whose body it has. */
const cutShort = fc
  .record({ earlier: fc.nat({ max: 2 }), version: fc.integer({ min: 3, max: 9 }) })
  .chain(({ earlier, version }) =>
    messageArbitrary(ConsumerProtocolSubscription, earlier).map((value) => ({
      earlier,
      value,
      bytes: prefixed(version, encode(ConsumerProtocolSubscription, earlier, value)),
    })),
  );

describeWithJava(`bytes that say their own version against Kafka's own classes, seed ${seed}`, () => {
  it("subscriptions", async () => {
    const questions = consumerProtocolBytes(ConsumerProtocolSubscription)
      // The next test says what is right where damage happens to make one of these.
      .filter(({ bytes }) => !isCutShort(bytes))
      .map(({ bytes, version }) => ({
        line: `subscription\t${version}\t${toHex(bytes)}`,
        ours: answer(() => `ok\t${toHex(encodeSubscription(decodeSubscription(bytes), version))}`),
      }));
    expect(questions.length).toBeGreaterThan(INSTANCES * 0.8);
    expect(await differences("Subscriptions", questions)).toEqual([]);
  });

  it("subscriptions that end where an earlier version does: Kafka refuses them, we do not", async () => {
    const all = fc.sample(cutShort, { seed, numRuns: 100 });
    for (const { bytes, earlier, value } of all) {
      const whole = prefixed(earlier, encode(ConsumerProtocolSubscription, earlier, value));
      expect(decodeSubscription(bytes)).toEqual(decodeSubscription(whole));
    }
    const answers = await readVersionedByKafka(all.map(({ bytes }) => `subscription\t3\t${toHex(bytes)}`));
    for (const kafkas of answers) expect(kafkas).toContain("Malformed consumer protocol subscription");
  });

  it("assignments", async () => {
    const questions = consumerProtocolBytes(ConsumerProtocolAssignment).map(({ bytes, version }) => ({
      line: `assignment\t${version}\t${toHex(bytes)}`,
      ours: answer(() => `ok\t${toHex(encodeAssignment(decodeAssignment(bytes), version))}`),
    }));
    expect(await differences("Assignments", questions)).toEqual([]);
  });

  it("control records", async () => {
    const records = fc.sample(controlRecords.chain(recordVariants), { seed, numRuns: INSTANCES });
    const questions = records.map(({ key, value }) => ({
      line: `control\t${toHex(key)}\t${hexOrNull(value)}`,
      ours: answer(() => describeControlRecord(decodeControlRecord(key, value))),
    }));
    // Kafka reads every LeaderChangeMessage as version 0, also one that says it is of version 1.
    const comparable = questions.filter((_, i) => !isLaterLeaderChange(records[i] as RecordBytes));
    expect(comparable.length).toBeGreaterThan(questions.length * 0.9);
    expect(await differences("Control records", comparable)).toEqual([]);
  });

  it.each([
    {
      coordinator: "group",
      types: groupCoordinatorRecordTypes,
      describe: (key: Uint8Array, value: Uint8Array | null) =>
        describeCoordinatorRecord(groupCoordinatorRecordTypes, decodeGroupCoordinatorRecord(key, value)),
    },
    {
      coordinator: "share",
      types: shareCoordinatorRecordTypes,
      describe: (key: Uint8Array, value: Uint8Array | null) =>
        describeCoordinatorRecord(shareCoordinatorRecordTypes, decodeShareCoordinatorRecord(key, value)),
    },
    {
      coordinator: "transaction",
      types: transactionCoordinatorRecordTypes,
      describe: (key: Uint8Array, value: Uint8Array | null) =>
        describeCoordinatorRecord(transactionCoordinatorRecordTypes, decodeTransactionLogRecord(key, value)),
    },
  ])("records of the $coordinator coordinator", async ({ coordinator, types, describe }) => {
    const records = fc.sample(coordinatorRecords(types).chain(recordVariants), { seed, numRuns: INSTANCES });
    const questions = records.map(({ key, value }) => ({
      line: `${coordinator}\t${toHex(key)}\t${hexOrNull(value)}`,
      ours: answer(() => describe(key, value)),
    }));
    expect(await differences(`Records of the ${coordinator} coordinator`, questions)).toEqual([]);
  });
});

function isLaterLeaderChange({ key, value }: RecordBytes): boolean {
  return (
    key[3] === 2 &&
    value !== null &&
    value.byteLength >= 2 &&
    (value[0] as number) < 0x80 &&
    (value[0] as number) + (value[1] as number) > 0
  );
}

/** Whether a subscription ends exactly where an earlier version than the one it says does. */
function isCutShort(bytes: Uint8Array): boolean {
  if (bytes.byteLength < 2) return false;
  const version = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getInt16(0), 3);
  return Array.from({ length: Math.max(version, 0) }, (_, earlier) => earlier).some((earlier) => {
    try {
      decode(ConsumerProtocolSubscription, earlier, bytes.subarray(2));
      return true;
    } catch {
      return false;
    }
  });
}
