/** How the processes of the clients are started. */

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

/** @param file beside this one */
export function inNode(file: string): Contender["launch"] {
  return async ({ executable, args }) => ({
    command: executable,
    args: [...args, fileURLToPath(new URL(file, import.meta.url))],
    packages: null,
  });
}

export function byDefault(launch: Contender["launch"]): Contender["launch"] {
  return async (node, nodeVersion) => ({ ...(await launch(node, nodeVersion)), byDefault: true });
}

/** It builds the librdkafka that it brings, and links it as a library of its own. */
export function withConfluent(file: string): Contender["launch"] {
  return withNative(file, "@confluentinc/kafka-javascript", "1.10.1", { CKJS_LINKING: "dynamic" });
}

/** With the machine's librdkafka (Debian: librdkafka-dev). */
export function withNodeRdkafka(file: string): Contender["launch"] {
  return withNative(file, "node-rdkafka", "3.6.1", { BUILD_LIBRDKAFKA: "0" });
}

/** @param args what it is to do */
export function franzGo(...args: readonly string[]): Contender["launch"] {
  return async () => ({ command: await buildFranzGo(), args, packages: null });
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
