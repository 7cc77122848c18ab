/** Members of groups that can be killed: takes the commands, and tells what it sees, of support/groups/member-process.ts. */

import { createInterface } from "node:readline";
import type { MemberSights } from "../../support/groups/group-log.ts";
import { KafkawireMember } from "../../support/groups/kafkawire-member.ts";

const bootstrapServers = (process.argv[2] ?? "").split(",");
const members = new Map<string, KafkawireMember>();

// To a pipe this is synchronous: what was read before the process is killed has been told.
const tell = (...columns: readonly (string | number)[]): void => {
  process.stdout.write(`${columns.join("\t")}\n`);
};

const sightsOf = (name: string): MemberSights => ({
  name,
  assigned: (partitions) => tell(name, "assigned", partitions.join(",")),
  gaveUp: (partitions, end) => tell(name, end, partitions.join(",")),
  read: (partition, offset, number) => tell(name, "read", partition, offset, number),
  failed: (error) => tell(name, "failed", String(error).replace(/\s+/g, " ")),
  gone: () => tell(name, "gone"),
});

const join = ([name = "", groupId = "", topic = "", protocol, assignor = "", ...times]: string[]): void => {
  const [sessionTimeoutMs = 0, heartbeatIntervalMs = 0, autoCommitIntervalMs = 0] = times.map(Number);
  const groupProtocol = protocol === "consumer" ? "consumer" : "classic";
  const options = { bootstrapServers, groupId, topic, groupProtocol, assignor } as const;
  const all = { ...options, sessionTimeoutMs, heartbeatIntervalMs, autoCommitIntervalMs };
  members.set(name, new KafkawireMember(sightsOf(name), all));
};

const commands = createInterface({ input: process.stdin });
commands.on("line", (line) => {
  const [command, ...columns] = line.split("\t");
  const name = columns[0] ?? "";
  if (command === "join") join(columns);
  else void members.get(name)?.leave();
});
// Who started it has gone.
commands.on("close", () => process.exit());
