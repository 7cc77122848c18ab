import type { CompressionType } from "../../protocol/records/compression-type.ts";
import { ConfigError } from "../errors.ts";
import {
  BUILT_IN_PARTITIONERS,
  type BuiltInPartitioner,
  type Partitioner,
} from "../producer/partitioners/partitioner.ts";
import type { RecordData } from "../producer/record-data.ts";
import type { Serializer } from "../serialization/serializer.ts";
import { resolve } from "./resolve.ts";
import { serializer } from "./serialization-kinds.ts";
import { flag, int, type Kind, oneOf, type Settings, text } from "./setting.ts";

/** Settings of a producer. `K` and `V` are the types of keys and values that it takes. */
export interface ProducerConfig<K = RecordData, V = RecordData> {
  /**
   * What makes bytes or text of keys, such as `int32()`. Without it keys are text, bytes or null. Properties may name
   * a class of Kafka's own. Default: `null`.
   */
  readonly keySerializer?: Serializer<K> | null;
  /** What makes bytes or text of values, such as `json<Order>()`. Default: `null`. */
  readonly valueSerializer?: Serializer<V> | null;
  /**
   * Who must have a record before it counts as sent: nobody (`0`), the leader (`1`), or every in-sync replica
   * (`"all"` or `-1`). Default: `"all"`.
   */
  readonly acks?: 0 | 1 | -1 | "all";
  /**
   * How batches are compressed. `"zstd"` needs a runtime that has it, Node.js from 22.15 and from 23.8 on;
   * elsewhere it is an error. All of them are read everywhere. Default: `"none"`.
   */
  readonly compressionType?: CompressionType;
  /** For `gzip`: 1 (fast) to 9 (small), or -1 for a middle. Default: `-1`. */
  readonly compressionGzipLevel?: number;
  /**
   * For `zstd`: -131,072 (fast) to 22 (small). Kafka's level for lz4 is not there: there is one, the fastest.
   * Default: `3`.
   */
  readonly compressionZstdLevel?: number;
  /** How long a batch waits for more records. Default: `5`. */
  readonly lingerMs?: number;
  /** Bytes at which a batch is full. Default: `16384`. */
  readonly batchSize?: number;
  /** Largest request in bytes, and so the largest record, before compression. Default: `1048576`. */
  readonly maxRequestSize?: number;
  /**
   * Bytes that records may take while they wait to be sent and acknowledged, their books included. Once they are
   * used up, `send` waits, up to `maxBlockMs`, and `enqueue` says so. Default: `33554432`.
   */
  readonly bufferMemory?: number;
  /**
   * Whether records are written once and in order, whatever happens on the way: brokers recognise batches by a
   * producer id and sequence numbers (KIP-98). Needs `acks: "all"`, `retries` above 0 and at most 5
   * `maxInFlightRequestsPerConnection`; where one of the first two says otherwise, it has to be said here to be an
   * error. Default: `true`.
   */
  readonly enableIdempotence?: boolean;
  /**
   * Name of the producer for transactions (KIP-98), which outlives it: whoever comes later with the same name fences
   * those before and ends what they left. It takes `enableIdempotence` and what that needs. Default: none, and no
   * transactions.
   */
  readonly transactionalId?: string;
  /**
   * Longest time from a transaction's first record to its end; after that the coordinator aborts it. At most the
   * brokers' `transaction.max.timeout.ms`. Default: `60000`.
   */
  readonly transactionTimeoutMs?: number;
  /**
   * Longest wait of `send` for a topic's metadata, and again for room in the buffer, and of a transaction's calls.
   * Default: `60000`.
   */
  readonly maxBlockMs?: number;
  /**
   * Longest time from when the record's topic is known, for which `send` waits up to `maxBlockMs`, to its outcome,
   * retries included; at least `lingerMs` + `requestTimeoutMs`, or 0 for no end. Default: `120000`.
   */
  readonly deliveryTimeoutMs?: number;
  /** How often a batch is sent again at most; as it is, `deliveryTimeoutMs` decides. Default: `2147483647`. */
  readonly retries?: number;
  /**
   * Which partition a record goes to that names none. `"default"` is Java's: by murmur2 of the key, and without one
   * to a partition until a batch's worth of bytes went there, then to another (KIP-794). `"round_robin"` and
   * `"random"` do not look at the key. `"consistent_random"` (librdkafka's default), `"consistent"`,
   * `"murmur2_random"` and `"fnv1a_random"` put keys where librdkafka does. In properties Java's
   * `RoundRobinPartitioner` is understood. Default: `"default"`.
   */
  readonly partitioner?: BuiltInPartitioner | Partitioner;
  /** Makes `"default"` treat every record as one without a key. Default: `false`. */
  readonly partitionerIgnoreKeys?: boolean;
  /**
   * Has `"default"` send fewer records without a key to partitions for which more is waiting, as it is with those of
   * a slow broker. Default: `true`.
   */
  readonly partitionerAdaptivePartitioningEnable?: boolean;
  /**
   * With `partitionerAdaptivePartitioningEnable`: for how long a broker may answer nothing of what it was sent before
   * records without a key go elsewhere; 0 for as long as it likes. Default: `0`.
   */
  readonly partitionerAvailabilityTimeoutMs?: number;
}

/** Of whatever types: a serializer of anything is one of `never`. */
type AnyProducerConfig = ProducerConfig<never, never>;

/** Java's partitioners by the last part of their names; without one, Java does what `"default"` does. */
const JAVA_PARTITIONERS: ReadonlyMap<string, BuiltInPartitioner> = new Map([
  ["", "default"],
  ["DefaultPartitioner", "default"],
  ["RoundRobinPartitioner", "round_robin"],
]);

const partitionerName = oneOf(...BUILT_IN_PARTITIONERS);

const partitioner: Kind = {
  problem: (value) => {
    const problem = typeof value === "function" ? null : partitionerName.problem(value);
    return problem === null ? null : `${problem}, or a function`;
  },
  parse: (written) =>
    JAVA_PARTITIONERS.get(written.replace(/^org\.apache\.kafka\..*\./, "")) ??
    partitionerName.parse?.(written),
};

const gzipLevel: Kind = {
  ...int(1, 9),
  problem: (value) =>
    value === -1 || int(1, 9).problem(value) === null ? null : "must be a whole number from 1 to 9, or -1",
};

const name: Kind = {
  ...text,
  problem: (value) =>
    typeof value === "string" && value !== "" ? null : "must be a string that is not empty",
};

export const PRODUCER_SETTINGS: Settings<AnyProducerConfig, "transactionalId"> = {
  keySerializer: { kind: serializer, default: null },
  valueSerializer: { kind: serializer, default: null },
  acks: { kind: oneOf(0, 1, -1, "all"), default: "all" },
  compressionType: { kind: oneOf("none", "gzip", "snappy", "lz4", "zstd"), default: "none" },
  compressionGzipLevel: { kind: gzipLevel, default: -1 },
  compressionZstdLevel: { kind: int(-131_072, 22), default: 3 },
  lingerMs: { kind: int(0), default: 5 },
  batchSize: { kind: int(0), default: 16_384 },
  maxRequestSize: { kind: int(0), default: 1_048_576 },
  bufferMemory: { kind: int(0), default: 33_554_432 },
  enableIdempotence: { kind: flag, default: true },
  transactionalId: { kind: name },
  transactionTimeoutMs: { kind: int(1), default: 60_000 },
  maxBlockMs: { kind: int(0), default: 60_000 },
  deliveryTimeoutMs: { kind: int(0), default: 120_000 },
  retries: { kind: int(0), default: 0x7fff_ffff },
  partitioner: { kind: partitioner, default: "default", key: "partitioner.class" },
  partitionerIgnoreKeys: { kind: flag, default: false },
  partitionerAdaptivePartitioningEnable: { kind: flag, default: true },
  partitionerAvailabilityTimeoutMs: { kind: int(0), default: 0 },
};

/** {@link ProducerConfig} as the client uses it. */
export interface ResolvedProducerConfig
  extends Required<Omit<AnyProducerConfig, "acks" | "transactionalId">> {
  readonly acks: 0 | 1 | -1;
  readonly transactionalId?: string;
}

/** The most requests on their way with which brokers still know batches again. */
const MOST_IN_FLIGHT = 5;

/** @throws ConfigError naming the first setting that is wrong, or two that contradict each other. */
export function resolveProducerConfig(
  config: AnyProducerConfig,
  client: { readonly requestTimeoutMs: number; readonly maxInFlightRequestsPerConnection: number },
): ResolvedProducerConfig {
  const { requestTimeoutMs } = client;
  const { acks, ...rest } = resolve("a producer", config, PRODUCER_SETTINGS);
  const said = { ...rest, acks: acks === "all" ? (-1 as const) : acks };
  const enableIdempotence = isIdempotent(said, config, client.maxInFlightRequestsPerConnection);
  const resolved = { ...said, enableIdempotence };
  const { deliveryTimeoutMs } = resolved;
  if (deliveryTimeoutMs > 0 && deliveryTimeoutMs < resolved.lingerMs + requestTimeoutMs) {
    if (config.deliveryTimeoutMs !== undefined) {
      throw new ConfigError(
        `deliveryTimeoutMs (${resolved.deliveryTimeoutMs}) must be at least lingerMs + requestTimeoutMs ` +
          `(${resolved.lingerMs} + ${requestTimeoutMs}): lower requestTimeoutMs in new Kafka(...), or raise it`,
      );
    }
    // As in Kafka: the default gives way, what was said explicitly does not.
    return { ...resolved, deliveryTimeoutMs: resolved.lingerMs + requestTimeoutMs };
  }
  return resolved;
}

/** As in Kafka: the default gives way to what excludes it, and what was said explicitly is held against it. */
function isIdempotent(
  {
    enableIdempotence,
    acks,
    retries,
    transactionalId,
  }: Pick<ResolvedProducerConfig, "enableIdempotence" | "acks" | "retries" | "transactionalId">,
  config: AnyProducerConfig,
  maxInFlight: number,
): boolean {
  const hasTransactions = transactionalId !== undefined;
  if (!enableIdempotence) {
    if (!hasTransactions) return false;
    throw new ConfigError(
      "transactionalId needs enableIdempotence: leave that at its default, or have no transactions",
    );
  }
  const otherwise = hasTransactions
    ? "or leave transactionalId out, and have no transactions"
    : "or set enableIdempotence: false, with which records may be written twice";
  const conflict =
    acks !== -1
      ? `acks is ${acks}: set acks: "all"`
      : retries === 0
        ? "retries is 0: leave it at its default"
        : null;
  if (conflict !== null) {
    if (config.enableIdempotence === undefined && !hasTransactions) return false;
    const wanted = hasTransactions ? "transactionalId" : "enableIdempotence";
    throw new ConfigError(`${wanted} cannot be kept, since ${conflict}, ${otherwise}`);
  }
  if (maxInFlight > MOST_IN_FLIGHT) {
    throw new ConfigError(
      `enableIdempotence, which is the default, allows at most ${MOST_IN_FLIGHT} maxInFlightRequestsPerConnection, ` +
        `and it is ${maxInFlight}: lower it in new Kafka(...), ${otherwise}`,
    );
  }
  return true;
}
