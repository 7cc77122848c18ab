import { type ConsumerConfig, resolveConsumerConfig } from "../../../src/client/config/consumer-config.ts";
import { BatchCopies } from "../../../src/client/consumer/batch-copies.ts";
import type { FetchedRecords, PartitionState } from "../../../src/client/consumer/fetch-state.ts";
import { FetchedReader } from "../../../src/client/consumer/fetched-reader.ts";
import { Fetcher } from "../../../src/client/consumer/fetcher.ts";
import { ClosedError } from "../../../src/client/errors.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { clusterFor, FakeLogger } from "../../support/fake-kafka.ts";
import { batchOf } from "../../support/fake-log.ts";
import { textOf } from "./support.ts";

/** A fetcher over a cluster with the topic `t`, and what a consumer does with it. */
export function setUpFetcher({
  brokers = 1,
  partitions = 1,
  config = {} as ConsumerConfig,
  metadataMaxAgeMs = 300_000,
  defaultApiTimeoutMs = 60_000,
} = {}) {
  const cluster = new FakeCluster(brokers);
  cluster.createTopic("t", partitions);
  const client = clusterFor(cluster);
  const logger = new FakeLogger();
  const fetcher = new Fetcher(client, {
    config: resolveConsumerConfig({ fetchMaxWaitMs: 100, ...config }),
    requestTimeoutMs: 5000,
    defaultApiTimeoutMs,
    metadataMaxAgeMs,
    logger,
    crc32: undefined,
  });
  const { platform } = cluster;
  const append = (values: readonly string[], partition = 0): void =>
    cluster.append("t", partition, batchOf(values));

  /** Takes when something is there. */
  const next = async (accept?: (state: PartitionState) => boolean): Promise<FetchedRecords> => {
    for (;;) {
      const fetched = fetcher.take(accept);
      if (fetched !== null) return fetched;
      await fetcher.ready();
    }
  };
  /** The values of what was taken; it is done then. */
  const values = async (fetched: FetchedRecords): Promise<string[]> => {
    const reader = readerOf(fetched);
    const read: string[] = [];
    while (await reader.nextBatch()) {
      for (let record = reader.record(); record !== null; record = reader.record()) read.push(textOf(record));
    }
    fetcher.done(fetched);
    return read;
  };
  const readerOf = (fetched: FetchedRecords) =>
    new FetchedReader<Uint8Array, Uint8Array>(
      fetched,
      new BatchCopies(client.frameMemory, {}),
      (batch) => batch.decompress(null, 1_000_000),
      client.observability.consumer,
      null,
    );
  /** Reads until `count` values are there. */
  const read = (count: number): Promise<string[]> =>
    platform.run(
      (async () => {
        const all: string[] = [];
        while (all.length < count) all.push(...(await values(await next())));
        return all;
      })(),
    );
  const close = (): void => {
    fetcher.close(new ClosedError("consumer"));
    client.close();
  };
  return { cluster, client, platform, fetcher, logger, append, next, values, readerOf, read, close };
}

export const p = (partition: number, topic = "t") => ({ topic, partition });
