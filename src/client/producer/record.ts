import type { RecordHeaderInput } from "../../protocol/records/record-encoding.ts";
import { ConfigError } from "../errors.ts";

/** What a key, a value or a header's value may be. Text is sent as UTF-8. */
export type RecordData = string | Uint8Array | ArrayBuffer | null;

/** One header; the form that a consumer gives serves too, so that records can be passed on as they came. */
export type HeaderToSend =
  | readonly [key: string, value: RecordData]
  | { readonly key: string; readonly value: RecordData };

/** Headers as a list, which may repeat a key and keeps its order, or as an object. */
export type HeadersToSend = readonly HeaderToSend[] | { readonly [key: string]: RecordData };

/** A record to send. */
export interface ProducerRecord {
  readonly topic: string;
  /** Decides the partition where none is given; records with one key stay in order. Default: null. */
  readonly key?: RecordData | undefined;
  /** Null is a tombstone in a compacted topic. Default: null. */
  readonly value?: RecordData | undefined;
  readonly headers?: HeadersToSend | undefined;
  /** Overrides the partitioner. */
  readonly partition?: number | undefined;
  /** Milliseconds since the epoch. Default: now. */
  readonly timestamp?: number | undefined;
}

/** Where a record went. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** -1 with `acks: 0`: the broker does not tell. */
  readonly offset: bigint;
  /** That of the record, or the broker's where the topic has `message.timestamp.type=LogAppendTime`. */
  readonly timestamp: number;
}

/** A record whose parts have been checked and brought into one form. */
export interface PreparedRecord {
  readonly topic: string;
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers: readonly RecordHeaderInput[];
  readonly partition: number | undefined;
  readonly timestamp: number;
}

const NO_HEADERS: PreparedRecord["headers"] = [];

/**
 * Checks a record as far as that can be done without the cluster.
 *
 * @throws ConfigError naming the part that is wrong.
 */
export function prepareRecord(record: ProducerRecord, nowMs: number): PreparedRecord {
  const { topic, partition, timestamp = nowMs } = record;
  if (typeof topic !== "string" || topic === "")
    throw new ConfigError("A record needs a topic: give it as `topic`");
  if (partition !== undefined && (!Number.isInteger(partition) || partition < 0)) {
    throw new ConfigError(`Record for topic "${topic}": partition ${partition} is not a number from 0 up`);
  }
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new ConfigError(
      `Record for topic "${topic}": timestamp ${timestamp} is not a whole number of milliseconds since the epoch`,
    );
  }
  return {
    topic,
    key: prepareData(record.key, topic, "key"),
    value: prepareData(record.value, topic, "value"),
    headers: record.headers === undefined ? NO_HEADERS : prepareHeaders(record.headers, topic),
    partition,
    timestamp,
  };
}

function prepareHeaders(headers: HeadersToSend, topic: string): PreparedRecord["headers"] {
  const list: readonly HeaderToSend[] = isList(headers) ? headers : Object.entries(headers);
  return list.map((header) => {
    const [key, value] = isPair(header) ? header : [header.key, header.value];
    if (typeof key !== "string")
      throw new ConfigError(`Record for topic "${topic}": a header's key must be a string`);
    return { key, value: prepareData(value, topic, `header "${key}"`) };
  });
}

function isList(headers: HeadersToSend): headers is readonly HeaderToSend[] {
  return Array.isArray(headers);
}

function isPair(header: HeaderToSend): header is readonly [string, RecordData] {
  return Array.isArray(header);
}

function prepareData(data: RecordData | undefined, topic: string, part: string): string | Uint8Array | null {
  if (data === undefined || data === null) return null;
  if (typeof data === "string" || data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new ConfigError(
    `Record for topic "${topic}": its ${part} is a ${typeof data}; give a string, Uint8Array, ArrayBuffer or null ` +
      "(JSON.stringify turns an object into a string)",
  );
}
