/** The names that Kafka's own serializers and deserializers go by in properties, and what does the same here. */

import { boolean } from "./boolean.ts";
import { bytes } from "./bytes.ts";
import { float32 } from "./float32.ts";
import { float64 } from "./float64.ts";
import { int16 } from "./int16.ts";
import { int32 } from "./int32.ts";
import { int64 } from "./int64.ts";
import { nothing } from "./nothing.ts";
import type { Serde } from "./serde.ts";
import { string } from "./string.ts";
import { uuid } from "./uuid.ts";

type Factory = () => Serde<never, unknown>;

const FACTORIES: { readonly [name: string]: Factory } = {
  Boolean: boolean,
  ByteArray: bytes,
  ByteBuffer: bytes,
  Bytes: bytes,
  Double: float64,
  Float: float32,
  Integer: int32,
  Long: int64,
  Short: int16,
  String: string,
  UUID: uuid,
  Void: nothing,
};

const PACKAGE = "org.apache.kafka.common.serialization.";

/** What the class of that name does, which may be given without its package; undefined when it is none of Kafka's. */
export function ofJavaClass(
  name: string,
  suffix: "Serializer" | "Deserializer",
): Serde<never, unknown> | undefined {
  const short = name.startsWith(PACKAGE) ? name.slice(PACKAGE.length) : name;
  if (!short.endsWith(suffix)) return undefined;
  const type = short.slice(0, -suffix.length);
  return Object.hasOwn(FACTORIES, type) ? FACTORIES[type]?.() : undefined;
}
