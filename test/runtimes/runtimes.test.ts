/** The packed package, installed as a user would, in every runtime that it is for. */

import { randomUUID } from "node:crypto";
import { type CompressionType, Kafka, type KafkaConfig } from "kafkawire";
import { encode, MetadataRequest } from "kafkawire/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certificate } from "../platform/support.ts";
import { conformance } from "../platform/transport-conformance.ts";
import { clusterFor, describeKafka, presentRuntimes, runtime, sharedBroker } from "../support/kafka.ts";
import { RUNTIMES, type RuntimeName } from "../support/runtimes.ts";
import { createTopic, readAll } from "../support/topics.ts";
import { InstalledPackage } from "./installed-package.ts";

const CODECS: readonly CompressionType[] = ["none", "gzip", "snappy", "lz4", "zstd"];
/** Reads zstd and does not write it: node:zlib has it from 22.15 on. */
const WITHOUT_ZSTD: readonly RuntimeName[] = ["node20"];
/** From what a program says last to the end of its process. */
const SOON_MS = 1000;
const BROWSER_LIB = ["ES2022", "ESNext.Disposable", "DOM"];

let user: InstalledPackage;
beforeAll(async () => {
  user = await InstalledPackage.create();
}, 180_000);
afterAll(() => user?.[Symbol.asyncDispose]());

/** A partition for each codec of each runtime. */
function partitionsOf(name: RuntimeName): { readonly [codec: string]: number } {
  const first = RUNTIMES.indexOf(name) * CODECS.length;
  return Object.fromEntries(CODECS.map((codec, i) => [codec, first + i]));
}

function expectedOf(name: RuntimeName): { readonly written: readonly string[]; readonly refused: object } {
  return WITHOUT_ZSTD.includes(name)
    ? {
        written: CODECS.filter((codec) => codec !== "zstd"),
        refused: { zstd: "UNSUPPORTED_COMPRESSION_TYPE" },
      }
    : { written: CODECS, refused: {} };
}

/** A topic on one broker, in which each runtime writes its partitions once, whoever asks for that first. */
class SharedTopic {
  readonly settings: KafkaConfig;
  readonly name: string;
  readonly #fromMs = Date.now();
  readonly #written = new Map<RuntimeName, Promise<unknown>>();

  private constructor(settings: KafkaConfig, name: string) {
    this.settings = settings;
    this.name = name;
  }

  static async create(settings: KafkaConfig): Promise<SharedTopic> {
    await using kafka = new Kafka(settings);
    return new SharedTopic(settings, await createTopic(kafka, RUNTIMES.length * CODECS.length));
  }

  async write(name: RuntimeName): Promise<void> {
    let written = this.#written.get(name);
    if (written === undefined) {
      written = this.#write(name);
      this.#written.set(name, written);
    }
    await written;
  }

  async #write(name: RuntimeName): Promise<void> {
    const ended = await user.run(runtime(name), "write", this.#input(partitionsOf(name)));
    const { written, refused } = ended.value as { readonly written: object; readonly refused: object };
    expect({ written: Object.keys(written), refused }).toEqual(expectedOf(name));
    expect(ended.lingeredMs).toBeLessThan(SOON_MS);
  }

  #input(partitions: object): object {
    return { settings: this.settings, topic: this.name, fromMs: this.#fromMs, partitions };
  }

  /** Reads what these runtimes have written. */
  async read(name: RuntimeName, writers: readonly RuntimeName[], settings = this.settings): Promise<void> {
    const partitions = writers.flatMap((writer) =>
      expectedOf(writer).written.map((codec) => partitionsOf(writer)[codec] as number),
    );
    const ended = await user.run(runtime(name), "read", { ...this.#input(partitions), settings });
    expect(ended.value).toEqual({ partitions, wrong: [] });
    expect(ended.lingeredMs).toBeLessThan(SOON_MS);
  }
}

it("type-checks in a user's program, with a bundler's resolution and the types of browsers", async () => {
  await user.compile({ module: "ESNext", moduleResolution: "bundler", lib: BROWSER_LIB, noEmit: true });
}, 60_000);

for (const name of RUNTIMES) {
  describeKafka(`${name} alone`, name, () => {
    it("speaks the protocol, without any right", async () => {
      const { executable, args } = runtime(name);
      const restricted = { executable, args: args.filter((arg) => arg !== "--allow-net") };
      const { value } = await user.run(restricted, "speak");
      expect(value).toMatchObject({
        request: [...encode(MetadataRequest, 12, { topics: [{ name: "orders" }] })],
        broker: { nodeId: 7, host: "bröker", port: 9092, rack: null },
        dump: expect.stringContaining('"bröker"'),
      });
    });

    it("has sockets that do all that a platform has to", async () => {
      // Deno's TLS takes a reset for an end in order, and whatever is written, without saying that it is too much.
      const tlsLacks = name === "deno" ? { hidesResets: true, hidesFullness: true } : {};
      const { value } = await user.run(runtime(name), "sockets/conform", { certificate, tlsLacks });
      expect(value).toEqual({ passed: conformance.length * 3, failures: [] });
    });
  });
}

describeKafka("deno without the right", "deno", () => {
  it("to look a name up, or to connect to an address, says which is missing", async () => {
    const { executable } = runtime("deno");
    const restricted = { executable, args: ["run", "--no-prompt", "--allow-net=localhost"] };
    const cases = {
      name: { bootstrapServers: "kafka.invalid:9092" },
      address: { bootstrapServers: "localhost:1" },
    };
    const { value } = await user.run(restricted, "refused", { cases });
    expect(value).toEqual({
      name: expect.stringMatching(/--allow-net has to name "kafka.invalid" without a port$/),
      address: expect.stringMatching(/^CONNECTION_FAILED: .* this process may not \(Requires net access to/),
    });
  });
});

{
  let topic: SharedTopic;
  for (const name of RUNTIMES) {
    describeKafka(`${name} and a broker`, ["broker", name], () => {
      beforeAll(async () => {
        topic ??= await SharedTopic.create({ bootstrapServers: sharedBroker().bootstrapServers });
      });

      it("writes with every codec that it has, and ends by itself", () => topic.write(name));

      it("reads what every runtime wrote with every codec", async () => {
        // What one that is absent would have written, nobody can read.
        const writers = presentRuntimes();
        for (const writer of writers) await topic.write(writer);
        await topic.read(name, writers);
      }, 60_000);

      it("ends by itself once nothing is awaited, and what was sent without waiting arrives", async () => {
        const { settings } = topic;
        await using kafka = new Kafka(settings);
        const own = await createTopic(kafka, 1);
        const ended = await user.run(runtime(name), "finish", { settings, topic: own });
        expect(ended.value).toEqual({ first: "0", sent: 100 });
        expect(ended.lingeredMs).toBeLessThan(SOON_MS);
        const records = await readAll(kafka, own, 101);
        expect(records.map(({ value }) => value?.length)).toEqual([5, ...Array(100).fill(10_000)]);
      });

      it("says what is wrong with an address", async () => {
        const broker = { bootstrapServers: sharedBroker().bootstrapServers };
        const cases = {
          refused: { bootstrapServers: "localhost:1" },
          nameless: { bootstrapServers: "kafka.invalid:9092" },
          tls: { ...broker, securityProtocol: "SSL" },
        };
        const { value } = await user.run(runtime(name), "refused", { cases });
        expect(value).toEqual({
          refused: expect.stringMatching(/^CONNECTION_FAILED: .*\(ECONNREFUSED\): nothing listens there/),
          nameless: expect.stringMatching(
            /^NAME_NOT_RESOLVED: .*\(E(NOTFOUND|AI_AGAIN)\): check its spelling/,
          ),
          tls: expect.stringMatching(/^CONNECTION_FAILED: .*\(ECONNRESET\): .* may not speak TLS/),
        });
      });
    });
  }
}

// All at once: their heartbeats take five seconds, in which nothing is done.
describe.concurrent("groups", () => {
  for (const name of RUNTIMES) {
    describeKafka(name, ["broker", name], () => {
      it("reads as members of groups, of both protocols", async () => {
        const settings = { bootstrapServers: sharedBroker().bootstrapServers };
        await using kafka = new Kafka(settings);
        const groups = { classic: `classic-${randomUUID()}`, consumer: `consumer-${randomUUID()}` };
        const { value, lingeredMs } = await user.run(runtime(name), "group", {
          settings,
          topic: await createTopic(kafka, 2),
          groups,
        });
        const numbers = Array.from({ length: 20 }, (_, i) => i);
        expect(value).toEqual({ classic: numbers, consumer: numbers });
        expect(lingeredMs).toBeLessThan(RUNTIMES.length * SOON_MS);
      });
    });
  }
});

describeKafka("TLS", "cluster", () => {
  const cluster = clusterFor({
    security: "sasl_ssl",
    listeners: [{ name: "SSL", securityProtocol: "SSL" }],
  });
  let ssl: KafkaConfig;
  let saslSsl: KafkaConfig;
  let topic: SharedTopic;

  beforeAll(async () => {
    const { bootstrapServers, brokers, credentials } = cluster();
    if (credentials?.caPem === undefined) throw new Error("the cluster has no credentials");
    const tls = { sslTruststoreCertificates: credentials.caPem };
    ssl = {
      ...tls,
      securityProtocol: "SSL",
      bootstrapServers: brokers.map(({ host, listenerPorts }) => `${host}:${listenerPorts["SSL"]}`),
    };
    saslSsl = {
      ...tls,
      securityProtocol: "SASL_SSL",
      bootstrapServers,
      saslMechanism: "SCRAM-SHA-512",
      saslUsername: credentials.username,
      saslPassword: credentials.password,
    };
    topic = await SharedTopic.create(saslSsl);
  });

  for (const name of RUNTIMES) {
    describeKafka(name, name, () => {
      it("writes and reads with SASL_SSL and SCRAM-SHA-512, reads with SSL, and ends by itself", async () => {
        await topic.write(name);
        await topic.read(name, [name]);
        await topic.read(name, [name], ssl);
      });

      it("says what is wrong with a certificate, a password or the protocol", async () => {
        const { bootstrapServers } = ssl;
        const cases = {
          untrusted: { bootstrapServers, securityProtocol: "SSL" },
          plain: { bootstrapServers },
          password: { ...saslSsl, saslPassword: "wrong" },
        };
        const { value } = await user.run(runtime(name), "refused", { cases });
        expect(value).toEqual({
          untrusted: expect.stringMatching(/^TLS_FAILED: .* give its PEM as sslTruststoreCertificates/),
          plain: expect.stringMatching(/^NOT_A_KAFKA_BROKER: .* wants TLS/),
          password: expect.stringMatching(/^SASL_AUTHENTICATION_FAILED: /),
        });
      });
    });
  }
});
