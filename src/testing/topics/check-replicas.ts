import { Refusal } from "../error-code.ts";

/**
 * Whether a partition may be on these brokers.
 *
 * @param registered the brokers that there are, by id
 * @param factor how many they have to be; null for any number
 * @throws Refusal INVALID_REPLICA_ASSIGNMENT with Kafka's words.
 */
export function checkReplicas(
  registered: ReadonlyMap<number, unknown>,
  brokers: readonly number[],
  factor: number | null,
): void {
  const refuse = (problem: string): Refusal =>
    new Refusal("INVALID_REPLICA_ASSIGNMENT", `The manual partition assignment includes ${problem}`);
  if (brokers.length === 0) throw refuse("an empty replica list.");
  for (const brokerId of brokers) {
    if (!registered.has(brokerId)) throw refuse(`broker ${brokerId}, but no such broker is registered.`);
  }
  const twice = brokers.find((id, at) => brokers.indexOf(id) !== at);
  if (twice !== undefined) throw refuse(`the broker ${twice} more than once.`);
  if (factor !== null && brokers.length !== factor) {
    throw refuse(
      `a partition with ${brokers.length} replica(s), but this is not consistent with previous partitions, which have ` +
        `${factor} replica(s).`,
    );
  }
}
