/** A group in virtual time: pure members, a model of their coordinator, and a network that loses and delays. */

import { type Assignor, commonRebalanceProtocol, type TopicLayout } from "../../../src/group/assignor.ts";
import { assignForAll, type JoinedMember, readWishes } from "../../../src/group/classic/lead-group.ts";
import {
  type HostCall,
  type MemberEffect,
  type MemberEvent,
  type MemberState,
  newMember,
  wakeAtMs,
} from "../../../src/group/classic/member-state.ts";
import { byTopic, keyOf, type TopicPartition } from "../../../src/group/classic/partitions.ts";
import { transition } from "../../../src/group/classic/transition.ts";
import { decodeAssignment, encodeSubscription } from "../../../src/protocol/consumer-protocol.ts";
import { Ledger } from "../../support/ledger.ts";
import { type JoinReply, ModelCoordinator, type Scheduler, type SyncReply } from "./model-coordinator.ts";

/** After so long without an answer a request has failed. */
const GIVEN_UP_MS = 2000;
const SESSION_TIMEOUT_MS = 10_000;
const MOST_EVENTS = 200_000;

/** Numbers in [0, 1) that follow from a seed. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class VirtualTime implements Scheduler {
  nowMs = 0;
  #order = 0;
  #due: { readonly atMs: number; readonly order: number; readonly run: () => void }[] = [];
  events = 0;

  after(delayMs: number, run: () => void): void {
    const entry = { atMs: this.nowMs + delayMs, order: this.#order++, run };
    let low = 0;
    let high = this.#due.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#due[middle]?.atMs ?? 0) <= entry.atMs) low = middle + 1;
      else high = middle;
    }
    this.#due.splice(low, 0, entry);
  }

  /** Lets time go by until `atMs`. */
  runTo(atMs: number): void {
    for (let next = this.#due[0]; next !== undefined && next.atMs <= atMs; next = this.#due[0]) {
      this.#due.shift();
      this.nowMs = next.atMs;
      if (++this.events > MOST_EVENTS) throw new Error(`more than ${MOST_EVENTS} things happen`);
      next.run();
    }
    this.nowMs = atMs;
  }
}

export interface SimulationOptions {
  readonly seed: number;
  readonly assignor: Assignor;
  readonly requiresMemberId: boolean;
  /** Of all requests and answers, this part is lost; as large a part of the answers comes twice. */
  readonly loss: number;
}

export class Simulation {
  readonly time = new VirtualTime();
  readonly random: () => number;
  readonly coordinator: ModelCoordinator;
  readonly ledger = new Ledger();
  readonly options: SimulationOptions;
  readonly topics = new Map<string, number>();
  readonly members: SimulatedMember[] = [];
  loss: number;

  constructor(options: SimulationOptions) {
    this.options = options;
    this.random = chance(options.seed);
    this.loss = options.loss;
    this.coordinator = new ModelCoordinator(this.time, {
      // No clock is exact, and what it told when is known up to the time that an answer takes.
      sessionTimeoutMs: SESSION_TIMEOUT_MS + 100,
      rebalanceTimeoutMs: 60_000,
      requiresMemberId: options.requiresMemberId,
    });
  }

  get layouts(): ReadonlyMap<string, TopicLayout> {
    return new Map(Array.from(this.topics, ([topic, partitions]) => [topic, { partitions, racks: [] }]));
  }

  add(topics: readonly string[], groupInstanceId: string | null = null): SimulatedMember {
    const member = new SimulatedMember(this, this.members.length, groupInstanceId);
    this.members.push(member);
    member.step({ type: "subscribed", topics });
    return member;
  }

  get living(): readonly SimulatedMember[] {
    return this.members.filter(({ state }) => state.phase !== "ended");
  }
}

export class SimulatedMember {
  readonly #group: Simulation;
  readonly name: string;
  state: MemberState;
  readonly lines: string[] = [];
  /** Nothing that it says is heard before, and nothing heard that is said to it. */
  cutUntilMs = 0;
  failure: Error | null = null;
  requests = 0;
  #held: readonly TopicPartition[] = [];
  #led: readonly JoinedMember[] = [];
  #skipsAssignment = false;
  #assignments: ReadonlyMap<string, Uint8Array> = new Map();
  #losing = 0;
  #isGone = false;
  /** What its host holds is handed out by nobody: another one may have it. */
  #isSuspended = false;

  constructor(group: Simulation, index: number, groupInstanceId: string | null) {
    this.#group = group;
    this.name = `m${index}`;
    this.state = newMember({
      groupInstanceId,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      heartbeatIntervalMs: 1000,
      rebalanceProtocol: commonRebalanceProtocol([group.options.assignor]),
    });
  }

  get held(): readonly TopicPartition[] {
    return this.#held;
  }

  step(event: MemberEvent): void {
    const { time, random } = this.#group;
    if (this.#isGone) return;
    const { state, effects } = transition(this.state, event, {
      nowMs: time.nowMs,
      backoffMs: (failures) => Math.min(1000, 100 * 2 ** (failures - 1)) * (0.8 + 0.4 * random()),
    });
    this.state = state;
    for (const effect of effects) this.#perform(effect);
    this.#check();
    const atMs = wakeAtMs(state);
    if (atMs !== Number.POSITIVE_INFINITY) {
      time.after(Math.max(0, atMs - time.nowMs), () => {
        if (this.state === state) this.step({ type: "tick" });
      });
    }
  }

  leave(): void {
    this.#group.ledger.release(this.name, this.#held);
    this.#held = [];
    this.step({ type: "leave", reason: "it has enough", staysMember: false });
    this.#group.time.after(GIVEN_UP_MS, () => this.step({ type: "left" }));
  }

  /** Is gone without a word. */
  vanish(): void {
    this.step({ type: "abandoned" });
    this.#group.ledger.release(this.name, this.#held);
    this.#held = [];
    this.#isGone = true;
  }

  #perform(effect: MemberEffect): void {
    const { coordinator, random, time, options, layouts } = this.#group;
    const { state } = this;
    const { groupInstanceId } = state.settings;
    const { memberId, generationId } = state;
    switch (effect.type) {
      case "join": {
        const ownedPartitions = Array.from(byTopic(state.owned), ([topic, partitions]) => ({
          topic,
          partitions,
        }));
        const metadata = encodeSubscription({ topics: state.topics ?? [], ownedPartitions, generationId });
        this.#ask<JoinReply>(
          effect.number,
          (reply) => coordinator.join({ memberId, groupInstanceId, metadata }, reply),
          ({ errorCode, memberId: id, generationId: generation, leader, members, skipsAssignment }) => {
            if (effect.number === this.state.awaiting) {
              this.#led = members;
              this.#skipsAssignment = skipsAssignment;
              this.#assignments = new Map();
            }
            const answer = {
              errorCode,
              error: errorOf(errorCode),
              memberId: id,
              generationId: generation,
              protocolName: options.assignor.name,
              isLeader: leader === id && errorCode === 0,
            };
            return { type: "join answered", number: effect.number, answer };
          },
        );
        break;
      }
      case "assign for all":
        time.after(1 + random() * 50, () => {
          if (effect.number === this.state.awaiting && !this.#skipsAssignment) {
            const wishes = readWishes(this.#led);
            const { rebalanceProtocol } = this.state.settings;
            this.#assignments = assignForAll(options.assignor, wishes, layouts, rebalanceProtocol);
          }
          this.step({ type: "assigned", number: effect.number });
        });
        break;
      case "sync": {
        const assignments = this.#assignments;
        this.#ask<SyncReply>(
          effect.number,
          (reply) => coordinator.sync({ memberId, groupInstanceId, generationId, assignments }, reply),
          ({ errorCode, assignment }) => {
            const { assignedPartitions } =
              assignment.byteLength === 0 ? { assignedPartitions: [] } : decodeAssignment(assignment);
            const assigned = assignedPartitions.flatMap(({ topic, partitions }) =>
              partitions.map((partition) => ({ topic, partition })),
            );
            const answer = { errorCode, error: errorOf(errorCode), assigned };
            return { type: "sync answered", number: effect.number, answer };
          },
        );
        break;
      }
      case "heartbeat":
        this.#ask<number>(
          effect.number,
          (reply) => reply(coordinator.heartbeat({ memberId, groupInstanceId, generationId })),
          (errorCode) => ({
            type: "heartbeat answered",
            number: effect.number,
            answer: { errorCode, error: errorOf(errorCode) },
          }),
        );
        break;
      case "leave":
        this.#send(() => {
          coordinator.leave(effect.memberId);
          this.#send(() => this.step({ type: "left" }));
        });
        break;
      case "suspend":
        this.#isSuspended = true;
        this.#group.ledger.release(this.name, this.#held);
        break;
      case "resume":
        this.#isSuspended = false;
        this.#group.ledger.take(this.name, this.#held);
        break;
      case "call host":
        this.#callHost(effect.number, effect.call);
        break;
      case "end":
        this.failure = effect.error;
    }
  }

  /** Asks; what is lost has failed after a while, unless the coordinator might keep the answer back for longer. */
  #ask<Reply>(
    number: number,
    question: (reply: (reply: Reply) => void) => void,
    event: (reply: Reply) => MemberEvent,
  ): void {
    const { time, random } = this.#group;
    this.requests++;
    const isNew = this.state.memberId === "" && this.state.settings.groupInstanceId === null;
    const mayBeKeptBack = this.state.awaiting === number && !isNew;
    const lost = (): void => {
      const error = new Error("no answer");
      if (!mayBeKeptBack)
        time.after(GIVEN_UP_MS, () => this.step({ type: "failed", number, error, isFatal: false }));
    };
    const asked = (): void =>
      question((reply) => {
        const answer = (): void => this.step(event(reply));
        this.#send(answer, lost);
        if (random() < this.#group.loss) this.#send(answer);
      });
    this.#send(asked, lost);
  }

  #send(run: () => void, lost: () => void = () => {}): void {
    const { time, random, loss } = this.#group;
    if (random() < loss || this.cutUntilMs > time.nowMs) {
      lost();
      return;
    }
    time.after(1 + random() * 40, () => {
      if (this.cutUntilMs <= time.nowMs) run();
      else lost();
    });
  }

  #callHost(number: number, { type, partitions }: HostCall): void {
    const { time, random, ledger } = this.#group;
    this.lines.push(`${type} ${partitions.map(keyOf).join(",")}`);
    if (type === "lose") {
      this.#losing++;
      ledger.release(this.name, partitions);
      this.#held = without(this.#held, partitions);
    } else if (type === "assign") {
      if (!this.#isSuspended) ledger.take(this.name, partitions);
      this.#held = [...this.#held, ...partitions];
    }
    const losses = this.#losing;
    time.after(random() * 500, () => {
      if (this.#isGone || this.state.phase === "ended") return;
      // What was lost meanwhile has been forgotten already.
      if (type === "revoke" && losses === this.#losing) {
        ledger.release(this.name, partitions);
        this.#held = without(this.#held, partitions);
      }
      this.step({ type: "host done", number });
    });
  }

  /** What must hold in every state. */
  #check(): void {
    const { owned, hostCalls, phase } = this.state;
    if (phase === "ended" || phase === "leaving") return;
    if (this.state.isSuspended !== this.#isSuspended)
      throw new Error(`${this.name} was not told to hand out`);
    const told = owned.map(keyOf).sort();
    const holds = this.#held.map(keyOf).sort();
    if (JSON.stringify(told) !== JSON.stringify(holds))
      throw new Error(`${this.name} (${phase}) takes itself to own ${told} and its host holds ${holds}`);
    const joins = ["joining", "assigning", "syncing"].includes(phase);
    if (joins && hostCalls.size > 0) throw new Error(`${this.name} is ${phase} while its host is called`);
    if (joins && owned.length > 0 && this.state.settings.rebalanceProtocol === "eager")
      throw new Error(`${this.name} joins eagerly and owns ${told}`);
  }
}

function without(
  partitions: readonly TopicPartition[],
  gone: readonly TopicPartition[],
): readonly TopicPartition[] {
  const keys = new Set(gone.map(keyOf));
  return partitions.filter((each) => !keys.has(keyOf(each)));
}

function errorOf(errorCode: number): Error | null {
  return errorCode === 0 ? null : new Error(`error ${errorCode}`);
}
