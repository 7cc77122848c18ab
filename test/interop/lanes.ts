/** The ways in which the table of records is carried: each is a topic, and each holds the table twice. */

import { compressionCodecs } from "../../src/compression/codecs.ts";
import type { CompressionType, TimestampType } from "../../src/mod.ts";
import { platform } from "../../src/platform/node.ts";
import { compressionTypes } from "../../src/protocol/records/compression-type.ts";
import type { AwkwardRecord } from "./awkward-records.ts";
import type { KafkaForSuite } from "./topics.ts";

export interface LaneKind {
  readonly compressionType: CompressionType;
  /** Who sets the timestamps. */
  readonly timestampType: TimestampType;
}

export interface Lane extends LaneKind {
  readonly topic: string;
}

/** The table in batches as large as they get. */
export const TOGETHER = 0;
/** The table with each record in a batch of its own. */
export const ALONE = 1;

/** A batch that just fits the topic; the records between the large ones share it. */
export const LARGE_BATCH = 1_000_000;
/** What a client has to be told to take the largest record of the table, before compression. */
export const LARGEST_REQUEST = 4_000_000;
/** What brokers default to. One that defaults to more would take uncompressed what only compression should fit. */
const MAX_MESSAGE_BYTES = 1_048_588;

export const laneKinds: readonly LaneKind[] = (["CREATE_TIME", "LOG_APPEND_TIME"] as const).flatMap(
  (timestampType) => compressionTypes.map((compressionType) => ({ compressionType, timestampType })),
);

const { supported } = compressionCodecs(platform.zlib);

/** Those in which kafkawire can write here: zstd only where Node.js can. */
export const writableLaneKinds: readonly LaneKind[] = laneKinds.filter(({ compressionType }) =>
  supported.includes(compressionType),
);

export function createLane({ createTopic }: KafkaForSuite, kind: LaneKind): Promise<Lane> {
  return createTopic({
    numPartitions: 2,
    configs: {
      "message.timestamp.type": kind.timestampType === "CREATE_TIME" ? "CreateTime" : "LogAppendTime",
      // The table has records of the year 9999 and of 1970: they are to be taken, and not to expire.
      "message.timestamp.after.max.ms": "9223372036854775807",
      "retention.ms": "-1",
      "max.message.bytes": `${MAX_MESSAGE_BYTES}`,
    },
  }).then((topic) => ({ ...kind, topic }));
}

/** What of the table can go this way. */
export function recordsFor(kind: LaneKind, records: readonly AwkwardRecord[]): readonly AwkwardRecord[] {
  return kind.compressionType === "none" ? records.filter(({ onlyCompressed }) => !onlyCompressed) : records;
}
