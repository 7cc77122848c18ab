import type { TopicPartition } from "./assignment.ts";

/**
 * Is told when the group gives partitions to a consumer or takes them away. Each call is awaited: the member goes on
 * once it resolves. What it throws reaches whoever reads the records.
 *
 * @example Storing results with the partition they belong to
 * ```ts
 * import { Kafka } from "kafkawire";
 *
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * const consumer = kafka.consumer({ groupId: "billing" });
 * consumer.subscribe("orders", {
 *   onPartitionsRevoked: (partitions) => console.log("to be finished now:", partitions),
 *   onPartitionsLost: (partitions) => console.log("somebody else's already:", partitions),
 * });
 * for await (const record of consumer) console.log(record.value);
 * ```
 */
export interface RebalanceListener {
  /**
   * Partitions that are read from now on, beside those before. Called after every rebalance, if need be with none.
   * Offsets are looked up afterwards, so `seek` may say where to begin.
   */
  onPartitionsAssigned?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /**
   * Partitions that are about to be given up: nothing of them is in the application's hands any more, and what it has
   * processed is committed, if the consumer does that by itself. They are still this member's, so this is the moment to
   * commit by hand.
   */
  onPartitionsRevoked?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /**
   * Partitions that were taken away without a word, as from a member that was silent for too long: others may read them
   * already, and commits for them are refused. Default: as {@link onPartitionsRevoked}.
   */
  onPartitionsLost?(partitions: readonly TopicPartition[]): void | Promise<void>;
}
