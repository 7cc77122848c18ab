import { UsageError } from "./errors.ts";

export const DEFAULT_KAFKA_VERSION = "4.4.0";

/** The oldest that the client works with, by KIP-896. */
const OLDEST_KAFKA_VERSION = "2.1.0";

/** Kafka 2 is started with a ZooKeeper beside it, and KRaft as config.ts writes it was tried from 3.9 on. */
const OLDEST_WITH_KRAFT = "3.9.0";

/** Whether clusters of this version need a ZooKeeper. */
export function needsZooKeeper(kafkaVersion: string): boolean {
  return compareVersions(kafkaVersion, "3.0.0") < 0;
}

export function checkKafkaVersion(version: string): string {
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    throw new UsageError(`"${version}" is no Kafka version: write it as three numbers, as in 4.4.0`);
  }
  if (compareVersions(version, OLDEST_KAFKA_VERSION) < 0) {
    throw new UsageError(
      `Kafka ${version} is too old to be started here: choose ${OLDEST_KAFKA_VERSION} or later`,
    );
  }
  if (!needsZooKeeper(version) && compareVersions(version, OLDEST_WITH_KRAFT) < 0) {
    throw new UsageError(
      `Kafka ${version} cannot be started here: choose one from ${OLDEST_KAFKA_VERSION} to 2.8, or ${OLDEST_WITH_KRAFT} or later`,
    );
  }
  return version;
}

/**
 * Kafka 2.1 to 2.4 ask for ZooKeeper 3.4.13 to 3.5.6, whose client misreads Java's own way of writing addresses
 * since Java 14 and connects to nothing.
 */
export function zooKeeperVersion(kafkaVersion: string): string {
  return compareVersions(kafkaVersion, "2.4.0") < 0 ? "3.4.12" : "3.5.9";
}

/** Negative, zero or positive, as `a` is before, the same as or after `b`. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
