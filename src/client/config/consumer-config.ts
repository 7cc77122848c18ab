import { resolve } from "./resolve.ts";
import { flag, int, oneOf, type Settings } from "./setting.ts";

/** Settings of a consumer. */
export interface ConsumerConfig {
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
  autoOffsetReset: { kind: oneOf("earliest", "latest", "none"), default: "latest" },
  fetchMinBytes: { kind: int(0), default: 1 },
  fetchMaxBytes: { kind: int(0), default: 52_428_800 },
  fetchMaxWaitMs: { kind: int(0), default: 500 },
  maxPartitionFetchBytes: { kind: int(0), default: 1_048_576 },
  checkCrcs: { kind: flag, default: true },
};

/** @throws ConfigError naming the first setting that is wrong. */
export function resolveConsumerConfig(config: ConsumerConfig): Required<ConsumerConfig> {
  return resolve("a consumer", config, CONSUMER_SETTINGS);
}
