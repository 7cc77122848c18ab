/**
 * The embedded broker: how long a cluster takes to start, and how many records a second go through it when client and
 * broker share one process and its memory, sent and read. Beside each the same on a real Kafka of one broker, by the
 * same client over loopback, whose broker has a process (and a processor) of its own.
 *
 * Starting: each a process of its own, from after the import until the cluster can be asked; the first of a process, and
 * the median of the next ten. Throughput: rounds in turns, the median; keys of 8 and values of 100 bytes, six partitions.
 *
 *   npm run bench -- embedded
 */

import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { Kafka, type KafkaConfig } from "kafkawire";
import { TestCluster } from "kafkawire/testing";
import { startCluster } from "../../scripts/kafka/cluster.ts";
import { median } from "./figures.ts";

const RECORDS = 300_000;
const ROUNDS = 7;
const WARM_ROUNDS = 2;
const PARTITIONS = 6;
const PROCESSES = 5;

interface Start {
  readonly firstMs: number;
  readonly nextMs: number;
}

/** In a new process: what was compiled for one cluster must not speed up another. */
function start(brokers: number): Start {
  const program = `
    import { TestCluster } from "kafkawire/testing";
    const times = [];
    for (let i = 0; i < 11; i++) {
      const startMs = performance.now();
      const cluster = await TestCluster.start({ brokers: ${brokers} });
      times.push(performance.now() - startMs);
      await cluster.close();
    }
    console.log(JSON.stringify(times));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  const [firstMs = Number.NaN, ...next] = JSON.parse(output) as number[];
  return { firstMs, nextMs: median(next) };
}

interface Round {
  readonly sentPerSecond: number;
  readonly readPerSecond: number;
  /** Of both together: so many records are sent and read in a second. */
  readonly throughPerSecond: number;
  readonly cpuUsPerRecord: number;
}

const values = Array.from({ length: 1024 }, (_, i) => new Uint8Array(100).fill(i));
const keys = Array.from({ length: 1024 }, (_, i) => `key-${String(i).padStart(4, "0")}`);

async function round(settings: KafkaConfig, number: number): Promise<Round> {
  await using kafka = new Kafka(settings);
  const topic = `embedded-${Date.now()}-${number}`;
  await kafka.admin().createTopics([{ topic, numPartitions: PARTITIONS }]);
  const producer = kafka.producer({ batchSize: 1_000_000, maxRequestSize: 8_388_608 });
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const failures: Error[] = [];
  const told = (error: Error | null): void => {
    if (error !== null) failures.push(error);
  };
  for (let i = 0; i < RECORDS; i++) {
    const record = { topic, key: keys[i & 1023] as string, value: values[i & 1023] as Uint8Array };
    if (!producer.enqueue(record, told)) await producer.ready();
  }
  await producer.flush();
  const sentMs = performance.now();
  const consumer = kafka.consumer({ enableAutoCommit: false });
  consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
  let [read, bytes] = [0, 0];
  for await (const { records } of consumer.batches()) {
    for (const { value } of records) bytes += value?.length ?? 0;
    read += records.length;
    if (read === RECORDS) break;
  }
  const endMs = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  await consumer.close();
  if (failures.length > 0 || bytes !== RECORDS * 100) throw new Error("not all records came through");
  await kafka.admin().deleteTopics([topic]);
  const perSecond = (ms: number): number => Math.round((RECORDS / ms) * 1000);
  return {
    sentPerSecond: perSecond(sentMs - startMs),
    readPerSecond: perSecond(endMs - sentMs),
    throughPerSecond: perSecond(endMs - startMs),
    cpuUsPerRecord: (user + system) / RECORDS,
  };
}

function medians(rounds: readonly Round[]): Round {
  const of = (figure: (round: Round) => number): number => median(rounds.map(figure));
  return {
    sentPerSecond: of(({ sentPerSecond }) => sentPerSecond),
    readPerSecond: of(({ readPerSecond }) => readPerSecond),
    throughPerSecond: of(({ throughPerSecond }) => throughPerSecond),
    cpuUsPerRecord: of(({ cpuUsPerRecord }) => cpuUsPerRecord),
  };
}

const starts = Object.fromEntries(
  [1, 3].map((brokers) => {
    const all = Array.from({ length: PROCESSES }, () => start(brokers));
    return [
      `${brokers} ${brokers === 1 ? "broker" : "brokers"}`,
      { firstMs: median(all.map(({ firstMs }) => firstMs)), nextMs: median(all.map(({ nextMs }) => nextMs)) },
    ];
  }),
);
const startMs = performance.now();
await using real = await startCluster();
const realStartMs = performance.now() - startMs;
console.table({ ...starts, [`Kafka ${real.kafkaVersion}, 1 broker`]: { firstMs: realStartMs } });

const through = new Map<string, Round[]>();
for (let i = 0; i < WARM_ROUNDS + ROUNDS; i++) {
  for (const network of ["memory", "tcp", "real"] as const) {
    let figures: Round;
    if (network === "real") figures = await round({ bootstrapServers: real.bootstrapServers }, i);
    else {
      // A new one for each round: what the one before holds in memory is no matter of this.
      await using cluster = await TestCluster.start({ network });
      figures = await round({ bootstrapServers: cluster.bootstrapServers, platform: cluster.platform }, i);
    }
    if (i >= WARM_ROUNDS) through.set(network, [...(through.get(network) ?? []), figures]);
  }
}
const names = {
  memory: "embedded, in memory",
  tcp: "embedded, over TCP",
  real: `Kafka ${real.kafkaVersion}`,
};
const throughput = Object.fromEntries(
  Array.from(through, ([network, rounds]) => [names[network as keyof typeof names], medians(rounds)]),
);
console.table(throughput);

await writeFile(
  new URL("../results/embedded.json", import.meta.url),
  `${JSON.stringify(
    {
      command: "npm run bench -- embedded",
      runtime: `Node.js ${process.version}`,
      cpu: `${cpus().length} x ${cpus()[0]?.model}`,
      loadAverage: loadavg()[0],
      starting: { ...starts, [`Kafka ${real.kafkaVersion}, 1 broker`]: { firstMs: realStartMs } },
      startingTimesKafkas: (starts["1 broker"]?.firstMs ?? Number.NaN) / realStartMs,
      throughput,
      measured:
        `${RECORDS} records of 100 bytes sent, then read; medians of ${ROUNDS} rounds in turns; processor time is that ` +
        "of the process, which has the broker in it but for the real one",
    },
    null,
    2,
  )}\n`,
);
