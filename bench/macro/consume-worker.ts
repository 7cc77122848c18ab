/**
 * What every consumer's process does: it takes commands from its standard input, a line of JSON each, and answers each
 * with a line. Its first answer comes once it has read something; it reads no more then until it is told to.
 *
 * `{"do":"read","count":n}` reads on, n records or a few more, and says what that took, on the clock and of the
 * processor, of all threads of this process. What a client fetches ahead counts as well: the processor time ends when
 * the process has come to rest, as it had before. `{"do":"listen","skip":m,"count":n}` takes from the values when they
 * were sent, and says how long after that the client gave each, but for the first m. `{"do":"dawdle","ms":n}` reads
 * for that long with a wait of 10 ms after each 100 records, and says how much memory that took at most.
 */

import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { createInterface } from "node:readline";
import { Meter } from "./meter.ts";

/** What a consumer is made from. */
export interface ConsumeSetup {
  readonly bootstrapServers: string;
  readonly topic: string;
  /** A group of its own, which has committed nothing. */
  readonly groupId: string;
  /** `latest` is where records come one by one, and not as fast as they can be read. */
  readonly from: "earliest" | "latest";
  /** Where packages that are not in bench/package.json were installed. */
  readonly packages: string | null;
}

/** Figures of `read`. */
export interface ReadSpent {
  readonly count: number;
  readonly cpuUs: number;
  readonly wallUs: number;
}

/** Figures of `listen`. */
export interface Heard {
  readonly count: number;
  readonly latenciesUs: readonly number[];
  readonly cpuUs: number;
}

/** Figures of `dawdle`, the largest that were seen. */
export interface Taken {
  readonly count: number;
  readonly heapAndExternalBytes: number;
  readonly residentBytes: number;
}

const REST_LOOK_MS = 100;
/** Of a look. */
const AT_REST = 0.08;
const MOST_LOOKS = 20;
const DAWDLE_AFTER = 100;
const DAWDLE_MS = 10;
const MEMORY_LOOK_MS = 5;
/** How many digits of a value say when it was sent. */
export const SENT_AT_DIGITS = 20;

/** @param consume reads until the process ends, and heeds the meter */
export async function serveConsumer(
  consume: (setup: ConsumeSetup, meter: Meter) => Promise<unknown>,
): Promise<never> {
  const answer = (value: unknown): void => {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  };
  const fail = (error: unknown): never => {
    answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    process.exit(1);
  };
  try {
    const meter = new Meter();
    consume(JSON.parse(process.argv.at(-1) ?? "") as ConsumeSetup, meter).catch(fail);
    await meter.arrived;
    answer({ ready: true });
    for await (const line of createInterface({ input: process.stdin })) {
      const command = JSON.parse(line);
      if (command.do === "read") answer(await read(meter, command.count));
      else if (command.do === "listen") answer(await listen(meter, command.skip, command.count));
      else if (command.do === "dawdle") answer(await dawdle(meter, command.ms));
      else answer(await profiled(meter, command.count, command.file));
    }
    process.exit(0);
  } catch (error) {
    return fail(error);
  }
}

async function read(meter: Meter, wanted: number): Promise<ReadSpent> {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  const count = await meter.read(wanted);
  const wallUs = (performance.now() - wall) * 1000;
  return { count, wallUs, cpuUs: await cpuAtRest(cpu) };
}

/** What was spent since then, once hardly anything more is. */
async function cpuAtRest(since: NodeJS.CpuUsage): Promise<number> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const look = process.cpuUsage();
    await sleep(REST_LOOK_MS);
    const { user, system } = process.cpuUsage(look);
    if (user + system < AT_REST * REST_LOOK_MS * 1000) break;
  }
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

async function listen(meter: Meter, skip: number, wanted: number): Promise<Heard> {
  // What waited meanwhile tells nothing.
  await meter.read(skip);
  const latenciesUs: number[] = [];
  const cpu = process.cpuUsage();
  const count = await meter.read(wanted, (value) => {
    const nowUs = Number(process.hrtime.bigint() / 1000n);
    latenciesUs.push(nowUs - sentAtUs(value));
  });
  const { user, system } = process.cpuUsage(cpu);
  return { count, latenciesUs, cpuUs: user + system };
}

/** On the clock that all processes of the machine share. */
function sentAtUs(value: Uint8Array | string): number {
  if (typeof value === "string") return Number(value.slice(0, SENT_AT_DIGITS));
  return Number(Buffer.from(value.buffer, value.byteOffset, SENT_AT_DIGITS).toString("latin1"));
}

async function dawdle(meter: Meter, ms: number): Promise<Taken> {
  let heapAndExternalBytes = 0;
  let residentBytes = 0;
  const look = (): void => {
    const { heapUsed, external, rss } = process.memoryUsage();
    heapAndExternalBytes = Math.max(heapAndExternalBytes, heapUsed + external);
    residentBytes = Math.max(residentBytes, rss);
  };
  const timer = setInterval(look, MEMORY_LOOK_MS);
  const end = performance.now() + ms;
  let count = 0;
  while (performance.now() < end) {
    count += await meter.read(DAWDLE_AFTER);
    look();
    await sleep(DAWDLE_MS);
  }
  clearInterval(timer);
  return { count, heapAndExternalBytes, residentBytes };
}

async function profiled(meter: Meter, count: number, file: string): Promise<ReadSpent> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 200 });
  await session.post("Profiler.start");
  const spent = await read(meter, count);
  const { profile } = await session.post("Profiler.stop");
  writeFileSync(file, JSON.stringify(profile));
  return spent;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
