import { UsageError } from "./errors.ts";

export const DEFAULT_KAFKA_VERSION = "4.4.0";

/** What config.ts writes was tried from here on. */
const OLDEST_KAFKA_VERSION = "3.9.0";

export function checkKafkaVersion(version: string): string {
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    throw new UsageError(`"${version}" is no Kafka version: write it as three numbers, as in 4.4.0`);
  }
  if (compareVersions(version, OLDEST_KAFKA_VERSION) < 0) {
    throw new UsageError(
      `Kafka ${version} is too old to be started here: choose ${OLDEST_KAFKA_VERSION} or later`,
    );
  }
  return version;
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
