import type { RecordView } from "../../protocol/records/record-view.ts";
import { deserialize } from "../serialization/deserialize.ts";
import type { Deserializer } from "../serialization/deserializer.ts";
import { ConsumerRecord } from "./consumer-record.ts";

/** What makes keys and values of bytes; where there is none, they are bytes. */
export interface Deserializers<out K, out V> {
  readonly key: Deserializer<K> | null;
  readonly value: Deserializer<V> | null;
}

/** A record whose key or value is more than bytes: deserialized when it is first asked for, and kept. */
export class DeserializedRecord<out K, out V> extends ConsumerRecord<K, V> {
  readonly #deserializers: Deserializers<K, V>;
  #key: K | null | undefined;
  #value: V | null | undefined;

  constructor(topic: string, partition: number, view: RecordView, deserializers: Deserializers<K, V>) {
    super(topic, partition, view);
    this.#deserializers = deserializers;
  }

  override get key(): K | null {
    const { key: deserializer } = this.#deserializers;
    if (deserializer === null) return super.key;
    if (this.#key === undefined) this.#key = deserialize(deserializer, this.keyBytes, "key", this);
    return this.#key;
  }

  override get value(): V | null {
    const { value: deserializer } = this.#deserializers;
    if (deserializer === null) return super.value;
    if (this.#value === undefined) this.#value = deserialize(deserializer, this.valueBytes, "value", this);
    return this.#value;
  }
}
