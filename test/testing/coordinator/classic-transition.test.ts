/** The state machine of classic groups: no clock, no connections. */

import { describe, expect, it } from "vitest";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import type {
  ClassicEffect,
  ClassicEvent,
  ClassicSettings,
  JoinAnswer,
  JoinEvent,
} from "../../../src/testing/coordinator/classic/classic-events.ts";
import {
  type ClassicState,
  newClassicGroup,
} from "../../../src/testing/coordinator/classic/classic-state.ts";
import { transition } from "../../../src/testing/coordinator/classic/classic-transition.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A group, and what came of the events so far. */
class Script {
  state: ClassicState = newClassicGroup("g", 0);
  effects: readonly ClassicEffect[] = [];
  #tickets = 0;
  readonly #settings: ClassicSettings;

  constructor(settings: Partial<ClassicSettings> = {}) {
    this.#settings = { nowMs: 1000, initialRebalanceDelayMs: 0, maxSize: 100, ...settings };
  }

  on(event: ClassicEvent): readonly ClassicEffect[] {
    const { state, effects } = transition(this.state, event, this.#settings);
    this.state = state;
    this.effects = effects;
    return effects;
  }

  /** Has somebody join; `m` becomes the id of a new member. Gives the ticket. */
  join(m: string, more: Partial<JoinEvent> = {}): number {
    const ticket = ++this.#tickets;
    this.on({
      type: "join",
      ticket,
      memberId: "",
      groupInstanceId: null,
      clientId: "client",
      clientHost: "/host",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: bytes(m) }],
      newMemberId: m,
      requiresMemberId: false,
      canSkipAssignment: true,
      ...more,
    });
    return ticket;
  }

  /** Has a member that is known join again. */
  rejoin(m: string, more: Partial<JoinEvent> = {}): number {
    return this.join(m, { memberId: m, ...more });
  }

  sync(m: string, assignments: Record<string, string> = {}, generationId = this.state.generationId): number {
    const ticket = ++this.#tickets;
    this.on({
      type: "sync",
      ticket,
      memberId: m,
      groupInstanceId: null,
      generationId,
      protocolType: "consumer",
      protocolName: "range",
      assignments: new Map(Object.entries(assignments).map(([id, text]) => [id, bytes(text)])),
    });
    return ticket;
  }

  heartbeat(
    m: string,
    generationId = this.state.generationId,
    groupInstanceId: string | null = null,
  ): string {
    const ticket = ++this.#tickets;
    const effects = this.on({ type: "heartbeat", ticket, memberId: m, groupInstanceId, generationId });
    return effects.flatMap((effect) =>
      effect.type === "heard" ? [errorCodeOf(effect.errorCode).name] : [],
    )[0] as string;
  }

  leave(...members: { memberId: string; groupInstanceId?: string }[]): string[] {
    const leaving = members.map((member) => ({ groupInstanceId: null, ...member }));
    const effects = this.on({ type: "leave", ticket: ++this.#tickets, members: leaving });
    return effects.flatMap((effect) =>
      effect.type === "left" ? effect.answer.members.map(({ errorCode }) => errorCodeOf(errorCode).name) : [],
    );
  }

  /** The answers to JoinGroups that came of the last event, by ticket. */
  get joined(): Record<number, JoinAnswer & { error: string }> {
    return Object.fromEntries(
      this.effects.flatMap((effect) =>
        effect.type === "joined"
          ? [[effect.ticket, { ...effect.answer, error: errorCodeOf(effect.answer.errorCode).name }]]
          : [],
      ),
    );
  }

  /** The answers to SyncGroups that came of the last event, by ticket. */
  get synced(): Record<number, string> {
    return Object.fromEntries(
      this.effects.flatMap((effect) =>
        effect.type === "synced"
          ? [
              [
                effect.ticket,
                effect.answer.errorCode === 0
                  ? new TextDecoder().decode(effect.answer.assignment)
                  : errorCodeOf(effect.answer.errorCode).name,
              ],
            ]
          : [],
      ),
    );
  }

  get timers(): Record<string, number> {
    return Object.fromEntries(
      this.effects.flatMap((effect) => (effect.type === "start" ? [[effect.timer, effect.afterMs]] : [])),
    );
  }

  get isWritten(): boolean {
    return this.effects.some(({ type }) => type === "write");
  }

  /** A stable group of these members, of which the first leads. */
  stable(...members: string[]): this {
    for (const [index, m] of members.entries()) {
      this.join(m);
      for (const other of members.slice(0, index)) this.rejoin(other);
    }
    const [leader = "", ...others] = members;
    this.sync(leader, Object.fromEntries(members.map((m) => [m, `for ${m}`])));
    for (const m of others) this.sync(m);
    expect(this.state).toMatchObject({ phase: "Stable", leader });
    return this;
  }
}

describe("joining", () => {
  it("begins a generation with the first member, which leads", () => {
    const script = new Script();
    const ticket = script.join("a");
    expect(script.joined[ticket]).toMatchObject({
      error: "NONE",
      memberId: "a",
      generationId: 1,
      leader: "a",
      protocolType: "consumer",
      protocolName: "range",
      members: [{ memberId: "a", metadata: bytes("a") }],
    });
    expect(script.state.phase).toBe("CompletingRebalance");
    expect(script.timers).toMatchObject({ "session a": 10_000, sync: 60_000 });
  });

  it("waits for all who are members, and tells only the leader of them", () => {
    const script = new Script().stable("a");
    const b = script.join("b");
    expect(script.joined).toEqual({});
    expect(script.timers).toEqual({ "session b": 300_000, join: 60_000 });
    expect(script.heartbeat("a")).toBe("REBALANCE_IN_PROGRESS");
    const a = script.rejoin("a");
    expect(script.joined[a]).toMatchObject({ generationId: 2, leader: "a", members: [{}, {}] });
    expect(script.joined[b]).toMatchObject({ generationId: 2, leader: "a", members: [] });
  });

  it("gives out an id first where the version has that, and waits for it in a rebalance", () => {
    const script = new Script().stable("a");
    const first = script.join("b", { requiresMemberId: true });
    expect(script.joined[first]).toMatchObject({ error: "MEMBER_ID_REQUIRED", memberId: "b" });
    expect(script.timers).toEqual({ "session b": 10_000 });
    script.rejoin("a");
    expect(script.state.phase).toBe("PreparingRebalance");
    script.rejoin("b");
    expect(script.state.phase).toBe("CompletingRebalance");
    expect([...script.state.members.keys()]).toEqual(["a", "b"]);
  });

  it("does not wait for an id that is not used", () => {
    const script = new Script().stable("a");
    script.join("b", { requiresMemberId: true });
    script.rejoin("a");
    script.on({ type: "timer", timer: "session b" });
    expect(script.state).toMatchObject({ phase: "CompletingRebalance", generationId: 2 });
  });

  it("puts off the first rebalance while members come, within limits", () => {
    const script = new Script({ initialRebalanceDelayMs: 3000 });
    script.join("a", { rebalanceTimeoutMs: 7000 });
    expect(script.timers).toMatchObject({ join: 3000 });
    script.join("b", { rebalanceTimeoutMs: 7000 });
    script.on({ type: "timer", timer: "join" });
    expect(script.timers).toEqual({ join: 3000 });
    script.join("c", { rebalanceTimeoutMs: 7000 });
    script.on({ type: "timer", timer: "join" });
    expect(script.timers).toEqual({ join: 1000 });
    script.on({ type: "timer", timer: "join" });
    expect(script.state).toMatchObject({ phase: "CompletingRebalance", generationId: 1 });
    expect(Object.keys(script.joined)).toHaveLength(3);
  });

  it("leaves out who has not come back in time", () => {
    const script = new Script().stable("a", "b");
    script.rejoin("b", { protocols: [{ name: "range", metadata: bytes("else") }] });
    script.on({ type: "timer", timer: "join" });
    expect([...script.state.members.keys()]).toEqual(["b"]);
    expect(script.state.leader).toBe("b");
    expect(script.heartbeat("a")).toBe("UNKNOWN_MEMBER_ID");
  });

  it("keeps static members that have not come back, of which none leads", () => {
    const script = new Script();
    script.join("a", { groupInstanceId: "A" });
    script.join("b");
    script.rejoin("a", { groupInstanceId: "A" });
    expect(script.state.leader).toBe("a");
    script.rejoin("b", { protocols: [{ name: "range", metadata: bytes("else") }] });
    script.on({ type: "timer", timer: "join" });
    expect(script.state).toMatchObject({ phase: "CompletingRebalance", leader: "b" });
    expect([...script.state.members.keys()]).toEqual(["a", "b"]);
  });

  it("answers a follower that comes again without a change with the generation that it is in", () => {
    const script = new Script().stable("a", "b");
    const { generationId } = script.state;
    const ticket = script.rejoin("b");
    expect(script.joined[ticket]).toMatchObject({ error: "NONE", generationId, members: [] });
    expect(script.state.phase).toBe("Stable");
    script.rejoin("a");
    expect(script.state.phase).toBe("PreparingRebalance");
  });

  it.each([
    ["no protocol", { protocols: [] }],
    ["no type", { protocolType: "" }],
  ])("refuses %s", (_, more) => {
    const script = new Script();
    const ticket = script.join("a", more);
    expect(script.joined[ticket]).toMatchObject({ error: "INCONSISTENT_GROUP_PROTOCOL" });
  });

  it("refuses another type, and protocols that not all know", () => {
    const script = new Script().stable("a");
    const connect = script.join("b", { protocolType: "connect" });
    expect(script.joined[connect]).toMatchObject({ error: "INCONSISTENT_GROUP_PROTOCOL", memberId: "" });
    const sticky = script.join("b", { protocols: [{ name: "sticky", metadata: bytes("") }] });
    expect(script.joined[sticky]).toMatchObject({ error: "INCONSISTENT_GROUP_PROTOCOL" });
    expect(script.state.phase).toBe("Stable");
  });

  it("refuses ids that nobody was given", () => {
    const script = new Script().stable("a");
    const ticket = script.rejoin("x");
    expect(script.joined[ticket]).toMatchObject({
      error: "UNKNOWN_MEMBER_ID",
      memberId: "x",
    });
  });

  it("refuses one too many", () => {
    const script = new Script({ maxSize: 2 }).stable("a", "b");
    const ticket = script.join("c");
    expect(script.joined[ticket]).toMatchObject({ error: "GROUP_MAX_SIZE_REACHED", memberId: "" });
    expect(script.state.members.size).toBe(2);
  });

  it("selects the protocol that most members like best of those that all know", () => {
    const script = new Script();
    const named = (...names: string[]) => names.map((name) => ({ name, metadata: bytes(name) }));
    script.join("a", { protocols: named("x", "y", "z") });
    script.join("b", { protocols: named("z", "y") });
    script.join("c", { protocols: named("y", "z") });
    const leader = script.rejoin("a", { protocols: named("x", "y", "z") });
    expect(script.joined[leader]).toMatchObject({ protocolName: "y" });
    expect(script.joined[leader]?.members).toMatchObject([{ metadata: bytes("y") }, {}, {}]);
  });
});

describe("assigning", () => {
  it("holds followers back until the leader has assigned", () => {
    const script = new Script();
    script.join("a");
    script.join("b");
    script.rejoin("a");
    const b = script.sync("b");
    expect(script.synced).toEqual({});
    const a = script.sync("a", { a: "one", b: "two", nobody: "three" });
    expect(script.synced).toEqual({ [a]: "one", [b]: "two" });
    expect(script.state.phase).toBe("Stable");
    expect(script.isWritten).toBe(true);
    expect(script.timers).toEqual({ "session a": 10_000, "session b": 10_000 });
  });

  it("tells who comes later, and gives nothing to who was not assigned anything", () => {
    const script = new Script();
    script.join("a");
    script.join("b");
    script.rejoin("a");
    script.sync("a", { a: "all" });
    const b = script.sync("b");
    expect(script.synced).toEqual({ [b]: "" });
  });

  it("takes out who does not ask in time", () => {
    const script = new Script();
    script.join("a");
    script.join("b");
    script.rejoin("a");
    script.sync("a", { a: "one" });
    script.on({ type: "timer", timer: "sync" });
    expect(script.state.phase).toBe("PreparingRebalance");
    expect([...script.state.members.keys()]).toEqual(["a"]);
  });

  it("is over when somebody joins meanwhile", () => {
    const script = new Script();
    script.join("a");
    script.join("b");
    script.rejoin("a");
    const b = script.sync("b");
    script.join("c");
    expect(script.synced).toEqual({ [b]: "REBALANCE_IN_PROGRESS" });
    const a = script.sync("a", { a: "one" });
    expect(script.synced).toEqual({ [a]: "REBALANCE_IN_PROGRESS" });
  });

  it("refuses other generations, members and protocols", () => {
    const script = new Script().stable("a");
    const illegal = script.sync("a", {}, 7);
    expect(script.synced).toEqual({ [illegal]: "ILLEGAL_GENERATION" });
    const unknown = script.sync("x");
    expect(script.synced).toEqual({ [unknown]: "UNKNOWN_MEMBER_ID" });
    const ticket = 99;
    const { generationId } = script.state;
    const event = { memberId: "a", groupInstanceId: null, generationId, assignments: new Map() };
    script.on({ ...event, type: "sync", ticket, protocolType: "consumer", protocolName: "sticky" });
    expect(script.synced[ticket]).toBe("INCONSISTENT_GROUP_PROTOCOL");
  });
});

describe("sessions", () => {
  it("end with silence: the others rebalance, the last one leaves an empty group", () => {
    const script = new Script().stable("a", "b");
    script.on({ type: "timer", timer: "session a" });
    expect(script.state).toMatchObject({ phase: "PreparingRebalance", leader: "b" });
    script.on({ type: "timer", timer: "session b" });
    expect(script.state).toMatchObject({
      phase: "Empty",
      leader: null,
      protocolName: null,
      protocolType: "consumer",
    });
    expect(script.isWritten).toBe(true);
  });

  it("go on while a member waits for an answer, but for new ones", () => {
    const script = new Script().stable("a", "b");
    const c = script.join("c");
    script.rejoin("a");
    script.on({ type: "timer", timer: "session a" });
    expect(script.state.members.has("a")).toBe(true);
    script.on({ type: "timer", timer: "session c" });
    expect(script.joined[c]).toMatchObject({ error: "UNKNOWN_MEMBER_ID", memberId: "" });
  });

  it("go on with heartbeats and commits", () => {
    const script = new Script().stable("a");
    expect(script.heartbeat("a")).toBe("NONE");
    expect(script.timers).toEqual({ "session a": 10_000 });
    script.on({ type: "committed", memberId: "a" });
    expect(script.timers).toEqual({ "session a": 10_000 });
    expect(script.heartbeat("a", 7)).toBe("ILLEGAL_GENERATION");
    expect(script.timers).toEqual({});
  });
});

describe("leaving", () => {
  it("begins a rebalance, or ends the group", () => {
    const script = new Script().stable("a", "b");
    expect(script.leave({ memberId: "a" }, { memberId: "x" })).toEqual(["NONE", "UNKNOWN_MEMBER_ID"]);
    expect(script.state.phase).toBe("PreparingRebalance");
    expect(script.leave({ memberId: "b" })).toEqual(["NONE"]);
    expect(script.state.phase).toBe("Empty");
  });

  it("ends a rebalance that waits for that member alone", () => {
    const script = new Script().stable("a", "b");
    const ticket = script.rejoin("a");
    expect(script.leave({ memberId: "b" })).toEqual(["NONE"]);
    expect(script.joined[ticket]).toMatchObject({ error: "NONE", members: [{ memberId: "a" }] });
  });

  it("of static members needs no member id", () => {
    const script = new Script();
    script.join("a", { groupInstanceId: "A" });
    expect(
      script.leave(
        { memberId: "x", groupInstanceId: "A" },
        { memberId: "", groupInstanceId: "B" },
        { memberId: "", groupInstanceId: "A" },
      ),
    ).toEqual(["FENCED_INSTANCE_ID", "UNKNOWN_MEMBER_ID", "NONE"]);
    expect(script.state.members.size).toBe(0);
  });
});

describe("static members", () => {
  const two = (): Script => {
    const script = new Script();
    script.join("a", { groupInstanceId: "A" });
    script.join("b", { groupInstanceId: "B" });
    script.rejoin("a", { groupInstanceId: "A" });
    const generationId = script.state.generationId;
    const event = { type: "sync", protocolType: null, protocolName: null, generationId } as const;
    const assignments = new Map([
      ["a", bytes("one")],
      ["b", bytes("two")],
    ]);
    script.on({ ...event, ticket: 50, memberId: "a", groupInstanceId: "A", assignments });
    script.on({ ...event, ticket: 51, memberId: "b", groupInstanceId: "B", assignments: new Map() });
    expect(script.state.phase).toBe("Stable");
    return script;
  };

  it("that come back keep their assignment without a rebalance, and the old one is fenced", () => {
    const script = two();
    const { generationId } = script.state;
    const ticket = script.join("b2", {
      groupInstanceId: "B",
      protocols: [{ name: "range", metadata: bytes("b") }],
    });
    expect(script.joined[ticket]).toMatchObject({
      error: "NONE",
      memberId: "b2",
      generationId,
      leader: "a",
      skipAssignment: false,
      members: [],
    });
    expect(script.isWritten).toBe(true);
    expect(script.heartbeat("b", generationId, "B")).toBe("FENCED_INSTANCE_ID");
    const synced = script.sync("b2");
    expect(script.synced).toEqual({ [synced]: "two" });
  });

  it("that lead are told to skip the assignment; older ones that somebody else leads", () => {
    const script = two();
    const ticket = script.join("a2", { groupInstanceId: "A" });
    expect(script.joined[ticket]).toMatchObject({ leader: "a2", skipAssignment: true, members: [{}, {}] });
    const older = script.join("a3", { groupInstanceId: "A", canSkipAssignment: false });
    expect(script.joined[older]).toMatchObject({
      memberId: "a3",
      leader: "a2",
      skipAssignment: false,
      members: [],
    });
    expect(script.state.leader).toBe("a3");
  });

  it("fence at once who waits under the same name", () => {
    const script = two();
    const changed = [{ name: "range", metadata: bytes("else") }];
    const old = script.rejoin("b", { groupInstanceId: "B", protocols: changed });
    script.join("b2", { groupInstanceId: "B" });
    expect(script.joined[old]).toMatchObject({ error: "FENCED_INSTANCE_ID", memberId: "b" });
  });

  it("rebalance when the protocol would be another", () => {
    const script = two();
    const likesSticky = (m: string) => [
      { name: "sticky", metadata: bytes(m) },
      { name: "range", metadata: bytes(m) },
    ];
    script.join("b2", { groupInstanceId: "B", protocols: likesSticky("b") });
    expect(script.state.phase).toBe("Stable");
    script.join("a2", { groupInstanceId: "A", protocols: likesSticky("a") });
    expect(script.state.phase).toBe("PreparingRebalance");
  });
});

describe("another coordinator", () => {
  it("is where those who wait have to ask; who was never in a generation is forgotten", () => {
    const script = new Script().stable("a", "b");
    script.join("d", { requiresMemberId: true });
    const c = script.join("c");
    const a = script.rejoin("a");
    script.on({ type: "moved", isAvailable: true });
    expect(script.joined[a]).toMatchObject({ error: "NOT_COORDINATOR", memberId: "a" });
    expect(script.joined[c]).toMatchObject({ error: "NOT_COORDINATOR" });
    expect([...script.state.members.keys()]).toEqual(["a", "b"]);
    expect(script.state.pendingJoins.size).toBe(0);
    expect(script.timers).toEqual({ "session a": 10_000, "session b": 10_000, join: 60_000 });
  });

  it("that is not there lets no session end", () => {
    const script = new Script().stable("a");
    script.on({ type: "moved", isAvailable: false });
    expect(script.timers).toEqual({});
    expect(script.effects).toContainEqual({ type: "stop", timer: "session a" });
  });
});
