import type { RecordField, RecordHeadersInput } from "../../../protocol/records/record-encoding.ts";
import { ConfigError } from "../../errors.ts";
import type { Partitioner, PartitionerTopic, TopicPartitioner } from "./partitioner.ts";

/** As a function of the user's says, whose answers are checked. */
export class FunctionPartitioner implements TopicPartitioner {
  readonly #partitioner: Partitioner;

  constructor(partitioner: Partitioner) {
    this.#partitioner = partitioner;
  }

  /** @throws ConfigError when the function returned no partition of the topic, and what the function throws. */
  partition(
    topic: PartitionerTopic,
    key: RecordField,
    value: RecordField,
    headers: RecordHeadersInput,
    timestamp: number,
  ): number {
    const record = { topic: topic.name, key, value, headers: headers ?? [], timestamp };
    const partition: unknown = this.#partitioner(record, topic);
    const { name, partitionCount } = topic;
    if (Number.isInteger(partition) && (partition as number) >= 0 && (partition as number) < partitionCount) {
      return partition as number;
    }
    throw new ConfigError(
      `The partitioner returned ${shown(partition)} for a record of topic "${name}": it must return a whole number ` +
        `from 0 to ${partitionCount - 1}, and at once`,
    );
  }
}

function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    return value instanceof Promise ? "a promise" : "an object";
  }
  return (typeof value === "string" ? JSON.stringify(value) : String(value)).slice(0, 60);
}
