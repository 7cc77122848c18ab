import { describe, expect, it } from "vitest";
import {
  answered,
  type FetchSession,
  isForgotten,
  lost,
  NO_SESSION,
  planFetch,
  refused,
  type Wanted,
} from "../../../src/client/consumer/fetch-session.ts";
import { ZERO_UUID } from "../../../src/protocol/uuid.ts";

const FETCH_SESSION_ID_NOT_FOUND = 70;
const INVALID_FETCH_SESSION_EPOCH = 71;
const INCONSISTENT_TOPIC_ID = 103;
const T = "topic0000000000000000A";
const U = "topic1111111111111111A";
const reader = {};

function want(partition: number, fetchOffset: bigint, others: Partial<Wanted> = {}): Wanted {
  const epochs = { currentLeaderEpoch: 3, lastFetchedEpoch: 2 };
  return { topic: "t", topicId: T, partition, fetchOffset, ...epochs, reader, ...others };
}

const all = (...wanted: readonly Wanted[]): ReadonlyMap<string, Wanted> =>
  new Map(wanted.map((each) => [`${each.topic}-${each.partition}`, each]));

/** What a request names, and what it forgets. */
function plan(session: FetchSession, ...wanted: readonly Wanted[]) {
  const planned = planFetch(session, all(...wanted), 100);
  const { sessionId, sessionEpoch, topics = [], forgottenTopicsData = [] } = planned.request;
  return {
    planned,
    sessionId,
    sessionEpoch,
    named: topics.flatMap(({ topic, partitions }) =>
      (partitions ?? []).map(({ partition, fetchOffset }) => `${topic}-${partition}@${fetchOffset}`),
    ),
    forgotten: forgottenTopicsData.flatMap(({ topic, partitions }) =>
      (partitions ?? []).map((partition) => `${topic}-${partition}`),
    ),
  };
}

/** The session 7 after a first request for these. */
const begun = (...wanted: readonly Wanted[]): FetchSession =>
  answered(planFetch(NO_SESSION, all(...wanted), 100), 7);

describe("a fetch session", () => {
  it("begins with a request that names everything, in the order of turns", () => {
    const first = plan(NO_SESSION, want(2, 5n), want(0, 9n));
    expect(first).toMatchObject({ sessionId: 0, sessionEpoch: 0, named: ["t-2@5", "t-0@9"], forgotten: [] });
    expect(first.planned.isFull).toBe(true);
    expect(first.planned.request.topics?.[0]?.partitions?.[0]).toEqual({
      partition: 2,
      fetchOffset: 5n,
      currentLeaderEpoch: 3,
      lastFetchedEpoch: 2,
      partitionMaxBytes: 100,
    });
  });

  it("goes on with what has changed, is new, or is wanted no more", () => {
    const session = begun(want(0, 0n), want(1, 0n), want(2, 0n), want(3, 0n));
    const second = plan(
      session,
      want(0, 0n),
      want(1, 4n),
      want(2, 0n, { currentLeaderEpoch: 4 }),
      want(5, 1n),
    );
    expect(second).toMatchObject({
      sessionId: 7,
      sessionEpoch: 1,
      named: ["t-1@4", "t-2@0", "t-5@1"],
      forgotten: ["t-3"],
    });
    expect(second.planned.isFull).toBe(false);
    const third = plan(
      answered(second.planned, 7),
      want(0, 0n),
      want(1, 4n),
      want(2, 0n, { currentLeaderEpoch: 4 }),
      want(5, 1n),
    );
    expect(third).toMatchObject({ sessionEpoch: 2, named: [], forgotten: [] });
  });

  it("counts from 1 again after the highest int32", () => {
    const session = { ...begun(want(0, 0n)), epoch: 0x7fff_ffff };
    expect(answered(plan(session, want(0, 1n)).planned, 7).epoch).toBe(1);
  });

  it("is asked for each time while the broker gives none", () => {
    const session = answered(plan(NO_SESSION, want(0, 0n)).planned, 0);
    expect(plan(session, want(0, 0n))).toMatchObject({ sessionId: 0, sessionEpoch: 0, named: ["t-0@0"] });
  });

  it("is over when the broker says so in an answer", () => {
    const session = answered(plan(begun(want(0, 0n)), want(0, 1n)).planned, 0);
    expect(plan(session, want(0, 1n))).toMatchObject({ sessionId: 0, sessionEpoch: 0, named: ["t-0@1"] });
  });

  it("that the broker has forgotten is begun anew, at once", () => {
    const session = begun(want(0, 0n));
    const { planned } = plan(session, want(0, 0n));
    expect(isForgotten(planned, FETCH_SESSION_ID_NOT_FOUND)).toBe(true);
    expect(plan(refused(session, FETCH_SESSION_ID_NOT_FOUND), want(0, 0n))).toMatchObject({
      sessionId: 0,
      sessionEpoch: 0,
      named: ["t-0@0"],
    });
    // Where it was a full request that was refused, asking at once would be without end.
    expect(isForgotten(plan(NO_SESSION, want(0, 0n)).planned, FETCH_SESSION_ID_NOT_FOUND)).toBe(false);
  });

  it.each([INVALID_FETCH_SESSION_EPOCH, INCONSISTENT_TOPIC_ID])(
    "with error %i is replaced by the next",
    (errorCode) => {
      const session = begun(want(0, 0n));
      expect(plan(refused(session, errorCode), want(0, 0n))).toMatchObject({
        sessionId: 7,
        sessionEpoch: 0,
        named: ["t-0@0"],
      });
    },
  );

  it("of which a request was lost is replaced: the broker may have heard it or not", () => {
    expect(plan(lost(begun(want(0, 0n))), want(0, 0n))).toMatchObject({ sessionId: 7, sessionEpoch: 0 });
    expect(plan(lost(NO_SESSION), want(0, 0n))).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
  });

  it("begins anew where a topic was made anew", () => {
    const session = begun(want(0, 0n), want(1, 0n));
    const next = plan(session, want(0, 0n, { topicId: U }), want(1, 0n));
    expect(next).toMatchObject({ sessionId: 7, sessionEpoch: 0, named: ["t-0@0", "t-1@0"], forgotten: [] });
  });

  it("begins anew for a new reader, who has to be told what has not changed", () => {
    const next = plan(begun(want(0, 0n)), want(0, 0n, { reader: {} }));
    expect(next).toMatchObject({ sessionEpoch: 0, named: ["t-0@0"] });
  });

  it("goes by names where one topic has no id, and never from one to the other", () => {
    const nameless = want(0, 0n, { topic: "u", topicId: ZERO_UUID });
    const session = begun(want(0, 0n));
    expect(session.usesTopicIds).toBe(true);
    const next = plan(session, want(0, 0n), nameless);
    expect(next).toMatchObject({ sessionId: 7, sessionEpoch: 0, named: ["t-0@0", "u-0@0"] });
    expect(next.planned.usesTopicIds).toBe(false);
    expect(plan(answered(next.planned, 8), want(0, 0n))).toMatchObject({ sessionId: 8, sessionEpoch: 0 });
  });
});
