import { KafkaError } from "../errors.ts";

/**
 * A record batch whose bytes changed between the producer and here: its CRC is not the one that it carries.
 * `retriable`, since fetching again helps where the transport damaged it and the broker's copy is whole.
 */
export class CorruptRecordBatchError extends KafkaError {
  override readonly name = "CorruptRecordBatchError";
  /** The batch's base offset, which the CRC does not cover. */
  readonly baseOffset: bigint;
  /** The CRC that the batch carries. */
  readonly expectedCrc: number;
  /** The CRC of the bytes that arrived. */
  readonly actualCrc: number;
  readonly #checksum: string;
  #topic: string | null = null;
  #partition: number | null = null;

  constructor(
    baseOffset: bigint,
    expectedCrc: number,
    actualCrc: number,
    checksum: "CRC-32C" | "CRC-32" = "CRC-32C",
  ) {
    super("CORRUPT_MESSAGE", "", { retriable: true });
    this.baseOffset = baseOffset;
    this.expectedCrc = expectedCrc;
    this.actualCrc = actualCrc;
    this.#checksum = checksum;
    this.#describe();
  }

  /** Where it was fetched from, once {@link inPartition} has said so. */
  get topic(): string | null {
    return this.#topic;
  }

  get partition(): number | null {
    return this.#partition;
  }

  /** Says where the batch was fetched from, and returns this same error to be thrown on. */
  inPartition(topic: string, partition: number): this {
    this.#topic = topic;
    this.#partition = partition;
    this.#describe();
    return this;
  }

  #describe(): void {
    const place = this.#topic === null ? "" : ` of partition ${this.#topic}-${this.#partition}`;
    this.message =
      `The record batch at offset ${this.baseOffset}${place} is corrupt: it carries ${this.#checksum} ` +
      `${hex(this.expectedCrc)} and its bytes give ${hex(this.actualCrc)}. Fetch it again; if it stays so, seek past it`;
  }
}

/**
 * Fetched bytes that hold the start of one record batch and no more: the fetch was smaller than the batch, so
 * nothing can be read. Brokers since 0.10.1 send a first batch whole, whatever the limit (KIP-74).
 */
export class PartialRecordBatchError extends KafkaError {
  override readonly name = "PartialRecordBatchError";
  /** The batch's base offset; null where not even that had room. */
  readonly baseOffset: bigint | null;
  /** The size of the whole batch in bytes, as it says itself; null where not even that had room. */
  readonly sizeInBytes: number | null;

  constructor(available: number, baseOffset: bigint | null, sizeInBytes: number | null) {
    super(
      "PARTIAL_RECORD_BATCH",
      `The fetched ${available} bytes hold only the start of a record batch` +
        (sizeInBytes === null ? "" : ` of ${sizeInBytes} bytes at offset ${baseOffset}`) +
        ": raise maxPartitionFetchBytes",
      { retriable: true },
    );
    this.baseOffset = baseOffset;
    this.sizeInBytes = sizeInBytes;
  }
}

function hex(crc: number): string {
  return `0x${crc.toString(16).padStart(8, "0")}`;
}
