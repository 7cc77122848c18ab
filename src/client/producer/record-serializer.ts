import { serialize } from "../serialization/serialize.ts";
import type { Serializer } from "../serialization/serializer.ts";
import { checkPlace, type ProducerRecord } from "./record.ts";
import type { RecordData } from "./record-data.ts";

/** Makes of a record whatever its types are one that can be sent as it is. */
export type SerializeRecord<in K, in V> = (record: ProducerRecord<K, V>) => ProducerRecord;

/** What a producer with these serializers does to each record; null where there is nothing to do. */
export function recordSerializer<K, V>(
  keySerializer: Serializer<K> | null,
  valueSerializer: Serializer<V> | null,
): SerializeRecord<K, V> | null {
  if (keySerializer === null && valueSerializer === null) return null;
  return (record) => {
    checkPlace(record);
    const { topic, key, value, headers, partition, timestamp } = record;
    return {
      topic,
      key:
        keySerializer === null
          ? (key as RecordData | undefined)
          : serialize(keySerializer, key, { topic, part: "key", headers }),
      value:
        valueSerializer === null
          ? (value as RecordData | undefined)
          : serialize(valueSerializer, value, { topic, part: "value", headers }),
      headers,
      partition,
      timestamp,
    };
  };
}
