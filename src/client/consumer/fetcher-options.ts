import type { Crc32 } from "../../protocol/records/legacy-message.ts";
import type { ResolvedConsumerConfig } from "../config/consumer-config.ts";
import type { Logger } from "../logger.ts";

/** What a fetcher needs to know. */
export interface FetcherOptions {
  readonly config: ResolvedConsumerConfig;
  readonly requestTimeoutMs: number;
  readonly defaultApiTimeoutMs: number;
  /** How long a replica that a leader points to is read from before the leader is asked again. */
  readonly metadataMaxAgeMs: number;
  readonly logger: Logger;
  /** Checks records of magic 0 and 1; undefined where the platform has none. */
  readonly crc32: Crc32 | undefined;
}
