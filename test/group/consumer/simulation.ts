import {
  initialState,
  type MemberEffect,
  type MemberEvent,
  type MemberState,
} from "../../../src/group/consumer/member-state.ts";
import { dueAtMs } from "../../../src/group/consumer/proceed.ts";
import { transition } from "../../../src/group/consumer/transition.ts";
import { type ModelAnswer, ModelCoordinator } from "./model-coordinator.ts";

export const SESSION_MS = 45_000;
const NOT_COORDINATOR = 16;
const RETRY_DELAY_MS = 100;

type Send = Extract<MemberEffect, { readonly type: "send" }>;
type Timeless = MemberEvent extends infer E ? (E extends MemberEvent ? Omit<E, "atMs"> : never) : never;

/** Something that happens, to the member with that number where it is one's business. */
export interface Happening {
  readonly what: (typeof HAPPENINGS)[number];
  readonly who: number;
  readonly amount: number;
}

export const HAPPENINGS = [
  "request arrives",
  "request arrives",
  "request arrives",
  "answer arrives",
  "answer arrives",
  "answer arrives",
  "request is lost",
  "answer is lost",
  "old answer arrives again",
  "coordinator has moved",
  "host is done",
  "host is done",
  "name is found",
  "time passes",
  "time passes",
  "coordinator removes",
  "poll expires",
  "polls",
  "subscribes",
  "leaves",
  "joins",
] as const;

/** A member with its host and its network. */
class Player {
  readonly memberId: string;
  state: MemberState;
  /** What its host has; what it was told to lose it has no more. */
  readonly holds = new Set<string>();
  /** The coordinator has taken it out, and it does not know that yet: what it has may be another's. */
  isOut = false;
  /** It hands nothing out: what it has may be another's. */
  isSuspended = false;
  readonly requests: Send[] = [];
  readonly answers: { readonly request: number; readonly answer: ModelAnswer }[] = [];
  readonly oldAnswers: { readonly request: number; readonly answer: ModelAnswer }[] = [];
  readonly works: number[] = [];
  wantedNames: ReadonlySet<string> = new Set();
  failed = false;

  constructor(memberId: string, instanceId: string | null) {
    this.memberId = memberId;
    this.state = initialState({
      groupId: "g",
      memberId,
      instanceId,
      rackId: null,
      assignor: null,
      rebalanceTimeoutMs: 60_000,
      sessionTimeoutMs: SESSION_MS,
    });
  }
}

/** A group of members, their coordinator, and a network that loses and delays. */
export class Simulation {
  readonly players: readonly Player[];
  readonly coordinator: ModelCoordinator;
  readonly topics: ReadonlyMap<string, number>;
  /** What must not be. */
  readonly violations: string[] = [];
  readonly #random: () => number;
  #nowMs = 0;

  constructor(options: {
    readonly members: number;
    readonly random: () => number;
    readonly takesRejoining: boolean;
    readonly areStatic: boolean;
  }) {
    this.#random = options.random;
    this.topics = new Map([
      ["a", 4],
      ["b", 3],
    ]);
    this.coordinator = new ModelCoordinator({
      ...options,
      topics: this.topics,
      sessionTimeoutMs: SESSION_MS,
    });
    this.players = Array.from(
      { length: options.members },
      (_, i) => new Player(`m${i}`, options.areStatic && i % 2 === 0 ? `i${i}` : null),
    );
    for (const player of this.players) this.#subscribe(player, ["a", "b"]);
  }

  happen({ what, who, amount }: Happening): void {
    const player = this.players[who % this.players.length] as Player;
    switch (what) {
      case "request arrives":
        this.#deliver(player);
        return;
      case "answer arrives":
        this.#answer(player, player.answers.shift());
        return;
      case "request is lost":
        this.#unanswered(player, player.requests.shift()?.request);
        return;
      case "answer is lost":
        this.#unanswered(player, player.answers.shift()?.request);
        return;
      case "old answer arrives again":
        this.#answer(player, player.oldAnswers[amount % Math.max(1, player.oldAnswers.length)]);
        return;
      case "coordinator has moved": {
        const request = player.requests.shift();
        if (request === undefined) return;
        const answer = { errorCode: NOT_COORDINATOR, answer: null };
        this.#answer(player, { request: request.request, answer });
        return;
      }
      case "host is done": {
        const [work] = player.works.splice(amount % Math.max(1, player.works.length), 1);
        if (work !== undefined) this.#done(player, work);
        return;
      }
      case "name is found":
        this.#name(player);
        return;
      case "time passes":
        this.#pass(amount * 250);
        return;
      case "coordinator removes":
        this.#remove(player);
        return;
      case "poll expires":
        this.#tell(player, { type: "poll expired" });
        return;
      case "polls":
        this.#tell(player, { type: "polled" });
        return;
      case "subscribes":
        this.#subscribe(player, [["a"], ["b"], ["a", "b"]][amount % 3] as string[]);
        return;
      case "leaves":
        // The host gives all up before, as the application closes.
        player.holds.clear();
        this.#tell(player, { type: "leave", staysMember: amount % 2 === 0 });
        return;
      case "joins":
        if (player.state.phase === "unsubscribed") this.#subscribe(player, ["a", "b"]);
    }
  }

  /**
   * Lets everything that is under way arrive, with nothing lost any more, for as long as it takes until all members
   * are stable.
   *
   * @returns whether they are.
   */
  settle(): boolean {
    for (const player of this.players) {
      this.#tell(player, { type: "polled" });
      if (player.state.phase !== "fatal") this.#subscribe(player, ["a", "b"]);
    }
    for (let round = 0; round < 300; round++) {
      for (const player of this.players) {
        if (player.state.phase === "unsubscribed") this.#subscribe(player, ["a", "b"]);
        while (this.#hasSomething(player)) {
          this.#deliver(player);
          this.#answer(player, player.answers.shift());
          for (const work of player.works.splice(0)) this.#done(player, work);
          this.#name(player);
        }
      }
      if (round > 20 && this.#isQuiet()) return true;
      const dueMs = Math.min(...this.players.map(({ state }) => dueAtMs(state) ?? Number.POSITIVE_INFINITY));
      this.#pass(dueMs === Number.POSITIVE_INFINITY ? 1000 : Math.max(0, dueMs - this.#nowMs));
    }
    return this.#isQuiet();
  }

  /** Who has what, with the coordinator's view of it. */
  get holdings(): { readonly held: string[]; readonly assigned: string[] } {
    const assigned = this.coordinator.memberIds.flatMap((memberId) =>
      [...this.coordinator.assigned(memberId)].flatMap(([topic, numbers]) =>
        [...numbers].map((number) => `${topic}-${number}`),
      ),
    );
    return { held: this.players.flatMap(({ holds }) => [...holds]).sort(), assigned: assigned.sort() };
  }

  describe(): string {
    return this.players
      .map(({ memberId, state, holds }) => `${memberId} ${state.phase} ${state.epoch} [${[...holds]}]`)
      .join("; ");
  }

  #hasSomething({ requests, answers, works, wantedNames }: Player): boolean {
    return requests.length + answers.length + works.length + wantedNames.size > 0;
  }

  #isQuiet(): boolean {
    return this.players.every(({ state, works, wantedNames, failed }) => {
      const isOver = failed || state.phase === "fatal";
      return works.length === 0 && wantedNames.size === 0 && (isOver || state.phase === "stable");
    });
  }

  #subscribe(player: Player, topics: readonly string[]): void {
    this.#tell(player, { type: "subscribe", subscription: { topics, pattern: null } });
  }

  #deliver(player: Player): void {
    const request = player.requests.shift();
    if (request === undefined) return;
    const answer = this.coordinator.heartbeat(request.heartbeat, this.#nowMs);
    // It has lost all before it joins.
    if (request.heartbeat.memberEpoch === 0 && answer.errorCode === 0) player.isOut = false;
    player.answers.push({ request: request.request, answer });
  }

  #answer(player: Player, arrived: Player["answers"][number] | undefined): void {
    if (arrived === undefined) return;
    const { request, answer } = arrived;
    player.oldAnswers.push(arrived);
    if (answer.answer === null) {
      const { errorCode } = answer;
      const error = new Error(`refused with ${errorCode}`);
      this.#tell(player, { type: "refused", request, errorCode, error, retryDelayMs: RETRY_DELAY_MS });
      return;
    }
    const known = this.#random() < 0.5 ? [...(answer.answer.assignment?.keys() ?? [])] : [];
    const names = new Map(known.map((topicId) => [topicId, topicId]));
    this.#tell(player, { type: "answered", request, answer: answer.answer, names });
  }

  #unanswered(player: Player, request: number | undefined): void {
    if (request !== undefined)
      this.#tell(player, { type: "unanswered", request, retryDelayMs: RETRY_DELAY_MS });
  }

  #name(player: Player): void {
    const names = new Map([...player.wantedNames].map((topicId) => [topicId, topicId]));
    if (names.size > 0) this.#tell(player, { type: "named", names });
  }

  #remove(player: Player): void {
    if (!this.coordinator.memberIds.includes(player.memberId)) return;
    this.coordinator.remove(player.memberId);
    player.isOut = true;
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
    this.#tick();
  }

  #tick(): void {
    for (const player of this.players) this.#tell(player, { type: "tick" });
    // A member hands nothing out any more before the coordinator counts it out.
    this.coordinator.expire(this.#nowMs);
  }

  #tell(player: Player, event: Timeless): void {
    const { state, effects } = transition(player.state, { ...event, atMs: this.#nowMs } as MemberEvent);
    player.state = state;
    for (const effect of effects) this.#do(player, effect);
  }

  #done(player: Player, number: number): void {
    const { work } = player.state;
    if (work?.number === number && work.type === "revoke") {
      for (const [topic, numbers] of work.partitions)
        for (const partition of numbers) this.#drop(player, `${topic}-${partition}`);
    }
    this.#tell(player, { type: "done", work: number });
  }

  #do(player: Player, effect: MemberEffect): void {
    switch (effect.type) {
      case "send":
        player.requests.push(effect);
        return;
      case "name topics":
        player.wantedNames = effect.topicIds;
        return;
      case "revoke":
        player.works.push(effect.work);
        for (const { topic, partition } of effect.partitions)
          if (!player.holds.has(`${topic}-${partition}`))
            this.violations.push(`${player.memberId} revokes ${topic}-${partition}, which it does not have`);
        return;
      case "lose":
        player.works.push(effect.work);
        for (const { topic, partition } of effect.partitions) this.#drop(player, `${topic}-${partition}`);
        if (player.holds.size > 0) this.violations.push(`${player.memberId} keeps ${[...player.holds]}`);
        return;
      case "assign":
        player.works.push(effect.work);
        for (const { topic, partition } of effect.partitions) this.#take(player, `${topic}-${partition}`);
        return;
      case "suspend":
        player.isSuspended = true;
        return;
      case "resume":
        player.isSuspended = false;
        for (const partition of player.holds) this.#checkAlone(player, partition);
        return;
      case "fail":
        player.failed = true;
        return;
      default:
    }
  }

  #checkAlone(player: Player, partition: string): void {
    if (player.isSuspended || player.isOut) return;
    for (const other of this.players) {
      if (other !== player && other.holds.has(partition) && !other.isOut && !other.isSuspended)
        this.violations.push(`${player.memberId} has ${partition}, which ${other.memberId} has`);
    }
  }

  #take(player: Player, partition: string): void {
    this.#checkAlone(player, partition);
    if (player.holds.has(partition)) this.violations.push(`${player.memberId} took ${partition} twice`);
    player.holds.add(partition);
  }

  #drop(player: Player, partition: string): void {
    player.holds.delete(partition);
  }
}
