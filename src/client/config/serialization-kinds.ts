/** Serializers and deserializers as settings. */

import { boolean } from "../serialization/boolean.ts";
import { float32 } from "../serialization/float32.ts";
import { float64 } from "../serialization/float64.ts";
import { int16 } from "../serialization/int16.ts";
import { int32 } from "../serialization/int32.ts";
import { int64 } from "../serialization/int64.ts";
import { nothing } from "../serialization/nothing.ts";
import { uuid } from "../serialization/uuid.ts";
import { instance, type Kind } from "./setting.ts";

/** What Kafka's own serializers are here. Null is none: text and bytes can be sent as they are. */
const OF_KAFKA: { readonly [name: string]: (() => object) | null } = {
  BooleanSerializer: boolean,
  ByteArraySerializer: null,
  ByteBufferSerializer: null,
  BytesSerializer: null,
  DoubleSerializer: float64,
  FloatSerializer: float32,
  IntegerSerializer: int32,
  LongSerializer: int64,
  ShortSerializer: int16,
  StringSerializer: null,
  UUIDSerializer: uuid,
  VoidSerializer: nothing,
};

/** Kafka's package, which may be left out. */
const PACKAGE = /^org\.apache\.kafka\.common\.serialization\./;

const has = (value: unknown, method: string): boolean =>
  value === null ||
  typeof (value as { readonly [name: string]: unknown } | undefined)?.[method] === "function";

export const serializer: Kind = {
  ...instance("a serializer, such as int32(), the name of Kafka's class in properties, or null", (value) =>
    has(value, "serialize"),
  ),
  parse(text) {
    const name = text.replace(PACKAGE, "");
    return Object.hasOwn(OF_KAFKA, name) ? (OF_KAFKA[name]?.() ?? null) : text;
  },
};

/** Not from text: the type of what is read would be another one than the program's source says. */
export const deserializer: Kind = instance("a deserializer, such as int32(), or null", (value) =>
  has(value, "deserialize"),
);
