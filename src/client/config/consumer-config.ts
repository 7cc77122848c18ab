import { type AssignmentStrategy, strategies } from "../consumer/assignment-strategy.ts";
import { type AutoOffsetReset, isAutoOffsetReset } from "../consumer/offset-reset.ts";
import type { RebalanceListener } from "../consumer/rebalance-listener.ts";
import type { TopicsToRead } from "../consumer/topics-to-read.ts";
import type { Deserializer } from "../serialization/deserializer.ts";
import { checkProtocolSettings } from "./protocol-settings.ts";
import { resolve } from "./resolve.ts";
import { deserializer } from "./serialization-kinds.ts";
import { flag, instance, int, type Kind, oneOf, type Settings, text } from "./setting.ts";

/** Settings of a consumer. `K` and `V` are the types of keys and values that it gives. */
export interface ConsumerConfig<K = Uint8Array, V = Uint8Array> {
  /** What makes keys of bytes, such as `int32()`; null keys stay null. Without it they are bytes. Default: `null`. */
  readonly keyDeserializer?: Deserializer<K> | null;
  /** What makes values of bytes, such as `json<Order>()`. Default: `null`. */
  readonly valueDeserializer?: Deserializer<V> | null;
  /**
   * The group that the consumer reads in and commits to. Without one it reads what it is assigned, and commits
   * nothing. Default: `null`.
   */
  readonly groupId?: string | null;
  /** What to `subscribe` to from the start. Default: `null`. */
  readonly topics?: TopicsToRead | readonly TopicsToRead[] | null;
  /** Is told of partitions that come and go, where `topics` are given. Default: `null`. */
  readonly rebalanceListener?: RebalanceListener | null;
  /**
   * How a classic group shares partitions, best first: `"range"`, `"roundrobin"`, `"sticky"`, `"cooperative-sticky"`, or
   * what makes an assignor of your own. All members need one in common. Default: `["range","cooperative-sticky"]`.
   */
  readonly partitionAssignmentStrategy?: readonly AssignmentStrategy[];
  /**
   * Makes the consumer a static member under this name (KIP-345): one that is away for less than `sessionTimeoutMs`
   * comes back to its partitions, and nobody else reads them meanwhile. Each member needs another. Default: `null`.
   */
  readonly groupInstanceId?: string | null;
  /** The protocol of the group: Kafka's first, or that of KIP-848, whose brokers assign. Default: `"classic"`. */
  readonly groupProtocol?: "classic" | "consumer";
  /** The assignor that the brokers use, with `groupProtocol: "consumer"`. Without it, they choose. Default: `null`. */
  readonly groupRemoteAssignor?: string | null;
  /**
   * How long the group takes a member for alive that is not heard of; brokers limit it. With `groupProtocol:
   * "consumer"` it is the brokers that say. Default: `45000`.
   */
  readonly sessionTimeoutMs?: number;
  /** How often the member is heard of, a third of `sessionTimeoutMs` at most. Default: `3000`. */
  readonly heartbeatIntervalMs?: number;
  /**
   * Longest time between two askings for records. An application that takes longer loses its place in the group, and
   * so its partitions, until it asks again. Default: `300000`.
   */
  readonly maxPollIntervalMs?: number;
  /** Most records that `poll` gives at once, and most that a batch has. Default: `500`. */
  readonly maxPollRecords?: number;
  /**
   * Whether what was processed is committed by itself: every `autoCommitIntervalMs`, before partitions are given up
   * and when the consumer closes. A record counts as processed when the next one is asked for. Without `groupId`
   * nothing is. Default: `true`.
   */
  readonly enableAutoCommit?: boolean;
  /** How often. Default: `5000`. */
  readonly autoCommitIntervalMs?: number;
  /**
   * Where to start in a partition for which nothing else is said, and where to go on when an offset is not in the
   * log. `"by_duration:P7D"`, with any ISO 8601 duration of days and smaller, is the first record that is no older
   * (KIP-1106); `"none"` makes it an error. Default: `"latest"`.
   */
  readonly autoOffsetReset?: AutoOffsetReset;
  /**
   * Whether records of transactions are read that are not committed; `"read_committed"` gives none of them, and
   * nothing behind a transaction that is still open. Default: `"read_uncommitted"`.
   */
  readonly isolationLevel?: "read_uncommitted" | "read_committed";
  /**
   * The rack, such as an availability zone, where the consumer runs. Brokers with a `replica.selector.class` then
   * let it read from a replica in there instead of the leader (KIP-392). Default: `""`.
   */
  readonly clientRack?: string;
  /** Bytes that a broker waits for before it answers a fetch. Default: `1`. */
  readonly fetchMinBytes?: number;
  /**
   * Most bytes of one answer, but for a first batch that is larger. Brokers have equal shares of it, and what is fetched
   * and not read yet is at most twice as much over all of them. Default: `52428800`.
   */
  readonly fetchMaxBytes?: number;
  /** Longest wait of a broker for `fetchMinBytes`. Default: `500`. */
  readonly fetchMaxWaitMs?: number;
  /** Most bytes of one partition in one answer, but for a first batch that is larger. Default: `1048576`. */
  readonly maxPartitionFetchBytes?: number;
  /** Whether the checksum of every batch is verified. Default: `true`. */
  readonly checkCrcs?: boolean;
}

/** A name, or none. */
const name: Kind = {
  problem: (value) =>
    value === null || (typeof value === "string" && value !== "")
      ? null
      : "must be a string that is not empty",
  parse: (written) => written,
};

const offsetReset: Kind = {
  problem: (value) =>
    isAutoOffsetReset(value)
      ? null
      : 'must be one of "earliest", "latest", "none" or "by_duration:" with an ISO 8601 duration such as PT1H',
  parse: (written) => {
    // Kafka takes it in any case; a duration may be in any here.
    const [policy = "", ...duration] = written.split(":");
    return [policy.toLowerCase(), ...duration].join(":");
  },
};

/** What is in them is checked by `subscribe`, which knows more of it. */
const topics: Kind = instance("a topic or a list of them", () => true);

const listener: Kind = instance(
  "an object with onPartitionsAssigned, onPartitionsRevoked or onPartitionsLost, or null",
  (value) =>
    typeof value === "object" && Object.values(value ?? {}).every((each) => typeof each === "function"),
);

export const CONSUMER_SETTINGS: Settings<ConsumerConfig, never> = {
  keyDeserializer: { kind: deserializer, default: null, key: null },
  valueDeserializer: { kind: deserializer, default: null, key: null },
  groupId: { kind: name, default: null },
  topics: { kind: topics, default: null, key: null },
  rebalanceListener: { kind: listener, default: null, key: null },
  partitionAssignmentStrategy: { kind: strategies, default: ["range", "cooperative-sticky"] },
  groupInstanceId: { kind: name, default: null },
  groupProtocol: { kind: oneOf("classic", "consumer"), default: "classic" },
  groupRemoteAssignor: { kind: name, default: null },
  sessionTimeoutMs: { kind: int(1), default: 45_000 },
  heartbeatIntervalMs: { kind: int(1), default: 3000 },
  maxPollIntervalMs: { kind: int(1), default: 300_000 },
  maxPollRecords: { kind: int(1), default: 500 },
  enableAutoCommit: { kind: flag, default: true },
  autoCommitIntervalMs: { kind: int(0), default: 5000 },
  autoOffsetReset: { kind: offsetReset, default: "latest" },
  isolationLevel: { kind: oneOf("read_uncommitted", "read_committed"), default: "read_uncommitted" },
  clientRack: { kind: text, default: "" },
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
  const resolved = resolve<ConsumerConfig<unknown, unknown>, never>("a consumer", config, CONSUMER_SETTINGS);
  checkProtocolSettings(config);
  return resolved;
}
