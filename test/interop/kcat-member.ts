import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

/** How long one that was asked to leave may take before it is killed. */
const GRACE_MS = 15_000;

/** A member of a group, of librdkafka, in a process that ends with this one. */
export class KcatMember {
  readonly #child: ChildProcessByStdio<null, null, Readable>;
  readonly #ended: Promise<unknown>;
  #said = "";

  constructor(
    bootstrapServers: readonly string[],
    groupId: string,
    topic: string,
    settings: readonly string[],
  ) {
    const options = settings.flatMap((setting) => ["-X", setting]);
    const arguments_ = ["-b", bootstrapServers.join(","), "-G", groupId, ...options, topic];
    this.#child = spawn("kcat", arguments_, { stdio: ["ignore", "ignore", "pipe"] });
    this.#ended = once(this.#child, "close");
    this.#child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      this.#said += chunk;
    });
  }

  /** `topic-partition`, sorted, as its assignments and revocations add up. */
  get held(): string[] {
    const held = new Set<string>();
    for (const [line] of this.#said.matchAll(/^% Group .* rebalanced.*$/gm)) {
      const isRevoked = line.includes("revo");
      for (const [, topic, partition] of line.matchAll(/([\w.-]+) \[(\d+)\]/g)) {
        if (isRevoked) held.delete(`${topic}-${partition}`);
        else held.add(`${topic}-${partition}`);
      }
    }
    return [...held].sort();
  }

  /** It leaves its group, and its process ends. */
  async close(): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), GRACE_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}
