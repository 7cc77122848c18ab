import type { Clock } from "../../../platform/platform.ts";
import type { ResolvedProducerConfig } from "../../config/producer-config.ts";
import { DefaultPartitioner } from "./default-partitioner.ts";
import { FunctionPartitioner } from "./function-partitioner.ts";
import { KeyHashes } from "./key-hashes.ts";
import { LibrdkafkaPartitioner } from "./librdkafka-partitioner.ts";
import { PartitionedTopic } from "./partitioned-topic.ts";
import type { TopicPartitioner } from "./partitioner.ts";
import { RandomPartitioner } from "./random-partitioner.ts";
import { RoundRobinPartitioner } from "./round-robin-partitioner.ts";
import { type PartitionQueues, StickyPartitioner } from "./sticky-partitioner.ts";

/** What partitioners are made of. */
export interface PartitionersOptions {
  readonly config: Pick<
    ResolvedProducerConfig,
    | "partitioner"
    | "partitionerIgnoreKeys"
    | "partitionerAdaptivePartitioningEnable"
    | "batchSize"
    | "lingerMs"
  >;
  readonly clock: Clock;
}

/** The partitioner of one producer, of which each topic gets one of its own. */
export class Partitioners {
  readonly #options: PartitionersOptions;
  readonly #hashes = new KeyHashes();

  constructor(options: PartitionersOptions) {
    this.#options = options;
  }

  /** What is to be kept of a topic from its first record on. */
  newTopic(queues: PartitionQueues): PartitionedTopic {
    return new PartitionedTopic(this.#partitioner(queues));
  }

  #partitioner(queues: PartitionQueues): TopicPartitioner {
    const { clock, config } = this.#options;
    const { partitioner, lingerMs } = config;
    if (typeof partitioner === "function") return new FunctionPartitioner(partitioner);
    switch (partitioner) {
      case "default": {
        const keyless = this.#sticky(queues);
        return config.partitionerIgnoreKeys ? keyless : new DefaultPartitioner(this.#hashes, keyless);
      }
      case "round_robin":
        return new RoundRobinPartitioner();
      case "random":
        return new RandomPartitioner(() => clock.random());
      default:
        // Twice the linger, as librdkafka has it by default: a batch's linger then ends before the next draw.
        return new LibrdkafkaPartitioner(partitioner, this.#hashes, 2 * lingerMs, clock);
    }
  }

  #sticky(queues: PartitionQueues): StickyPartitioner {
    const { clock, config } = this.#options;
    return new StickyPartitioner({
      stickyBytes: Math.max(1, config.batchSize),
      isAdaptive: config.partitionerAdaptivePartitioningEnable,
      random: () => clock.random(),
      queues,
    });
  }
}
