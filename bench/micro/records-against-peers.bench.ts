/**
 * Record batches without compression: kafkawire against the codecs of kafkajs, @platformatic/kafka and kafka-ts, the
 * same records in the same run. Decoding touches every part of every record; kafkawire also verifies the CRC, which
 * the others do not.
 *
 *   npm run bench -- records-against-peers
 */

import { RecordBatchBuilder, readRecordBatches } from "kafkawire/protocol";
import { bench, do_not_optimize, group } from "mitata";
import { type BenchRecord, type Peer, peers } from "./peers.ts";
import { report } from "./report.ts";

const ours: Peer = {
  name: "kafkawire",
  prepare: (records) => () => {
    const builder = new RecordBatchBuilder();
    for (const { timestamp, key, value, headers } of records) builder.append(timestamp, key, value, headers);
    return builder.build();
  },
  decode: (bytes) => {
    let touched = 0;
    for (const batch of readRecordBatches(bytes)) {
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

const all = [ours, ...(await peers())];
for (const valueSize of [20, 100, 1024]) {
  for (const count of [1, 100, 10_000]) {
    for (const headerCount of [0, 2]) {
      const records = makeRecords(count, valueSize, headerCount);
      const what = `${count} records of ${valueSize} bytes, ${headerCount} headers`;
      group(`encode ${what}`, () => {
        for (const peer of all) {
          const encode = peer.prepare(records);
          bench(peer.name, async () => do_not_optimize(await encode()));
        }
      });
      const bytes = Buffer.from(await ours.prepare(records)());
      group(`decode ${what}`, () => {
        for (const peer of all) bench(peer.name, async () => do_not_optimize(await peer.decode(bytes)));
      });
    }
  }
}
await report("records-against-peers");
