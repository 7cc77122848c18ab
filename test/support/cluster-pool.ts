import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type KafkaCluster, startCluster } from "../../scripts/kafka/cluster.ts";

/**
 * Test files run in processes of their own, and a cluster takes seconds to start. The main process therefore
 * keeps clusters that any file may use, started when the first file asks, over HTTP on loopback.
 */
export interface PooledCluster {
  readonly bootstrapServers: readonly string[];
  readonly kafkaVersion: string;
}

export interface PoolRequest {
  readonly kafkaVersion: string;
  readonly brokers: number;
}

/** The main process's side. */
export class ClusterPool {
  readonly #clusters = new Map<string, Promise<KafkaCluster>>();
  readonly #closing = new AbortController();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<ClusterPool> {
    const server = createServer();
    const pool = new ClusterPool(server);
    server.on("request", (request, response) => {
      const query = new URL(request.url ?? "/", "http://pool").searchParams;
      const wanted = {
        kafkaVersion: query.get("kafkaVersion") ?? "",
        brokers: Number(query.get("brokers")),
      };
      pool.get(wanted).then(
        ({ bootstrapServers, kafkaVersion }) =>
          response.end(JSON.stringify({ bootstrapServers, kafkaVersion })),
        (error: unknown) => {
          response.statusCode = 500;
          response.end(error instanceof Error ? error.message : String(error));
        },
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    // It serves as long as the run lasts, and is no reason for the run to last.
    server.unref();
    return pool;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** One cluster per kind; one that failed to start is tried again by the next who asks. */
  get(wanted: PoolRequest): Promise<KafkaCluster> {
    const key = JSON.stringify([wanted.kafkaVersion, wanted.brokers]);
    let cluster = this.#clusters.get(key);
    if (cluster === undefined) {
      cluster = startCluster({ ...wanted, signal: this.#closing.signal });
      this.#clusters.set(key, cluster);
      cluster.catch(() => this.#clusters.delete(key));
    }
    return cluster;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#closing.abort(new Error("the test run is over"));
    for (const result of await Promise.allSettled(this.#clusters.values())) {
      // One that did not start has left nothing, and whoever wanted it was told.
      if (result.status === "fulfilled") await result.value.close();
    }
  }
}

/** A test file's side. */
export async function askForCluster(poolUrl: string | null, wanted: PoolRequest): Promise<PooledCluster> {
  if (poolUrl === null)
    throw new Error('no clusters here: the suite must be a describeKafka(…, "cluster", …)');
  const url = new URL(poolUrl);
  url.searchParams.set("kafkaVersion", wanted.kafkaVersion);
  url.searchParams.set("brokers", String(wanted.brokers));
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as PooledCluster;
}
