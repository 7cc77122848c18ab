/** One of the two brokers that are asked the same. */

import { platform } from "../../../src/platform/node.ts";
import { decodeControlRecord } from "../../../src/protocol/control-records.ts";
import { decodeTransactionLogRecord } from "../../../src/protocol/coordinator-records/transaction-coordinator.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../src/protocol/messages/create-topics.ts";
import type { FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import type { Infer } from "../../../src/protocol/schema.ts";
import { RawClient } from "../../testing/raw-client.ts";
import type { Known, Step } from "./step.ts";

/** What differs by its nature, and what nobody may build on. */
const OF_ITS_OWN = [
  "throttleTimeMs",
  "topicId",
  "clusterId",
  "host",
  "port",
  "rack",
  "sessionId",
  "controllerId",
  "nodeId",
  "nodeEndpoints",
  "leaderId",
  "replicaNodes",
  "isrNodes",
  "offlineReplicas",
  "brokers",
  "errorMessage",
  "documentation",
  "batchIndexErrorMessage",
  "logDir",
  "totalBytes",
  "usableBytes",
];

/** Times of which only counts whether there is one. */
const TIMES = [
  "transactionStartTimeMs",
  "lastTimestamp",
  "transactionLastUpdateTimestampMs",
  "transactionStartTimestampMs",
];
/** Shared with others, and full of times: only what it says of the transactional ids of this run is looked at. */
const TRANSACTION_STATE = "__transaction_state";
/** More than a coordinator takes to load, or to write its markers. */
const PATIENCE_MS = 20_000;

function byPartition(a: unknown, b: unknown): number {
  const numberOf = (one: unknown): number => (one as { partitionIndex?: number } | null)?.partitionIndex ?? 0;
  return numberOf(a) - numberOf(b);
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

/** A broker that is asked, and what its answers have told. */
export class Side {
  readonly #address: string;
  readonly #clients: RawClient[];
  /** Answers that are awaited later, by connection. */
  readonly #later = new Map<number, Promise<unknown>>();
  readonly known: Known;
  /** Producer ids in the order in which they came: each side gives its own. */
  readonly #producers: bigint[] = [];

  private constructor(address: string, client: RawClient, known: Known) {
    this.#address = address;
    this.#clients = [client];
    this.known = known;
  }

  static async open(address: string, topic: string): Promise<Side> {
    const client = await RawClient.connect(platform, address);
    const { topics } = await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
      timeoutMs: 10_000,
      topics: [{ name: topic, numPartitions: 1, replicationFactor: 1 }],
    });
    const { topicId = "" } = topics[0] ?? {};
    return new Side(address, client, {
      topic,
      topicId,
      producerId: -1n,
      producerEpoch: -1,
      sessionId: 0,
      transactionTopicId: "",
      memberIds: new Map(),
    });
  }

  /** The answer, or that the broker hung up. */
  async ask(step: Step): Promise<unknown> {
    const { connection = 0, learn, until } = step;
    try {
      const deadlineMs = performance.now() + PATIENCE_MS;
      for (;;) {
        const answer = await this.#answer(step, connection);
        if (until?.(answer as never) === false && performance.now() < deadlineMs) continue;
        learn?.(this.known, answer as never);
        const { producerId } = this.known;
        if (producerId >= 0n && !this.#producers.includes(producerId)) this.#producers.push(producerId);
        return this.#plain(answer);
      }
    } catch (error) {
      if (!(error instanceof Error && error.message === "the broker hung up")) throw error;
      delete this.#clients[connection];
      return "hung up";
    }
  }

  async #answer({ request, response, version, body, part }: Step, connection: number): Promise<unknown> {
    if (part === "receive") return this.#later.get(connection);
    this.#clients[connection] ??= await RawClient.connect(platform, this.#address);
    const client = this.#clients[connection] as RawClient;
    client.send(request, version, body(this.known, version));
    const answer = client.receive(response, version);
    if (part === undefined) return answer;
    // Whoever asks for it sees that it fails.
    answer.catch(() => {});
    this.#later.set(connection, answer);
    return "sent";
  }

  /** Without what is of its own. */
  #plain(value: unknown, key = ""): unknown {
    if (value instanceof Uint8Array) {
      const isOfTransactions =
        key === "records" &&
        value.byteLength > 0 &&
        [...readRecordBatches(value, { checkCrc: false })].some((batch) => batch.isTransactional);
      return isOfTransactions ? transactional(value) : Buffer.from(value).toString("hex");
    }
    // Kafka answers partitions in the order of its hash tables.
    if (Array.isArray(value)) {
      const told = value.map((one) => this.#plain(one));
      return told.sort(key === "members" ? byText : byPartition);
    }
    if (typeof value === "string") return this.#nameOf(value);
    if (key.toLowerCase().endsWith("producerid")) return this.#numberOf(value as bigint);
    if (TIMES.includes(key)) return (value as bigint) > 0n;
    if (typeof value !== "object" || value === null) return value;
    if ("topic" in value && value.topic === TRANSACTION_STATE) return this.#transactionRecords(value);
    const entries = Object.entries(value).filter(([name]) => !OF_ITS_OWN.includes(name));
    return Object.fromEntries(entries.map(([name, inner]) => [name, this.#plain(inner, name)]));
  }

  /** Which of those that were given it is; else what it is. */
  #numberOf(producerId: bigint): string | bigint {
    const index = this.#producers.indexOf(producerId);
    return index < 0 ? producerId : `producer ${index}`;
  }

  /** Records of the transactional ids of this run, from a topic as Fetch answers it. */
  #transactionRecords(topic: object): unknown[] {
    const { partitions } = topic as Infer<typeof FetchResponse>["responses"][number];
    return partitions
      .flatMap(({ records }) => [...readRecordBatches(records ?? new Uint8Array(0))])
      .flatMap((batch) =>
        [...batch.records()].map(({ key, value }) => decodeTransactionLogRecord(key, value)),
      )
      .filter(({ type, key }) => type !== "UNKNOWN" && key.transactionalId.startsWith(this.known.topic))
      .map((record) => this.#plain(record));
  }

  /** The name of the member that was given this id; any other text is what it is. */
  #nameOf(text: string): string {
    const name = [...this.known.memberIds].find(([, id]) => id === text)?.[0];
    return name === undefined ? text : `the id of ${name}`;
  }

  close(): void {
    for (const client of this.#clients) client?.[Symbol.dispose]();
  }
}

/** What stands in batches of transactions, which hold times and ids of the side. */
function transactional(bytes: Uint8Array): unknown[] {
  return [...readRecordBatches(bytes)].map((batch) => ({
    baseOffset: batch.baseOffset,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    records: [...batch.records()].map(({ key, value }) =>
      batch.isControl ? decodeControlRecord(key, value) : Buffer.from(value ?? []).toString(),
    ),
  }));
}
