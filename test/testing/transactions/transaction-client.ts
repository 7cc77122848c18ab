/** Requests about transactions to an embedded broker, as they stand on the wire. */

import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from "../../../src/protocol/messages/add-partitions-to-txn.ts";
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from "../../../src/protocol/messages/describe-transactions.ts";
import { EndTxnRequest, EndTxnResponse } from "../../../src/protocol/messages/end-txn.ts";
import { FetchRequest, FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from "../../../src/protocol/messages/init-producer-id.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../../src/protocol/messages/list-offsets.ts";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import type { TestCluster } from "../../../src/testing/mod.ts";
import { batchOf, RawClient } from "../raw-client.ts";

export interface Producer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

const name = (code: number): string => errorCodeOf(code).name;

/** A client of one transactional id and one topic. */
export class TransactionClient implements Disposable {
  readonly raw: RawClient;
  readonly #transactionalId: string;
  readonly #topic: string;

  constructor(raw: RawClient, transactionalId: string, topic: string) {
    this.raw = raw;
    this.#transactionalId = transactionalId;
    this.#topic = topic;
  }

  static async of(
    cluster: TestCluster,
    { transactionalId = "id", topic = "orders", broker = 1 } = {},
  ): Promise<TransactionClient> {
    return new TransactionClient(await RawClient.to(cluster, broker), transactionalId, topic);
  }

  async init({ version = 5, expected = null as Producer | null, timeoutMs = 60_000 } = {}) {
    const { errorCode, producerId, producerEpoch } = await this.raw.ask(
      InitProducerIdRequest,
      InitProducerIdResponse,
      version,
      {
        transactionalId: this.#transactionalId,
        transactionTimeoutMs: timeoutMs,
        ...(expected ?? {}),
      },
    );
    return { error: name(errorCode), producerId, producerEpoch };
  }

  async add(producer: Producer, { version = 3, partitions = [0] } = {}): Promise<string[]> {
    const { resultsByTopicV3AndBelow } = await this.raw.ask(
      AddPartitionsToTxnRequest,
      AddPartitionsToTxnResponse,
      version,
      {
        v3AndBelowTransactionalId: this.#transactionalId,
        v3AndBelowProducerId: producer.producerId,
        v3AndBelowProducerEpoch: producer.producerEpoch,
        v3AndBelowTopics: [{ name: this.#topic, partitions }],
      },
    );
    return resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
      resultsByPartition.map(({ partitionErrorCode }) => name(partitionErrorCode)),
    );
  }

  /** Produces one batch; `sequence` -1 for one without a producer. */
  async produce(
    { producerId, producerEpoch }: Producer,
    values: readonly string[],
    { version = 12, sequence = 0, partition = 0, isTransactional = true, timestamp = Date.now() } = {},
  ): Promise<string> {
    const header =
      sequence < 0 ? {} : { producerId, producerEpoch, baseSequence: sequence, isTransactional, timestamp };
    const { responses } = await this.raw.ask(ProduceRequest, ProduceResponse, version, {
      transactionalId: isTransactional ? this.#transactionalId : null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [
        { name: this.#topic, partitionData: [{ index: partition, records: batchOf(values, header) }] },
      ],
    });
    return name(responses[0]?.partitionResponses[0]?.errorCode ?? -1);
  }

  async end(producer: Producer, committed: boolean, version = 5) {
    const { errorCode, producerId, producerEpoch } = await this.raw.ask(
      EndTxnRequest,
      EndTxnResponse,
      version,
      {
        transactionalId: this.#transactionalId,
        ...producer,
        committed,
      },
    );
    return { error: name(errorCode), producerId, producerEpoch };
  }

  async describe() {
    const { transactionStates } = await this.raw.ask(
      DescribeTransactionsRequest,
      DescribeTransactionsResponse,
      0,
      { transactionalIds: [this.#transactionalId] },
    );
    const [state] = transactionStates;
    if (state === undefined) throw new Error("no answer");
    return { ...state, error: name(state.errorCode) };
  }

  async fetch({ isCommitted = true, offset = 0n, partition = 0 } = {}) {
    const { responses } = await this.raw.ask(FetchRequest, FetchResponse, 10, {
      maxWaitMs: 0,
      minBytes: 1,
      isolationLevel: isCommitted ? 1 : 0,
      topics: [
        {
          topic: this.#topic,
          partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: 1_000_000 }],
        },
      ],
    });
    const answer = responses[0]?.partitions[0];
    if (answer === undefined) throw new Error("no answer");
    return answer;
  }

  async endOffset({ isCommitted = true, partitionIndex = 0 } = {}): Promise<bigint> {
    const { topics } = await this.raw.ask(ListOffsetsRequest, ListOffsetsResponse, 4, {
      replicaId: -1,
      isolationLevel: isCommitted ? 1 : 0,
      topics: [{ name: this.#topic, partitions: [{ partitionIndex, timestamp: -1n }] }],
    });
    return topics[0]?.partitions[0]?.offset ?? -1n;
  }

  [Symbol.dispose](): void {
    this.raw[Symbol.dispose]();
  }
}
