/** Whether what a producer sent may be appended: the checks of Kafka's log, in Kafka's order and with its words. */

import { KafkaError } from "../../protocol/errors.ts";
import type { CompressionType, Decompressor } from "../../protocol/records/compression-type.ts";
import { readRecordBatches } from "../../protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { RecordIterator } from "../../protocol/records/record-iterator.ts";
import { Refusal } from "../error-code.ts";
import type { LogSettings } from "./log-settings.ts";

/** What is wrong with one record of a batch. */
export interface RecordError {
  readonly batchIndex: number;
  readonly batchIndexErrorMessage: string;
}

/** A batch is refused because of some of its records (KIP-467). */
export class RecordsRefusal extends Refusal {
  readonly recordErrors: readonly RecordError[];

  constructor(code: string, message: string, recordErrors: readonly RecordError[]) {
    super(code, message);
    this.recordErrors = recordErrors;
  }
}

/** Codecs by type. */
export type ForReading = (type: CompressionType) => Decompressor | null;

/** A record of a batch is never larger than this once it is decompressed, whatever the batch says. */
export const MAX_DECOMPRESSED = 256 * 1024 * 1024;

const MAGIC = 2;
/** From this version of Produce on, batches may be compressed with zstd (KIP-110). */
const FIRST_VERSION_WITH_ZSTD = 7;
/** As many of a batch's bad records are told of in the message. */
const RECORDS_NAMED = 3;

/**
 * The one batch that a Produce request may hold for a partition.
 *
 * @throws Refusal when there is none, or more than one, or it is not of magic 2.
 */
export function soleBatch(records: Uint8Array | null, version: number): RecordBatch {
  const refuse = (problem: string): Refusal =>
    new Refusal("INVALID_RECORD", `Produce requests with version ${version} ${problem}`);
  let batches: RecordBatch[];
  try {
    batches = [...readRecordBatches(records ?? new Uint8Array(0), { checkCrc: false })];
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    // A batch that is cut off is no batch; one whose header says nonsense is a damaged one.
    if (error.code !== "DECODE_ERROR") throw refuse("must have at least one record batch per partition");
    throw new Refusal("CORRUPT_MESSAGE", error.message);
  }
  const [batch, second] = batches;
  if (batch === undefined) throw refuse("must have at least one record batch per partition");
  if (batch.magic !== MAGIC) {
    throw refuse("are only allowed to contain record batches with magic version 2");
  }
  if (version < FIRST_VERSION_WITH_ZSTD && batch.compressionType === "zstd") {
    throw new Refusal(
      "UNSUPPORTED_COMPRESSION_TYPE",
      `Produce requests with version ${version} are not allowed to use ZStandard compression`,
    );
  }
  if (second !== undefined)
    throw refuse("are only allowed to contain exactly one record batch per partition");
  return batch;
}

/**
 * Holds the bytes of a producer's batch against themselves and against what the topic allows.
 *
 * @param place the partition, for the message
 */
export function checkBatch(batch: RecordBatch, settings: LogSettings, place: string): void {
  const { baseOffset, sizeInBytes } = batch;
  if (baseOffset !== 0n) {
    throw new Refusal(
      "INVALID_RECORD",
      `The baseOffset of the record batch in the append to ${place} should be 0, but it is ${baseOffset}`,
    );
  }
  const { maxMessageBytes } = settings;
  if (sizeInBytes > maxMessageBytes) {
    throw new Refusal(
      "MESSAGE_TOO_LARGE",
      `The record batch size in the append to ${place} is ${sizeInBytes} bytes which exceeds the maximum configured ` +
        `value of ${maxMessageBytes}.`,
    );
  }
  try {
    batch.ensureValid();
  } catch {
    throw new Refusal(
      "CORRUPT_MESSAGE",
      `Record is corrupt (stored crc = ${batch.crc >>> 0}) in topic partition ${place}.`,
    );
  }
  checkHeader(batch, place);
}

function checkHeader(batch: RecordBatch, place: string): void {
  const { baseOffset, lastOffset, recordCount, producerId, baseSequence } = batch;
  const refuse = (problem: string): Refusal =>
    new Refusal("INVALID_RECORD", `${problem} in topic partition ${place}`);
  const count = lastOffset - baseOffset + 1n;
  if (count <= 0n) throw refuse(`Batch has an invalid offset range: [${baseOffset}, ${lastOffset}]`);
  if (recordCount <= 0) throw refuse(`Invalid reported count for record batch: ${recordCount}`);
  if (count !== BigInt(recordCount)) {
    throw refuse(
      `Inconsistent batch offset range [${baseOffset}, ${lastOffset}] and count of records ${recordCount}`,
    );
  }
  if (batch.isControl) throw refuse("Clients are not allowed to write control records");
  if (producerId >= 0n && baseSequence < 0) {
    throw refuse(`Invalid sequence number ${baseSequence} in record batch with producerId ${producerId}`);
  }
}

/**
 * Walks the records: each has to be one, with the offset of its place, and with a key where the topic is compacted.
 *
 * Differs from Kafka: where the runtime decompresses only asynchronously, compressed records are taken unseen.
 */
export function checkRecords(
  batch: RecordBatch,
  settings: LogSettings,
  forReading: ForReading,
  nowMs: number,
  place: string,
): void {
  const records = recordsOf(batch, forReading);
  if (records === null) return;
  const { isCompacted, timestampType, timestampBeforeMaxMs, timestampAfterMaxMs } = settings;
  const checksTime = timestampType === "CreateTime";
  const withoutKey: RecordError[] = [];
  const untimely: RecordError[] = [];
  let index = 0;
  try {
    for (let record = records.nextRecord(); record !== null; record = records.nextRecord(), index++) {
      if (isCompacted && record.key === null) {
        const batchIndexErrorMessage = `Compacted topic cannot accept message without key in topic partition ${place}.`;
        withoutKey.push({ batchIndex: index, batchIndexErrorMessage });
      }
      const { timestamp } = record;
      if (checksTime && timestamp >= 0 && isUntimely(timestamp)) {
        const batchIndexErrorMessage =
          `Timestamp ${timestamp} of message with offset ${index} is out of range. The timestamp should be within ` +
          `[${nowMs - timestampBeforeMaxMs}, ${nowMs + timestampAfterMaxMs}]`;
        untimely.push({ batchIndex: index, batchIndexErrorMessage });
      }
    }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    throw new Refusal("INVALID_RECORD", `${error.message} in topic partition ${place}`);
  }
  refuseRecords(withoutKey, untimely);

  function isUntimely(timestamp: number): boolean {
    return nowMs - timestamp > timestampBeforeMaxMs || timestamp - nowMs > timestampAfterMaxMs;
  }
}

function refuseRecords(withoutKey: readonly RecordError[], untimely: readonly RecordError[]): void {
  if (withoutKey.length > 0) {
    const named = withoutKey
      .slice(0, RECORDS_NAMED)
      .map(({ batchIndexErrorMessage }) => batchIndexErrorMessage);
    throw new RecordsRefusal(
      "INVALID_RECORD",
      `One or more records have been rejected due to ${withoutKey.length} record errors in total, and only showing ` +
        `the first three errors at most: ${named.join(", ")}`,
      withoutKey,
    );
  }
  if (untimely.length > 0) {
    throw new RecordsRefusal(
      "INVALID_TIMESTAMP",
      "One or more records have been rejected due to invalid timestamp",
      untimely,
    );
  }
}

/** The records of a batch; null where they cannot be decompressed at once. */
export function recordsOf(batch: RecordBatch, forReading: ForReading): RecordIterator | null {
  const { compressionType } = batch;
  if (compressionType === "none") return batch.records();
  const payload = batch.decompress(forReading(compressionType), MAX_DECOMPRESSED);
  if (payload instanceof Uint8Array) return batch.records(payload);
  // Nobody waits for it; that it fails is found by whoever reads the records.
  payload.catch(() => {});
  return null;
}
