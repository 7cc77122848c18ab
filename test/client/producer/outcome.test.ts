import { describe, expect, it } from "vitest";
import { BrokerError, ClosedError, ConnectionError, TimeoutError } from "../../../src/client/errors.ts";
import { type Attempted, outcomeOf } from "../../../src/client/producer/outcome.ts";
import { errorCodes } from "../../../src/protocol/error-codes.ts";

const codeOf = (name: string): number =>
  [...errorCodes.values()].find((each) => each.name === name)?.code as number;
const IDEMPOTENT: Attempted = {
  recordCount: 3,
  isWritten: true,
  baseOffset: null,
  isIdempotent: true,
  isTransactional: false,
};

describe("the outcome of an answer", () => {
  it.each<[string, Partial<Attempted>, string, boolean]>([
    ["NOT_LEADER_OR_FOLLOWER", {}, "retry", true],
    ["NOT_LEADER_OR_FOLLOWER", { baseOffset: 7n }, "retry", true],
    ["NOT_LEADER_OR_FOLLOWER", { baseOffset: -1n }, "retry", false],
    ["REQUEST_TIMED_OUT", {}, "retry", true],
    ["REQUEST_TIMED_OUT", { baseOffset: -1n }, "retry", true],
    ["NOT_ENOUGH_REPLICAS", {}, "retry", false],
    ["NOT_ENOUGH_REPLICAS_AFTER_APPEND", {}, "retry", true],
    ["UNKNOWN_TOPIC_OR_PARTITION", {}, "retry", true],
    ["CORRUPT_MESSAGE", {}, "retry", false],
    ["MESSAGE_TOO_LARGE", {}, "split", false],
    ["MESSAGE_TOO_LARGE", { recordCount: 1 }, "fail", false],
    ["RECORD_LIST_TOO_LARGE", {}, "split", false],
    ["OUT_OF_ORDER_SEQUENCE_NUMBER", {}, "out of order", false],
    ["OUT_OF_ORDER_SEQUENCE_NUMBER", { isIdempotent: false }, "fail", false],
    ["UNKNOWN_PRODUCER_ID", {}, "out of order", false],
    ["DUPLICATE_SEQUENCE_NUMBER", {}, "acknowledge", true],
    ["INVALID_PRODUCER_EPOCH", {}, "renew", false],
    ["INVALID_PRODUCER_EPOCH", { isTransactional: true }, "fail", false],
    ["TOPIC_AUTHORIZATION_FAILED", {}, "fail", false],
    ["INVALID_RECORD", {}, "fail", false],
    ["UNKNOWN_SERVER_ERROR", {}, "fail", true],
  ])("%s with %o", (name, attempted, step, mayBeWritten) => {
    const outcome = outcomeOf(new BrokerError(codeOf(name)), { ...IDEMPOTENT, ...attempted });
    expect(outcome).toMatchObject({ step, mayBeWritten });
  });

  it("asks for the leader where the broker is not the one", () => {
    const isStale = (name: string): boolean =>
      outcomeOf(new BrokerError(codeOf(name)), IDEMPOTENT).isLeaderStale;
    expect(["NOT_LEADER_OR_FOLLOWER", "UNKNOWN_TOPIC_ID", "KAFKA_STORAGE_ERROR"].map(isStale)).toEqual([
      true,
      true,
      true,
    ]);
    expect(["NOT_ENOUGH_REPLICAS", "MESSAGE_TOO_LARGE"].map(isStale)).toEqual([false, false]);
  });
});

describe("the outcome of no answer", () => {
  it("is that the batch may be written where the request may have arrived", () => {
    const lost = new ConnectionError("CONNECTION_CLOSED", "b:1", "gone", { retriable: true });
    expect(outcomeOf(lost, IDEMPOTENT)).toEqual({ step: "retry", mayBeWritten: true, isLeaderStale: true });
    const late = new TimeoutError("REQUEST_TIMED_OUT", "late");
    expect(outcomeOf(late, IDEMPOTENT)).toMatchObject({ step: "retry", mayBeWritten: true });
    const failed = new ConnectionError("TLS_FAILED", "b:1", "bad record mac");
    expect(outcomeOf(failed, IDEMPOTENT)).toMatchObject({ step: "fail", mayBeWritten: true });
    const unsent = { ...IDEMPOTENT, isWritten: false };
    for (const error of [lost, late, failed]) expect(outcomeOf(error, unsent).mayBeWritten).toBe(false);
  });

  it("is a failure where nothing can help", () => {
    expect(outcomeOf(new ClosedError("client"), IDEMPOTENT)).toMatchObject({
      step: "fail",
      mayBeWritten: true,
    });
    expect(outcomeOf(new RangeError("?"), IDEMPOTENT)).toMatchObject({ step: "fail", mayBeWritten: true });
  });
});
