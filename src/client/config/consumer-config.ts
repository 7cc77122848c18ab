import type { Deserializer } from "../serialization/deserializer.ts";
import { resolve } from "./resolve.ts";
import { deserializer } from "./serialization-kinds.ts";
import { flag, int, oneOf, type Settings } from "./setting.ts";

/** Settings of a consumer. `K` and `V` are the types of keys and values that it gives. */
export interface ConsumerConfig<K = Uint8Array, V = Uint8Array> {
  /** What makes keys of bytes, such as `int32()`; null keys stay null. Without it they are bytes. Default: `null`. */
  readonly keyDeserializer?: Deserializer<K> | null;
  /** What makes values of bytes, such as `json<Order>()`. Default: `null`. */
  readonly valueDeserializer?: Deserializer<V> | null;
  /**
   * Where to start in a partition for which nothing else is said, and where to go on when an offset is not in the
   * log; `"none"` makes it an error. Default: `"latest"`.
   */
  readonly autoOffsetReset?: "earliest" | "latest" | "none";
  /** Bytes that a broker waits for before it answers a fetch. Default: `1`. */
  readonly fetchMinBytes?: number;
  /** Most bytes of one answer, but for a first batch that is larger. Default: `52428800`. */
  readonly fetchMaxBytes?: number;
  /** Longest wait of a broker for `fetchMinBytes`. Default: `500`. */
  readonly fetchMaxWaitMs?: number;
  /** Most bytes of one partition in one answer, but for a first batch that is larger. Default: `1048576`. */
  readonly maxPartitionFetchBytes?: number;
  /** Whether the checksum of every batch is verified. Default: `true`. */
  readonly checkCrcs?: boolean;
}

export const CONSUMER_SETTINGS: Settings<ConsumerConfig, never> = {
  keyDeserializer: { kind: deserializer, default: null, key: null },
  valueDeserializer: { kind: deserializer, default: null, key: null },
  autoOffsetReset: { kind: oneOf("earliest", "latest", "none"), default: "latest" },
  fetchMinBytes: { kind: int(0), default: 1 },
  fetchMaxBytes: { kind: int(0), default: 52_428_800 },
  fetchMaxWaitMs: { kind: int(0), default: 500 },
  maxPartitionFetchBytes: { kind: int(0), default: 1_048_576 },
  checkCrcs: { kind: flag, default: true },
};

/** {@link ConsumerConfig} as the client uses it, whatever is made of keys and values. */
export type ResolvedConsumerConfig = Required<ConsumerConfig<unknown, unknown>>;

/** @throws ConfigError naming the first setting that is wrong. */
export function resolveConsumerConfig(config: ConsumerConfig<unknown, unknown>): ResolvedConsumerConfig {
  return resolve<ConsumerConfig<unknown, unknown>, never>("a consumer", config, CONSUMER_SETTINGS);
}
