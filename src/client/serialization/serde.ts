import type { Deserializer } from "./deserializer.ts";
import type { Serializer } from "./serializer.ts";

/** Both directions: `Input` is what can be sent, `Output` what is read. */
export interface Serde<in Input, out Output = Input> extends Serializer<Input>, Deserializer<Output> {}
