/** A member of librdkafka's: kcat, one process each. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { MemberSights } from "./group-log.ts";
import type { GroupMemberOptions, KillableMember } from "./group-member.ts";

/** librdkafka's names differ in nothing but this. */
const classic = (options: GroupMemberOptions): string[] => [
  `partition.assignment.strategy=${options.assignor}`,
  `session.timeout.ms=${options.sessionTimeoutMs}`,
  `heartbeat.interval.ms=${options.heartbeatIntervalMs}`,
];

export class KcatMember implements KillableMember {
  readonly name: string;
  readonly #log: MemberSights;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #isEnding = false;

  constructor(log: MemberSights, options: GroupMemberOptions) {
    this.name = log.name;
    this.#log = log;
    if (options.groupProtocol !== "classic") throw new Error("this librdkafka knows classic groups only");
    const settings = [
      `auto.commit.interval.ms=${options.autoCommitIntervalMs}`,
      "auto.offset.reset=earliest",
      `client.id=${log.name}`,
      ...classic(options),
    ].flatMap((setting) => ["-X", setting]);
    const format = ["-u", "-f", "read\\t%p\\t%o\\t%s\\n"];
    const servers = ["-b", options.bootstrapServers.join(",")];
    const args = ["kcat", ...servers, ...settings, ...format, "-G", options.groupId, options.topic];
    // One pipe for both, so that what it says of rebalances stands between the records where it belongs.
    this.#child = spawn("sh", ["-c", 'exec "$@" 2>&1', "sh", ...args], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) =>
      this.#hear(line),
    );
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", (code) => {
        if (!this.#isEnding) log.failed(`kcat ended with ${code}`);
        resolve();
      });
    });
  }

  async leave(): Promise<void> {
    this.#isEnding = true;
    this.#child.kill("SIGTERM");
    await this.#ended;
    this.#log.gone("revoked");
  }

  async kill(): Promise<void> {
    this.#isEnding = true;
    this.#child.kill("SIGKILL");
    await this.#ended;
    this.#log.gone("killed");
  }

  #hear(line: string): void {
    const [what, partition, offset, value = ""] = line.split("\t");
    if (what === "read") {
      this.#log.read(Number(partition), Number(offset), Number.parseInt(value, 10));
      return;
    }
    if (!line.startsWith("% Group ") || !line.includes(" rebalanced")) return;
    const partitions = [...line.matchAll(/ \[(\d+)\]/g)].map(([, number]) => Number(number));
    // "assigned: " and "revoked: ", or with incremental rebalancing "incremental assignment of", "incremental revoke of".
    if (/assigned: |assignment of/.test(line)) this.#log.assigned(partitions);
    else this.#log.gaveUp(partitions, "revoked");
  }
}
