import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** A schema compiled for one version. */
export interface Codec<Value, Input = Value> {
  readonly decode: (reader: Reader) => Value;
  readonly encode: (writer: Writer, value: Input) => void;
}
