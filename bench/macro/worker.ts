/**
 * What every client's process does: it takes commands from its standard input, a line of JSON each, and answers each
 * with a line. `{"do":"produce","count":n}` sends n records and says what that took, on the clock and of the
 * processor, of all threads of this process; `{"do":"one by one","count":n}` sends them one after another, each once
 * the one before was acknowledged, and says how long each took, and what all took of the processor.
 */

import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { createInterface } from "node:readline";

/** What a client is made from. */
export interface Setup {
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly valueSize: number;
  /** Null: as long as suits the client best when it sends as fast as it can. */
  readonly lingerMs: 0 | null;
  /** Where packages that are not in bench/package.json were installed. */
  readonly packages: string | null;
  /** Whether the client shall keep its own settings, beside those that all share. */
  readonly byDefault: boolean;
}

/** A client that is connected. */
export interface ProduceClient {
  /** Sends so many records, and resolves once all of them were acknowledged. */
  readonly produce: (count: number) => Promise<unknown>;
  /** Sends the record of that number, and resolves once it was acknowledged. */
  readonly sendOne: (index: number) => Promise<unknown>;
}

/** Figures of `produce`. */
export interface Spent {
  readonly cpuUs: number;
  readonly wallUs: number;
}

/** Figures of `one by one`. */
export interface Latencies {
  readonly latenciesUs: readonly number[];
  readonly cpuUs: number;
}

/** Connects the client and serves until the input ends. */
export async function serve(connect: (setup: Setup) => Promise<ProduceClient>): Promise<never> {
  const answer = (value: unknown): void => {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  };
  try {
    const client = await connect(JSON.parse(process.argv[2] ?? "") as Setup);
    answer({ ready: true });
    for await (const line of createInterface({ input: process.stdin })) {
      const command = JSON.parse(line);
      if (command.do === "produce") answer(await produce(client, command.count));
      else if (command.do === "one by one") answer(await oneByOne(client, command.count));
      else answer(await profiled(client, command.count, command.file));
    }
    process.exit(0);
  } catch (error) {
    answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    process.exit(1);
  }
}

async function produce(client: ProduceClient, count: number): Promise<Spent> {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  await client.produce(count);
  const wallUs = (performance.now() - wall) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuUs: user + system, wallUs };
}

async function oneByOne(client: ProduceClient, count: number): Promise<Latencies> {
  const latenciesUs: number[] = [];
  const cpu = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const sentAt = performance.now();
    await client.sendOne(i);
    latenciesUs.push((performance.now() - sentAt) * 1000);
  }
  const { user, system } = process.cpuUsage(cpu);
  return { latenciesUs, cpuUs: user + system };
}

async function profiled(client: ProduceClient, count: number, file: string): Promise<Spent> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 200 });
  await session.post("Profiler.start");
  const spent = await produce(client, count);
  const { profile } = await session.post("Profiler.stop");
  writeFileSync(file, JSON.stringify(profile));
  return spent;
}

/**
 * Calls `send` for chunk after chunk, with so many of them on their way at a time: for clients whose best way is an
 * array of records and a promise.
 */
export async function inChunks(
  count: number,
  chunkSize: number,
  atATime: number,
  send: (first: number, size: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const first = next;
      const size = Math.min(chunkSize, count - first);
      next += size;
      await send(first, size);
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
}
