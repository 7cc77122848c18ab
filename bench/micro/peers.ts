/**
 * The record batch codecs of other JavaScript clients, brought to one shape. They are internal to their packages,
 * so the versions are pinned in `bench/package.json`.
 */

import { createRequire } from "node:module";

/** A record as all of them can take it. */
export interface BenchRecord {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: readonly { readonly key: string; readonly value: Buffer }[];
  readonly timestamp: number;
}

/** What one client makes of records. */
export interface Peer {
  readonly name: string;
  /** Gives the bytes of one record batch. The input is what the client's own producer would hold by then. */
  readonly prepare: (records: readonly BenchRecord[]) => () => Uint8Array | Promise<Uint8Array>;
  /** Reads a batch and touches every part of every record; the result keeps the work from being optimised away. */
  readonly decode: (batch: Buffer) => number | Promise<number>;
}

// biome-ignore lint/suspicious/noExplicitAny: these modules are internal to packages and have no types
type Untyped = any;

const require = createRequire(import.meta.url);
const inside = (path: string): Untyped =>
  require(new URL(`../node_modules/${path}`, import.meta.url).pathname);

function kafkajs(): Peer {
  const { RecordBatch } = inside("kafkajs/src/protocol/recordBatch/v0/index.js");
  const makeRecord = inside("kafkajs/src/protocol/recordBatch/record/v0/index.js");
  const decodeBatch = inside("kafkajs/src/protocol/recordBatch/v0/decoder.js");
  const Decoder = inside("kafkajs/src/protocol/decoder.js");
  return {
    name: "kafkajs",
    prepare: (records) => {
      const inputs = records.map(({ key, value, headers, timestamp }) => ({
        key,
        value,
        timestamp,
        headers: Object.fromEntries(headers.map((header) => [header.key, header.value])),
      }));
      return async () => {
        const firstTimestamp = inputs[0]?.timestamp ?? 0;
        const made = inputs.map(({ timestamp, ...rest }, offsetDelta) =>
          makeRecord({ ...rest, offsetDelta, timestampDelta: timestamp - firstTimestamp }),
        );
        const batch = await RecordBatch({ records: made, firstTimestamp, lastOffsetDelta: made.length - 1 });
        return batch.buffer;
      };
    },
    decode: async (batch) => {
      const { records } = await decodeBatch(new Decoder(batch));
      let touched = 0;
      for (const { key, value, headers, offset, timestamp } of records) {
        touched += (key?.length ?? 0) + (value?.length ?? 0) + offset.length + timestamp.length;
        for (const name in headers) touched += headers[name].length;
      }
      return touched;
    },
  };
}

async function platformatic(): Promise<Peer> {
  const load = (path: string): Promise<Untyped> =>
    import(new URL(`../node_modules/@platformatic/kafka/dist/protocol/${path}`, import.meta.url).href);
  const { createRecordsBatch, readRecordsBatch } = await load("records.js");
  const { Reader } = await load("reader.js");
  return {
    name: "@platformatic/kafka",
    prepare: (records) => {
      const inputs = records.map(({ key, value, headers, timestamp }) => ({
        topic: "t",
        partition: 0,
        key: key ?? undefined,
        value,
        timestamp: BigInt(timestamp),
        headers: new Map(headers.map((header) => [Buffer.from(header.key), header.value])),
      }));
      return () => createRecordsBatch(inputs).buffer;
    },
    decode: (batch) => {
      const { firstOffset, firstTimestamp, records } = readRecordsBatch(Reader.from(batch));
      let touched = 0;
      for (const { key, value, headers, offsetDelta, timestampDelta } of records) {
        touched += (key?.length ?? 0) + (value?.length ?? 0);
        if (firstOffset + BigInt(offsetDelta) >= 0n && firstTimestamp + timestampDelta >= 0n) touched++;
        for (const [name, content] of headers) touched += name.length + content.length;
      }
      return touched;
    },
  };
}

function kafkaTs(): Peer {
  const { createBatch } = inside("kafka-ts/dist/api/produce/common.js");
  const { decodeRecordBatch } = inside("kafka-ts/dist/api/fetch/common.js");
  const { Decoder } = inside("kafka-ts/dist/utils/decoder.js");
  return {
    name: "kafka-ts",
    prepare: (records) => {
      // It takes and gives text: bytes that are no UTF-8 are lost on the way.
      const inputs = records.map(({ key, value, headers, timestamp }) => ({
        key: key?.toString() ?? null,
        value: value.toString(),
        timestamp: BigInt(timestamp),
        headers: headers.map((header) => ({ key: header.key, value: header.value.toString() })),
      }));
      return () => {
        const baseTimestamp = inputs[0]?.timestamp ?? 0n;
        let maxTimestamp = baseTimestamp;
        for (const { timestamp } of inputs) if (timestamp > maxTimestamp) maxTimestamp = timestamp;
        return createBatch({
          baseOffset: 0n,
          partitionLeaderEpoch: -1,
          attributes: 0,
          lastOffsetDelta: inputs.length - 1,
          baseTimestamp,
          maxTimestamp,
          producerId: -1n,
          producerEpoch: 0,
          baseSequence: 0,
          records: inputs.map(({ key, value, headers, timestamp }, offsetDelta) => ({
            attributes: 0,
            timestampDelta: timestamp - baseTimestamp,
            offsetDelta,
            key,
            value,
            headers,
          })),
        }).value();
      };
    },
    decode: (batch) => {
      const [decoded] = decodeRecordBatch(new Decoder(batch), batch.length, []);
      const { baseOffset, baseTimestamp, records } = decoded;
      let touched = 0;
      for (const { key, value, headers, offsetDelta, timestampDelta } of records) {
        touched += (key?.length ?? 0) + (value?.length ?? 0);
        if (baseOffset + BigInt(offsetDelta) >= 0n && baseTimestamp + timestampDelta >= 0n) touched++;
        for (const header of headers) touched += header.key.length + header.value.length;
      }
      return touched;
    },
  };
}

/** Every peer; needs what the newest of them needs, which is Node.js 22.22. */
export async function peers(): Promise<Peer[]> {
  return [kafkajs(), await platformatic(), kafkaTs()];
}
