import { describe, expect, it } from "vitest";
import { everyVersion } from "../support/arbitraries.ts";
import { makeCommitted, readCommitted } from "./committed.ts";
import { describeWithJava } from "./describe-java.ts";
import { compareWithKafka, countOf } from "./messages.ts";

describe("messages that Kafka wrote once, committed (no Java needed)", async () => {
  const { messages, kafkaVersion, command } = await readCommitted();

  it("reads and writes them byte for byte", () => {
    const differences = messages.map(compareWithKafka).filter((difference) => difference !== null);
    console.log(
      `Committed set of Kafka ${kafkaVersion}: ${countOf(messages)}, ${differences.length} differences`,
    );
    expect(differences).toEqual([]);
  });

  it("holds every version that we have", () => {
    const held = new Set(messages.map(({ name, version }) => `${name} v${version}`));
    const missing = everyVersion()
      .map(({ schema, version }) => `${schema.name} v${version}`)
      .filter((version) => version !== "RequestHeader v0" && !held.has(version));
    expect(missing, `run ${command}`).toEqual([]);
  });
});

describeWithJava("the committed set", () => {
  it("is what Kafka writes today", async () => {
    const { messages, command } = await readCommitted();
    expect(messages, `run ${command}`).toEqual(await makeCommitted());
  });
});
