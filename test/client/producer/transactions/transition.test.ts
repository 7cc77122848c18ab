import { describe, expect, it } from "vitest";
import type { ErrorClass } from "../../../../src/client/producer/transactions/transaction-errors.ts";
import {
  failureOf,
  initialState,
  isUnderWay,
  type Phase,
  type TransactionEffect,
  type TransactionEvent,
  type TransactionState,
  type TransactionVersion,
} from "../../../../src/client/producer/transactions/transaction-state.ts";
import { transition } from "../../../../src/client/producer/transactions/transition.ts";

const FIRST = { producerId: 7n, producerEpoch: 0 };
const NEXT = { producerId: 7n, producerEpoch: 1 };
const WAKE: TransactionEffect = { type: "wake" };
const trouble = Object.assign(new Error("it failed"), { code: "SOMETHING" });

/** The state after events, one after another, and what the last of them wants done. */
function follow(
  state: TransactionState,
  ...events: readonly TransactionEvent[]
): { readonly state: TransactionState; readonly effects: readonly TransactionEffect[] } {
  let step = { state, effects: [] as readonly TransactionEffect[] };
  for (const event of events) step = transition(step.state, event);
  return step;
}

interface Made {
  readonly version?: TransactionVersion;
  readonly canRaiseEpoch?: boolean;
}

const initialized = ({ version = 2, canRaiseEpoch = true }: Made = {}): TransactionEvent => ({
  type: "initialized",
  identity: FIRST,
  canRaiseEpoch,
  version,
});
const settled = (ending: "commit" | "abort", number = 1): TransactionEvent => ({
  type: "settled",
  number,
  ending,
});
const ended = (version: TransactionVersion = 2, identity: typeof NEXT | null = NEXT): TransactionEvent => ({
  type: "ended",
  identity,
  version,
});
const failed = (errorClass: ErrorClass, number = 1): TransactionEvent => ({
  type: "failed",
  number,
  error: trouble,
  errorClass,
});
const batchFailed = (errorClass: ErrorClass, mayBeWritten = true): TransactionEvent => ({
  type: "batch failed",
  error: trouble,
  errorClass,
  mayBeWritten,
});
const wanted = (partition = 0, topic = "t"): TransactionEvent => ({
  type: "partition wanted",
  topic,
  partition,
});
const added = (number = 1, ...partitions: readonly string[]): TransactionEvent => ({
  type: "partitions added",
  number,
  partitions,
});
const refused = (
  type: "not initialized" | "not ended",
  errorClass: ErrorClass,
  error: Error = trouble,
): TransactionEvent => ({ type, error, errorClass });

const WAYS: { readonly [P in Phase]: readonly TransactionEvent[] } = {
  uninitialized: [],
  initializing: [{ type: "initialize" }],
  ready: [{ type: "initialize" }, initialized()],
  "in transaction": [{ type: "initialize" }, initialized(), { type: "begin" }],
  committing: [{ type: "initialize" }, initialized(), { type: "begin" }, wanted(), { type: "commit" }],
  aborting: [{ type: "initialize" }, initialized(), { type: "begin" }, wanted(), { type: "abort" }],
  "abortable error": [
    { type: "initialize" },
    initialized(),
    { type: "begin" },
    wanted(),
    failed("abortable"),
  ],
  "fatal error": [
    { type: "initialize" },
    initialized(),
    { type: "begin" },
    failed("application recoverable"),
  ],
};
const PHASES = Object.keys(WAYS) as Phase[];

const inPhase = (phase: Phase): TransactionState => follow(initialState("x"), ...WAYS[phase]).state;
const begun = (made: Made = {}): TransactionState =>
  follow(initialState("x"), { type: "initialize" }, initialized(made), { type: "begin" }).state;

/** By event, in the order of PHASES: where it leads, "." for nowhere, "!" for an error to whoever called. */
const TABLE: readonly (readonly [TransactionEvent, readonly (Phase | "." | "!")[]])[] = [
  [{ type: "initialize" }, ["initializing", ".", ".", ".", "!", "!", ".", "!"]],
  [{ type: "begin" }, ["!", "!", "in transaction", "!", "!", "!", "!", "!"]],
  [{ type: "send" }, ["!", "!", "!", ".", "!", "!", "!", "!"]],
  [{ type: "send offsets" }, ["!", "!", "!", ".", "!", "!", "!", "!"]],
  [{ type: "commit" }, ["!", "!", "!", "committing", ".", "!", "!", "!"]],
  [{ type: "abort" }, ["!", "!", "!", "aborting", "!", ".", "aborting", "!"]],
  [initialized(), [".", "ready", ".", ".", ".", ".", ".", "."]],
  [refused("not initialized", "invalid configuration"), [".", "uninitialized", ".", ".", ".", ".", ".", "."]],
  [refused("not initialized", "application recoverable"), [".", "fatal error", ".", ".", ".", ".", ".", "."]],
  [wanted(5), [".", ".", ".", ".", ".", ".", ".", "."]],
  [added(1, "t-0"), [".", ".", ".", ".", ".", ".", ".", "."]],
  [{ type: "group added", number: 1 }, [".", ".", ".", ".", ".", ".", ".", "."]],
  [{ type: "nothing heard", number: 1 }, [".", ".", ".", ".", ".", ".", ".", "."]],
  [failed("abortable"), [".", ".", ".", "abortable error", "abortable error", ".", ".", "."]],
  [failed("application recoverable"), [".", ".", ".", "fatal error", "fatal error", ".", "fatal error", "."]],
  [failed("invalid configuration"), [".", ".", ".", "fatal error", "fatal error", ".", "fatal error", "."]],
  [batchFailed("abortable"), [".", ".", ".", "abortable error", "abortable error", ".", ".", "."]],
  [
    batchFailed("application recoverable"),
    [".", ".", ".", "fatal error", "fatal error", "fatal error", "fatal error", "."],
  ],
  [
    { type: "record failed", error: trouble },
    [".", ".", ".", "abortable error", "abortable error", ".", ".", "."],
  ],
  [settled("commit"), [".", ".", ".", ".", ".", ".", ".", "."]],
  [settled("abort"), [".", ".", ".", ".", ".", ".", ".", "."]],
  [ended(), [".", ".", ".", ".", "ready", "ready", ".", "."]],
  [refused("not ended", "abortable"), [".", ".", ".", ".", "abortable error", "fatal error", ".", "."]],
  [
    refused("not ended", "application recoverable"),
    [".", ".", ".", ".", "fatal error", "fatal error", ".", "."],
  ],
  [
    { type: "closed", error: trouble },
    [
      "fatal error",
      "fatal error",
      "fatal error",
      "fatal error",
      "fatal error",
      "fatal error",
      "fatal error",
      ".",
    ],
  ],
];

describe("the phases of a transactional producer", () => {
  it.each(PHASES)("%s is reached", (phase) => {
    expect(inPhase(phase).phase).toBe(phase);
  });

  it.each(
    TABLE.flatMap(([event, leads]) =>
      PHASES.map((phase, i) => {
        const what = "errorClass" in event ? `${event.type} (${event.errorClass})` : event.type;
        return [what, phase, leads[i] as Phase | "." | "!", event] as const;
      }),
    ),
  )("%s while %s: %s", (_, phase, leadsTo, event) => {
    const before = inPhase(phase);
    const act = (): TransactionState => transition(before, event).state;
    if (leadsTo === "!") expect(act).toThrow(/"x"/);
    else expect(act().phase).toBe(leadsTo === "." ? phase : leadsTo);
    expect(inPhase(phase)).toEqual(before);
  });

  it("are under way, or are not", () => {
    expect(PHASES.filter((phase) => isUnderWay(inPhase(phase)))).toEqual([
      "initializing",
      "committing",
      "aborting",
    ]);
  });
});

describe("what does not fit in", () => {
  const refusal = (phase: Phase, event: TransactionEvent): unknown => {
    try {
      return transition(inPhase(phase), event);
    } catch (error) {
      return error;
    }
  };

  it.each([
    ["in transaction", { type: "begin" }, /cannot begin a transaction: a transaction is running/],
    ["ready", { type: "commit" }, /cannot commit: no transaction is running\. Call beginTransaction/],
    ["ready", { type: "send" }, /cannot send a record: no transaction is running/],
    ["uninitialized", { type: "send offsets" }, /cannot send offsets: no transaction is running/],
    ["committing", { type: "abort" }, /cannot abort: its commit was begun, and may have succeeded/],
    ["committing", { type: "begin" }, /the commit of its last transaction has not ended/],
    ["aborting", { type: "commit" }, /the abort of its last transaction has not ended/],
  ] as const)("while %s is refused", (phase, event, message) => {
    expect(refusal(phase, event)).toMatchObject({
      code: "ILLEGAL_TRANSACTION_STATE",
      message: expect.stringMatching(message),
      fatal: false,
    });
  });

  it("names the first failure, and says whether another transaction can follow", () => {
    expect(refusal("abortable error", { type: "commit" })).toMatchObject({
      code: "TRANSACTION_ABORTABLE",
      cause: trouble,
      fatal: false,
      message: expect.stringContaining("it failed"),
    });
    expect(refusal("fatal error", { type: "abort" })).toMatchObject({
      code: "UNKNOWN_SERVER_ERROR",
      cause: trouble,
      fatal: true,
    });
    expect(failureOf(inPhase("ready"))).toBeNull();
  });
});

describe("initializing", () => {
  it("asks for an id, once, and then knows what brokers can do", () => {
    const first = follow(initialState("x"), { type: "initialize" });
    expect(first.effects).toEqual([{ type: "init producer id", identity: null }]);
    expect(follow(first.state, { type: "initialize" }).effects).toEqual([]);
    const ready = follow(first.state, initialized({ version: 2 }));
    expect(ready.effects).toEqual([WAKE]);
    expect(ready.state).toMatchObject({ identity: FIRST, version: 2, canRaiseEpoch: true });
  });

  it("may be tried again after a refusal, such as a missing right", () => {
    const { state } = follow(
      initialState("x"),
      { type: "initialize" },
      refused("not initialized", "invalid configuration"),
      { type: "initialize" },
      initialized(),
    );
    expect(state.phase).toBe("ready");
  });
});

describe("a transaction of version 1", () => {
  const v1 = (): TransactionState => begun({ version: 1 });

  it("adds a partition once, before anything is sent to it", () => {
    const first = follow(v1(), wanted(0));
    expect(first.effects).toEqual([{ type: "add partitions" }]);
    expect(first.state.partitions.get("t-0")?.isAdded).toBe(false);
    expect(first.state.isBegun).toBe("no");
    expect(follow(first.state, wanted(0)).effects).toEqual([]);
    const both = follow(first.state, wanted(1), added(1, "t-0"));
    expect(both.effects).toEqual([WAKE]);
    expect([...both.state.partitions.values()].map(({ isAdded }) => isAdded)).toEqual([true, false]);
    expect(both.state.isBegun).toBe("yes");
  });

  it("goes on adding what was handed over before the commit", () => {
    const step = follow(v1(), { type: "commit" }, wanted(0));
    expect(step.effects).toEqual([{ type: "add partitions" }]);
    expect(follow(step.state, added(1, "t-0"), settled("commit")).effects).toEqual([
      { type: "end", ending: "commit", version: 1 },
    ]);
  });

  it("adds nothing more once it is aborted", () => {
    const { state, effects } = follow(v1(), { type: "abort" }, wanted(0));
    expect(effects).toEqual([]);
    expect(state.partitions.size).toBe(0);
  });

  it.each(["commit", "abort"] as const)(
    "of which the coordinator knows nothing has no end to %s",
    (ending) => {
      const step = follow(v1(), wanted(0), { type: ending }, settled(ending));
      expect(step.effects).toEqual([{ type: "skip end" }]);
      const { state } = follow(step.state, ended(1, null));
      expect(state).toMatchObject({ phase: "ready", identity: FIRST });
      expect(state.partitions.size).toBe(0);
    },
  );

  it("of which the coordinator may know is ended, and late requests for it are then refused by a higher epoch", () => {
    const step = follow(
      v1(),
      wanted(0),
      { type: "nothing heard", number: 1 },
      { type: "abort" },
      settled("abort"),
    );
    expect(step.effects).toEqual([{ type: "end", ending: "abort", version: 1 }]);
    const none = Object.assign(new Error("none"), { code: "INVALID_TXN_STATE" });
    const refusal = refused("not ended", "application recoverable", none);
    expect(follow(step.state, refusal)).toMatchObject({
      state: { phase: "initializing" },
      effects: [{ type: "init producer id", identity: FIRST }],
    });
    const old = follow(
      begun({ version: 1, canRaiseEpoch: false }),
      wanted(0),
      { type: "nothing heard", number: 1 },
      { type: "abort" },
      settled("abort"),
    );
    expect(follow(old.state, refusal).state.phase).toBe("fatal error");
    const known = follow(v1(), wanted(0), added(1, "t-0"), { type: "abort" }, settled("abort"));
    expect(follow(known.state, refusal).state.phase).toBe("fatal error");
  });

  it("knows of a transaction for sure once it was told, whatever is not answered after", () => {
    const { state } = follow(v1(), { type: "group added", number: 1 }, { type: "nothing heard", number: 1 });
    expect(state.isBegun).toBe("yes");
  });

  it("has a higher epoch behind it after a batch that failed (KIP-360)", () => {
    const failure = follow(v1(), wanted(), added(1, "t-0"), batchFailed("abortable with a higher epoch"));
    expect(failure.state).toMatchObject({ phase: "abortable error", needsHigherEpoch: true });
    const over = follow(failure.state, { type: "abort" }, settled("abort"), ended(1, null));
    expect(over).toMatchObject({
      state: { phase: "initializing", identity: FIRST },
      effects: [{ type: "init producer id", identity: FIRST }],
    });
    const again = follow(over.state, { ...initialized({ version: 1 }), identity: NEXT } as TransactionEvent);
    expect(again.state).toMatchObject({ phase: "ready", identity: NEXT, needsHigherEpoch: false });
    expect(follow(over.state, refused("not initialized", "invalid configuration")).state.phase).toBe(
      "fatal error",
    );
  });

  it("has it too where the batch fails in the midst of the commit or of the abort", () => {
    const class_ = "abortable with a higher epoch";
    const committing = follow(v1(), wanted(), added(1, "t-0"), { type: "commit" }, batchFailed(class_));
    expect(committing.state).toMatchObject({ phase: "abortable error", needsHigherEpoch: true });
    const aborting = follow(v1(), wanted(), added(1, "t-0"), { type: "abort" }, batchFailed(class_));
    expect(aborting.state).toMatchObject({ phase: "aborting", needsHigherEpoch: true });
  });

  it("is lost with its producer where brokers give no higher epoch, unless the batch is surely not written", () => {
    const old = follow(begun({ version: 1, canRaiseEpoch: false }), wanted(), added(1, "t-0")).state;
    expect(follow(old, batchFailed("abortable with a higher epoch", true)).state.phase).toBe("fatal error");
    expect(follow(old, batchFailed("abortable with a higher epoch", false)).state).toMatchObject({
      phase: "abortable error",
      needsHigherEpoch: false,
    });
    expect(follow(old, { type: "abort" }, batchFailed("abortable with a higher epoch")).state.phase).toBe(
      "fatal error",
    );
    // Nothing more is taken under these numbers, and there are no others.
    const outOfOrder = Object.assign(new Error("out of order"), { code: "OUT_OF_ORDER_SEQUENCE_NUMBER" });
    const failure = { ...batchFailed("abortable with a higher epoch", false), error: outOfOrder };
    expect(follow(old, failure as TransactionEvent).state.phase).toBe("fatal error");
  });
});

describe("a transaction of version 2 (KIP-890)", () => {
  const v2 = (): TransactionState => begun({ version: 2 });

  it("lets the first batch add its partition", () => {
    const { state, effects } = follow(v2(), wanted(0));
    expect(effects).toEqual([]);
    expect(state).toMatchObject({ isBegun: "yes" });
    expect(state.partitions.get("t-0")?.isAdded).toBe(true);
  });

  it.each(["commit", "abort"] as const)("goes on under the epoch that the %s brings", (ending) => {
    const step = follow(v2(), wanted(0), { type: ending }, settled(ending));
    expect(step.effects).toEqual([{ type: "end", ending, version: 2 }]);
    const { state, effects } = follow(step.state, ended(2, NEXT));
    expect(state).toMatchObject({ phase: "ready", identity: NEXT, isBegun: "no" });
    expect(effects).toEqual([WAKE]);
  });

  it("asks for no epoch by itself after a batch that failed", () => {
    const { state, effects } = follow(
      v2(),
      wanted(),
      batchFailed("abortable with a higher epoch"),
      { type: "abort" },
      settled("abort"),
      ended(2, NEXT),
    );
    expect(state.phase).toBe("ready");
    expect(effects).toEqual([WAKE]);
  });

  it("that got neither record nor offset has no end", () => {
    expect(follow(v2(), { type: "commit" }, settled("commit")).effects).toEqual([{ type: "skip end" }]);
  });
});

describe("a change of the transaction version", () => {
  it("counts once the transaction has ended, which ends as it began", () => {
    const step = follow(
      begun({ version: 1 }),
      wanted(),
      added(1, "t-0"),
      { type: "commit" },
      settled("commit"),
    );
    expect(step.effects).toEqual([{ type: "end", ending: "commit", version: 1 }]);
    const upgraded = follow(step.state, ended(2, null));
    // What is still on its way from version 1 must not get into the next transaction.
    expect(upgraded).toMatchObject({
      state: { phase: "initializing", version: 2 },
      effects: [{ type: "init producer id", identity: FIRST }],
    });
    const next = follow(upgraded.state, initialized({ version: 2 }), { type: "begin" }, wanted(0));
    expect(next.effects).toEqual([]);
    expect(next.state.version).toBe(2);
  });

  it("back to version 1 takes no epoch but that which the end brought", () => {
    const { state, effects } = follow(
      begun({ version: 2 }),
      wanted(),
      { type: "commit" },
      settled("commit"),
      ended(1),
    );
    expect(state).toMatchObject({ phase: "ready", version: 1, identity: NEXT });
    expect(effects).toEqual([WAKE]);
    expect(follow(state, { type: "begin" }, wanted(0)).effects).toEqual([{ type: "add partitions" }]);
  });
});

describe("what comes late, or twice", () => {
  const second = (version: TransactionVersion = 1): TransactionState =>
    follow(
      begun({ version }),
      wanted(0),
      added(1, "t-0"),
      { type: "commit" },
      settled("commit"),
      ended(version, null),
      { type: "begin" },
    ).state;

  it.each([
    ["an answer that adds partitions", added(1, "t-0")],
    ["an answer that adds a group", { type: "group added", number: 1 }],
    ["a missing answer", { type: "nothing heard", number: 1 }],
    ["a refusal", failed("application recoverable", 1)],
    ["the end of what was on its way", settled("commit", 1)],
    ["the answer to the commit", ended(1, NEXT)],
    ["the refusal of the commit", refused("not ended", "application recoverable")],
    ["the answer to the initialization", initialized({ version: 1 })],
  ] as const)("%s of the last transaction changes nothing in the next", (_, event) => {
    const before = second();
    expect(transition(before, event as TransactionEvent)).toEqual({ state: before, effects: [] });
  });

  it("adds a partition only once", () => {
    const once = follow(begun({ version: 1 }), wanted(0), added(1, "t-0")).state;
    expect(follow(once, added(1, "t-0")).state).toEqual(once);
    // Not one that nobody wanted, either.
    expect(follow(once, added(1, "t-9")).state.partitions.size).toBe(1);
  });

  it("does not take the end of what was flushed for a commit for that of the abort after it", () => {
    const aborting = follow(begun(), wanted(), { type: "commit" }, batchFailed("abortable"), {
      type: "abort",
    }).state;
    expect(follow(aborting, settled("commit")).effects).toEqual([]);
    expect(follow(aborting, settled("abort")).effects).toEqual([
      { type: "end", ending: "abort", version: 2 },
    ]);
  });

  it("learns from an answer that comes after the abort was begun that there is something to abort", () => {
    const aborting = follow(begun({ version: 1 }), wanted(0), { type: "abort" }).state;
    expect(follow(aborting, added(1, "t-0"), settled("abort")).effects).toEqual([
      { type: "end", ending: "abort", version: 1 },
    ]);
  });

  it("keeps the first of several failures, unless one is worse", () => {
    const other = Object.assign(new Error("another"), { code: "OTHER" });
    const state = inPhase("abortable error");
    expect(follow(state, { ...failed("abortable"), error: other } as TransactionEvent).state.cause).toBe(
      trouble,
    );
    expect(follow(state, { ...batchFailed("abortable"), error: other } as TransactionEvent).state.cause).toBe(
      trouble,
    );
    expect(
      follow(state, { ...failed("invalid configuration"), error: other } as TransactionEvent).state,
    ).toMatchObject({ phase: "fatal error", cause: other });
    expect(follow(state, failed("application recoverable", 9)).state.phase).toBe("abortable error");
  });
});

describe("an abort that is refused", () => {
  it("is the end of the producer, since the transaction could not be aborted again (KIP-890)", () => {
    const { state } = follow(inPhase("aborting"), refused("not ended", "abortable"));
    expect(failureOf(state)).toMatchObject({ fatal: true });
  });

  it("because the coordinator has forgotten the producer leaves nothing to abort", () => {
    const step = follow(
      begun({ version: 1 }),
      wanted(),
      added(1, "t-0"),
      { type: "abort" },
      settled("abort"),
      refused("not ended", "abortable with a higher epoch"),
    );
    expect(step.effects).toEqual([{ type: "init producer id", identity: FIRST }]);
  });
});
