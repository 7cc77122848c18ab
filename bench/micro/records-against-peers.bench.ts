/**
 * Record batches without compression: kafkawire against the codecs of kafkajs, @platformatic/kafka and kafka-ts, the
 * same records in the same run. Decoding touches every part of every record. What each does:
 *
 * - kafkawire verifies the CRC, and gives keys and values as views and header keys as text; in a row of its own it
 *   leaves the CRC out, which the goal does not count
 * - kafkajs (asynchronous, which it pays for) and @platformatic/kafka verify nothing and give views, the latter for
 *   header keys too; kafka-ts verifies nothing and gives text for all
 * - encoding, all compute the CRC, @platformatic/kafka by a native library; kafkawire begins each batch with as much
 *   memory as the one before took, as its producer does: from Node.js's pool, and in rows of their own from
 *   `new Uint8Array`, or without knowing how large the batch becomes
 *
 *   npm run bench -- records-against-peers
 */

import { RecordBatchBuilder, readRecordBatches } from "kafkawire/protocol";
import { bench, group } from "./cpu-time.ts";
import { type BenchRecord, type Peer, peers } from "./peers.ts";
import { reportCpuTime } from "./report.ts";
import { warmWithEverySchema } from "./warm.ts";

interface Ways {
  readonly checkCrc?: boolean;
  readonly allocate?: (size: number) => Uint8Array;
  readonly knowsCapacity?: boolean;
}

function ours(name: string, { checkCrc = true, allocate, knowsCapacity = true }: Ways = {}): Peer {
  return {
    name,
    prepare: (records) => {
      let capacity = 0;
      return () => {
        const builder = new RecordBatchBuilder({ allocate, capacity });
        for (const { timestamp, key, value, headers } of records)
          builder.append(timestamp, key, value, headers);
        if (knowsCapacity) capacity = builder.size;
        return builder.build();
      };
    },
    decode: (bytes) => {
      let touched = 0;
      for (const batch of readRecordBatches(bytes, { checkCrc })) {
        const records = batch.records();
        for (let record = records.nextRecord(); record !== null; record = records.nextRecord()) {
          touched += (record.key?.byteLength ?? 0) + (record.value?.byteLength ?? 0);
          if (record.offset >= 0n && record.timestamp >= 0) touched++;
          for (const { key, value } of record.headers) touched += key.length + (value?.byteLength ?? 0);
        }
      }
      return touched;
    },
  };
}

const kafkawire = ours("kafkawire", { allocate: Buffer.allocUnsafe });
const withoutCrc = ours("kafkawire, CRC not checked", { checkCrc: false });
const withoutPool = ours("kafkawire, without a pool");
const growing = ours("kafkawire, growing", { allocate: Buffer.allocUnsafe, knowsCapacity: false });

function makeRecords(count: number, valueSize: number, headerCount: number): BenchRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: Buffer.from(`customer-${i % 1000}`),
    value: Buffer.alloc(valueSize, 97 + (i % 26)),
    headers: Array.from({ length: headerCount }, (_, n) => ({
      key: `header-${n}`,
      value: Buffer.from(`value-${n}`),
    })),
    timestamp: 1_700_000_000_000 + i,
  }));
}

const others = await peers();
for (const valueSize of [20, 100, 1024]) {
  for (const count of [1, 100, 10_000]) {
    for (const headerCount of [0, 2]) {
      const records = makeRecords(count, valueSize, headerCount);
      const what = `${count} records of ${valueSize} bytes, ${headerCount} headers`;
      group(`encode ${what}`, () => {
        for (const peer of [kafkawire, withoutPool, growing, ...others])
          bench(peer.name, peer.prepare(records));
      });
      const bytes = Buffer.from(await kafkawire.prepare(records)());
      group(`decode ${what}`, () => {
        for (const peer of [kafkawire, withoutCrc, ...others]) bench(peer.name, () => peer.decode(bytes));
      });
    }
  }
}
warmWithEverySchema();
await reportCpuTime("records-against-peers");
