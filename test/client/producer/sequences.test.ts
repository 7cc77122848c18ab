import { describe, expect, it } from "vitest";
import {
  afterSequenceEvent,
  canBeRenumbered,
  freshSequences,
  type PartitionSequences,
  type SequenceEvent,
  sequenceAfter,
  takesAgain,
  takesNewBatch,
} from "../../../src/client/producer/sequences.ts";

type Event = SequenceEvent<string>;
type State = PartitionSequences<string>;

const FIRST = { producerId: 7n, producerEpoch: 0 };
const BUMPED = { producerId: 7n, producerEpoch: 1 };
const OTHER = { producerId: 8n, producerEpoch: 0 };

/** Names of batches are their record counts too: "a3" has three records. */
const count = (batch: string): number => Number(batch.slice(1));
const assigned = (batch: string): Event => ({ type: "assigned", batch, recordCount: count(batch) });
const on = (
  type: "resent" | "acknowledged" | "in doubt" | "refused" | "out of order" | "ended",
  batch: string,
): Event => ({
  type,
  batch,
});
const run = (events: readonly Event[], from: State = freshSequences(FIRST)): State =>
  events.reduce(afterSequenceEvent, from);

/** As short as it can be read: batch, sequence, `~` where it is on its way, `?` where it may be written. */
const shape = ({ batches, next, gapAt, breakAt }: State): string =>
  [
    ...batches.map(
      ({ batch, baseSequence, isOnTheWay, mayBeWritten }) =>
        `${batch}@${baseSequence}${isOnTheWay ? "~" : ""}${mayBeWritten ? "?" : ""}`,
    ),
    `next ${next}`,
    ...(gapAt === null ? [] : [`gap ${gapAt}`]),
    ...(breakAt === null ? [] : [`break ${breakAt}`]),
  ].join(", ");

const ABC = ["a3", "b2", "c1"].map(assigned);

describe("the sequences of a partition", () => {
  it.each<[string, readonly Event[], string]>([
    ["assigned", ABC, "a3@0~, b2@3~, c1@5~, next 6"],
    ["acknowledged", [...ABC, on("acknowledged", "a3")], "b2@3~, c1@5~, next 6"],
    [
      "acknowledged twice",
      [...ABC, on("acknowledged", "a3"), on("acknowledged", "a3")],
      "b2@3~, c1@5~, next 6",
    ],
    ["acknowledged behind another", [...ABC, on("acknowledged", "b2")], "a3@0~, c1@5~, next 6"],
    ["in doubt", [...ABC, on("in doubt", "a3")], "a3@0?, b2@3~, c1@5~, next 6"],
    ["refused", [...ABC, on("refused", "b2")], "a3@0~, b2@3, c1@5~, next 6"],
    [
      "refused after a doubt",
      [...ABC, on("in doubt", "a3"), on("resent", "a3"), on("refused", "a3")],
      "a3@0?, b2@3~, c1@5~, next 6",
    ],
    ["resent", [...ABC, on("refused", "a3"), on("resent", "a3")], "a3@0~, b2@3~, c1@5~, next 6"],
    ["out of order behind another", [...ABC, on("out of order", "b2")], "a3@0~, b2@3, c1@5~, next 6"],
    ["out of order and first", [...ABC, on("out of order", "a3")], "a3@0, b2@3~, c1@5~, next 6, break 0"],
    [
      "ended, not written, the last",
      [...ABC, on("refused", "c1"), on("ended", "c1")],
      "a3@0~, b2@3~, next 5",
    ],
    [
      "ended, not written, with others behind",
      [...ABC, on("refused", "b2"), on("ended", "b2")],
      "a3@0~, c1@5~, next 6, break 1",
    ],
    [
      "ended in doubt with others behind",
      [...ABC, on("in doubt", "a3"), on("ended", "a3")],
      "b2@3~, c1@5~, next 6, gap 0",
    ],
    [
      "ended in doubt, the last",
      [...ABC, on("in doubt", "c1"), on("ended", "c1")],
      "a3@0~, b2@3~, next 6, break 2",
    ],
    [
      "a gap that was none",
      [...ABC, on("in doubt", "a3"), on("ended", "a3"), on("acknowledged", "b2")],
      "c1@5~, next 6",
    ],
    [
      "a gap that is one",
      [...ABC, on("in doubt", "a3"), on("ended", "a3"), on("out of order", "b2")],
      "b2@3, c1@5~, next 6, gap 0, break 0",
    ],
    [
      "a gap whose next ends too",
      [...ABC.slice(0, 2), on("in doubt", "a3"), on("ended", "a3"), on("refused", "b2"), on("ended", "b2")],
      "next 5, gap 0, break 0",
    ],
    [
      "a gap behind one that is acknowledged",
      [...ABC, on("in doubt", "b2"), on("ended", "b2"), on("acknowledged", "a3")],
      "c1@5~, next 6, gap 0",
    ],
    [
      "a break comes nearer",
      [...ABC, on("refused", "b2"), on("ended", "b2"), on("acknowledged", "a3")],
      "c1@5~, next 6, break 0",
    ],
    [
      "split",
      [
        ...ABC,
        {
          type: "split",
          batch: "a3",
          parts: [
            { batch: "x2", recordCount: 2 },
            { batch: "y1", recordCount: 1 },
          ],
        },
      ],
      "x2@0, y1@2, b2@3~, c1@5~, next 6",
    ],
    ["a batch that is not there", [...ABC, on("refused", "z9")], "a3@0~, b2@3~, c1@5~, next 6"],
    ["adopted with batches", [...ABC, { type: "adopted", identity: OTHER }], "a3@0~, b2@3~, c1@5~, next 6"],
    [
      "adopted without",
      [assigned("a3"), on("acknowledged", "a3"), { type: "adopted", identity: OTHER }],
      "next 0",
    ],
  ])("%s", (_, events, expected) => {
    expect(shape(run(events))).toBe(expected);
  });

  it("are given anew once nothing is on its way, under the next epoch", () => {
    const broken = run([...ABC, on("out of order", "a3"), on("out of order", "b2")]);
    expect(canBeRenumbered(broken)).toBe(false);
    const quiet = run([on("in doubt", "c1")], broken);
    expect(canBeRenumbered(quiet)).toBe(true);
    const anew = run([{ type: "renumbered", identity: BUMPED }], quiet);
    expect(shape(anew)).toBe("a3@0, b2@3, c1@5, next 6");
    expect(anew.identity).toEqual(BUMPED);
  });

  it("are not given anew while what came before a break is unsettled", () => {
    const state = run([
      ...ABC,
      on("refused", "b2"),
      on("ended", "b2"),
      on("in doubt", "a3"),
      on("refused", "c1"),
    ]);
    expect(shape(state)).toBe("a3@0?, c1@5, next 6, break 1");
    expect(canBeRenumbered(state)).toBe(false);
    expect(takesAgain(state, "a3")).toBe(true);
    const settled = run([on("resent", "a3"), on("acknowledged", "a3")], state);
    expect(canBeRenumbered(settled)).toBe(true);
    expect(takesAgain(settled, "c1")).toBe(false);
  });

  it("go round after 2^31 - 1", () => {
    expect(sequenceAfter(2 ** 31 - 1, 1)).toBe(0);
    expect(sequenceAfter(2 ** 31 - 3, 10)).toBe(7);
    const late = { ...freshSequences<string>(FIRST), next: 2 ** 31 - 2 };
    expect(shape(run([assigned("a3"), assigned("b2")], late))).toBe("a3@2147483646~, b2@1~, next 3");
  });
});

describe("a new batch", () => {
  const established = run([assigned("a3"), on("acknowledged", "a3")]);

  it("goes alone until the broker has taken one", () => {
    expect(takesNewBatch(freshSequences(FIRST), FIRST)).toBe(true);
    expect(takesNewBatch(run([assigned("a3")]), FIRST)).toBe(false);
    expect(takesNewBatch(established, FIRST)).toBe(true);
    expect(takesNewBatch(run([assigned("b2")], established), FIRST)).toBe(true);
  });

  it("is the fifth at most", () => {
    const four = run(["b1", "c1", "d1", "e1"].map(assigned), established);
    expect(takesNewBatch(four, FIRST)).toBe(true);
    expect(takesNewBatch(run([assigned("f1")], four), FIRST)).toBe(false);
  });

  it("is the fourth at most behind one that is not settled, whatever was acknowledged between", () => {
    const bcde = ["b1", "c1", "d1", "e1"];
    const doubted = run([...bcde.map(assigned), on("in doubt", "b1")], established);
    const alone = run(
      ["c1", "d1", "e1"].map((batch) => on("acknowledged", batch)),
      doubted,
    );
    const state = run([on("resent", "b1")], alone);
    expect(shape(state)).toBe("b1@3~?, next 7");
    expect(takesNewBatch(state, FIRST)).toBe(true);
    // Once the broker had taken another, it would not know the first one again.
    expect(takesNewBatch(run([assigned("f1")], state), FIRST)).toBe(false);
    expect(takesNewBatch(run([assigned("f1"), on("acknowledged", "b1")], state), FIRST)).toBe(true);
  });

  it.each<[string, readonly Event[]]>([
    ["while another has to be sent again", [assigned("b1"), on("refused", "b1")]],
    ["behind a gap", [assigned("b1"), assigned("c1"), on("in doubt", "b1"), on("ended", "b1")]],
    ["behind a break", [assigned("b1"), on("in doubt", "b1"), on("ended", "b1")]],
  ])("does not go %s", (_, events) => {
    expect(takesNewBatch(run(events, established), FIRST)).toBe(false);
  });

  it("goes under one identity at a time", () => {
    expect(takesNewBatch(run([assigned("b1")], established), OTHER)).toBe(false);
  });
});

describe("a batch that was sent before", () => {
  const established = run([assigned("z1"), on("acknowledged", "z1")]);
  const mayGo = (state: State): boolean[] => ["a3", "b2", "c1"].map((batch) => takesAgain(state, batch));

  it("goes again behind those before it, which need not be settled", () => {
    const lost = ["a3", "b2", "c1"].map((batch) => on("in doubt", batch));
    const state = run([...ABC, ...lost], established);
    expect(mayGo(state)).toEqual([true, false, false]);
    expect(mayGo(run([on("resent", "a3")], state))).toEqual([false, true, false]);
    expect(mayGo(run([on("resent", "a3"), on("resent", "b2")], state))).toEqual([false, false, true]);
    expect(mayGo(run([on("refused", "b2")], run([...ABC], established)))).toEqual([false, true, false]);
  });

  it.each<[string, readonly Event[]]>([
    ["a gap", [on("in doubt", "a3"), on("ended", "a3"), on("resent", "b2"), on("refused", "c1")]],
    ["a break", [on("refused", "a3"), on("ended", "a3"), on("refused", "c1")]],
  ])("goes alone where %s is before it", (_, events) => {
    expect(mayGo(run([...ABC, ...events], established))).toEqual([false, false, false]);
  });

  it("goes alone, as the first, until the broker has taken one", () => {
    const state = run([...ABC, on("refused", "a3"), on("refused", "b2")]);
    expect(["a3", "b2", "c1"].map((batch) => takesAgain(state, batch))).toEqual([true, false, false]);
    expect(takesAgain(run([on("resent", "a3")], state), "a3")).toBe(false);
    expect(takesAgain(run([on("resent", "a3"), on("acknowledged", "a3")], state), "b2")).toBe(true);
  });
});
