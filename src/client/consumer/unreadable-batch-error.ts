import { KafkaError } from "../../protocol/errors.ts";
import { formatPartition, type TopicPartition } from "./assignment.ts";

/**
 * A record batch cannot be read: its checksum is wrong, it cannot be decompressed, or its bytes are no records. What
 * stands in front of it was handed out. Reading stays there, and fails again, until it is sent behind it.
 *
 * `code` is that of the `cause`: `CORRUPT_MESSAGE`, `DECODE_ERROR`, `DECOMPRESSED_SIZE_EXCEEDED` and so on.
 *
 * @example
 * ```ts
 * import { Kafka, UnreadableBatchError } from "kafkawire";
 *
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * await using consumer = kafka.consumer();
 * consumer.assign(await consumer.partitionsFor("orders", { from: "earliest" }));
 * try {
 *   for await (const record of consumer) console.log(record.offset);
 * } catch (error) {
 *   if (!(error instanceof UnreadableBatchError)) throw error;
 *   console.error(`${error.topic}-${error.partition} goes on at offset ${error.nextOffset}`, error.cause);
 * }
 * ```
 */
export class UnreadableBatchError extends KafkaError {
  override readonly name = "UnreadableBatchError";
  readonly topic: string;
  readonly partition: number;
  /** Of the first record that cannot be read. */
  readonly offset: bigint;
  /** The one behind the batch, to go on at; null where not even the batch's header can be read. */
  readonly nextOffset: bigint | null;

  constructor(place: TopicPartition, offset: bigint, nextOffset: bigint | null, cause: KafkaError) {
    const { code, message, retriable } = cause;
    const remedy = nextOffset === null ? "seek to a later offset" : `seek to ${nextOffset}`;
    super(
      code,
      `${formatPartition(place)} cannot be read on from offset ${offset}: ${message}. To go on behind it, ${remedy}`,
      { cause, retriable },
    );
    this.topic = place.topic;
    this.partition = place.partition;
    this.offset = offset;
    this.nextOffset = nextOffset;
  }
}
