/** What requests make of a transactional id, without brokers. */

import { describe, expect, it } from "vitest";
import {
  abortedAfterFence,
  completed,
  type Decision,
  ended,
  endedWithNewEpoch,
  fenced,
  initialized,
  isExpired,
  isTimedOut,
  newTransactionalId,
  type TransactionState,
  type TransactionStatus,
  verified,
  withPartitions,
} from "../../../src/testing/transactions/transaction-state.ts";

const ORDERS = { topic: "orders", partition: 0 };
const LAST_EPOCH = 32_766;

function state(status: TransactionStatus, more: Partial<TransactionState> = {}): TransactionState {
  return {
    ...newTransactionalId("id", 7n, 60_000, 0),
    status,
    producerEpoch: 3,
    partitions: status === "Ongoing" ? [ORDERS] : [],
    startMs: status === "Empty" ? -1 : 5,
    ...more,
  };
}

function next(decision: Decision): TransactionState {
  if ("error" in decision) throw new Error(`refused with ${decision.error}`);
  return decision.next;
}

function errorOf(decision: Decision): string | TransactionStatus {
  return "error" in decision ? decision.error : decision.next.status;
}

const producer = (producerEpoch: number, producerId = 7n) => ({ producerId, producerEpoch });
const newId = () => 99n;

describe("a producer that comes", () => {
  const init = (from: TransactionState, expected: ReturnType<typeof producer> | null = null) =>
    initialized(from, expected, 60_000, 10, newId);

  it("gets the next epoch, and the first one 0", () => {
    expect(next(init(newTransactionalId("id", 7n, 60_000, 0)))).toMatchObject({
      producerId: 7n,
      producerEpoch: 0,
    });
    for (const status of ["Empty", "CompleteCommit", "CompleteAbort"] as const) {
      expect(next(init(state(status)))).toMatchObject({ status: "Empty", producerEpoch: 4, partitions: [] });
      // As in Kafka's records.
      expect(next(init(state(status, { clientVersion: 2 }))).clientVersion).toBe(2);
    }
  });

  it("waits while a transaction is ending", () => {
    expect(errorOf(init(state("PrepareCommit")))).toBe("CONCURRENT_TRANSACTIONS");
    expect(errorOf(init(state("PrepareAbort")))).toBe("CONCURRENT_TRANSACTIONS");
  });

  it("has an open transaction aborted first", () => {
    const locked = next(init(state("Ongoing")));
    expect(locked).toMatchObject({ status: "PrepareEpochFence", producerEpoch: 3 });
    expect(abortedAfterFence(locked, false, 11)).toMatchObject({
      status: "PrepareAbort",
      producerEpoch: 4,
      lastProducerEpoch: -1,
    });
    expect(abortedAfterFence(locked, true, 11)).toMatchObject({ producerEpoch: 4, lastProducerEpoch: 3 });
  });

  it("goes on after an error as who it says it is, and hears the same again when it asks again", () => {
    const bumped = next(init(state("CompleteAbort"), producer(3)));
    expect(bumped).toMatchObject({ producerEpoch: 4, lastProducerEpoch: 3 });
    expect(next(init(bumped, producer(3)))).toMatchObject({ producerEpoch: 4, lastProducerEpoch: 3 });
    expect(errorOf(init(bumped, producer(2)))).toBe("PRODUCER_FENCED");
    expect(errorOf(init(bumped, producer(4, 8n)))).toBe("PRODUCER_FENCED");
    // Another one has come in between.
    const other = next(init(bumped));
    expect(errorOf(init(other, producer(3)))).toBe("PRODUCER_FENCED");
    expect(errorOf(init(other, producer(4)))).toBe("PRODUCER_FENCED");
  });

  it("gets another producer id once the epochs have run out", () => {
    const exhausted = state("Empty", { producerEpoch: LAST_EPOCH });
    const rotated = next(init(exhausted, producer(LAST_EPOCH)));
    expect(rotated).toMatchObject({ producerId: 99n, producerEpoch: 0, previousProducerId: 7n });
    // The answer was lost.
    expect(next(init(rotated, producer(LAST_EPOCH)))).toMatchObject({ producerId: 99n, producerEpoch: 0 });
    expect(next(init(exhausted))).toMatchObject({ producerId: 99n, lastProducerEpoch: -1 });
  });
});

describe("partitions that take part", () => {
  const add = (from: TransactionState, by = producer(3), places = [ORDERS]) =>
    withPartitions(from, by, places, 0, 20);

  it("begin a transaction, and join one", () => {
    for (const status of ["Empty", "CompleteCommit", "CompleteAbort"] as const) {
      expect(next(add(state(status)))).toMatchObject({
        status: "Ongoing",
        startMs: 20,
        partitions: [ORDERS],
      });
    }
    const other = { topic: "orders", partition: 1 };
    expect(next(add(state("Ongoing"), producer(3), [ORDERS, other, other]))).toMatchObject({
      startMs: 5,
      partitions: [ORDERS, other],
    });
    expect(errorOf(add(state("Ongoing")))).toBe("NONE");
  });

  it("are refused to others, and while the last transaction is ending", () => {
    expect(errorOf(add(state("Empty"), producer(2)))).toBe("PRODUCER_FENCED");
    expect(errorOf(add(state("Empty"), producer(3, 8n)))).toBe("INVALID_PRODUCER_ID_MAPPING");
    expect(errorOf(add(state("PrepareCommit")))).toBe("CONCURRENT_TRANSACTIONS");
  });

  it("are known to who asks", () => {
    expect(verified(state("Ongoing"), producer(3), ORDERS)).toBe("NONE");
    expect(verified(state("Ongoing"), producer(3), { topic: "orders", partition: 1 })).toBe(
      "TRANSACTION_ABORTABLE",
    );
    expect(verified(state("Ongoing"), producer(2), ORDERS)).toBe("PRODUCER_FENCED");
    expect(verified(state("Ongoing"), producer(3, 8n), ORDERS)).toBe("INVALID_PRODUCER_ID_MAPPING");
    expect(verified(state("PrepareAbort"), producer(3), ORDERS)).toBe("CONCURRENT_TRANSACTIONS");
  });
});

describe("the end of a transaction", () => {
  it.each([
    ["Empty", true, "INVALID_TXN_STATE"],
    ["Empty", false, "INVALID_TXN_STATE"],
    ["Ongoing", true, "PrepareCommit"],
    ["Ongoing", false, "PrepareAbort"],
    ["PrepareCommit", true, "CONCURRENT_TRANSACTIONS"],
    ["PrepareAbort", false, "CONCURRENT_TRANSACTIONS"],
    ["CompleteCommit", true, "NONE"],
    ["CompleteCommit", false, "INVALID_TXN_STATE"],
    ["CompleteAbort", true, "INVALID_TXN_STATE"],
    ["CompleteAbort", false, "NONE"],
  ] as const)("of the first version, from %s, committed %s: %s", (status, isCommit, result) => {
    expect(errorOf(ended(state(status), producer(3), isCommit, 30))).toBe(result);
    expect(errorOf(ended(state(status), producer(2), isCommit, 30))).toBe("PRODUCER_FENCED");
    expect(errorOf(ended(state(status), producer(3, 8n), isCommit, 30))).toBe("INVALID_PRODUCER_ID_MAPPING");
  });

  // Kafka's own table of these is above `endTransaction` of its coordinator.
  it.each([
    ["Empty", false, "PRODUCER_FENCED", "PrepareAbort"],
    ["Empty", true, "PRODUCER_FENCED", "INVALID_TXN_STATE"],
    ["Ongoing", true, "PRODUCER_FENCED", "PrepareCommit"],
    ["Ongoing", false, "PRODUCER_FENCED", "PrepareAbort"],
    ["PrepareCommit", true, "CONCURRENT_TRANSACTIONS", "PRODUCER_FENCED"],
    ["PrepareAbort", false, "CONCURRENT_TRANSACTIONS", "PRODUCER_FENCED"],
    ["CompleteAbort", false, "NONE", "PrepareAbort"],
    ["CompleteAbort", true, "INVALID_TXN_STATE", "INVALID_TXN_STATE"],
    ["CompleteCommit", false, "INVALID_TXN_STATE", "PrepareAbort"],
    ["CompleteCommit", true, "NONE", "INVALID_TXN_STATE"],
  ] as const)(
    "of the second version, from %s, committed %s: again %s, now %s",
    (status, isCommit, again, now) => {
      const end = (epoch: number) => endedWithNewEpoch(state(status), producer(epoch), isCommit, 30, newId);
      expect(errorOf(end(2))).toBe(again);
      expect(errorOf(end(3))).toBe(now);
      expect(errorOf(end(4))).toBe("PRODUCER_FENCED");
    },
  );

  it("brings the next epoch with the second version, and the next producer id behind the last epoch", () => {
    const ending = next(endedWithNewEpoch(state("Ongoing"), producer(3), true, 30, newId));
    expect(ending).toMatchObject({
      producerEpoch: 4,
      lastProducerEpoch: 3,
      partitions: [ORDERS],
      clientVersion: 2,
    });
    expect(completed(ending, 31)).toMatchObject({
      status: "CompleteCommit",
      producerEpoch: 4,
      partitions: [],
    });

    const last = state("Ongoing", { producerEpoch: LAST_EPOCH });
    const overflowing = next(endedWithNewEpoch(last, producer(LAST_EPOCH), false, 30, newId));
    expect(overflowing).toMatchObject({ producerId: 7n, producerEpoch: 32_767, nextProducerId: 99n });
    const done = completed(overflowing, 31);
    expect(done).toMatchObject({
      producerId: 99n,
      producerEpoch: 0,
      previousProducerId: 7n,
      nextProducerId: -1n,
    });
    expect(errorOf(endedWithNewEpoch(done, producer(LAST_EPOCH), false, 32, newId))).toBe("NONE");
  });

  it("keeps the epoch with the first version", () => {
    const ending = next(ended(state("Ongoing"), producer(3), false, 30));
    expect(completed(ending, 31)).toMatchObject({ status: "CompleteAbort", producerEpoch: 3 });
  });
});

it("a transaction is too old behind its timeout, and an id once nobody has used it for long enough", () => {
  expect(isTimedOut(state("Ongoing"), 60_005)).toBe(false);
  expect(isTimedOut(state("Ongoing"), 60_006)).toBe(true);
  expect(isTimedOut(state("PrepareCommit"), 60_006)).toBe(false);
  expect(isExpired(state("CompleteCommit", { updatedMs: 10 }), 109, 100)).toBe(false);
  expect(isExpired(state("CompleteCommit", { updatedMs: 10 }), 110, 100)).toBe(true);
  expect(isExpired(state("Ongoing", { updatedMs: 10 }), 110, 100)).toBe(false);
});

it("there are ways that no request may go", () => {
  expect(() => fenced(state("Empty"))).toThrow("There is no way from Empty to PrepareEpochFence");
  expect(() => completed(state("Ongoing"), 1)).toThrow("There is no way from Ongoing to CompleteAbort");
});
