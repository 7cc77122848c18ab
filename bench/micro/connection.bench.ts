/**
 * What a connection adds to a request: the round trip of a Heartbeat with one in flight, against the same bytes on a
 * bare socket; and 10,000 of them, as many in flight as the client lets, against kafkajs and @platformatic/kafka.
 * A process beside answers at once. Also the CPU of this process for each pipelined request.
 *
 *   npm run bench -- connection
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { bench, group } from "mitata";
import { report } from "./report.ts";

const HOST = "127.0.0.1";
const REQUESTS = 10_000;
const ROUND_TRIPS = 500;
const ROUNDS = 31;
const CLIENT_ID = "bench";
const [GROUP, GENERATION, MEMBER] = ["payments", 7, "payments-1-4a61f0a2-8e4f-4a53"];

interface PerRequest {
  readonly cpuUs: number;
  readonly wallUs: number;
}

interface Compared extends PerRequest {
  readonly cpuTimesBestOther: number;
  readonly wallTimesBestOther: number;
}

/** A client with an open connection. */
interface Heart {
  readonly name: string;
  readonly beat: () => Promise<unknown>;
  readonly close: () => unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: these modules are internal to packages and have no types
type Untyped = any;

const require = createRequire(import.meta.url);
const inside = (path: string): Untyped =>
  require(fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url)));
const built = createRequire(new URL("../../dist/client/", import.meta.url));

async function kafkawire(port: number): Promise<Heart> {
  const { Connection }: typeof import("../../src/client/connection.ts") = built("./connection.js");
  const { platform }: typeof import("../../src/platform/node.ts") = built("../platform/node.js");
  const { HeartbeatRequest, HeartbeatResponse }: typeof import("../../src/protocol/mod.ts") =
    built("../protocol/mod.js");
  const api = { apiKey: 12, request: HeartbeatRequest, response: HeartbeatResponse };
  const connection = await Connection.open(
    { host: HOST, port },
    {
      platform,
      tls: null,
      clientId: CLIENT_ID,
      setupTimeoutMs: 10_000,
      maxInFlight: REQUESTS,
      maxFrameSize: 1 << 20,
    },
  );
  const request = { groupId: GROUP, generationId: GENERATION, memberId: MEMBER };
  return {
    name: "kafkawire",
    beat: () => connection.send(api, 4, request, { timeoutMs: 30_000 }),
    close: () => connection.close(),
  };
}

async function kafkajs(port: number): Promise<Heart> {
  const Connection = inside("kafkajs/src/network/connection.js");
  const socketFactory = inside("kafkajs/src/network/socketFactory.js")();
  const request = inside("kafkajs/src/protocol/requests/heartbeat/v3/request.js");
  const response = inside("kafkajs/src/protocol/requests/heartbeat/v3/response.js");
  const { createLogger, LEVELS } = inside("kafkajs/src/loggers/index.js");
  const logger = createLogger({ level: LEVELS.NOTHING, logCreator: () => () => {} });
  const connection = new Connection({
    host: HOST,
    port,
    logger,
    socketFactory,
    clientId: CLIENT_ID,
    requestTimeout: 30_000,
    connectionTimeout: 10_000,
  });
  await connection.connect();
  return {
    name: "kafkajs",
    beat: () =>
      connection.send({
        request: request({
          groupId: GROUP,
          groupGenerationId: GENERATION,
          memberId: MEMBER,
          groupInstanceId: null,
        }),
        response,
      }),
    close: () => connection.disconnect(),
  };
}

async function platformatic(port: number): Promise<Heart> {
  const load = (path: string): Promise<Untyped> =>
    import(new URL(`../node_modules/@platformatic/kafka/dist/${path}`, import.meta.url).href);
  const { Connection } = await load("network/connection.js");
  const { api } = await load("apis/consumer/heartbeat-v4.js");
  const connection = new Connection(CLIENT_ID, { maxInflights: REQUESTS, requestTimeout: 30_000 });
  await connection.connect(HOST, port);
  return {
    name: "@platformatic/kafka",
    beat: () => api.async(connection, GROUP, GENERATION, MEMBER, null),
    close: () => connection.close(),
  };
}

/** The bytes of the same request on a socket, with no client around it. */
async function bareSocket(port: number): Promise<Heart> {
  const socket: Socket = connect({ host: HOST, port, noDelay: true });
  await once(socket, "connect");
  const { encodeRequest }: typeof import("../../src/client/pending-request.ts") =
    built("./pending-request.js");
  const { HeartbeatRequest }: typeof import("../../src/protocol/mod.ts") = built("../protocol/mod.js");
  const { Writer }: typeof import("../../src/protocol/writer.ts") = built("../protocol/writer.js");
  const value = { groupId: GROUP, generationId: GENERATION, memberId: MEMBER };
  const bytes = Buffer.concat(encodeRequest(new Writer(), HeartbeatRequest, 4, 0, CLIENT_ID, value));
  let answered = (): void => {};
  socket.on("data", () => answered());
  return {
    name: "bare socket",
    beat: () =>
      new Promise<void>((resolve) => {
        answered = resolve;
        socket.write(bytes);
      }),
    close: () => socket.destroy(),
  };
}

async function pipelined({ beat }: Heart): Promise<void> {
  const beats: Promise<unknown>[] = [];
  for (let i = 0; i < REQUESTS; i++) beats.push(beat());
  await Promise.all(beats);
}

/** One after another, each once the one before is answered. */
async function oneByOne({ beat }: Heart): Promise<void> {
  for (let i = 0; i < ROUND_TRIPS; i++) await beat();
}

/**
 * Microseconds for a request, of this process's CPU and by the clock, also as multiples of the best of the others. The clients take turns, so that a busy machine is
 * busy for all of them, and the median round counts.
 */
async function inTurns(
  hearts: readonly Heart[],
  work: (heart: Heart) => Promise<void>,
  requests: number,
): Promise<{ readonly [name: string]: Compared }> {
  const rounds = new Map<string, PerRequest[]>(hearts.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const heart of hearts) {
      const [cpu, start] = [process.cpuUsage(), performance.now()];
      await work(heart);
      const { user, system } = process.cpuUsage(cpu);
      const wallUs = ((performance.now() - start) * 1000) / requests;
      rounds.get(heart.name)?.push({ cpuUs: (user + system) / requests, wallUs });
    }
  }
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[ROUNDS >> 1] as number;
  const medians = [...rounds].map(([name, spent]) => ({
    name,
    cpuUs: median(spent.map(({ cpuUs }) => cpuUs)),
    wallUs: median(spent.map(({ wallUs }) => wallUs)),
  }));
  return Object.fromEntries(
    medians.map(({ name, cpuUs, wallUs }) => {
      const others = medians.filter((other) => other.name !== name);
      return [
        name,
        {
          cpuUs,
          wallUs,
          cpuTimesBestOther: cpuUs / Math.min(...others.map((other) => other.cpuUs)),
          wallTimesBestOther: wallUs / Math.min(...others.map((other) => other.wallUs)),
        },
      ];
    }),
  );
}

const server = spawn(
  process.execPath,
  [...process.execArgv, fileURLToPath(new URL("answering-server.ts", import.meta.url))],
  { stdio: ["ignore", "pipe", "inherit"] },
);
try {
  const [line] = await once(server.stdout, "data");
  const port = Number(String(line).trim());
  const [ours, bare] = [await kafkawire(port), await bareSocket(port)];
  const peers = [await kafkajs(port), await platformatic(port)];
  group("round trip, one in flight", () => {
    for (const { name, beat } of [ours, bare]) bench(name, beat);
  });
  group("round trip, one in flight, other clients", () => {
    for (const { name, beat } of [ours, ...peers]) bench(name, beat);
  });
  group(`${REQUESTS} pipelined`, () => {
    for (const heart of [ours, ...peers]) bench(heart.name, () => pipelined(heart));
  });
  await pipelined(ours);
  const pipelinedInTurns = await inTurns([ours, ...peers], pipelined, REQUESTS);
  console.log("A pipelined request, in microseconds:", pipelinedInTurns);
  const oneByOneInTurns = await inTurns([ours, bare, ...peers], oneByOne, ROUND_TRIPS);
  console.log("A round trip, in microseconds:", oneByOneInTurns);
  await report("connection", { pipelinedInTurns, oneByOneInTurns });
  for (const { close } of [ours, bare, ...peers]) await close();
} finally {
  server.kill();
}
process.exit();
