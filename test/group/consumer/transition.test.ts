import { describe, expect, it } from "vitest";
import {
  initialState,
  type MemberEffect,
  type MemberEvent,
  type MemberState,
} from "../../../src/group/consumer/member-state.ts";
import { listOf, type PartitionSet, setOf } from "../../../src/group/consumer/partition-set.ts";
import { dueAtMs } from "../../../src/group/consumer/proceed.ts";
import { transition } from "../../../src/group/consumer/transition.ts";

const NOT_COORDINATOR = 16;
const UNKNOWN_MEMBER_ID = 25;
const GROUP_AUTHORIZATION_FAILED = 30;
const GROUP_ID_NOT_FOUND = 69;
const FENCED_INSTANCE_ID = 82;
const FENCED_MEMBER_EPOCH = 110;
const UNRELEASED_INSTANCE_ID = 111;
const UNSUPPORTED_ASSIGNOR = 112;

const INTERVAL_MS = 5000;
const SESSION_MS = 45_000;
const trouble = new Error("refused");

type Timeless = MemberEvent extends infer E ? (E extends MemberEvent ? Omit<E, "atMs"> : never) : never;

/** A set written as `{ a: [0, 1] }`. */
function partitions(listed: { readonly [topicId: string]: readonly number[] }): PartitionSet {
  return setOf(Object.entries(listed).map(([topicId, numbers]) => ({ topicId, partitions: numbers })));
}

/** A member, and what it wanted done since somebody looked. */
class Member {
  state: MemberState;
  nowMs = 1000;
  #effects: MemberEffect[] = [];

  constructor({ instanceId = null }: { readonly instanceId?: string | null } = {}) {
    this.state = initialState({
      groupId: "g",
      memberId: "m",
      instanceId,
      rackId: "rack",
      assignor: "uniform",
      rebalanceTimeoutMs: 300_000,
      sessionTimeoutMs: SESSION_MS,
    });
  }

  get phase(): string {
    return this.state.phase;
  }

  tell(event: Timeless): this {
    const { state, effects } = transition(this.state, { ...event, atMs: this.nowMs } as MemberEvent);
    this.state = state;
    this.#effects.push(...effects);
    return this;
  }

  /** What has been wanted, and nothing of it any more; notes for logs are left out. */
  take(): MemberEffect[] {
    const effects = this.#effects.filter(({ type }) => type !== "note");
    this.#effects = [];
    return effects;
  }

  wanted(): string[] {
    return this.take().map((effect) => {
      if (effect.type === "revoke" || effect.type === "assign" || effect.type === "lose") {
        const named = effect.partitions.map(({ topic, partition }) => `${topic}-${partition}`);
        return [effect.type, ...named].join(" ");
      }
      if (effect.type === "send") {
        const { memberEpoch, topicPartitions } = effect.heartbeat;
        return `${effect.kind} ${memberEpoch}${topicPartitions === null || topicPartitions === undefined ? "" : " owned"}`;
      }
      if (effect.type === "name topics") return ["name", ...effect.topicIds].join(" ");
      return effect.type;
    });
  }

  /** The heartbeat that was wanted last. */
  sent(): Extract<MemberEffect, { readonly type: "send" }>["heartbeat"] {
    const sends = this.take().filter((effect) => effect.type === "send");
    const last = sends.at(-1);
    if (last === undefined) throw new Error("nothing was sent");
    return last.heartbeat;
  }

  subscribe(...topics: string[]): this {
    return this.tell({ type: "subscribe", subscription: { topics, pattern: null } });
  }

  /** The time until something is due by itself; then that happens. */
  wait(): number {
    const atMs = dueAtMs(this.state);
    if (atMs === null) throw new Error("nothing is due");
    const waitedMs = atMs - this.nowMs;
    this.nowMs = atMs;
    this.tell({ type: "tick" });
    return waitedMs;
  }

  answer(
    memberEpoch: number,
    assignment: { readonly [topicId: string]: readonly number[] } | null = null,
    { known = "abc", throttleTimeMs = 0, request = this.state.request?.number ?? -1 } = {},
  ): this {
    const names = new Map(
      Object.keys(assignment ?? {})
        .filter((id) => known.includes(id))
        .map((id) => [id, id.toUpperCase()] as const),
    );
    return this.tell({
      type: "answered",
      request,
      answer: {
        memberId: "m",
        memberEpoch,
        heartbeatIntervalMs: INTERVAL_MS,
        throttleTimeMs,
        assignment: assignment === null ? null : partitions(assignment),
      },
      names,
    });
  }

  refuse(errorCode: number, request = this.state.request?.number ?? -1): this {
    return this.tell({ type: "refused", request, errorCode, error: trouble, retryDelayMs: 100 });
  }

  noAnswer(request = this.state.request?.number ?? -1): this {
    return this.tell({ type: "unanswered", request, retryDelayMs: 100 });
  }

  /** The host has done what it was told last. */
  done(work = this.state.loss ?? this.state.work?.number ?? -1): this {
    return this.tell({ type: "done", work });
  }

  /** A member that owns these and has nothing to do. */
  static stable(
    owned: { readonly [topicId: string]: readonly number[] },
    options: { readonly instanceId?: string | null } = {},
  ): Member {
    const member = new Member(options).subscribe("A").answer(1, owned).done().answer(1);
    expect(member.phase).toBe("stable");
    member.take();
    return member;
  }
}

describe("joining", () => {
  it("says everything with epoch 0, and under the client's own id", () => {
    const member = new Member({ instanceId: "i" }).subscribe("A", "B");
    expect(member.phase).toBe("joining");
    expect(member.sent()).toEqual({
      groupId: "g",
      memberId: "m",
      memberEpoch: 0,
      instanceId: "i",
      rackId: "rack",
      rebalanceTimeoutMs: 300_000,
      subscribedTopicNames: ["A", "B"],
      subscribedTopicRegex: null,
      serverAssignor: "uniform",
      topicPartitions: [],
    });
  });

  it("waits until there is something to read", () => {
    const member = new Member().subscribe();
    expect(member.phase).toBe("unsubscribed");
    expect(member.wanted()).toEqual([]);
    expect(member.subscribe("A").wanted()).toEqual(["heartbeat 0 owned"]);
  });

  it("leads over what is assigned to the stable member, which says so", () => {
    const member = new Member().subscribe("A");
    member.take();
    expect(member.answer(3, { a: [0, 1] }).wanted()).toEqual(["joined", "assign A-0 A-1"]);
    expect(member.phase).toBe("reconciling");
    member.done();
    expect(member.phase).toBe("acknowledging");
    expect(member.sent()).toMatchObject({
      memberEpoch: 3,
      topicPartitions: [{ topicId: "a", partitions: [0, 1] }],
    });
    member.answer(3);
    expect(member.phase).toBe("stable");
    expect(member.wanted()).toEqual([]);
  });

  it("tells the host of an assignment of nothing, too", () => {
    const member = new Member().subscribe("A");
    member.take();
    expect(member.answer(1, {}).wanted()).toEqual(["joined", "assign"]);
    expect(member.done().wanted()).toEqual(["heartbeat 1 owned"]);
    expect(member.answer(1).phase).toBe("stable");
  });

  it("is tried again after a while, whether the coordinator moved or nothing was heard", () => {
    const member = new Member().subscribe("A");
    member.take();
    expect(member.refuse(NOT_COORDINATOR).wanted()).toEqual([]);
    expect(member.wait()).toBe(100);
    expect(member.wanted()).toEqual(["heartbeat 0 owned"]);
    member.noAnswer();
    expect(member.wait()).toBe(100);
    expect(member.wanted()).toEqual(["heartbeat 0 owned"]);
    expect(member.phase).toBe("joining");
  });

  it("takes the id that a coordinator chose instead", () => {
    const member = new Member().subscribe("A");
    member.tell({
      type: "answered",
      request: 1,
      answer: {
        memberId: "other",
        memberEpoch: 1,
        heartbeatIntervalMs: 5000,
        throttleTimeMs: 0,
        assignment: partitions({}),
      },
      names: new Map(),
    });
    expect(member.state.memberId).toBe("other");
  });

  it("ends a former membership first, which the coordinator does not take for a new one", () => {
    const member = new Member().subscribe("A");
    member.take();
    member.refuse(FENCED_MEMBER_EPOCH);
    member.wait();
    expect(member.wanted()).toEqual(["leave -1"]);
    member.answer(-1);
    expect(member.wanted()).toEqual(["heartbeat 0 owned"]);
    expect(member.phase).toBe("joining");
  });

  it("says the new subscription where that changes meanwhile", () => {
    const member = new Member().subscribe("A").subscribe("B");
    expect(member.wanted()).toEqual(["heartbeat 0 owned"]);
    member.answer(1, {});
    expect(member.sent()).toMatchObject({ memberEpoch: 1, subscribedTopicNames: ["B"] });
  });

  it.each([GROUP_AUTHORIZATION_FAILED, UNSUPPORTED_ASSIGNOR, GROUP_ID_NOT_FOUND, FENCED_INSTANCE_ID])(
    "is over with error code %i",
    (errorCode) => {
      const member = new Member().subscribe("A");
      member.take();
      expect(member.refuse(errorCode).take()).toEqual([{ type: "fail", error: trouble }]);
      expect(member.phase).toBe("fatal");
      expect(dueAtMs(member.state)).toBeNull();
      // It never was a member.
      expect(member.tell({ type: "leave", staysMember: true }).wanted()).toEqual(["left"]);
    },
  );
});

describe("a static member", () => {
  it("that finds its name taken when it comes fails", () => {
    const member = new Member({ instanceId: "i" }).subscribe("A");
    member.take();
    expect(member.refuse(UNRELEASED_INSTANCE_ID).wanted()).toEqual(["fail"]);
  });

  it("releases its name where it may have it by a request that was not answered", () => {
    const member = new Member({ instanceId: "i" }).subscribe("A").noAnswer();
    member.wait();
    member.take();
    member.refuse(UNRELEASED_INSTANCE_ID);
    member.wait();
    expect(member.wanted()).toEqual(["leave -2"]);
    expect(member.answer(-2).wanted()).toEqual(["heartbeat 0 owned"]);
  });

  it("fails where another has the name, which it learns by that", () => {
    const member = new Member({ instanceId: "i" }).subscribe("A").noAnswer();
    member.wait();
    member.tell({
      type: "refused",
      request: 2,
      errorCode: UNRELEASED_INSTANCE_ID,
      error: new Error("taken"),
      retryDelayMs: 1,
    });
    member.wait();
    member.take();
    expect(member.refuse(FENCED_INSTANCE_ID).take()).toEqual([{ type: "fail", error: new Error("taken") }]);
  });

  it("leaves for a while, or for good", () => {
    const forAWhile = Member.stable({}, { instanceId: "i" }).tell({ type: "leave", staysMember: true });
    expect(forAWhile.sent()).toMatchObject({ memberEpoch: -2, instanceId: "i" });
    const forGood = Member.stable({}, { instanceId: "i" }).tell({ type: "leave", staysMember: false });
    expect(forGood.sent()).toMatchObject({ memberEpoch: -1, instanceId: "i" });
  });
});

describe("heartbeats", () => {
  it("go out by the broker's interval, and say only what has changed", () => {
    const member = Member.stable({ a: [0] });
    expect(member.wait()).toBe(INTERVAL_MS);
    expect(member.sent()).toEqual({ groupId: "g", memberId: "m", memberEpoch: 1, instanceId: null });
    member.answer(1);
    member.subscribe("A", "B");
    expect(member.sent()).toEqual({
      groupId: "g",
      memberId: "m",
      memberEpoch: 1,
      instanceId: null,
      subscribedTopicNames: ["A", "B"],
    });
  });

  it("say a pattern, and that there is none any more", () => {
    const member = Member.stable({});
    member.tell({ type: "subscribe", subscription: { topics: ["A"], pattern: "^a" } });
    expect(member.sent()).toMatchObject({ subscribedTopicRegex: "^a" });
    member.answer(1);
    member.subscribe("A");
    expect(member.sent()).toMatchObject({ subscribedTopicRegex: "" });
    // Whether that was heard is not known.
    member.noAnswer().wait();
    expect(member.sent()).toMatchObject({ subscribedTopicRegex: "", rebalanceTimeoutMs: 300_000 });
    member.answer(1).tell({ type: "doubted" });
    expect(member.sent()).toMatchObject({ subscribedTopicRegex: null });
  });

  it("say everything again after one without an answer, with the epoch that was heard last", () => {
    const member = Member.stable({ a: [0] });
    member.wait();
    member.take();
    member.noAnswer();
    expect(member.phase).toBe("stable");
    member.wait();
    expect(member.sent()).toMatchObject({
      memberEpoch: 1,
      rebalanceTimeoutMs: 300_000,
      subscribedTopicNames: ["A"],
      topicPartitions: [{ topicId: "a", partitions: [0] }],
    });
    // The coordinator has moved the member on meanwhile, and says so once more.
    member.answer(2, { a: [0, 1] });
    expect(member.state.epoch).toBe(2);
    expect(member.wanted()).toEqual(["assign A-1"]);
  });

  it("wait for as long as a broker throttles, whatever there is to say", () => {
    const member = Member.stable({});
    member.wait();
    member.answer(1, null, { throttleTimeMs: 7000 }).take();
    member.subscribe("B");
    expect(member.wanted()).toEqual([]);
    expect(member.wait()).toBe(7000);
    expect(member.wanted()).toEqual(["heartbeat 1"]);
  });

  it("are one at a time", () => {
    const member = Member.stable({});
    member.wait();
    member.take();
    member.subscribe("B").tell({ type: "tick" });
    expect(member.wanted()).toEqual([]);
    expect(member.answer(1).wanted()).toEqual(["heartbeat 1"]);
  });

  it("are not taken for answered by an answer that comes late or twice", () => {
    const member = Member.stable({ a: [0] });
    const former = member.state;
    member
      .answer(9, { b: [1] }, { request: 1 })
      .refuse(UNKNOWN_MEMBER_ID, 1)
      .noAnswer(1);
    expect(member.state).toEqual(former);
    expect(member.wanted()).toEqual([]);
  });

  it("go out at once, and whole, when a commit was refused", () => {
    const member = Member.stable({ a: [0] }).tell({ type: "doubted" });
    expect(member.wanted()).toEqual(["heartbeat 1 owned"]);
  });

  it("never join or leave by what a broker should not have answered", () => {
    const member = Member.stable({ a: [0] });
    member.wait();
    member.answer(-1);
    expect(member.state.epoch).toBe(1);
    member.take();
    member.wait();
    expect(member.wanted()).toEqual(["heartbeat 1 owned"]);
  });
});

describe("reconciling", () => {
  it("gives up first, says so, and then takes what the coordinator gives", () => {
    const member = Member.stable({ a: [0, 1] });
    member.wait();
    member.take();
    expect(member.answer(1, { a: [0] }).wanted()).toEqual(["revoke A-1"]);
    // Meanwhile it counts as owned.
    member.wait();
    expect(member.sent()).toMatchObject({ topicPartitions: [{ topicId: "a", partitions: [0, 1] }] });
    member.answer(1);
    member.done();
    expect(member.take()).toMatchObject([
      { type: "assign", partitions: [] },
      { type: "send", heartbeat: { topicPartitions: [{ topicId: "a", partitions: [0] }] } },
    ]);
    member.done().answer(2, { a: [0], b: [5] });
    expect(member.wanted()).toEqual(["assign B-5"]);
    expect(member.done().answer(2).phase).toBe("stable");
  });

  it("says all that it has while it gives up, should an answer be lost", () => {
    const member = Member.stable({ a: [0, 1] });
    member.wait();
    member.answer(1, { a: [0] });
    member.wait();
    member.take();
    member.noAnswer().wait();
    expect(member.sent()).toMatchObject({ topicPartitions: [{ topicId: "a", partitions: [0, 1] }] });
  });

  it("heeds what is newest: what was to come and is taken away again never comes", () => {
    const member = Member.stable({ a: [0, 1] });
    member.wait();
    member.take();
    member.answer(1, { a: [0], b: [0] });
    member.wait();
    member.answer(1, { a: [0], c: [0] });
    expect(member.wanted()).toEqual(["revoke A-1", "heartbeat 1 owned"]);
    expect(member.done().wanted()).toEqual(["assign C-0", "heartbeat 1 owned"]);
  });

  it("gives up what is taken away while it is being taken over", () => {
    const member = new Member().subscribe("A").answer(1, { a: [0, 1] });
    member.wait();
    member.take();
    member.answer(1, { a: [0] });
    expect(member.wanted()).toEqual([]);
    expect(member.done().wanted()).toEqual(["revoke A-1"]);
  });

  it("takes what has a name, and the rest when that is found", () => {
    const member = new Member().subscribe("A");
    member.take();
    member.answer(1, { a: [0], z: [1] });
    expect(member.wanted()).toEqual(["joined", "name z", "assign A-0"]);
    member.done();
    expect(member.phase).toBe("reconciling");
    expect(member.wanted()).toEqual(["heartbeat 1 owned"]);
    member.answer(1);
    member.tell({ type: "named", names: new Map([["z", "Z"]]) });
    expect(member.wanted()).toEqual(["name", "assign Z-1"]);
    expect(member.done().answer(1).phase).toBe("stable");
  });

  it("takes nothing while the coordinator hears that it is not owned, and may give it to others", () => {
    const member = new Member().subscribe("A").answer(1, { z: [1] });
    // It has said what it owns, which is nothing.
    expect(member.wanted()).toEqual(["heartbeat 0 owned", "joined", "name z", "heartbeat 1 owned"]);
    member.tell({ type: "named", names: new Map([["z", "Z"]]) });
    expect(member.wanted()).toEqual(["name"]);
    member.noAnswer();
    expect(member.wanted()).toEqual([]);
    member.wait();
    member.take();
    expect(member.answer(1, { z: [1] }).wanted()).toEqual(["assign Z-1"]);
  });

  it("looks for no name that nobody needs any more", () => {
    const member = new Member().subscribe("A").answer(1, { z: [1] });
    member.take();
    member.answer(2, {});
    expect(member.wanted()).toEqual(["name", "assign"]);
  });

  it("tells a topic from another that had its name", () => {
    const member = Member.stable({ a: [0] });
    member.wait();
    member.take();
    member.tell({
      type: "answered",
      request: member.state.request?.number ?? -1,
      answer: {
        memberId: "m",
        memberEpoch: 2,
        heartbeatIntervalMs: 5000,
        throttleTimeMs: 0,
        assignment: partitions({ new: [0] }),
      },
      names: new Map([["new", "A"]]),
    });
    expect(member.wanted()).toEqual(["revoke A-0"]);
    expect(member.done().wanted()).toEqual(["assign A-0", "heartbeat 2 owned"]);
  });

  it("does nothing about an assignment that it has already", () => {
    const member = Member.stable({ a: [0] }).tell({ type: "doubted" });
    member.take();
    expect(member.answer(1, { a: [0] }).wanted()).toEqual([]);
    expect(member.phase).toBe("stable");
  });

  it("is not ended by work that is done twice", () => {
    const member = Member.stable({ a: [0, 1] });
    member.wait();
    member.answer(1, { a: [0] });
    const revocation = member.state.work?.number ?? -1;
    member.done();
    const { work } = member.state;
    expect(member.done(revocation).state.work).toEqual(work);
  });
});

describe("a member that was fenced", () => {
  it.each([FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND])(
    "loses all, and then joins under the same id (%i)",
    (errorCode) => {
      const member = Member.stable({ a: [0, 1] });
      member.wait();
      member.take();
      expect(member.refuse(errorCode).wanted()).toEqual(["lose A-0 A-1"]);
      expect(member.phase).toBe("fenced");
      expect(dueAtMs(member.state)).toBeNull();
      member.done();
      expect(member.phase).toBe("joining");
      expect(member.sent()).toMatchObject({ memberId: "m", memberEpoch: 0, topicPartitions: [] });
    },
  );

  it("waits for the work of the host that was under way", () => {
    const member = Member.stable({ a: [0, 1] });
    member.wait();
    member.answer(1, { a: [0] });
    member.wait();
    member.take();
    const work = member.state.work?.number;
    member.refuse(UNKNOWN_MEMBER_ID);
    // What it was giving up is lost now.
    expect(member.wanted()).toEqual(["lose A-0 A-1"]);
    member.done();
    expect(member.phase).toBe("fenced");
    member.done(work);
    expect(member.wanted()).toEqual(["heartbeat 0 owned"]);
  });

  it("loses what it was being given", () => {
    const member = new Member().subscribe("A").answer(1, { a: [0] });
    member.wait();
    member.take();
    expect(member.refuse(UNKNOWN_MEMBER_ID).wanted()).toEqual(["lose A-0"]);
  });

  it("is told nothing by the answers to what it sent before", () => {
    const member = Member.stable({ a: [0] });
    member.wait();
    const request = member.state.request?.number ?? -1;
    member.refuse(FENCED_MEMBER_EPOCH);
    member.answer(7, { a: [1] }, { request }).done();
    expect(member.state.epoch).toBe(0);
    expect(member.phase).toBe("joining");
  });

  it("reads nothing where it does not want to any more", () => {
    const member = Member.stable({ a: [0] });
    member.wait();
    member.refuse(FENCED_MEMBER_EPOCH).subscribe().done();
    expect(member.phase).toBe("unsubscribed");
  });
});

describe("a member that nobody has heard of", () => {
  it("is suspended after a session without an answer, and goes on once it is known to be a member still", () => {
    const member = Member.stable({ a: [0] });
    const heardAtMs = member.nowMs;
    member.wait();
    while (!member.wanted().includes("suspend")) {
      member.noAnswer();
      member.nowMs += 5000;
      member.tell({ type: "tick" });
    }
    expect(member.nowMs - heardAtMs).toBeGreaterThanOrEqual(SESSION_MS);
    expect(member.phase).toBe("stable");
    member.answer(1);
    expect(member.wanted()).toContain("resume");
    expect(member.state.isSuspended).toBe(false);
  });

  it("hands out again what it is given after it was fenced", () => {
    const member = Member.stable({ a: [0] });
    member.wait();
    member.noAnswer();
    member.nowMs += SESSION_MS;
    member.tell({ type: "tick" });
    expect(member.state.isSuspended).toBe(true);
    member.take();
    member.refuse(FENCED_MEMBER_EPOCH);
    expect(member.wanted().filter((what) => what !== "note")).toEqual(["lose A-0", "resume"]);
  });

  it("counts itself out after two sessions without an answer, and joins", () => {
    const member = Member.stable({ a: [0] });
    const heardAtMs = member.nowMs;
    member.wait();
    while (member.phase === "stable") {
      member.noAnswer();
      member.nowMs += 10_000;
      member.tell({ type: "tick" });
    }
    expect(member.nowMs - heardAtMs).toBeGreaterThanOrEqual(2 * SESSION_MS);
    expect(member.phase).toBe("fenced");
    expect(member.wanted().slice(-2)).toEqual(["lose A-0", "resume"]);
    member.done();
    expect(member.wanted()).toEqual(["heartbeat 0 owned"]);
  });

  it("counts from when it spoke, not from when it was answered", () => {
    const member = Member.stable({ a: [0] });
    member.wait();
    const sentAtMs = member.nowMs;
    member.nowMs += 10_000;
    member.answer(1);
    // It was time for the next one when the answer came.
    expect(member.state.request).not.toBeNull();
    expect(dueAtMs(member.state)).toBe(sentAtMs + SESSION_MS);
  });
});

describe("an application that asks for no records", () => {
  it("loses its partitions and its place until it asks again", () => {
    const member = Member.stable({ a: [0] }).tell({ type: "poll expired" });
    expect(member.wanted()).toEqual(["lose A-0", "leave -1"]);
    expect(member.phase).toBe("stale");
    member.done().answer(-1);
    expect(dueAtMs(member.state)).toBeNull();
    member.tell({ type: "polled" });
    expect(member.wanted()).toEqual(["heartbeat 0 owned"]);
  });

  it("joins again no sooner than its leaving is answered and the host knows", () => {
    const member = Member.stable({ a: [0] })
      .tell({ type: "poll expired" })
      .tell({ type: "polled" });
    member.take();
    expect(member.done().wanted()).toEqual([]);
    expect(member.noAnswer().wanted()).toEqual([]);
    expect(member.phase).toBe("joining");
    expect(member.wait()).toBe(100);
    expect(member.wanted()).toEqual(["heartbeat 0 owned"]);
  });

  it("keeps the place of a static member", () => {
    const member = Member.stable({ a: [0] }, { instanceId: "i" }).tell({ type: "poll expired" });
    expect(member.wanted()).toEqual(["lose A-0", "leave -2"]);
  });

  it("that was fenced meanwhile does not join either", () => {
    const member = Member.stable({ a: [0] });
    member.wait();
    member.refuse(UNKNOWN_MEMBER_ID).tell({ type: "poll expired" }).take();
    expect(member.done().wanted()).toEqual([]);
    expect(member.phase).toBe("stale");
  });
});

describe("leaving", () => {
  it("says so at once, behind what is under way", () => {
    const member = Member.stable({ a: [0] });
    member.wait();
    const request = member.state.request?.number ?? -1;
    member.take();
    expect(member.tell({ type: "leave", staysMember: true }).wanted()).toEqual(["leave -1"]);
    expect(member.answer(2, { a: [1] }, { request }).wanted()).toEqual([]);
    expect(member.answer(-1).wanted()).toEqual(["left"]);
    expect(member.phase).toBe("unsubscribed");
  });

  it("is said again until it is heard, or nobody waits any longer", () => {
    const member = Member.stable({}).tell({ type: "leave", staysMember: true });
    member.take();
    member.noAnswer().wait();
    expect(member.wanted()).toEqual(["leave -1"]);
    member.refuse(NOT_COORDINATOR).wait();
    expect(member.wanted()).toEqual(["leave -1"]);
    expect(member.tell({ type: "leave expired" }).wanted()).toEqual(["left"]);
    expect(dueAtMs(member.state)).toBeNull();
  });

  it("is as good with a coordinator that knows no such member", () => {
    const member = Member.stable({}).tell({ type: "leave", staysMember: true });
    member.take();
    expect(member.refuse(UNKNOWN_MEMBER_ID).wanted()).toEqual(["left"]);
  });

  it("has nothing to say before anything was sent", () => {
    expect(new Member().tell({ type: "leave", staysMember: true }).wanted()).toEqual(["left"]);
  });

  it("is said where the request to join may have been heard", () => {
    const member = new Member().subscribe("A");
    member.take();
    expect(member.tell({ type: "leave", staysMember: true }).wanted()).toEqual(["leave -1"]);
  });

  it("can be followed by another membership", () => {
    const member = Member.stable({ a: [0] })
      .tell({ type: "leave", staysMember: true })
      .answer(-1);
    member.take();
    expect(member.subscribe("A").wanted()).toEqual(["heartbeat 0 owned"]);
  });

  it("waits, before that, for work of the host that is still under way", () => {
    const member = new Member().subscribe("A").answer(1, { a: [0] });
    const work = member.state.work?.number;
    member.tell({ type: "leave", staysMember: true }).answer(-1).subscribe("A");
    member.take();
    expect(member.answer(2, { a: [1] }).wanted()).toEqual(["joined"]);
    expect(member.done(work).wanted()).toEqual(["assign A-1"]);
  });
});

describe("what is final", () => {
  it("loses all before the host is told", () => {
    const member = Member.stable({ a: [0] });
    member.wait();
    member.take();
    expect(member.refuse(FENCED_INSTANCE_ID).wanted()).toEqual(["lose A-0"]);
    expect(member.done().wanted()).toEqual(["fail"]);
    expect(member.subscribe("B").wanted()).toEqual([]);
    // The coordinator may still count it in.
    expect(member.tell({ type: "leave", staysMember: true }).wanted()).toEqual(["leave -1"]);
  });

  it("is what no coordinator will ever answer", () => {
    const member = new Member().subscribe("A");
    member.take();
    member.tell({ type: "unanswerable", request: 1, error: trouble });
    expect(member.take()).toEqual([{ type: "fail", error: trouble }]);
  });
});

it("lists partitions as sets, whatever a broker says twice or below 0", () => {
  const listed = setOf([
    { topicId: "b", partitions: [2, 0, 2, -1] },
    { topicId: "a", partitions: [1] },
    { topicId: "b", partitions: [1] },
  ]);
  expect(listOf(listed)).toEqual([
    { topicId: "a", partitions: [1] },
    { topicId: "b", partitions: [0, 1, 2] },
  ]);
});
