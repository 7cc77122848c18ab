import type { MemberAssignment, TopicLayout } from "../../assignor.ts";

/**
 * Gives each partition of some topics a number, so that what is known of partitions fits in arrays. Numbers rise with
 * the topic's name, then with the partition; so do those of the topics.
 */
export class PartitionNumbers {
  /** Names of the topics by their number. */
  readonly topics: readonly string[];
  /** How many partitions there are. */
  readonly count: number;
  readonly #numbers: ReadonlyMap<string, number>;
  /** By topic, the number of its partition 0; and behind the last one, the count. */
  readonly #starts: Uint32Array;
  readonly #topicOf: Uint32Array;

  constructor(topics: ReadonlyMap<string, TopicLayout>) {
    this.topics = [...topics.keys()].sort();
    this.#numbers = new Map(this.topics.map((topic, number) => [topic, number]));
    this.#starts = new Uint32Array(this.topics.length + 1);
    this.topics.forEach((topic, number) => {
      this.#starts[number + 1] = this.startOf(number) + (topics.get(topic) as TopicLayout).partitions;
    });
    this.count = this.startOf(this.topics.length);
    this.#topicOf = new Uint32Array(this.count);
    for (let topic = 0; topic < this.topics.length; topic++) {
      this.#topicOf.fill(topic, this.startOf(topic), this.startOf(topic + 1));
    }
  }

  numberOfTopic(topic: string): number | undefined {
    return this.#numbers.get(topic);
  }

  /** Undefined when there is no such partition (any more). */
  numberOf(topic: string, partition: number): number | undefined {
    const number = this.#numbers.get(topic);
    if (number === undefined || partition < 0 || partition >= this.sizeOf(number)) return undefined;
    return this.startOf(number) + partition;
  }

  /**
   * The numbers of those partitions that there are. Kafka believes in the others too, where their topic is still there,
   * and then fails or assigns them.
   */
  numbersOf(
    byTopic: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  ): number[] {
    const numbers: number[] = [];
    for (const { topic, partitions } of byTopic) {
      for (const partition of partitions) {
        const number = this.numberOf(topic, partition);
        if (number !== undefined) numbers.push(number);
      }
    }
    return numbers;
  }

  /** The number of a topic's partition 0. */
  startOf(topic: number): number {
    return this.#starts[topic] as number;
  }

  /** How many partitions a topic has. */
  sizeOf(topic: number): number {
    return this.startOf(topic + 1) - this.startOf(topic);
  }

  topicOf(number: number): number {
    return this.#topicOf[number] as number;
  }

  /** Which partition of its topic it is. */
  partitionOf(number: number): number {
    return number - this.startOf(this.topicOf(number));
  }

  toAssignment(numbers: Iterable<number>): MemberAssignment {
    const partitions = new Map<string, number[]>();
    for (const number of numbers) {
      const topic = this.topics[this.topicOf(number)] as string;
      const ofTopic = partitions.get(topic);
      if (ofTopic === undefined) partitions.set(topic, [this.partitionOf(number)]);
      else ofTopic.push(this.partitionOf(number));
    }
    return { partitions };
  }
}
