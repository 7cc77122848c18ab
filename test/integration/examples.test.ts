import { Kafka, partitionForKey } from "kafkawire";
import { expect, it } from "vitest";
import { run as runBackpressure } from "../../examples/backpressure.ts";
import { run as runBadRecords } from "../../examples/bad-records.ts";
import { run as runBatches } from "../../examples/batches.ts";
import { run as runDeliveryErrors } from "../../examples/delivery-errors.ts";
import { run as runFirstGroup } from "../../examples/first-group.ts";
import { run as runFirstSend } from "../../examples/first-send.ts";
import { run as runIdempotent } from "../../examples/idempotent.ts";
import { run as runKeyedRecords } from "../../examples/keyed-records.ts";
import { run as runKeysAndPartitions } from "../../examples/keys-and-partitions.ts";
import { run as runManualCommits } from "../../examples/manual-commits.ts";
import { run as runPrometheus } from "../../examples/prometheus.ts";
import { run as runQuickstart } from "../../examples/quickstart.ts";
import { run as runReplay } from "../../examples/replay.ts";
import { socks5 } from "../../examples/socks5.ts";
import { run as runTransactions } from "../../examples/transactions.ts";
import { run as runTypedRecords } from "../../examples/typed-records.ts";
import { run } from "../../scripts/kafka/process.ts";
import { describeKafka, sharedBroker } from "../support/kafka.ts";
import { socks5Server } from "../support/socks5-server.ts";
import { createTopic, readAll, text } from "../support/topics.ts";

describeKafka("examples", "broker", () => {
  it("keyed-records shows every record with key, partition, offset and timestamp, and ends", async () => {
    const lines: string[] = [];
    const read = await runKeyedRecords(sharedBroker().bootstrapServers, (line) => lines.push(line));
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

  it("quickstart has each record read once, in order, while readers join and leave", async () => {
    const lines: string[] = [];
    const read = await runQuickstart(sharedBroker().bootstrapServers, (line) => lines.push(line));
    expect(new Set(read.map(({ partition, offset }) => `${partition}@${offset}`)).size).toBe(read.length);
    for (const customer of ["alice", "bob", "carol", "dave", "erin", "frank"]) {
      const theirs = read.filter((each) => each.customer === customer);
      expect(theirs.map(({ value }) => value)).toEqual(theirs.map((_, i) => `order ${i + 1}`));
    }
    const readers = read.map(({ reader }) => reader);
    // Cleo comes after the first two, and nothing is Anna's once she has left.
    expect(readers.indexOf("cleo")).toBeGreaterThan(11);
    expect(readers.lastIndexOf("anna")).toBeLessThan(read.length - 11);
    expect(lines.filter((line) => line.startsWith("* anna gives up")).length).toBeGreaterThan(0);
    expect(lines.at(-1)).toContain("each once, every customer's in order");
  }, 70_000);

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

  it("first-send says where its record went, and reads it there", async () => {
    const { lines, print } = printer();
    const { partition, offset } = await runFirstSend(sharedBroker().bootstrapServers, print);
    expect([partition, offset]).toEqual([0, 0n]);
    expect(lines).toEqual(["Written to partition 0 at offset 0", "Read at offset 0: paid, source web"]);
  });

  it("batches sends fewer and smaller ones the longer it waits, and the more it compresses", async () => {
    const sent = await runBatches(sharedBroker().bootstrapServers, () => {});
    const [atOnce, lingering, large, compressed] = sent;
    expect(lingering?.batches).toBeLessThan(atOnce?.batches ?? 0);
    expect(large?.batches).toBeLessThanOrEqual(lingering?.batches ?? 0);
    expect(lingering?.bytes).toBeLessThan(atOnce?.bytes ?? 0);
    expect(compressed?.bytes).toBeLessThan((large?.bytes ?? 0) / 2);
  });

  it("backpressure delivers everything through a small buffer", async () => {
    const { delivered, failed, pauses } = await runBackpressure(sharedBroker().bootstrapServers, () => {});
    expect([delivered, failed]).toEqual([20_000, 0]);
    // 2 MB through 256 KiB.
    expect(pauses).toBeGreaterThan(5);
  });

  it("keys-and-partitions puts each record where it says", async () => {
    const { lines, print } = printer();
    const { byKey, byNumber, byPartitioner } = await runKeysAndPartitions(
      sharedBroker().bootstrapServers,
      print,
    );
    for (const [customer, partitions] of Object.entries(byKey)) {
      expect(partitions).toEqual(Array(3).fill(partitionForKey(customer, 4)));
      expect(lines).toContain(`${customer}: all steps in partition ${partitions[0]}`);
    }
    expect(byNumber).toBe(2);
    expect(byPartitioner).toEqual([partitionForKey("alice", 3), 3]);
  });

  it("delivery-errors meets each error that it names", async () => {
    const { lines, print } = printer();
    const codes = await runDeliveryErrors(sharedBroker().bootstrapServers, print);
    expect(codes).toEqual(["TIMEOUT", "INVALID_CONFIG", "MESSAGE_TOO_LARGE", "MESSAGE_TOO_LARGE"]);
    expect(lines).toEqual([
      "A topic that is not there: TIMEOUT: not written, and may work later",
      "A record that cannot be right: INVALID_CONFIG: correct the program",
      "A record that the topic does not take: MESSAGE_TOO_LARGE: not written",
      "One of three: MESSAGE_TOO_LARGE, by record: offset 0, failed, offset 1",
    ]);
  });

  it("idempotent writes each record once where answers are lost, and twice where it is told not to mind", async () => {
    const written = await runIdempotent(sharedBroker().bootstrapServers, () => {});
    expect(written.map(({ enableIdempotence, isInOrder }) => [enableIdempotence, isInOrder])).toEqual([
      [true, true],
      [false, true],
    ]);
    for (const { lost } of written) expect(lost).toBeGreaterThan(4);
    const [once, twice] = written;
    expect(once?.duplicates).toBe(0);
    expect(twice?.duplicates).toBeGreaterThan(0);
  });

  it("typed-records reads what it sent, in its types", async () => {
    const { lines, print } = printer();
    const { orders, visit, refused } = await runTypedRecords(sharedBroker().bootstrapServers, print);
    expect(orders).toEqual([
      [42, { item: "book", total: 9.5 }],
      [43, null],
    ]);
    expect(visit).toEqual(new Date("2026-01-01T00:00:00Z"));
    expect(refused).toMatch(
      /^Record for topic "orders-\d+": the serializer of its key failed: it takes a whole number/,
    );
    expect(lines).toHaveLength(4);
  });

  it("first-group reads each record once, whoever has its partition", async () => {
    const { lines, print } = printer();
    const { first, second } = await runFirstGroup(sharedBroker().bootstrapServers, print);
    expect(first.length).toBe(10);
    expect([...first, ...second].map(Number).sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
    expect(lines.at(-1)).toBe("first has read 10 records, second 30");
  });

  it("manual-commits repeats the order at which it crashed, and no other", async () => {
    const begun = await runManualCommits(sharedBroker().bootstrapServers, () => {});
    expect(begun).toEqual(["book", "pen", "lamp", "lamp", "desk"]);
  });

  it("bad-records puts aside what it cannot read", async () => {
    const { lines, print } = printer();
    expect(await runBadRecords(sharedBroker().bootstrapServers, print)).toEqual({ totals: [3, 5], aside: 1 });
    expect(lines).toHaveLength(1);
  });

  it("replay reads from a moment on to the end", async () => {
    const values = await runReplay(sharedBroker().bootstrapServers, () => {});
    expect([...values].sort()).toEqual(["late", "later", "latest"]);
  });
});

describeKafka("examples, as kcat reads them", ["broker", "kcat"], () => {
  it("transactions commits what it processed, and nothing else", async () => {
    const { lines, print } = printer();
    const { bootstrapServers } = sharedBroker();
    const outcome = await runTransactions(bootstrapServers, print);
    expect(outcome).toMatchObject({ processed: 3, aborted: "out of stock", fenced: "PRODUCER_FENCED" });
    expect(lines.slice(0, 3)).toEqual(
      ["book", "pen", "lamp"].map((order) => `Order ${order}: invoice and shipment committed`),
    );
    for (const topic of [outcome.invoices, outcome.shipments]) {
      expect(await committed(bootstrapServers, topic)).toEqual(["0 book", "1 pen", "2 lamp"]);
    }
  });
});

/** Keys and values of the first partition, as librdkafka gives them to who reads committed records only. */
async function committed(bootstrapServers: readonly string[], topic: string): Promise<string[]> {
  const target = ["-b", bootstrapServers.join(","), "-t", topic, "-p", "0", "-o", "beginning", "-e"];
  const settings = ["-X", "isolation.level=read_committed", "-X", "fetch.wait.max.ms=10"];
  const { code, stdout, stderr } = await run("kcat", ["-C", "-q", ...target, ...settings, "-f", "%k %s\\n"], {
    timeoutMs: 20_000,
  });
  if (code !== 0) throw new Error(`kcat failed: ${stderr}`);
  return stdout.toString("utf8").trimEnd().split("\n");
}

function printer(): { readonly lines: string[]; readonly print: (line: string) => void } {
  const lines: string[] = [];
  return { lines, print: (line) => lines.push(line) };
}
