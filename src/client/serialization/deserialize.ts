import type { RecordHeader } from "../../protocol/records/header-reader.ts";
import { messageOf } from "../errors.ts";
import type { Deserializer } from "./deserializer.ts";
import { SerializationError } from "./serialization-error.ts";

/** What is to be known of the record that a key or value stands in. */
export interface ReadRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly headers: readonly RecordHeader[];
}

/**
 * What a key or value means; null is null.
 *
 * @throws SerializationError when the deserializer throws.
 */
export function deserialize<T>(
  deserializer: Deserializer<T>,
  data: Uint8Array | null,
  part: "key" | "value",
  record: ReadRecord,
): T | null {
  if (data === null) return null;
  const { topic } = record;
  try {
    return deserializer.deserialize(data, {
      topic,
      part,
      // Headers are only decoded for who looks at them.
      get headers() {
        return record.headers;
      },
    });
  } catch (cause) {
    const { offset, partition } = record;
    const where = `topic "${topic}", partition ${partition}, offset ${offset}`;
    throw new SerializationError(
      "DESERIALIZATION_FAILED",
      { topic, part, partition, offset, bytes: data },
      `Record in ${where}: the deserializer of its ${part} failed: ${messageOf(cause)}`,
      { cause },
    );
  }
}
