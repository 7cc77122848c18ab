/**
 * What producing costs: records with keys and values of 100 bytes and of 1 KiB, acks from all, idempotent, to six
 * partitions of a real broker, through kafkawire (`enqueue` and `send(records)`), other JavaScript clients, bindings
 * of librdkafka, and franz-go, each at its best public interface (each file in clients/ says which that is).
 *
 * Every client is a process of its own. Rounds take turns, and a round lasts about as long for each. Measured is
 * the processor time of the client's whole process (all threads, kernel and collecting garbage included) for each
 * record, between two points after a warm-up: the broker shares the machine, so that time on the clock says less. In
 * the end the broker is asked how many records it has. Latency: single sends with `lingerMs` 0, one in flight.
 *
 *   npm run bench -- produce
 *
 * BENCH_CLIENTS (names, by commas), BENCH_ROUNDS, BENCH_SIZES and KAFKA_BOOTSTRAP (a broker that is there) narrow it; then
 * nothing is kept. BENCH_PROFILE names a directory for a CPU profile of each kafkawire process.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { type KafkaCluster, startCluster } from "../../scripts/kafka/cluster.ts";
import { ClientProcess } from "./client-process.ts";
import { CONTENDERS } from "./clients.ts";
import { compared, median, percentile, print, type Table } from "./figures.ts";
import { inTurns, launches, overseer, type Ready, type Untyped } from "./surroundings.ts";

const PARTITIONS = 6;
const SIZES = (process.env["BENCH_SIZES"] ?? "100,1024").split(",").map(Number);
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 9);
const WARM_ROUNDS = 6;
/**
 * Small requests, so that the code that runs once for each of them is warm too. Who cannot do them is left out, with
 * the reason.
 */
const TRYOUTS = 600;
const TRYOUT_RECORDS = 30;
const WARM_RECORDS = 40_000;
const ROUND_MS = 500;
const MAX_ROUND_BYTES = 200 << 20;
const LATENCY_ROUNDS = 20;
const SENDS = 100;

const only = process.env["BENCH_CLIENTS"]?.split(",");
const isWhole = only === undefined && process.env["BENCH_ROUNDS"] === undefined && SIZES.length === 2;
const profiles = process.env["BENCH_PROFILE"];

/** One round of one client, for each record. */
interface Measured {
  readonly cpuUs: number;
  readonly perSecond: number;
}

interface Running extends Ready {
  readonly client: ClientProcess;
  readonly topic: string;
}

async function started(
  ready: readonly Ready[],
  admin: Untyped,
  setup: { readonly bootstrapServers: string; readonly valueSize: number; readonly lingerMs: 0 | null },
  missing: Map<string, string>,
): Promise<Running[]> {
  const running: Running[] = [];
  const prefix = `bench-${Date.now()}-${setup.valueSize}-${setup.lingerMs ?? "default"}`;
  for (const each of ready) {
    const topic = `${prefix}-${CONTENDERS.indexOf(each.contender)}`;
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }],
    });
    try {
      const client = await ClientProcess.start(each.launch, { ...setup, topic });
      running.push({ ...each, client, topic });
      for (let i = 0; i < TRYOUTS; i++) await client.produce(TRYOUT_RECORDS);
    } catch (error) {
      if (running.at(-1)?.topic === topic) await running.pop()?.client.close();
      missing.set(each.contender.name, `could not be run: ${String(error)}`);
      console.log(`${each.contender.name} could not be run: ${String(error)}`);
    }
  }
  return running;
}

async function throughput(
  ready: readonly Ready[],
  admin: Untyped,
  bootstrapServers: string,
  valueSize: number,
  missing: Map<string, string>,
): Promise<Table> {
  const running = await started(ready, admin, { bootstrapServers, valueSize, lingerMs: null }, missing);
  try {
    const counts = new Map<Running, number>();
    const sent = new Map<Running, number>();
    const rounds = new Map(running.map((each) => [each, [] as Measured[]]));
    for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
      for (const each of inTurns(running, round)) {
        const count = counts.get(each) ?? WARM_RECORDS;
        const { cpuUs, wallUs } = await each.client.produce(count);
        sent.set(each, (sent.get(each) ?? TRYOUTS * TRYOUT_RECORDS) + count);
        if (round < WARM_ROUNDS) {
          const lasting = Math.round((count / wallUs) * ROUND_MS * 1000);
          counts.set(each, Math.min(Math.max(lasting, 1000), Math.round(MAX_ROUND_BYTES / valueSize)));
        } else {
          if (process.env["BENCH_VERBOSE"] !== undefined)
            console.log(each.contender.name, count, cpuUs / count);
          rounds.get(each)?.push({ cpuUs: cpuUs / count, perSecond: count / (wallUs / 1e6) });
        }
      }
    }
    for (const each of running) {
      await checkArrived(admin, each.topic, sent.get(each) ?? 0, each.contender.name);
      if (profiles === undefined || each.contender.kind !== "kafkawire") continue;
      await mkdir(profiles, { recursive: true });
      const file = join(profiles, `${each.contender.name.replace(/\W+/g, "-")}-${valueSize}.cpuprofile`);
      await each.client.profile((counts.get(each) ?? 0) * 3, file);
    }
    return compared(
      running.map((each) => {
        const measured = rounds.get(each) ?? [];
        return {
          name: each.contender.name,
          kind: each.contender.kind,
          figures: {
            cpuUsPerRecord: median(measured.map(({ cpuUs }) => cpuUs)),
            bestRoundCpuUsPerRecord: Math.min(...measured.map(({ cpuUs }) => cpuUs)),
            recordsPerSecond: Math.round(median(measured.map(({ perSecond }) => perSecond))),
          },
        };
      }),
      "cpuUsPerRecord",
    );
  } finally {
    for (const { client } of running) await client.close();
  }
}

async function latency(
  ready: readonly Ready[],
  admin: Untyped,
  bootstrapServers: string,
  missing: Map<string, string>,
): Promise<Table> {
  const running = await started(ready, admin, { bootstrapServers, valueSize: 100, lingerMs: 0 }, missing);
  try {
    const latencies = new Map(running.map((each) => [each, [] as number[]]));
    const cpu = new Map(running.map((each) => [each, [] as number[]]));
    for (let round = 0; round < WARM_ROUNDS + LATENCY_ROUNDS; round++) {
      for (const each of inTurns(running, round)) {
        const { latenciesUs, cpuUs } = await each.client.oneByOne(SENDS);
        if (round < WARM_ROUNDS) continue;
        latencies.get(each)?.push(...latenciesUs);
        cpu.get(each)?.push(cpuUs / SENDS);
      }
    }
    for (const { topic, contender } of running) {
      const sent = TRYOUTS * TRYOUT_RECORDS + (WARM_ROUNDS + LATENCY_ROUNDS) * SENDS;
      await checkArrived(admin, topic, sent, contender.name);
    }
    return compared(
      running.map((each) => ({
        name: each.contender.name,
        kind: each.contender.kind,
        figures: {
          p50Us: percentile(latencies.get(each) ?? [], 0.5),
          p99Us: percentile(latencies.get(each) ?? [], 0.99),
          cpuUsPerSend: median(cpu.get(each) ?? []),
        },
      })),
      "p50Us",
    );
  } finally {
    for (const { client } of running) await client.close();
  }
}

/** Nobody may be quick by losing some. */
async function checkArrived(admin: Untyped, topic: string, sent: number, name: string): Promise<void> {
  const offsets: { offset: string; high: string }[] = await admin.fetchTopicOffsets(topic);
  const arrived = offsets.reduce((sum, { high }) => sum + Number(high), 0);
  if (arrived !== sent) throw new Error(`${name} sent ${sent} records, and the broker has ${arrived}`);
}

const given = process.env["KAFKA_BOOTSTRAP"];
const missing = new Map<string, string>();
const { ready, version } = await launches(CONTENDERS, only, missing);
const cluster: KafkaCluster | null =
  given === undefined
    ? await startCluster({
        // Old records make room: what counts is the offset.
        properties: {
          "log.retention.bytes": String(64 << 20),
          "log.segment.bytes": String(64 << 20),
          "log.retention.check.interval.ms": "5000",
          "log.segment.delete.delay.ms": "1000",
        },
      })
    : null;
try {
  const bootstrapServers = given ?? cluster?.bootstrapServers.join(",") ?? "";
  const admin = await overseer(bootstrapServers);
  const tables: Record<string, Table> = {};
  for (const valueSize of SIZES) {
    const title = `values of ${valueSize} bytes`;
    tables[title] = await throughput(ready, admin, bootstrapServers, valueSize, missing);
    print(title, tables[title]);
  }
  const sends = "single sends, one in flight";
  const singly = ready.filter(
    ({ contender }) => contender.name !== "kafkawire enqueue" && contender.kind !== "kafkawire by default",
  );
  tables[sends] = await latency(singly, admin, bootstrapServers, missing);
  print(sends, tables[sends]);
  await admin.disconnect();
  if (isWhole) {
    const kept = {
      command: "npm run bench -- produce",
      runtime: `Node.js ${version}`,
      cpu: `${cpus().length} x ${cpus()[0]?.model}`,
      // With much more than there are processors, all figures are too high: caches are cold.
      loadAverage: loadavg()[0],
      kafka: cluster?.kafkaVersion ?? "given",
      measured:
        `processor time of the client's process for each record; medians of ${ROUNDS} rounds in turns; ` +
        "client and broker share the machine",
      notMeasured: Object.fromEntries(missing),
      tables,
    };
    await writeFile(
      new URL("../results/produce.json", import.meta.url),
      `${JSON.stringify(kept, null, 2)}\n`,
    );
  }
} finally {
  await cluster?.close();
}
process.exit();
