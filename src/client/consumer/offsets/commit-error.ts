/** Why offsets were not committed. */

import { KafkaError } from "../../../protocol/errors.ts";
import { messageOf } from "../../errors.ts";
import type { OffsetToCommit } from "../../offset-to-commit.ts";

/** A partition whose offset was not committed. */
export interface FailedCommit extends OffsetToCommit {
  readonly error: Error;
  /**
   * Whether the offset may be committed all the same, as when no answer came. False: this call has certainly not
   * committed it.
   */
  readonly mayBeCommitted: boolean;
}

/**
 * Offsets were not committed. `code` is that of the first cause: Kafka's name of what the broker answered, `TIMEOUT`, or
 * another of the client's own. Partitions that are not among `failures` were committed.
 *
 * @example
 * ```ts
 * import { CommitError } from "kafkawire";
 *
 * export function report(error: unknown): void {
 *   if (!(error instanceof CommitError)) throw error;
 *   for (const { topic, partition, offset, mayBeCommitted } of error.failures)
 *     console.warn(`${topic}-${partition} at ${offset}: ${mayBeCommitted ? "perhaps" : "not"} committed`);
 * }
 * ```
 */
export class CommitError extends KafkaError {
  override readonly name = "CommitError";
  readonly groupId: string;
  /** Each partition that failed, with the error of its own. */
  readonly failures: readonly FailedCommit[];

  constructor(groupId: string, failures: readonly FailedCommit[]) {
    const first = failures[0]?.error;
    super(first instanceof KafkaError ? first.code : "UNEXPECTED_ERROR", describe(groupId, failures), {
      cause: first,
      retriable: failures.every(({ error }) => error instanceof KafkaError && error.retriable),
      fatal: failures.some(({ error }) => error instanceof KafkaError && error.fatal),
    });
    this.groupId = groupId;
    this.failures = failures;
  }

  /** Whether any of the offsets may be committed all the same. */
  get mayBeCommitted(): boolean {
    return this.failures.some(({ mayBeCommitted }) => mayBeCommitted);
  }
}

/** So many partitions are named in a message. */
const MOST_NAMED = 3;

function describe(groupId: string, failures: readonly FailedCommit[]): string {
  const named = failures
    .slice(0, MOST_NAMED)
    .map(({ topic, partition, offset }) => `${topic}-${partition} at ${offset}`);
  const rest = failures.length - named.length;
  const which = `${named.join(", ")}${rest === 0 ? "" : ` and ${rest} more`}`;
  const fate = failures.some(({ mayBeCommitted }) => mayBeCommitted)
    ? ". They may be committed all the same"
    : "";
  return `Offsets of group "${groupId}" were not committed (${which}): ${messageOf(failures[0]?.error)}${fate}`;
}
