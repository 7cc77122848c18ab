/** A member that is ours, in this process. */

import {
  type Consumer,
  type ConsumerConfig,
  type ConsumerRecord,
  Kafka,
  type TopicPartition,
} from "kafkawire";
import type { MemberSights } from "./group-log.ts";
import type { GroupMember, GroupMemberOptions } from "./group-member.ts";

export const WAYS_TO_READ = ["records", "batches", "run", "poll"] as const;
export type WayToRead = (typeof WAYS_TO_READ)[number];

export interface KafkawireMemberOptions extends GroupMemberOptions {
  /** Default: `"records"`. */
  readonly way?: WayToRead;
  readonly consumer?: ConsumerConfig;
  /** Awaited for each record, or each batch, after it is told of. Default: nothing. */
  readonly handle?: () => Promise<void> | undefined;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The settings of a consumer that is such a member. */
export function consumerConfig(options: GroupMemberOptions): ConsumerConfig {
  const { groupId, groupProtocol, assignor } = options;
  const common = {
    groupId,
    groupProtocol,
    autoOffsetReset: "earliest",
    autoCommitIntervalMs: options.autoCommitIntervalMs,
  } as const;
  if (groupProtocol === "consumer") return { ...common, groupRemoteAssignor: assignor };
  return {
    ...common,
    partitionAssignmentStrategy: [assignor as "range"],
    sessionTimeoutMs: options.sessionTimeoutMs,
    heartbeatIntervalMs: options.heartbeatIntervalMs,
  };
}

export class KafkawireMember implements GroupMember {
  readonly name: string;
  readonly kafka: Kafka;
  readonly consumer: Consumer;
  /** Whether it assigned for all, as it found when it joined last. */
  isLeader = false;
  readonly #log: MemberSights;
  readonly #options: KafkawireMemberOptions;
  readonly #reading: Promise<void>;
  #isLeaving = false;

  constructor(log: MemberSights, options: KafkawireMemberOptions) {
    this.name = log.name;
    this.#log = log;
    this.#options = options;
    this.kafka = new Kafka({
      bootstrapServers: [...options.bootstrapServers],
      clientId: log.name,
      logger: silent,
    });
    this.kafka.on("group:joined", ({ isLeader }) => {
      this.isLeader = isLeader;
    });
    this.consumer = this.kafka.consumer({ ...consumerConfig(options), ...options.consumer });
    this.consumer.subscribe(options.topic, {
      onPartitionsAssigned: (partitions) => log.assigned(numbersOf(partitions)),
      onPartitionsRevoked: (partitions) => log.gaveUp(numbersOf(partitions), "revoked"),
      onPartitionsLost: (partitions) => log.gaveUp(numbersOf(partitions), "lost"),
    });
    this.#reading = this.#read().catch((error: unknown) => log.failed(error));
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    // What the last poll gave is committed before.
    if (this.#options.way === "poll") await this.#reading;
    await this.consumer.close();
    await this.#reading;
    await this.kafka.close();
    this.#log.gone("revoked");
  }

  async #read(): Promise<void> {
    const { consumer } = this;
    switch (this.#options.way ?? "records") {
      case "records":
        for await (const record of consumer) {
          this.#see(record);
          await this.#handle();
        }
        return;
      case "batches":
        for await (const { records } of consumer.batches()) {
          for (const record of records) this.#see(record);
          await this.#handle();
        }
        return;
      case "run":
        return consumer.run({
          concurrency: 3,
          eachBatch: async ({ records }) => {
            for (const record of records) this.#see(record);
            await this.#handle();
          },
        });
      case "poll":
        while (!this.#isLeaving) {
          for (const record of await consumer.poll({ timeoutMs: 200 })) this.#see(record);
          await this.#handle();
          // A poll that is the last has nobody who says that its records are processed.
          if (this.#isLeaving) await consumer.commit();
        }
    }
  }

  #handle(): Promise<void> | undefined {
    return this.#options.handle?.();
  }

  #see({ partition, offset, value }: ConsumerRecord): void {
    this.#log.read(partition, Number(offset), numberOf(value));
  }
}

export function numbersOf(partitions: readonly TopicPartition[]): number[] {
  return partitions.map(({ partition }) => partition);
}

/** The number that a value begins with. */
export function numberOf(value: Uint8Array | null): number {
  let number = 0;
  for (const byte of value ?? []) {
    if (byte < 0x30 || byte > 0x39) break;
    number = number * 10 + byte - 0x30;
  }
  return number;
}
