/** The topics of a cluster. Owner of: which topics there are, and their ids. */

import type { Uuid } from "../../protocol/uuid.ts";
import { errorNumber, Refusal } from "../error-code.ts";
import type { Partition } from "./partition.ts";

export interface Topic {
  readonly name: string;
  readonly topicId: Uuid;
  readonly isInternal: boolean;
  /** By number. */
  readonly partitions: Partition[];
}

const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");
const UNKNOWN_TOPIC_ID = errorNumber("UNKNOWN_TOPIC_ID");

export class TopicStore {
  readonly #byName = new Map<string, Topic>();
  readonly #byId = new Map<Uuid, Topic>();

  get all(): Iterable<Topic> {
    return this.#byName.values();
  }

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name);
  }

  byId(topicId: Uuid): Topic | undefined {
    return this.#byId.get(topicId);
  }

  /** All partitions of all topics. */
  *partitions(): Generator<Partition, void> {
    for (const { partitions } of this.#byName.values()) yield* partitions;
  }

  partition(name: string, index: number): Partition | undefined {
    return this.#byName.get(name)?.partitions[index];
  }

  /** The partition, or the number of the error that says that it is unknown. */
  find(topic: string | null, topicId: Uuid, useId: boolean, index: number): Partition | number {
    const found = useId ? this.#byId.get(topicId) : this.#byName.get(topic ?? "");
    if (found === undefined) return useId ? UNKNOWN_TOPIC_ID : UNKNOWN_TOPIC_OR_PARTITION;
    return found.partitions[index] ?? UNKNOWN_TOPIC_OR_PARTITION;
  }

  add(topic: Topic): void {
    if (this.#byName.has(topic.name)) {
      throw new Refusal("TOPIC_ALREADY_EXISTS", `Topic '${topic.name}' already exists.`);
    }
    this.#byName.set(topic.name, topic);
    this.#byId.set(topic.topicId, topic);
  }

  delete(topic: Topic): void {
    this.#byName.delete(topic.name);
    this.#byId.delete(topic.topicId);
  }
}
