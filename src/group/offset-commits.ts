/**
 * The commits of one consumer, put in order. Pure: no I/O, and no clock but the time that it is told.
 *
 * One request is under way at a time. What is to be committed meanwhile waits, and of several offsets for one partition
 * the last that was asked for is sent: the newest, though it may be a smaller number. Nothing is ever sent after
 * something newer may have been stored, so no retry undoes a later commit. An offset that was overtaken while it
 * waited shares the fate of the newer one: what its caller wanted stored is, or more.
 *
 * | event | of a partition in the request | what is then |
 * |---|---|---|
 * | taken | | the newest offset is on its way, for all who wait |
 * | stored | no earlier request without an answer | settled for all whom the request covered |
 * | stored | one with another offset | sent once more, at once: that request may be read late, and stored last |
 * | refused | | failed for all whom it covered |
 * | bad offset | | failed for who gave it; who gave an older one that certainly was not overtaken has that sent |
 * | no answer, or one that does not tell | | waits for another attempt; may be stored |
 * | another attempt is wanted | | waits; newer offsets that came meanwhile go instead |
 * | caller gives up | never sent | gone |
 * | caller gives up | may be stored | stays, while others wait whose older offsets must not go after it |
 */

import { type Asker, commitVerdict, mayBeStored, type OffsetVerdict } from "./offset-errors.ts";

/** An offset as it goes into a request. */
export interface OffsetToStore {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly metadata: string;
}

/** What has become of an offset that a caller wanted stored. */
export interface SettledCommit<Caller, Offset> {
  readonly caller: Caller;
  readonly offset: Offset;
  readonly isStored: boolean;
  /** Whether it may be stored all the same, or one that was asked for later. */
  readonly mayBeStored: boolean;
  /** Kafka's, where one says why it failed; 0 elsewhere. */
  readonly errorCode: number;
}

/** What is to be done next. */
export type NextCommit<Offset> =
  | { readonly type: "send"; readonly offsets: readonly Offset[] }
  | { readonly type: "wait"; readonly delayMs: number }
  | { readonly type: "nothing" };

/** How to take an answer. */
export interface AnswerContext {
  readonly asker: Asker;
  /**
   * Whether a refusal for the generation may pass: the member has got another since the request was sent, or is about
   * to find out.
   */
  readonly isMoving: boolean;
  readonly nowMs: number;
  /** The pause after so many failures in a row. */
  readonly delayMs: (failures: number) => number;
  /** Whether the client knows the partition, as brokers have described the topic last. */
  readonly isKnown: (partition: { readonly topic: string; readonly partition: number }) => boolean;
}

/** What follows from an answer, beside what is settled. */
export interface AnswerConsequences<Caller, Offset> {
  readonly settled: readonly SettledCommit<Caller, Offset>[];
  readonly findCoordinator: boolean;
  /** Topics that the broker does not know. */
  readonly describe: readonly string[];
  /** The first code because of which something is sent again; 0 where nothing is. */
  readonly willRetry: number;
}

/**
 * How long a partition may be unknown to the coordinator that is known to others: brokers learn of new topics one after
 * another. What nobody knows was deleted, or will be known soon; whoever revokes partitions waits for this.
 */
const UNKNOWN_TO_ONE_MS = 5000;
const UNKNOWN_TO_ALL_MS = 1000;

interface Offer<Caller, Offset> {
  /** Null when the caller has given up. */
  readonly caller: Caller | null;
  readonly offset: Offset;
  /** It, or a newer one that was sent in its place. */
  readonly mayBeStored: boolean;
}

interface PartitionCommits<Caller, Offset> {
  /** In the order in which they were asked for. */
  offers: Offer<Caller, Offset>[];
  /** How many of them the request under way covers; it carries the last of those. */
  inFlight: number;
  /** What went without an answer since something was last known to be stored. */
  unanswered: Offset[];
  failures: number;
  notBeforeMs: number;
  unknownSinceMs: number | null;
}

/** `topic-partition`: the key by which answers are told. */
export function partitionKey({ topic, partition }: { readonly topic: string; readonly partition: number }) {
  return `${topic}-${partition}`;
}

/** Which offsets to send when. `Caller` is whoever asked for a commit; it is only told apart from others. */
export class OffsetCommits<Caller extends object, Offset extends OffsetToStore> {
  readonly #partitions = new Map<string, PartitionCommits<Caller, Offset>>();
  #notBeforeMs = 0;
  #failures = 0;
  /** Most partitions in one request: fewer once a request was too large. */
  #most = Number.POSITIVE_INFINITY;

  /** A caller wants these stored, each partition once. */
  add(caller: Caller, offsets: readonly Offset[]): void {
    for (const offset of offsets) {
      const key = partitionKey(offset);
      const offer = { caller, offset, mayBeStored: false };
      const known = this.#partitions.get(key);
      if (known !== undefined) known.offers.push(offer);
      else this.#partitions.set(key, newPartition(offer));
    }
  }

  /** Those who wait for something of these partitions. */
  callersOf(keys: Iterable<string>): Caller[] {
    const callers = new Set<Caller>();
    for (const key of keys) {
      for (const { caller } of this.#partitions.get(key)?.offers ?? [])
        if (caller !== null) callers.add(caller);
    }
    return [...callers];
  }

  /** What to send now. */
  next(nowMs: number): NextCommit<Offset> {
    const wanted = [...this.#partitions.values()].filter(isWanted);
    if (wanted.length === 0) {
      this.#most = Number.POSITIVE_INFINITY;
      return { type: "nothing" };
    }
    const earliestMs = wanted.reduce((ms, { notBeforeMs }) => Math.min(ms, notBeforeMs), Infinity);
    const delayMs = Math.max(this.#notBeforeMs, earliestMs) - nowMs;
    if (delayMs > 0) return { type: "wait", delayMs };
    const taken = wanted.filter(({ notBeforeMs }) => notBeforeMs <= nowMs).slice(0, this.#most);
    return { type: "send", offsets: taken.map(newest) };
  }

  /** What would be sent of a partition; undefined where nothing waits. */
  newest(key: string): Offset | undefined {
    return this.#partitions.get(key)?.offers.at(-1)?.offset;
  }

  /**
   * These are written now, with the newest that there is of each. They are under way until `answered`, `unanswered` or
   * `fail` says what came of it. Partitions for which nobody waits any more are left out.
   */
  take(keys: Iterable<string>): Offset[] {
    const taken: Offset[] = [];
    for (const key of keys) {
      const partition = this.#partitions.get(key);
      if (partition === undefined || !isWanted(partition)) continue;
      partition.inFlight = partition.offers.length;
      taken.push(newest(partition));
    }
    return taken;
  }

  /** Nothing could be sent. */
  notSent({ nowMs, delayMs }: Pick<AnswerContext, "nowMs" | "delayMs">): void {
    this.#pause(nowMs, delayMs);
  }

  /** These were sent, and no answer will come. */
  unanswered(keys: Iterable<string>, { nowMs, delayMs }: Pick<AnswerContext, "nowMs" | "delayMs">): void {
    this.#pause(nowMs, delayMs);
    for (const [, partition] of this.#underWay(keys)) {
      const sent = sentOffset(partition);
      if (!partition.unanswered.some((each) => isSame(each, sent))) partition.unanswered.push(sent);
      markMayBeStored(partition);
      partition.inFlight = 0;
    }
    this.#sweep();
  }

  /** These wait, and must not be sent. */
  refuse(keys: Iterable<string>): SettledCommit<Caller, Offset>[] {
    this.take(keys);
    const settled = this.#underWay(keys).flatMap(([, partition]) => this.#settle(partition, false, 0));
    this.#sweep();
    return settled;
  }

  /** These were sent, and nothing that can be understood will come of it. */
  fail(keys: Iterable<string>): SettledCommit<Caller, Offset>[] {
    const settled: SettledCommit<Caller, Offset>[] = [];
    for (const [, partition] of this.#underWay(keys)) {
      markMayBeStored(partition);
      settled.push(...this.#settle(partition, false, 0));
    }
    this.#sweep();
    return settled;
  }

  /** The coordinator has answered: an error code, 0 for none, by partition. */
  answered(codes: ReadonlyMap<string, number>, context: AnswerContext): AnswerConsequences<Caller, Offset> {
    const { nowMs, delayMs } = context;
    const settled: SettledCommit<Caller, Offset>[] = [];
    const describe = new Set<string>();
    let [findCoordinator, pauses, willRetry] = [false, false, 0];
    const parts = this.#underWay(codes.keys());
    for (const [key, partition] of parts) {
      const errorCode = codes.get(key) as number;
      const verdict = this.#verdict(errorCode, partition, parts.length, context);
      if (mayBeStored(errorCode)) markMayBeStored(partition);
      if (verdict !== "describe topic") partition.unknownSinceMs = null;
      switch (verdict) {
        case "done":
          settled.push(...this.#stored(partition));
          continue;
        case "bad offset":
          settled.push(...failNewest(partition, errorCode));
          continue;
        case "membership over":
        case "refused":
          settled.push(...this.#settle(partition, false, errorCode));
          continue;
        case "describe topic":
          describe.add(newest(partition).topic);
          partition.notBeforeMs = nowMs + delayMs(++partition.failures);
          break;
        case "too large":
          this.#most = Math.floor(parts.length / 2);
          break;
        case "find coordinator":
          findCoordinator = true;
          pauses = true;
          break;
        case "retry":
        case "new epoch":
          pauses = true;
      }
      willRetry ||= errorCode;
      partition.inFlight = 0;
    }
    if (pauses) this.#pause(nowMs, delayMs);
    else this.#failures = 0;
    this.#sweep();
    return { settled, findCoordinator, describe: [...describe], willRetry };
  }

  /** A caller waits no longer. What it gets is what is known of its offsets now. */
  giveUp(caller: Caller): SettledCommit<Caller, Offset>[] {
    const settled: SettledCommit<Caller, Offset>[] = [];
    for (const partition of this.#partitions.values()) {
      const { offers, inFlight } = partition;
      if (!offers.some((offer) => offer.caller === caller)) continue;
      const lastDoubtful = offers.findLastIndex((offer) => offer.mayBeStored);
      const kept: Offer<Caller, Offset>[] = [];
      for (const [index, offer] of offers.entries()) {
        if (offer.caller !== caller) {
          kept.push(offer);
          continue;
        }
        const doubtful = offer.mayBeStored || index < inFlight;
        settled.push(settledAs(caller, offer.offset, false, doubtful, 0));
        if (index === inFlight - 1 || index === lastDoubtful) kept.push({ ...offer, caller: null });
        else if (index < inFlight) partition.inFlight--;
      }
      partition.offers = kept;
    }
    this.#sweep();
    return settled;
  }

  /** The verdict as it is for this partition now. */
  #verdict(
    errorCode: number,
    partition: PartitionCommits<Caller, Offset>,
    sent: number,
    { asker, isMoving, nowMs, isKnown }: AnswerContext,
  ): OffsetVerdict {
    const verdict = commitVerdict(errorCode, asker);
    if (verdict === "membership over" && isMoving) return "retry";
    if (verdict === "too large" && sent === 1) return "bad offset";
    if (verdict === "describe topic") {
      partition.unknownSinceMs ??= nowMs;
      const patienceMs = isKnown(newest(partition)) ? UNKNOWN_TO_ONE_MS : UNKNOWN_TO_ALL_MS;
      if (nowMs - partition.unknownSinceMs >= patienceMs) return "refused";
    }
    return verdict;
  }

  #stored(partition: PartitionCommits<Caller, Offset>): SettledCommit<Caller, Offset>[] {
    const stored = sentOffset(partition);
    const mayBeUndone = partition.unanswered.some((each) => !isSame(each, stored));
    partition.unanswered = [];
    partition.failures = 0;
    if (!mayBeUndone) return this.#settle(partition, true, 0);
    markMayBeStored(partition);
    partition.inFlight = 0;
    return [];
  }

  /** Ends what the request has covered. */
  #settle(
    partition: PartitionCommits<Caller, Offset>,
    isStored: boolean,
    errorCode: number,
  ): SettledCommit<Caller, Offset>[] {
    const settled: SettledCommit<Caller, Offset>[] = [];
    for (const { caller, offset, mayBeStored: mayBe } of partition.offers.splice(0, partition.inFlight)) {
      if (caller !== null) settled.push(settledAs(caller, offset, isStored, isStored || mayBe, errorCode));
    }
    partition.inFlight = 0;
    return settled;
  }

  #pause(nowMs: number, delayMs: (failures: number) => number): void {
    this.#notBeforeMs = nowMs + delayMs(++this.#failures);
  }

  #underWay(keys: Iterable<string>): [string, PartitionCommits<Caller, Offset>][] {
    const found: [string, PartitionCommits<Caller, Offset>][] = [];
    for (const key of keys) {
      const partition = this.#partitions.get(key);
      if (partition !== undefined && partition.inFlight > 0) found.push([key, partition]);
    }
    return found;
  }

  /** Forgets partitions for which nobody waits. One with a request that may yet be read is remembered. */
  #sweep(): void {
    for (const [key, partition] of this.#partitions) {
      if (partition.inFlight > 0 || partition.offers.some(({ caller }) => caller !== null)) continue;
      if (partition.unanswered.length === 0) this.#partitions.delete(key);
      else partition.offers = [];
    }
  }
}

function newPartition<Caller, Offset>(offer: Offer<Caller, Offset>): PartitionCommits<Caller, Offset> {
  return {
    offers: [offer],
    inFlight: 0,
    unanswered: [],
    failures: 0,
    notBeforeMs: 0,
    unknownSinceMs: null,
  };
}

function isWanted({ offers, inFlight }: PartitionCommits<unknown, unknown>): boolean {
  return offers.length > 0 && inFlight === 0;
}

function newest<Offset>({ offers }: PartitionCommits<unknown, Offset>): Offset {
  return (offers.at(-1) as Offer<unknown, Offset>).offset;
}

function sentOffset<Offset>({ offers, inFlight }: PartitionCommits<unknown, Offset>): Offset {
  return (offers[inFlight - 1] as Offer<unknown, Offset>).offset;
}

function isSame(a: OffsetToStore, b: OffsetToStore): boolean {
  return a.offset === b.offset && a.metadata === b.metadata;
}

function markMayBeStored<Caller, Offset>(partition: PartitionCommits<Caller, Offset>): void {
  partition.offers = partition.offers.map((offer, index) =>
    index < partition.inFlight ? { ...offer, mayBeStored: true } : offer,
  );
}

/** Fails what the request carried; what it covered beside waits again. */
function failNewest<Caller, Offset>(
  partition: PartitionCommits<Caller, Offset>,
  errorCode: number,
): SettledCommit<Caller, Offset>[] {
  const [sent] = partition.offers.splice(partition.inFlight - 1, 1);
  partition.inFlight = 0;
  if (sent === undefined || sent.caller === null) return [];
  return [settledAs(sent.caller, sent.offset, false, sent.mayBeStored, errorCode)];
}

function settledAs<Caller, Offset>(
  caller: Caller,
  offset: Offset,
  isStored: boolean,
  mayBe: boolean,
  errorCode: number,
): SettledCommit<Caller, Offset> {
  return { caller, offset, isStored, mayBeStored: mayBe, errorCode };
}
