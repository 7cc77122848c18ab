import { decodeUtf8 } from "../../protocol/utf8.ts";
import { typeName } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

/**
 * JSON in UTF-8, by `JSON.stringify` and `JSON.parse`. The type is what the program says it is: nothing checks what
 * was read against it.
 *
 * @example
 * ```ts
 * import { int32, json, Kafka } from "kafkawire";
 *
 * interface Order {
 *   readonly total: number;
 * }
 *
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * const producer = kafka.producer({ keySerializer: int32(), valueSerializer: json<Order>() });
 * await producer.send({ topic: "orders", key: 42, value: { total: 9.5 } });
 * ```
 */
export function json<T>(): Serde<T> {
  return {
    serialize(data) {
      const text = JSON.stringify(data) as string | undefined;
      if (text === undefined) throw new TypeError(`JSON has nothing for ${typeName(data)}`);
      return text;
    },
    deserialize(data) {
      const text = decodeUtf8(data, 0, data.byteLength);
      try {
        return JSON.parse(text) as T;
      } catch {
        // The runtime's own message quotes what was read.
        throw new SyntaxError(`the ${data.byteLength} bytes are not JSON`);
      }
    },
  };
}
