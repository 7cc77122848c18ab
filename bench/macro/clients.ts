/** Who is compared, and what each is started with. */

import { fileURLToPath } from "node:url";
import type { Runtime } from "../../test/support/runtimes.ts";
import { buildFranzGo, installNative } from "./installed.ts";

/** How one client's process is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Directory with `node_modules` for what is not in bench/package.json. */
  readonly packages: string | null;
  /** With the settings that the client has by itself, beside those that all share. */
  readonly byDefault?: true;
}

/** One client, by one of its ways. */
export interface Contender {
  readonly name: string;
  readonly kind: "kafkawire" | "kafkawire by default" | "JavaScript" | "native binding" | "Go";
  /** @throws with why it cannot be had here. */
  readonly launch: (node: Runtime, nodeVersion: string) => Promise<Launch>;
}

function inNode(file: string): Contender["launch"] {
  return async ({ executable, args }) => ({
    command: executable,
    args: [...args, fileURLToPath(new URL(`./clients/${file}`, import.meta.url))],
    packages: null,
  });
}

function byDefault(launch: Contender["launch"]): Contender["launch"] {
  return async (node, nodeVersion) => ({ ...(await launch(node, nodeVersion)), byDefault: true });
}

function withNative(
  file: string,
  name: string,
  version: string,
  env: Readonly<Record<string, string>>,
): Contender["launch"] {
  return async (node, nodeVersion) => ({
    ...(await inNode(file)(node, nodeVersion)),
    packages: await installNative({ name, version, env }, node.executable, nodeVersion),
  });
}

export const CONTENDERS: readonly Contender[] = [
  { name: "kafkawire enqueue", kind: "kafkawire", launch: inNode("kafkawire-enqueue.ts") },
  { name: "kafkawire send", kind: "kafkawire", launch: inNode("kafkawire-send.ts") },
  {
    name: "kafkawire enqueue by default",
    kind: "kafkawire by default",
    launch: byDefault(inNode("kafkawire-enqueue.ts")),
  },
  {
    name: "kafkawire send by default",
    kind: "kafkawire by default",
    launch: byDefault(inNode("kafkawire-send.ts")),
  },
  { name: "kafkajs", kind: "JavaScript", launch: inNode("kafkajs.ts") },
  { name: "@platformatic/kafka", kind: "JavaScript", launch: inNode("platformatic.ts") },
  { name: "kafka-ts", kind: "JavaScript", launch: inNode("kafka-ts.ts") },
  {
    name: "@confluentinc/kafka-javascript",
    kind: "native binding",
    // It builds the librdkafka that it brings, and links it as a library of its own.
    launch: withNative("confluent.ts", "@confluentinc/kafka-javascript", "1.10.1", {
      CKJS_LINKING: "dynamic",
    }),
  },
  {
    name: "node-rdkafka",
    kind: "native binding",
    // With the machine's librdkafka (Debian: librdkafka-dev).
    launch: withNative("node-rdkafka.ts", "node-rdkafka", "3.6.1", { BUILD_LIBRDKAFKA: "0" }),
  },
  {
    name: "franz-go",
    kind: "Go",
    launch: async () => ({ command: await buildFranzGo(), args: [], packages: null }),
  },
];
