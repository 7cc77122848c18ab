/**
 * The client's metrics as Prometheus reads them: text for the `/metrics` of your own HTTP server.
 *
 * On a Kafka of your own: `npx tsx examples/prometheus.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { Kafka, type LatencySnapshot, type Metrics } from "kafkawire";

/** Upper ends of the histogram's buckets in seconds. The client's own are much finer, and fall into these. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** All metrics of a client, in Prometheus's text format. */
export function prometheus(metrics: Metrics): string {
  const lines: string[] = [];
  const family = (name: string, type: "counter" | "gauge" | "histogram", add: () => void): void => {
    lines.push(`# TYPE ${name} ${type}`);
    add();
  };
  const sample = (name: string, labels: { readonly [label: string]: unknown }, value: number): void => {
    const pairs = Object.entries({ client: metrics.clientId, ...labels });
    lines.push(`${name}{${pairs.map(([label, of]) => `${label}=${JSON.stringify(String(of))}`)}} ${value}`);
  };
  // Brokers that have left are one more, so that no sum ever shrinks.
  const brokers = [...metrics.brokers, { ...metrics.formerBrokers, broker: "former", nodeId: null }];

  family("kafka_connections_open", "gauge", () => {
    for (const { broker, nodeId, connectionsOpen } of brokers) {
      sample("kafka_connections_open", { broker, node: nodeId ?? "bootstrap" }, connectionsOpen);
    }
  });
  for (const direction of ["bytesIn", "bytesOut"] as const) {
    const name = direction === "bytesIn" ? "kafka_received_bytes_total" : "kafka_sent_bytes_total";
    family(name, "counter", () => {
      for (const each of brokers) {
        sample(name, { broker: each.broker, node: each.nodeId ?? "bootstrap" }, each[direction]);
      }
    });
  }
  family("kafka_request_seconds", "histogram", () => {
    for (const { broker, nodeId, apis } of brokers) {
      for (const { api, latency } of apis) {
        const labels = { broker, node: nodeId ?? "bootstrap", api };
        for (const [le, count] of cumulative(latency)) {
          sample("kafka_request_seconds_bucket", { ...labels, le }, count);
        }
        sample("kafka_request_seconds_sum", labels, latency.sumMs / 1000);
        sample("kafka_request_seconds_count", labels, latency.count);
      }
    }
  });
  for (const name of ["recordsDelivered", "recordsFailed", "batchesRetried"] as const) {
    const metric = `kafka_producer_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`;
    family(metric, "counter", () => sample(metric, {}, metrics.producer[name]));
  }
  family("kafka_consumer_records_total", "counter", () =>
    sample("kafka_consumer_records_total", {}, metrics.consumer.recordsConsumed),
  );
  family("kafka_consumer_lag_records", "gauge", () => {
    for (const { topic, partition, lag } of metrics.consumer.lags) {
      sample("kafka_consumer_lag_records", { topic, partition }, lag);
    }
  });
  return `${lines.join("\n")}\n`;
}

/** How many latencies are no longer than each of {@link BUCKETS}, and how many there are. */
function cumulative({ buckets, count }: LatencySnapshot): [string, number][] {
  const upTo = (seconds: number): number =>
    buckets.reduce((sum, bucket) => sum + (bucket.upToMs <= seconds * 1000 ? bucket.count : 0), 0);
  return [...BUCKETS.map((le): [string, number] => [String(le), upTo(le)]), ["+Inf", count]];
}

/** Sends and reads a few records, and prints what Prometheus would be told of that. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<Metrics> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "prometheus-example" });
  const topic = `prometheus-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: 2 }]);
  const records = Array.from({ length: 100 }, (_, i) => ({ topic, key: String(i), value: "paid" }));
  await kafka.producer().send(records);
  const consumer = kafka.consumer();
  consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
  let read = 0;
  for await (const _ of consumer) if (++read === records.length) break;
  const metrics = kafka.metrics();
  print(prometheus(metrics));
  await kafka.admin().deleteTopics([topic]);
  return metrics;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
