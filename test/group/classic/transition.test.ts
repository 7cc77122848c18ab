import { beforeEach, describe, expect, it } from "vitest";
import {
  type MemberEffect,
  type MemberEvent,
  type MemberSettings,
  type MemberState,
  newMember,
  type Phase,
  wakeAtMs,
} from "../../../src/group/classic/member-state.ts";
import type { TopicPartition } from "../../../src/group/classic/partitions.ts";
import { transition } from "../../../src/group/classic/transition.ts";

const SETTINGS: MemberSettings = {
  groupInstanceId: null,
  sessionTimeoutMs: 10_000,
  heartbeatIntervalMs: 3000,
  rebalanceProtocol: "eager",
};

const PAUSE_MS = 100;

const partitions = (...numbers: number[]): TopicPartition[] =>
  numbers.map((partition) => ({ topic: "orders", partition }));

/** What is asked or called, in short, without what is told to those who watch. */
function short(effect: MemberEffect): string[] {
  switch (effect.type) {
    case "tell":
      return [];
    case "call host":
      return [`${effect.call.type} ${effect.call.partitions.map(({ partition }) => partition).join(",")}`];
    case "leave":
      return [`leave as ${effect.memberId}`];
    case "end":
      return [effect.error === null ? "end" : `end with ${effect.error.message}`];
    default:
      return [effect.type];
  }
}

/** A member, and what it does. */
class Member {
  state: MemberState;
  nowMs = 1000;
  effects: readonly MemberEffect[] = [];
  all: MemberEffect[] = [];

  constructor(settings: Partial<MemberSettings> = {}) {
    this.state = newMember({ ...SETTINGS, ...settings });
  }

  /** What follows from an event. */
  on(event: MemberEvent): string[] {
    const step = transition(this.state, event, { nowMs: this.nowMs, backoffMs: (n) => PAUSE_MS * n });
    this.state = step.state;
    this.effects = step.effects;
    this.all.push(...step.effects);
    return step.effects.flatMap(short);
  }

  tick(afterMs: number): string[] {
    this.nowMs += afterMs;
    return this.on({ type: "tick" });
  }

  subscribe(...topics: string[]): string[] {
    return this.on({ type: "subscribed", topics });
  }

  joined(
    over: { errorCode?: number; memberId?: string; generationId?: number; isLeader?: boolean } = {},
  ): string[] {
    const errorCode = over.errorCode ?? 0;
    return this.on({
      type: "join answered",
      number: this.state.awaiting ?? -1,
      answer: {
        errorCode,
        error: errorCode === 0 ? null : new Error(`code ${errorCode}`),
        memberId: over.memberId ?? "me",
        generationId: over.generationId ?? (errorCode === 0 ? this.state.generationId + 1 : -1),
        protocolName: "range",
        isLeader: over.isLeader ?? false,
      },
    });
  }

  synced(assigned: readonly TopicPartition[], errorCode = 0): string[] {
    return this.on({
      type: "sync answered",
      number: this.state.awaiting ?? -1,
      answer: { errorCode, error: errorCode === 0 ? null : new Error(`code ${errorCode}`), assigned },
    });
  }

  heard(errorCode = 0): string[] {
    return this.on({
      type: "heartbeat answered",
      number: this.state.heartbeat ?? -1,
      answer: { errorCode, error: errorCode === 0 ? null : new Error(`code ${errorCode}`) },
    });
  }

  failed(isFatal = false): string[] {
    const number = this.state.awaiting ?? -1;
    return this.on({ type: "failed", number, error: new Error("no answer"), isFatal });
  }

  refused(errorCode: number): string[] {
    const { memberId, generationId } = this.state;
    return this.on({
      type: "commit refused",
      errorCode,
      error: new Error(`code ${errorCode}`),
      memberId,
      generationId,
    });
  }

  /** The host is done with what it was called for, the oldest first. */
  done(): string[] {
    const [number = -1] = this.state.hostCalls.keys();
    return this.on({ type: "host done", number });
  }

  leave(staysMember = false): string[] {
    return this.on({ type: "leave", reason: "closed", staysMember });
  }

  told(): string[] {
    return this.all.flatMap((effect) => (effect.type === "tell" ? [effect.what] : []));
  }
}

/** A member in this phase, with the id "me", generation 0 and, where it can hold any, partitions 0 and 1. */
function memberIn(phase: Phase, settings: Partial<MemberSettings> = {}): Member {
  const member = new Member(settings);
  if (phase === "unjoined") return member;
  member.subscribe("orders");
  member.joined({ isLeader: phase === "assigning" });
  if (phase === "assigning" || phase === "syncing") return member;
  member.tick(0);
  member.heard();
  member.synced(partitions(0, 1));
  if (phase === "taking over") return member;
  member.done();
  if (phase === "stable") return member;
  if (phase === "leaving") {
    member.leave();
    return member;
  }
  if (phase === "ended") {
    member.on({ type: "abandoned" });
    return member;
  }
  if (phase === "failing") {
    member.refused(82);
    return member;
  }
  member.on({ type: "rejoin wanted", reason: "the test wants it" });
  if (phase === "preparing") return member;
  if (member.state.phase === "preparing") member.done();
  if (phase === "joining") return member;
  member.joined();
  member.synced(partitions(0));
  return member;
}

describe("memberIn", () => {
  it.each([
    ["unjoined", "eager"],
    ["preparing", "eager"],
    ["joining", "eager"],
    ["assigning", "eager"],
    ["syncing", "eager"],
    ["revoking", "cooperative"],
    ["taking over", "eager"],
    ["stable", "eager"],
    ["leaving", "eager"],
    ["failing", "eager"],
    ["ended", "eager"],
  ] as const)("gives one in phase %s", (phase, rebalanceProtocol) => {
    expect(memberIn(phase, { rebalanceProtocol }).state.phase).toBe(phase);
  });
});

describe("joining", () => {
  it("begins with the subscription, takes the id that it is given, and ends with the assignment", () => {
    const member = new Member();
    expect(member.subscribe("orders")).toEqual(["join"]);
    expect(member.joined({ errorCode: 79 })).toEqual(["join"]);
    expect(member.state).toMatchObject({ memberId: "me", failures: 0, generationId: -1 });
    expect(member.joined({ generationId: 5 })).toEqual(["sync"]);
    expect(member.synced(partitions(0, 1))).toEqual(["assign 0,1"]);
    expect(member.done()).toEqual([]);
    expect(member.state).toMatchObject({ phase: "stable", generationId: 5, owned: partitions(0, 1) });
    expect(member.told()).toEqual(["rebalancing", "joined", "assigned"]);
  });

  it("has the leader assign for all first", () => {
    const member = new Member();
    member.subscribe("orders");
    expect(member.joined({ isLeader: true })).toEqual(["assign for all"]);
    expect(member.on({ type: "assigned", number: -7 })).toEqual([]);
    expect(member.on({ type: "assigned", number: member.state.awaiting ?? -1 })).toEqual(["sync"]);
    expect(member.synced([])).toEqual(["assign "]);
    member.done();
    expect(member.state).toMatchObject({ phase: "stable", isLeader: true });
  });

  it.each([3, 7, 14, 15, 16, 27])(
    "is tried again after a pause when JoinGroup is answered with %i",
    (errorCode) => {
      const member = new Member();
      member.subscribe("orders");
      expect(member.joined({ errorCode, memberId: "" })).toEqual([]);
      expect(wakeAtMs(member.state)).toBe(member.nowMs + PAUSE_MS);
      expect(member.tick(PAUSE_MS - 1)).toEqual([]);
      expect(member.tick(1)).toEqual(["join"]);
      member.joined({ errorCode, memberId: "" });
      expect(wakeAtMs(member.state)).toBe(member.nowMs + 2 * PAUSE_MS);
    },
  );

  it.each([-1, 23, 24, 26, 30, 35, 81, 82, 111])(
    "ends the membership when JoinGroup is answered with %i",
    (errorCode) => {
      const member = new Member();
      member.subscribe("orders");
      expect(member.joined({ errorCode, memberId: "" })).toEqual([`end with code ${errorCode}`]);
      expect(member.state.phase).toBe("ended");
    },
  );

  it("begins anew as nobody when the coordinator has forgotten the member: at once, then with pauses", () => {
    const member = memberIn("joining");
    expect(member.joined({ errorCode: 25 })).toEqual(["join"]);
    expect(member.state).toMatchObject({ memberId: "", generationId: -1 });
    member.joined({ errorCode: 79, memberId: "me again" });
    expect(member.joined({ errorCode: 25 })).toEqual([]);
    expect(member.tick(2 * PAUSE_MS)).toEqual(["join"]);
  });

  it.each([14, 15, 16, 7])("goes back to JoinGroup when SyncGroup is answered with %i", (errorCode) => {
    const member = memberIn("syncing");
    expect(member.synced([], errorCode)).toEqual([]);
    expect(member.state).toMatchObject({ phase: "joining", memberId: "me", generationId: 0 });
    expect(member.tick(PAUSE_MS)).toContain("join");
  });

  it("joins at once when the next rebalance has begun before SyncGroup's answer", () => {
    const member = memberIn("syncing");
    expect(member.synced([], 27)).toEqual(["join"]);
    expect(member.state).toMatchObject({ memberId: "me", failures: 0 });
  });

  it.each([
    [22, "me"],
    [25, ""],
  ])("loses its generation when SyncGroup is answered with %i, and goes on as %j", (errorCode, memberId) => {
    const member = memberIn("syncing");
    expect(member.synced([], errorCode)).toEqual(["join"]);
    expect(member.state).toMatchObject({ memberId, generationId: -1 });
  });

  it.each([23, 24, 30, 82])("ends the membership when SyncGroup is answered with %i", (errorCode) => {
    expect(memberIn("syncing").synced([], errorCode)).toEqual([`end with code ${errorCode}`]);
  });

  it("leaves when assigning fails, so that another one may lead", () => {
    expect(memberIn("assigning").failed()).toEqual(["leave as me", "end with no answer"]);
  });

  it.each(["joining", "syncing"] as const)("is tried again when no answer comes while %s", (phase) => {
    const member = memberIn(phase);
    expect(member.failed()).toEqual([]);
    expect(member.tick(PAUSE_MS)).toContain("join");
    expect(memberIn(phase).failed(true)).toEqual(["end with no answer"]);
  });

  it("heeds no answer that comes late or twice, or for what was given up", () => {
    const member = memberIn("stable");
    const before = member.state;
    for (let number = -1; number <= member.state.lastNumber; number++) {
      const answer = { errorCode: 25, error: new Error("late") };
      const join = { ...answer, memberId: "", generationId: -1, protocolName: "", isLeader: false };
      expect(member.on({ type: "join answered", number, answer: join })).toEqual([]);
      expect(member.on({ type: "sync answered", number, answer: { ...answer, assigned: [] } })).toEqual([]);
      expect(member.on({ type: "heartbeat answered", number, answer })).toEqual([]);
      expect(member.on({ type: "failed", number, error: new Error("late"), isFatal: true })).toEqual([]);
      expect(member.on({ type: "host done", number })).toEqual([]);
      expect(member.on({ type: "assigned", number })).toEqual([]);
    }
    expect(member.state).toEqual({ ...before, hostCalls: new Map() });
  });

  it("asks again, on another connection, what is not answered for half a session", () => {
    for (const phase of ["joining", "syncing"] as const) {
      const member = memberIn(phase);
      const asked = member.state.awaiting;
      member.tick(0);
      member.heard(27);
      member.tick(3000);
      member.heard(27);
      expect(member.tick(2000)).toEqual(["hang up", phase === "joining" ? "join" : "sync"]);
      expect(member.state.awaiting).not.toBe(asked);
    }
  });

  it("asks again at once when a heartbeat shows that the coordinator is another one", () => {
    const member = memberIn("joining");
    member.tick(3000);
    expect(member.heard(16)).toEqual(["hang up", "join"]);
  });

  it("asks once as long as it has no id: old coordinators would take it for two", () => {
    const member = new Member();
    member.subscribe("orders");
    expect(wakeAtMs(member.state)).toBe(Number.POSITIVE_INFINITY);
    const fixed = new Member({ groupInstanceId: "a" });
    fixed.subscribe("orders");
    expect(wakeAtMs(fixed.state)).toBe(fixed.nowMs + 5000);
  });
});

describe("heartbeats", () => {
  let member: Member;
  beforeEach(() => {
    member = memberIn("stable");
  });

  it("go out at once in a new generation, then at the interval, one at a time", () => {
    const other = memberIn("syncing");
    expect(other.tick(0)).toEqual(["heartbeat"]);
    expect(other.tick(1000)).toEqual([]);
    other.heard();
    expect(other.tick(1999)).toEqual([]);
    expect(other.tick(1)).toEqual(["heartbeat"]);
    expect(other.tick(100_000)).not.toContain("heartbeat");
  });

  it.each(["preparing", "joining", "assigning", "syncing", "taking over", "stable"] as const)(
    "go on while %s",
    (phase) => {
      expect(memberIn(phase).tick(3000)).toContain("heartbeat");
    },
  );

  it.each(["leaving", "failing", "ended"] as const)("end while %s", (phase) => {
    expect(memberIn(phase).tick(3000)).toEqual([]);
  });

  it("tell of a rebalance", () => {
    member.tick(3000);
    expect(member.heard(27)).toEqual(["revoke 0,1"]);
    expect(member.done()).toEqual(["join"]);
    expect(member.state).toMatchObject({ memberId: "me", generationId: 0, owned: [] });
  });

  it("tell of it while the host takes over: the member joins after that", () => {
    const other = memberIn("taking over");
    other.tick(3000);
    expect(other.heard(27)).toEqual([]);
    expect(other.done()).toEqual(["revoke 0,1"]);
  });

  it.each([
    [22, "me"],
    [25, ""],
  ])("lose what is held when answered with %i", (errorCode, memberId) => {
    member.tick(3000);
    expect(member.heard(errorCode)).toEqual(["lose 0,1"]);
    expect(member.state).toMatchObject({ phase: "preparing", memberId, generationId: -1, owned: [] });
    expect(member.done()).toEqual(["join"]);
  });

  it("that say that the generation is over mean nothing while the next one may have begun", () => {
    const other = memberIn("joining", { rebalanceProtocol: "cooperative" });
    other.tick(3000);
    expect(other.heard(22)).toEqual([]);
    expect(other.state).toMatchObject({ phase: "joining", owned: partitions(0, 1) });
    other.tick(3000);
    expect(other.heard(25)).toEqual(["hang up", "lose 0,1"]);
  });

  it.each([14, 15, 16, 7])("come sooner after %i", (errorCode) => {
    member.tick(3000);
    expect(member.heard(errorCode)).toEqual([]);
    expect(member.tick(PAUSE_MS - 1)).toEqual([]);
    expect(member.tick(1)).toEqual(["heartbeat"]);
  });

  it.each([24, 30, 82, -1])("end the membership when answered with %i", (errorCode) => {
    member.tick(3000);
    expect(member.heard(errorCode)).toEqual(["lose 0,1"]);
    expect(member.state.phase).toBe("failing");
    expect(member.done()).toEqual([`end with code ${errorCode}`]);
  });
});

describe("a session", () => {
  it("suspends so long after the last heartbeat that was answered was sent", () => {
    const member = memberIn("stable");
    member.tick(3000);
    member.nowMs += 2000;
    member.heard();
    member.tick(1000);
    expect(member.tick(6999)).toEqual([]);
    expect(member.tick(1)).toEqual(["suspend"]);
    expect(member.state).toMatchObject({ phase: "stable", isSuspended: true, owned: partitions(0, 1) });
  });

  it("is over, and all is lost, when another one went by without an answer", () => {
    const member = memberIn("stable");
    expect(member.tick(10_000)).toEqual(["suspend", "heartbeat"]);
    expect(member.tick(9999)).toEqual([]);
    expect(member.tick(1)).toEqual(["lose 0,1", "resume"]);
    expect(member.state).toMatchObject({ memberId: "me", generationId: -1, isSuspended: false });
    expect(member.done()).toEqual(["join"]);
  });

  it("goes on where the coordinator has the member still, whatever the group is at", () => {
    for (const [errorCode, effects] of [
      [0, ["resume"]],
      [27, ["resume", "revoke 0,1"]],
    ] as const) {
      const member = memberIn("stable");
      expect(member.tick(10_000)).toEqual(["suspend", "heartbeat"]);
      expect(member.heard(errorCode)).toEqual(effects);
      expect(member.state.isSuspended).toBe(false);
    }
  });

  it("does not go on by an answer that came too late to tell", () => {
    const member = memberIn("stable");
    member.tick(3000);
    expect(member.tick(10_000)).toEqual(["suspend"]);
    expect(member.heard()).toEqual([]);
    expect(member.tick(0)).toEqual(["heartbeat"]);
    expect(member.heard()).toEqual(["resume"]);
  });

  it("does not go on because another coordinator loads the group: the former one may have removed the member", () => {
    const member = memberIn("stable");
    member.tick(10_000);
    expect(member.heard(14)).toEqual([]);
    member.tick(PAUSE_MS);
    expect(member.heard(25)).toEqual(["lose 0,1", "resume"]);
  });

  it("of a member that leaves while it is suspended suspends nothing any more", () => {
    const member = memberIn("stable");
    member.tick(10_000);
    expect(member.on({ type: "leave", reason: "x", staysMember: false })).toEqual(["resume", "leave as me"]);
  });

  it("is extended by a coordinator that loads the group, not by one that is none", () => {
    for (const [errorCode, effects] of [
      [14, []],
      [16, ["suspend"]],
    ] as const) {
      const member = memberIn("stable");
      member.tick(9000);
      member.heard(errorCode);
      member.tick(PAUSE_MS);
      expect(member.tick(1000)).toEqual(effects);
    }
  });

  it("that is over in mid-revocation makes it a loss", () => {
    const member = memberIn("preparing");
    expect(member.tick(20_000)).toEqual(["lose 0,1"]);
    expect(member.done()).toEqual([]);
    expect(member.done()).toEqual(["join"]);
  });

  it("takes nothing from who holds nothing", () => {
    const member = memberIn("syncing");
    member.tick(0);
    member.heard();
    member.synced([]);
    member.done();
    expect(member.tick(100_000)).toEqual(["heartbeat"]);
  });
});

describe("a cooperative rebalance", () => {
  let member: Member;
  beforeEach(() => {
    member = memberIn("stable", { rebalanceProtocol: "cooperative" });
  });

  it("leaves the member what it has while it joins", () => {
    expect(member.on({ type: "rejoin wanted", reason: "x" })).toEqual(["join"]);
    expect(member.state.owned).toEqual(partitions(0, 1));
    expect(member.joined()).toEqual(["sync"]);
    expect(member.synced(partitions(0, 1, 2))).toEqual(["assign 2"]);
    expect(member.done()).toEqual([]);
    expect(member.state).toMatchObject({ phase: "stable", owned: partitions(0, 1, 2) });
  });

  it("takes away first, then gives, then joins for others to get what was taken", () => {
    member.on({ type: "rejoin wanted", reason: "x" });
    member.joined();
    expect(member.synced(partitions(1, 2))).toEqual(["revoke 0"]);
    expect(member.state.owned).toEqual(partitions(0, 1));
    expect(member.done()).toEqual(["assign 2"]);
    expect(member.done()).toEqual(["join"]);
    expect(member.state.owned).toEqual(partitions(1, 2));
  });

  it("gives up before what is not wanted any more", () => {
    expect(member.subscribe("audit")).toEqual(["revoke 0,1"]);
    expect(member.done()).toEqual(["join"]);
  });

  it("looks soon whether others have joined again", () => {
    member.on({ type: "rejoin wanted", reason: "x" });
    member.joined();
    member.synced(partitions(0, 1));
    expect(member.tick(500)).toEqual(["heartbeat"]);
  });

  it("keeps what it has through a coordinator that moves in mid-rebalance", () => {
    member.on({ type: "rejoin wanted", reason: "x" });
    member.joined();
    member.synced([], 16);
    expect(member.state).toMatchObject({ owned: partitions(0, 1), generationId: 1 });
    expect(member.tick(PAUSE_MS)).toContain("join");
  });
});

describe("another subscription", () => {
  it("begins a rebalance when the member is stable, unless it is the same", () => {
    const member = memberIn("stable");
    expect(member.subscribe("orders")).toEqual([]);
    expect(member.subscribe("audit", "orders")).toEqual(["revoke 0,1"]);
  });

  it.each(["assigning", "syncing"] as const)("while %s begins one afterwards", (phase) => {
    const member = memberIn(phase);
    expect(member.subscribe("audit", "orders")).toEqual([]);
    if (phase === "assigning") member.on({ type: "assigned", number: member.state.awaiting ?? -1 });
    expect(member.synced(partitions(0))).toEqual(["assign 0"]);
    expect(member.done()).toEqual(["revoke 0"]);
    expect(member.done()).toEqual(["join"]);
    expect(member.state.joinedTopics).toEqual(["audit", "orders"]);
  });

  it("makes an assignment void that is not wanted any more", () => {
    const member = memberIn("syncing");
    member.subscribe("audit");
    expect(member.synced(partitions(0))).toEqual(["join"]);
  });

  it("before JoinGroup goes with it", () => {
    const member = memberIn("preparing");
    expect(member.subscribe("audit")).toEqual([]);
    expect(member.done()).toEqual(["join"]);
    expect(member.state.joinedTopics).toEqual(["audit"]);
  });

  it("of a static member that comes back makes what it had void", () => {
    const member = new Member({ groupInstanceId: "a" });
    member.subscribe("audit");
    member.joined();
    expect(member.synced(partitions(0))).toEqual(["join"]);
    member.joined();
    // Whoever assigned it now has seen what is wanted.
    expect(member.synced([...partitions(0), { topic: "audit", partition: 3 }])).toEqual(["assign 3"]);
  });
});

describe("an application that does not ask for records", () => {
  it.each(["preparing", "joining", "syncing", "taking over", "stable"] as const)(
    "loses its place while %s",
    (phase) => {
      const member = memberIn(phase);
      const { owned } = member.state;
      const effects = member.on({ type: "poll expired" });
      expect(effects.at(-1)).toBe("leave as me");
      expect(effects.includes("lose 0,1")).toBe(owned.length > 0);
      expect(member.state).toMatchObject({ phase: "unjoined", memberId: "", generationId: -1, owned: [] });
      expect(wakeAtMs(member.state)).toBe(Number.POSITIVE_INFINITY);
      expect(member.subscribe("audit")).toEqual([]);
      while (member.state.hostCalls.size > 0) member.done();
      expect(member.on({ type: "polled" })).toEqual(["join"]);
    },
  );

  it("stays in the group as a static member, and is not heard of", () => {
    const member = memberIn("stable", { groupInstanceId: "a" });
    expect(member.on({ type: "poll expired" })).toEqual(["lose 0,1"]);
    expect(member.tick(3000)).toEqual([]);
    member.on({ type: "polled" });
    expect(member.done()).toEqual(["join"]);
  });
});

describe("a commit that is refused", () => {
  it.each([
    [27, ["revoke 0,1"]],
    [22, ["lose 0,1"]],
    [25, ["lose 0,1"]],
    [82, ["lose 0,1"]],
    [12, []],
    [16, []],
  ])("with %i", (errorCode, effects) => {
    expect(memberIn("stable").refused(errorCode)).toEqual(effects);
  });

  it("means nothing where it was of a former generation, or the next may have begun", () => {
    const member = memberIn("stable");
    const former = { type: "commit refused", errorCode: 25, error: null, memberId: "me" } as const;
    expect(member.on({ ...former, generationId: -1 })).toEqual([]);
    expect(member.on({ ...former, memberId: "I", generationId: 0 })).toEqual([]);
    expect(memberIn("joining", { rebalanceProtocol: "cooperative" }).refused(22)).toEqual([]);
  });
});

describe("leaving", () => {
  it.each([
    ["unjoined", ["end"]],
    ["preparing", ["leave as me"]],
    ["joining", ["hang up", "leave as me"]],
    ["assigning", ["leave as me"]],
    ["syncing", ["hang up", "leave as me"]],
    ["taking over", ["leave as me"]],
    ["stable", ["leave as me"]],
    ["leaving", []],
    ["failing", ["end"]],
    ["ended", []],
  ] as const)("while %s", (phase, effects) => {
    const member = memberIn(phase);
    expect(member.leave()).toEqual(effects);
    if (member.state.phase === "leaving") expect(member.on({ type: "left" })).toEqual(["end"]);
    expect(member.state).toMatchObject({ phase: "ended", memberId: "", generationId: -1 });
  });

  it("of a static member that stays tells nobody", () => {
    expect(memberIn("stable", { groupInstanceId: "a" }).leave(true)).toEqual(["end"]);
  });

  it("waits for the id of a member that has none yet", () => {
    const member = new Member();
    member.subscribe("orders");
    expect(member.leave()).toEqual([]);
    expect(member.joined({ errorCode: 79, memberId: "late" })).toEqual(["leave as late"]);
    expect(member.on({ type: "left" })).toEqual(["end"]);
    const other = new Member();
    other.subscribe("orders");
    other.leave();
    expect(other.failed()).toEqual(["end"]);
  });

  it.each(["unjoined", "preparing", "joining", "syncing", "stable", "leaving", "failing"] as const)(
    "without a word while %s",
    (phase) => {
      const member = memberIn(phase);
      expect(member.on({ type: "abandoned" }).at(-1)).toBe("end");
      expect(member.state.phase).toBe("ended");
      expect(wakeAtMs(member.state)).toBe(Number.POSITIVE_INFINITY);
    },
  );
});

it("nothing leads out of the end", () => {
  const member = memberIn("ended");
  const before = member.state;
  member.subscribe("audit");
  member.on({ type: "polled" });
  member.on({ type: "poll expired" });
  member.on({ type: "rejoin wanted", reason: "x" });
  member.refused(25);
  member.leave();
  member.tick(100_000);
  expect(member.state).toBe(before);
});
