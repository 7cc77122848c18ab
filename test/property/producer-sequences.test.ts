/**
 * The sequences of a partition against a model of the broker that keeps them, over a network that loses requests and
 * answers and delivers late: whatever happens, in whatever order, each batch is written at most once, the
 * acknowledged ones are there, and all stand in the order in which they were first sent.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProducerIdentity } from "../../src/client/producer/identity.ts";
import {
  afterSequenceEvent,
  canBeRenumbered,
  freshSequences,
  type PartitionSequences,
  type SequenceEvent,
  takesAgain,
  takesNewBatch,
} from "../../src/client/producer/sequences.ts";
import { FakeProducerState, type Judgement } from "../support/fake-producer-state.ts";
import { seed } from "../support/seed.ts";
import { inSoak } from "../support/soak.ts";

interface World {
  /** Batches may be given up, in doubt or not. */
  readonly givesUp: boolean;
  /**
   * Requests of an ended connection may arrive after those of its successor. Never together with `givesUp`: what is
   * given up makes room for what comes behind it under a new epoch, and no client can know that a copy of that under
   * the old one is not still on its way.
   */
  readonly hasStragglers: boolean;
  /** The broker may forget the producer while nothing is on its way. */
  readonly forgets: boolean;
  /** The sequence that the first batch has. */
  readonly firstSequence: number;
  readonly refusesTheUnknown: boolean;
}

interface Batch {
  readonly id: number;
  readonly recordCount: number;
}

interface Request {
  readonly batch: Batch;
  readonly identity: ProducerIdentity;
  readonly baseSequence: number;
}

type Answer = "written" | "refused" | "in doubt" | "out of order";

/** A batch in the log of the leader. */
interface Stored extends Request {
  readonly offset: number;
}

const PRODUCER_ID = 7n;
const MOST_BATCHES = 25;

class Model {
  readonly #world: World;
  readonly #batches: Batch[] = [];
  readonly #outcomes = new Map<Batch, "acknowledged" | "failed" | "maybe">();
  #sequences: PartitionSequences<Batch>;
  #log: Stored[] = [];
  /** So many of the log are on all replicas: they stay, and are acknowledged. */
  #committed = 0;
  /** So many of the log were forgotten when the broker forgot its producers. */
  #forgotten = 0;
  #producers = new FakeProducerState();
  /** Sent over the connection that is open, and not arrived. */
  #requests: Request[] = [];
  /** The same of connections that ended. */
  #stragglers: Request[] = [];
  /** What the leader has answered or will, in the order of the requests. */
  #answers: { readonly batch: Batch; answer: Answer | Stored }[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#producers.refusesTheUnknown = world.refusesTheUnknown;
    const identity = { producerId: PRODUCER_ID, producerEpoch: 0 };
    this.#sequences = { ...freshSequences<Batch>(identity), next: world.firstSequence };
    if (world.firstSequence > 0) {
      // As if all before had been written long ago.
      const before = { id: -1, recordCount: 1 };
      this.#append({ batch: before, identity, baseSequence: world.firstSequence - 1 });
      this.#committed = 1;
      this.#note({ type: "assigned", batch: before, recordCount: 0 });
      this.#note({ type: "acknowledged", batch: before });
    }
  }

  /** Does one of the things that can happen now, the one that `choice` falls on. */
  step(choice: number): void {
    const possible = [...this.#progress(), ...this.#trouble()];
    possible[choice % possible.length]?.();
  }

  /** Only what leads to an end, until there is nothing left to do. */
  calmDown(): void {
    for (let i = 0; i < 2_000; i++) {
      const [next] = this.#progress(false);
      if (next === undefined) return;
      next();
    }
    throw new Error("It never comes to an end");
  }

  check(): void {
    const { givesUp, forgets } = this.#world;
    // Numbers that are right from the beginning are never given anew.
    if (!givesUp && !forgets) expect(this.#sequences.identity.producerEpoch, "epoch").toBe(0);
    for (const batch of this.#batches)
      expect(this.#outcomes.has(batch), `batch ${batch.id} has an outcome`).toBe(true);
    const written = this.#log.map(({ batch }) => batch.id).filter((id) => id >= 0);
    expect(written, "each once, in order").toEqual([...new Set(written)].sort((a, b) => a - b));
    for (const [{ id }, outcome] of this.#outcomes) {
      if (outcome === "acknowledged") expect(written, "acknowledged").toContain(id);
      if (outcome === "failed") expect(written, "failed without a trace").not.toContain(id);
    }
  }

  /** @param isGoingOn whether new batches are made. */
  #progress(isGoingOn = true): (() => void)[] {
    const { identity, batches } = this.#sequences;
    const again = batches.find(({ batch }) => takesAgain(this.#sequences, batch));
    const can: [boolean, () => void][] = [
      [
        this.#answers[0] !== undefined && typeof this.#answers[0].answer === "string",
        () => this.#takeAnswer(),
      ],
      [this.#committed < this.#log.length, () => this.#commit()],
      [this.#requests.length > 0, () => this.#arrive(this.#requests.shift() as Request)],
      [this.#stragglers.length > 0, () => this.#handle(this.#stragglers.shift() as Request)],
      [again !== undefined, () => this.#resend(again?.batch as Batch)],
      [canBeRenumbered(this.#sequences), () => this.#renumber()],
      [
        isGoingOn && this.#batches.length < MOST_BATCHES && takesNewBatch(this.#sequences, identity),
        () => this.#sendNew(),
      ],
    ];
    return can.filter(([isPossible]) => isPossible).map(([, happen]) => happen);
  }

  #trouble(): (() => void)[] {
    const isOut = this.#requests.length + this.#answers.length + this.#stragglers.length > 0;
    const resting = this.#sequences.batches.filter(({ isOnTheWay }) => !isOnTheWay);
    const can: [boolean, () => void][] = [
      [this.#requests.length > 0, () => this.#refuse("refused")],
      // It was appended, and the leader cannot say whether it will stay.
      [this.#requests.length > 0, () => this.#appendInDoubt()],
      [this.#requests.length > 0, () => this.#refuse("in doubt")],
      [isOut, () => this.#breakConnection()],
      [this.#stragglers.length > 0, () => void this.#stragglers.shift()],
      [true, () => this.#changeLeader(this.#committed)],
      [true, () => this.#changeLeader(this.#log.length)],
      [this.#world.forgets && !isOut && this.#sequences.batches.length === 0, () => this.#forget()],
      [this.#world.givesUp && resting.length > 0, () => this.#giveUp(resting[0]?.batch as Batch)],
      [this.#world.givesUp && resting.length > 1, () => this.#giveUp(resting.at(-1)?.batch as Batch)],
    ];
    return can.filter(([isPossible]) => isPossible).map(([, happen]) => happen);
  }

  #note(event: SequenceEvent<Batch>): void {
    this.#sequences = afterSequenceEvent(this.#sequences, event);
  }

  #sendNew(): void {
    const batch = { id: this.#batches.length, recordCount: 1 + (this.#batches.length % 3) };
    this.#batches.push(batch);
    this.#note({ type: "assigned", batch, recordCount: batch.recordCount });
    this.#send(batch);
  }

  #resend(batch: Batch): void {
    this.#note({ type: "resent", batch });
    this.#send(batch);
  }

  #send(batch: Batch): void {
    const { identity, batches } = this.#sequences;
    const { baseSequence } = batches.find((each) => each.batch === batch) ?? { baseSequence: Number.NaN };
    this.#requests.push({ batch, identity, baseSequence });
  }

  /** On the connection that is open: whatever came before it over another one was here first. */
  #arrive(request: Request): void {
    if (!this.#world.hasStragglers) this.#stragglers = [];
    this.#answers.push({ batch: request.batch, answer: this.#handle(request) });
    this.#answerTheCommitted();
  }

  #handle(request: Request): Answer | Stored {
    const judgement = this.#judge(request);
    if (judgement.verdict === "append") return this.#append(request);
    if (judgement.verdict === "duplicate") {
      return this.#log.find(({ offset }) => BigInt(offset) === judgement.baseOffset) as Stored;
    }
    return judgement.error === "INVALID_PRODUCER_EPOCH" ? "refused" : "out of order";
  }

  #judge({ batch, identity, baseSequence }: Request): Judgement {
    return this.#producers.judge({ ...identity, baseSequence, recordCount: batch.recordCount });
  }

  #append(request: Request): Stored {
    const offset = (this.#log.at(-1)?.offset ?? 0) + 1;
    const stored = { ...request, offset };
    this.#log.push(stored);
    this.#remember(stored);
    return stored;
  }

  #remember({ batch, identity, baseSequence, offset }: Stored): void {
    this.#producers.appended({ ...identity, baseSequence, recordCount: batch.recordCount }, BigInt(offset));
  }

  #commit(): void {
    this.#committed = this.#log.length;
    this.#answerTheCommitted();
  }

  #answerTheCommitted(): void {
    for (const each of this.#answers) {
      const { answer } = each;
      if (typeof answer !== "string" && this.#log.indexOf(answer) < this.#committed) each.answer = "written";
    }
  }

  #takeAnswer(): void {
    const { batch, answer } = this.#answers.shift() ?? {};
    if (batch === undefined) return;
    if (answer === "written") {
      this.#note({ type: "acknowledged", batch });
      this.#outcomes.set(batch, "acknowledged");
    } else this.#note({ type: answer as Exclude<Answer, "written">, batch });
  }

  #refuse(answer: Answer): void {
    const { batch } = this.#requests.shift() as Request;
    this.#answers.push({ batch, answer });
  }

  #appendInDoubt(): void {
    const request = this.#requests.shift() as Request;
    const answer = this.#handle(request);
    this.#answers.push({ batch: request.batch, answer: typeof answer === "string" ? answer : "in doubt" });
  }

  #breakConnection(): void {
    for (const { batch } of [...this.#answers, ...this.#requests]) this.#note({ type: "in doubt", batch });
    this.#answers = [];
    this.#stragglers.push(...this.#requests.splice(0));
  }

  /** To a replica that has so many of the log. */
  #changeLeader(length: number): void {
    this.#breakConnection();
    this.#stragglers = [];
    this.#log = this.#log.slice(0, length);
    this.#committed = this.#log.length;
    this.#producers.forget();
    for (const stored of this.#log.slice(this.#forgotten)) this.#remember(stored);
  }

  /**
   * After days without a record, so that what comes next comes alone. If it did not, and were refused, what is behind
   * it would be taken before it: nobody can tell that a broker has forgotten.
   */
  #forget(): void {
    this.#committed = this.#forgotten = this.#log.length;
    this.#producers.forget();
    if (takesNewBatch(this.#sequences, this.#sequences.identity) && this.#batches.length < MOST_BATCHES) {
      this.#sendNew();
      this.#arrive(this.#requests.shift() as Request);
      this.#commit();
      this.#takeAnswer();
    }
  }

  #giveUp(batch: Batch): void {
    const found = this.#sequences.batches.find((each) => each.batch === batch);
    this.#outcomes.set(batch, found?.mayBeWritten ? "maybe" : "failed");
    this.#note({ type: "ended", batch });
  }

  #renumber(): void {
    const { identity } = this.#sequences;
    this.#note({ type: "renumbered", identity: { ...identity, producerEpoch: identity.producerEpoch + 1 } });
  }
}

const world = (given: Partial<World>): fc.Arbitrary<World> =>
  fc.record({
    givesUp: fc.constant(false),
    hasStragglers: fc.constant(false),
    forgets: fc.constant(false),
    firstSequence: fc.constantFrom(0, 1, 2 ** 31 - 20, 2 ** 31 - 1),
    refusesTheUnknown: fc.boolean(),
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, fc.constant(value)])),
  }) as fc.Arbitrary<World>;

describe("the sequences of a partition", () => {
  it.each<[string, Partial<World>]>([
    ["requests and answers that are lost, refusals, and leaders that lack what was not acknowledged", {}],
    ["requests that arrive late and twice", { hasStragglers: true }],
    ["batches that are given up", { givesUp: true }],
    ["brokers that forget the producer", { forgets: true }],
    ["brokers that forget the producer, and batches that are given up", { forgets: true, givesUp: true }],
  ])("keep each batch once and in order, with %s", (_, given) => {
    const choices = fc.array(fc.nat({ max: 5039 }), { minLength: 10, maxLength: 200, size: "max" });
    const comesRight = (steps: readonly number[], of: World): void => {
      const model = new Model(of);
      for (const choice of steps) model.step(choice);
      model.calmDown();
      model.check();
    };
    fc.assert(fc.property(choices, world(given), comesRight), { numRuns: inSoak(20_000, 400), seed });
  });
});
