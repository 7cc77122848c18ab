import { describe, expect, it } from "vitest";
import {
  type Asker,
  commitVerdict,
  concernsMembership,
  fetchVerdict,
  mayBeStored,
  type OffsetVerdict,
} from "../../src/group/offset-errors.ts";
import { errorCodes } from "../../src/protocol/error-codes.ts";

type Row = readonly [classic: OffsetVerdict, consumer: OffsetVerdict, nobody: OffsetVerdict];

const always = (verdict: OffsetVerdict): Row => [verdict, verdict, verdict];
const ofMembers = (verdict: OffsetVerdict): Row => [verdict, verdict, "refused"];

/** What Kafka's coordinators say to OffsetCommit, from 2.1 to 4.4. */
const COMMITS: { readonly [name: string]: Row } = {
  NONE: always("done"),
  NOT_COORDINATOR: always("find coordinator"),
  COORDINATOR_NOT_AVAILABLE: always("find coordinator"),
  REQUEST_TIMED_OUT: always("find coordinator"),
  COORDINATOR_LOAD_IN_PROGRESS: always("retry"),
  REBALANCE_IN_PROGRESS: always("retry"),
  UNKNOWN_TOPIC_OR_PARTITION: always("describe topic"),
  UNKNOWN_TOPIC_ID: always("describe topic"),
  UNKNOWN_MEMBER_ID: ofMembers("membership over"),
  ILLEGAL_GENERATION: ofMembers("membership over"),
  FENCED_INSTANCE_ID: ofMembers("membership over"),
  FENCED_MEMBER_EPOCH: ofMembers("membership over"),
  GROUP_ID_NOT_FOUND: ofMembers("membership over"),
  STALE_MEMBER_EPOCH: ["membership over", "new epoch", "refused"],
  INVALID_COMMIT_OFFSET_SIZE: always("too large"),
  OFFSET_METADATA_TOO_LARGE: always("bad offset"),
  TOPIC_AUTHORIZATION_FAILED: always("refused"),
  GROUP_AUTHORIZATION_FAILED: always("refused"),
  INVALID_GROUP_ID: always("refused"),
  GROUP_SUBSCRIBED_TO_TOPIC: always("refused"),
  UNSUPPORTED_VERSION: always("refused"),
  UNKNOWN_SERVER_ERROR: always("refused"),
};

const FETCHES: { readonly [name: string]: Row } = {
  NONE: always("done"),
  NOT_COORDINATOR: always("find coordinator"),
  COORDINATOR_NOT_AVAILABLE: always("find coordinator"),
  COORDINATOR_LOAD_IN_PROGRESS: always("retry"),
  UNSTABLE_OFFSET_COMMIT: always("retry"),
  REBALANCE_IN_PROGRESS: always("retry"),
  UNKNOWN_TOPIC_OR_PARTITION: always("describe topic"),
  UNKNOWN_TOPIC_ID: always("describe topic"),
  UNKNOWN_MEMBER_ID: ofMembers("membership over"),
  ILLEGAL_GENERATION: ofMembers("membership over"),
  STALE_MEMBER_EPOCH: ["membership over", "new epoch", "refused"],
  TOPIC_AUTHORIZATION_FAILED: always("refused"),
  GROUP_AUTHORIZATION_FAILED: always("refused"),
  INVALID_GROUP_ID: always("refused"),
};

const ASKERS: readonly Asker[] = ["classic", "consumer", "nobody"];

function codeOf(name: string): number {
  for (const each of errorCodes.values()) if (each.name === name) return each.code;
  throw new Error(`no error ${name}`);
}

describe.each([
  ["OffsetCommit", COMMITS, commitVerdict],
  ["OffsetFetch", FETCHES, fetchVerdict],
] as const)("what errors of %s mean", (_, table, verdictOf) => {
  it.each(Object.entries(table))("%s", (name, row) => {
    expect(ASKERS.map((asker) => verdictOf(codeOf(name), asker))).toEqual(row);
  });

  it("others pass where Kafka's own client takes them for such", () => {
    for (const { name, code, retriable } of errorCodes.values()) {
      if (name in table) continue;
      const verdict = verdictOf(code, "nobody");
      if (retriable) expect(verdict, name).toMatch(/^(retry|find coordinator|describe topic)$/);
      else expect(verdict, name).toMatch(/^(refused|retry|too large|bad offset)$/);
    }
    expect(verdictOf(9999, "classic")).toBe("refused");
  });
});

it("memberships are told what concerns them, and nobody else's", () => {
  const told = [...errorCodes.values()].filter(({ code }) => concernsMembership(code, "classic"));
  expect(told.map(({ name }) => name)).toEqual([
    "ILLEGAL_GENERATION",
    "UNKNOWN_MEMBER_ID",
    "GROUP_ID_NOT_FOUND",
    "FENCED_INSTANCE_ID",
    "FENCED_MEMBER_EPOCH",
    "STALE_MEMBER_EPOCH",
  ]);
  for (const { code } of told) {
    expect(concernsMembership(code, "consumer")).toBe(true);
    expect(concernsMembership(code, "nobody")).toBe(false);
  }
});

it("what a coordinator is not sure of may be stored", () => {
  const unsure = [...errorCodes.values()].filter(({ code }) => mayBeStored(code)).map(({ name }) => name);
  expect(unsure).toEqual([
    "UNKNOWN_SERVER_ERROR",
    "NOT_LEADER_OR_FOLLOWER",
    "REQUEST_TIMED_OUT",
    "COORDINATOR_NOT_AVAILABLE",
    "NOT_COORDINATOR",
    "KAFKA_STORAGE_ERROR",
  ]);
  expect(mayBeStored(9999)).toBe(true);
});
