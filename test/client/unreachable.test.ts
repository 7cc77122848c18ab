/** Addresses behind which there is no Kafka: each call ends within its deadline, and says what is wrong. */

import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Kafka, type KafkaError, type Logger } from "kafkawire";
import { afterEach, describe, expect, it } from "vitest";

const DEADLINE_MS = 600;
/** What a loaded machine may add to a deadline. */
const SLACK_MS = 1500;

const open: (Server | HttpServer)[] = [];
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of open.splice(0)) server.close();
});

async function listen<S extends Server | HttpServer>(server: S): Promise<string> {
  open.push(server);
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port that was free a moment ago. */
async function closedPort(): Promise<string> {
  const server = createServer();
  const address = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return address;
}

interface Case {
  readonly what: string;
  readonly address: () => Promise<string>;
  readonly code: string;
  /** Error code of the cause, where the deadline is what ends the call. */
  readonly cause?: string;
  readonly names: RegExp;
  readonly remedy: RegExp;
}

const cases: readonly Case[] = [
  {
    what: "a port where nothing listens",
    address: closedPort,
    code: "TIMEOUT",
    cause: "CONNECTION_FAILED",
    names: /127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
    remedy: /nothing listens there: check the address and that the broker is running/,
  },
  {
    what: "a port that accepts and stays silent",
    address: () => listen(createServer()),
    code: "TIMEOUT",
    names: /127\.0\.0\.1:\d+ has not completed the handshake for \d+ ms/,
    remedy: /is it a Kafka broker with the configured security protocol\?/,
  },
  {
    what: "a port that speaks HTTP",
    address: () => listen(createHttpServer((_, response) => response.end("hello"))),
    code: "NOT_A_KAFKA_BROKER",
    names: /127\.0\.0\.1:\d+ answers in HTTP/,
    remedy: /give the address of a broker's Kafka listener/,
  },
  {
    what: "a port that hangs up",
    address: () => listen(createServer((socket) => socket.destroy())),
    code: "TIMEOUT",
    names: /127\.0\.0\.1:\d+/,
    remedy: /check that/,
  },
  {
    what: "a port that answers with a TLS alert",
    address: () => listen(createServer((socket) => socket.end(Buffer.from("15030300020250", "hex")))),
    code: "NOT_A_KAFKA_BROKER",
    names: /127\.0\.0\.1:\d+ wants TLS/,
    remedy: /set securityProtocol to "SSL"/,
  },
  {
    what: "a name that does not resolve",
    address: async () => "no-such-host.invalid:9092",
    code: "TIMEOUT",
    cause: "NAME_NOT_RESOLVED",
    names: /"no-such-host\.invalid" does not resolve/,
    remedy: /check its spelling/,
  },
];

const calls: readonly { readonly what: string; readonly call: (kafka: Kafka) => Promise<unknown> }[] = [
  {
    what: "send",
    call: (kafka) => kafka.producer({ maxBlockMs: DEADLINE_MS }).send({ topic: "orders", value: "paid" }),
  },
  {
    what: "partitionsFor",
    call: (kafka) => kafka.consumer().partitionsFor("orders", { timeoutMs: DEADLINE_MS }),
  },
  {
    what: "createTopics",
    call: (kafka) => kafka.admin().createTopics([{ topic: "orders" }], { timeoutMs: DEADLINE_MS }),
  },
  {
    what: "reading",
    call: async (kafka) => {
      const consumer = kafka.consumer();
      consumer.assign([{ topic: "orders", partition: 0, from: "earliest" }]);
      for await (const record of consumer) return record;
      return null;
    },
  },
];

describe.each(cases)("$what", ({ address, code, cause, names, remedy }) => {
  it.each(calls)("ends $what with an error that says so", async ({ call }) => {
    const warnings: string[] = [];
    const logger: Logger = {
      debug() {},
      info() {},
      error() {},
      warn: (message) => void warnings.push(message),
    };
    const kafka = new Kafka({
      bootstrapServers: await address(),
      defaultApiTimeoutMs: DEADLINE_MS,
      requestTimeoutMs: DEADLINE_MS,
      logger,
    });
    const started = performance.now();
    try {
      const error = (await call(kafka).then(
        (value) => expect.fail(`it gave ${String(value)}`),
        (reason: unknown) => reason,
      )) as KafkaError;
      expect(performance.now() - started).toBeLessThan(DEADLINE_MS + SLACK_MS);
      expect(error.message).toMatch(names);
      expect(error.message).toMatch(remedy);
      expect(error.code).toBe(code);
      if (cause !== undefined) expect(error.cause).toMatchObject({ code: cause });
    } finally {
      const closing = performance.now();
      await kafka.close();
      expect(performance.now() - closing).toBeLessThan(SLACK_MS);
    }
  });
});

it("does not wait for a record that is too large to be sent", async () => {
  await using kafka = new Kafka({ bootstrapServers: "localhost:1" });
  await expect(
    kafka.producer().send({ topic: "orders", value: "x".repeat(1_100_000) }),
  ).rejects.toMatchObject({
    code: "MESSAGE_TOO_LARGE",
    message: expect.stringMatching(/maxRequestSize is 1048576: raise maxRequestSize/),
  });
});
