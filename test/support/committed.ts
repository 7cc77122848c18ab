/** What is there for readers that are not ours, and what groups have committed. */

import { run } from "../../scripts/kafka/process.ts";
import { BrokerError } from "../../src/client/errors.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../src/protocol/messages/offset-fetch.ts";
import { withInternals } from "./internals.ts";

const TIMEOUT_MS = 30_000;
/** The last that asks for one group. */
const LAST_FOR_ONE_GROUP = 7;

const OffsetFetch = {
  apiKey: OffsetFetchRequest.apiKey as number,
  request: OffsetFetchRequest,
  response: OffsetFetchResponse,
};

/** The values of all partitions as kcat reads them up to their end, as text, partition by partition. */
export async function kcatValues(
  bootstrapServers: readonly string[],
  topic: string,
  isolationLevel: "read_committed" | "read_uncommitted" = "read_committed",
): Promise<string[]> {
  const target = ["-C", "-q", "-b", bootstrapServers.join(","), "-t", topic, "-o", "beginning", "-e"];
  const settings = ["-X", `isolation.level=${isolationLevel}`, "-X", "fetch.wait.max.ms=10"];
  const { code, stdout, stderr } = await run("kcat", [...target, ...settings, "-f", "%p %o %s\\n"], {
    timeoutMs: TIMEOUT_MS,
  });
  if (code !== 0) throw new Error(`kcat ended with ${code}: ${stderr}`);
  return stdout
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => /^(\d+) (\d+) (.*)$/.exec(line) ?? [])
    .toSorted(([, p, o], [, q, r]) => Number(p) - Number(q) || Number(o) - Number(r))
    .map(([, , , value = ""]) => value);
}

/**
 * Offsets that a group has committed for the first partitions of a topic; null for none. Waits for transactions that
 * are being ended, where brokers can tell (Kafka 2.5 and later).
 */
export async function committedOffsets(
  bootstrapServers: readonly string[],
  groupId: string,
  topic: string,
  partitions: number,
): Promise<(bigint | null)[]> {
  const partitionIndexes = Array.from({ length: partitions }, (_, i) => i);
  const offsets: (bigint | null)[] = partitionIndexes.map(() => null);
  await withInternals(bootstrapServers, async ({ internals, coordinators, deadline }) => {
    for (let attempt = 1; ; attempt++) {
      const expired = (): Error => new Error(`the offsets of group ${groupId} did not become stable`);
      const nodeId = await coordinators.find("group", groupId, { deadline });
      const { response, broker } = await internals.request(
        nodeId,
        OffsetFetch,
        (version) => ({
          groupId,
          topics: [{ name: topic, partitionIndexes }],
          ...(version >= LAST_FOR_ONE_GROUP ? { requireStable: true } : {}),
        }),
        { timeoutMs: 5000, maxVersion: LAST_FOR_ONE_GROUP },
      );
      const results = response.topics.flatMap((each) => each.partitions);
      const errorCode = response.errorCode || (results.find((each) => each.errorCode !== 0)?.errorCode ?? 0);
      if (errorCode === 0) {
        for (const { partitionIndex, committedOffset } of results)
          offsets[partitionIndex] = committedOffset < 0n ? null : committedOffset;
        return;
      }
      const error = new BrokerError(errorCode, { broker });
      if (!error.retriable) throw error;
      if (error.code === "NOT_COORDINATOR") coordinators.forget("group", groupId, nodeId);
      await internals.pause(attempt, { deadline }, expired);
    }
  });
  return offsets;
}
