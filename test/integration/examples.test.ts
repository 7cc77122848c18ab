import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { run } from "../../examples/keyed-records.ts";
import { run as runPrometheus } from "../../examples/prometheus.ts";
import { socks5 } from "../../examples/socks5.ts";
import { describeKafka, sharedBroker } from "../support/kafka.ts";
import { socks5Server } from "../support/socks5-server.ts";
import { createTopic, readAll, text } from "../support/topics.ts";

describeKafka("examples", "broker", () => {
  it("keyed-records shows every record with key, partition, offset and timestamp, and ends", async () => {
    const lines: string[] = [];
    const read = await run(sharedBroker().bootstrapServers, (line) => lines.push(line));
    expect(read).toHaveLength(12);
    for (const { key, value, partition, offset, timestamp } of read) {
      const shown = [text(key), text(value), partition, offset, new Date(timestamp).toISOString()].join(
        "\\s+",
      );
      expect(lines.join("\n")).toMatch(new RegExp(`← ${shown}`));
    }
    for (const customer of ["alice", "bob", "carol", "dave"]) {
      const theirs = read.filter(({ key }) => text(key) === customer);
      expect(new Set(theirs.map(({ partition }) => partition)).size).toBe(1);
      expect(theirs.map(({ value }) => text(value))).toEqual(["ordered", "paid", "shipped"]);
    }
  });

  it("prometheus tells of every record and every answer, in lines that Prometheus reads", async () => {
    const printed: string[] = [];
    const metrics = await runPrometheus(sharedBroker().bootstrapServers, (text) => printed.push(text));
    const lines = printed.join("").trimEnd().split("\n");
    const label = `[a-z]+="[^"]*"`;
    const sample = new RegExp(`^[a-z_]+\\{${label}(,${label})*\\} [0-9.e-]+$`);
    for (const line of lines) {
      expect(line).toMatch(line.startsWith("#") ? /^# TYPE [a-z_]+ (counter|gauge|histogram)$/ : sample);
    }
    expect(lines).toContain('kafka_producer_records_delivered_total{client="prometheus-example"} 100');
    expect(lines).toContain('kafka_consumer_records_total{client="prometheus-example"} 100');
    for (const { broker, apis } of metrics.brokers) {
      for (const { api, latency } of apis) {
        const ends = lines.filter(
          (line) => line.includes(`broker="${broker}"`) && line.includes(`api="${api}"`),
        );
        const all = ends
          .filter((line) => line.includes('le="+Inf"'))
          .map((line) => Number(line.split(" ").at(-1)));
        expect(all).toContain(latency.count);
      }
    }
  });

  it("socks5 sends and reads through its proxy, and past it nothing", async () => {
    await using proxy = await socks5Server({ username: "me", password: "secret" });
    const credentials = { username: "me", password: "secret" };
    const platform = socks5({ host: "127.0.0.1", port: proxy.port, ...credentials });
    const { bootstrapServers } = sharedBroker();
    await using kafka = new Kafka({ bootstrapServers, platform });
    const topic = await createTopic(kafka, 1);
    await kafka.producer().send({ topic, value: "through the proxy" });
    const [record] = await readAll(kafka, topic, 1);
    expect(text(record?.value ?? null)).toBe("through the proxy");
    // One connection for each purpose at least.
    expect(proxy.targets.length).toBeGreaterThan(1);
  });
});
