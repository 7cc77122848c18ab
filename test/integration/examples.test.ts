import { expect, it } from "vitest";
import { run } from "../../examples/keyed-records.ts";
import { describeKafka, sharedBroker } from "../support/kafka.ts";
import { text } from "../support/topics.ts";

describeKafka("examples", "broker", () => {
  it("keyed-records shows every record with key, partition, offset and timestamp, and ends", async () => {
    const lines: string[] = [];
    const read = await run(sharedBroker().bootstrapServers, (line) => lines.push(line));
    expect(read).toHaveLength(12);
    for (const { key, value, partition, offset, timestamp } of read) {
      const shown = [text(key), text(value), partition, offset, new Date(timestamp).toISOString()].join(
        "\\s+",
      );
      expect(lines.join("\n")).toMatch(new RegExp(`← ${shown}`));
    }
    for (const customer of ["alice", "bob", "carol", "dave"]) {
      const theirs = read.filter(({ key }) => text(key) === customer);
      expect(new Set(theirs.map(({ partition }) => partition)).size).toBe(1);
      expect(theirs.map(({ value }) => text(value))).toEqual(["ordered", "paid", "shipped"]);
    }
  });
});
