import { describe, expect, it } from "vitest";
import {
  type AnswerContext,
  OffsetCommits,
  type OffsetToStore,
  partitionKey,
  type SettledCommit,
} from "../../src/group/offset-commits.ts";
import { chance, seed } from "../support/seed.ts";

const NONE = 0;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
const OFFSET_METADATA_TOO_LARGE = 12;
const COORDINATOR_LOAD_IN_PROGRESS = 14;
const NOT_COORDINATOR = 16;
const ILLEGAL_GENERATION = 22;
const INVALID_COMMIT_OFFSET_SIZE = 28;
const TOPIC_AUTHORIZATION_FAILED = 29;
const STALE_MEMBER_EPOCH = 113;

interface Caller {
  readonly name: string;
}

const caller = (name: string): Caller => ({ name });
const at = (offset: number, partition = 0): OffsetToStore => ({
  topic: "t",
  partition,
  offset: BigInt(offset),
  metadata: "",
});
const context = (changed: Partial<AnswerContext> = {}): AnswerContext => ({
  asker: "classic",
  isMoving: false,
  nowMs: 0,
  delayMs: (failures) => failures * 100,
  isKnown: () => true,
  ...changed,
});
const codes = (...entries: readonly (readonly [partition: number, code: number])[]) =>
  new Map(entries.map(([partition, code]) => [`t-${partition}`, code]));
const shown = (settled: readonly SettledCommit<Caller, OffsetToStore>[]) =>
  settled.map(
    ({ caller: { name }, offset, isStored, mayBeStored }) =>
      `${name} ${offset.partition}@${offset.offset} ${isStored ? "stored" : mayBeStored ? "perhaps" : "failed"}`,
  );

/** Sends what is due; the partitions with what goes for them. */
function send(commits: OffsetCommits<Caller, OffsetToStore>, nowMs = 0): string[] {
  const next = commits.next(nowMs);
  if (next.type !== "send") return [next.type];
  return commits
    .take(next.offsets.map(partitionKey))
    .map(({ partition, offset }) => `${partition}@${offset}`);
}

describe("commits in order", () => {
  const [a, b, c] = [caller("a"), caller("b"), caller("c")];

  it("send of a partition what was asked for last, and settle all with it", () => {
    const commits = new OffsetCommits<Caller, OffsetToStore>();
    commits.add(a, [at(5), at(1, 1)]);
    commits.add(b, [at(3)]);
    expect(send(commits)).toEqual(["0@3", "1@1"]);
    commits.add(c, [at(9)]);
    expect(send(commits)).toEqual(["nothing"]);
    const { settled } = commits.answered(codes([0, NONE], [1, NONE]), context());
    expect(shown(settled)).toEqual(["a 0@5 stored", "b 0@3 stored", "a 1@1 stored"]);
    expect(send(commits)).toEqual(["0@9"]);
  });

  it("wait longer and longer for another attempt, and not any more once one was answered", () => {
    const commits = new OffsetCommits<Caller, OffsetToStore>();
    commits.add(a, [at(1)]);
    for (const [nowMs, delayMs] of [
      [0, 100],
      [100, 200],
    ] as const) {
      expect(send(commits, nowMs)).toEqual(["0@1"]);
      const answer = commits.answered(codes([0, NOT_COORDINATOR]), context({ nowMs }));
      expect(answer).toMatchObject({ findCoordinator: true, willRetry: NOT_COORDINATOR, settled: [] });
      expect(commits.next(nowMs)).toEqual({ type: "wait", delayMs });
    }
    expect(send(commits, 300)).toEqual(["0@1"]);
    commits.answered(codes([0, NONE]), context({ nowMs: 300 }));
    commits.add(b, [at(2)]);
    expect(send(commits, 300)).toEqual(["0@2"]);
    commits.answered(codes([0, COORDINATOR_LOAD_IN_PROGRESS]), context({ nowMs: 300 }));
    expect(commits.next(300)).toEqual({ type: "wait", delayMs: 100 });
  });

  it("do not wait for a partition that nobody knows yet", () => {
    const commits = new OffsetCommits<Caller, OffsetToStore>();
    commits.add(a, [at(1), at(2, 1)]);
    send(commits);
    const answer = commits.answered(codes([0, NONE], [1, UNKNOWN_TOPIC_OR_PARTITION]), context());
    expect(answer.describe).toEqual(["t"]);
    commits.add(b, [at(3)]);
    expect(send(commits)).toEqual(["0@3"]);
    commits.answered(codes([0, NONE]), context());
    expect(commits.next(0)).toEqual({ type: "wait", delayMs: 100 });
    expect(send(commits, 1000)).toEqual(["1@2"]);
    const isKnown = () => false;
    const { settled } = commits.answered(
      codes([1, UNKNOWN_TOPIC_OR_PARTITION]),
      context({ nowMs: 1000, isKnown }),
    );
    expect(shown(settled)).toEqual(["a 1@2 failed"]);
  });

  it("are sent in parts where they are too large as a whole, and the one that is too large alone fails", () => {
    const commits = new OffsetCommits<Caller, OffsetToStore>();
    commits.add(a, [at(1, 0), at(2, 1), at(3, 2), at(4, 3)]);
    const tooLarge = (...partitions: number[]) =>
      commits.answered(
        codes(...partitions.map((partition) => [partition, INVALID_COMMIT_OFFSET_SIZE] as const)),
        context(),
      );
    send(commits);
    expect(tooLarge(0, 1, 2, 3).settled).toEqual([]);
    expect(send(commits)).toEqual(["0@1", "1@2"]);
    tooLarge(0, 1);
    expect(send(commits)).toEqual(["0@1"]);
    expect(shown(tooLarge(0).settled)).toEqual(["a 0@1 failed"]);
    expect(send(commits)).toEqual(["1@2"]);
    commits.answered(codes([1, NONE]), context());
    expect(send(commits)).toEqual(["2@3"]);
    commits.answered(codes([2, NONE]), context());
    send(commits);
    commits.answered(codes([3, NONE]), context());
    expect(send(commits)).toEqual(["nothing"]);
    commits.add(b, [at(1), at(2, 1), at(3, 2)]);
    expect(send(commits)).toHaveLength(3);
  });

  it("go back to an older offset only where the newer one certainly was not stored", () => {
    const commits = new OffsetCommits<Caller, OffsetToStore>();
    commits.add(a, [at(1)]);
    commits.add(b, [at(2)]);
    send(commits);
    const { settled } = commits.answered(codes([0, OFFSET_METADATA_TOO_LARGE]), context());
    expect(shown(settled)).toEqual(["b 0@2 failed"]);
    expect(send(commits)).toEqual(["0@1"]);
    commits.add(b, [at(3)]);
    commits.unanswered(["t-0"], context());
    expect(shown(commits.giveUp(b))).toEqual(["b 0@3 failed"]);
    expect(send(commits, 100)).toEqual(["0@1"]);
    commits.add(c, [at(4)]);
    commits.unanswered(["t-0"], context({ nowMs: 100 }));
    expect(send(commits, 300)).toEqual(["0@4"]);
    commits.unanswered(["t-0"], context({ nowMs: 300 }));
    expect(shown(commits.giveUp(c))).toEqual(["c 0@4 perhaps"]);
    // For a, who has not given up: 1 after 4 would undo it.
    expect(send(commits, 1000)).toEqual(["0@4"]);
  });

  it("are sent once more where a request without an answer might be read after them", () => {
    const commits = new OffsetCommits<Caller, OffsetToStore>();
    commits.add(a, [at(1)]);
    send(commits);
    commits.unanswered(["t-0"], context());
    expect(shown(commits.giveUp(a))).toEqual(["a 0@1 perhaps"]);
    expect(commits.next(0)).toEqual({ type: "nothing" });
    commits.add(b, [at(2)]);
    expect(send(commits, 100)).toEqual(["0@2"]);
    expect(commits.answered(codes([0, NONE]), context()).settled).toEqual([]);
    expect(send(commits, 100)).toEqual(["0@2"]);
    expect(shown(commits.answered(codes([0, NONE]), context()).settled)).toEqual(["b 0@2 stored"]);
    commits.add(c, [at(3)]);
    expect(send(commits, 100)).toEqual(["0@3"]);
    expect(shown(commits.answered(codes([0, NONE]), context()).settled)).toEqual(["c 0@3 stored"]);
  });

  it("need no second time where the same was sent again", () => {
    const commits = new OffsetCommits<Caller, OffsetToStore>();
    commits.add(a, [at(1)]);
    send(commits);
    commits.unanswered(["t-0"], context());
    send(commits, 100);
    expect(shown(commits.answered(codes([0, NONE]), context()).settled)).toEqual(["a 0@1 stored"]);
  });

  it.each([
    ["classic", ILLEGAL_GENERATION, false, ["a 0@1 failed"]],
    ["classic", ILLEGAL_GENERATION, true, []],
    ["consumer", STALE_MEMBER_EPOCH, false, []],
    ["classic", TOPIC_AUTHORIZATION_FAILED, true, ["a 0@1 failed"]],
    ["nobody", ILLEGAL_GENERATION, true, ["a 0@1 failed"]],
  ] as const)("of %s, answered with %i (is moving: %s)", (asker, code, isMoving, expected) => {
    const commits = new OffsetCommits<Caller, OffsetToStore>();
    commits.add(a, [at(1)]);
    send(commits);
    const answer = commits.answered(codes([0, code]), context({ asker, isMoving }));
    expect(shown(answer.settled)).toEqual(expected);
  });
});

/**
 * Callers, answers and lost answers by chance, against a coordinator that may read a request without an answer at any
 * time until the next one is answered: each caller hears what is true, and nothing undoes what came later.
 */
describe(`commits in any order of events, seed ${seed}`, () => {
  const PARTITIONS = 3;
  /** As `expect`, which takes too long for so many. */
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(what);
  };

  function run(from: number): void {
    const random = chance(from);
    const pick = (count: number): number => Math.floor(random() * count);
    const commits = new OffsetCommits<Caller, OffsetToStore>();
    const stored = Array.from({ length: PARTITIONS }, () => 0);
    const everStored = new Set<string>();
    const late: OffsetToStore[] = [];
    const waiting = new Map<Caller, number>();
    let [sequence, nowMs] = [0, 0];

    const apply = ({ partition, offset }: OffsetToStore): void => {
      stored[partition] = Number(offset);
      everStored.add(`${partition}@${offset}`);
    };
    const take = (settled: readonly SettledCommit<Caller, OffsetToStore>[]): void => {
      for (const { caller: who, offset, isStored, mayBeStored } of settled) {
        const left = (waiting.get(who) ?? 0) - 1;
        must(left >= 0, `${who.name} hears twice of an offset`);
        if (left === 0) waiting.delete(who);
        else waiting.set(who, left);
        const { partition } = offset;
        // Offsets rise with each call, so that "not less" is "this, or one of a later call".
        const place = `${partition}@${offset.offset}`;
        if (isStored) must((stored[partition] ?? 0) >= offset.offset, `${place} was undone`);
        else must(mayBeStored || !everStored.has(place), `${place} is stored all the same`);
      }
    };
    const begin = (): void => {
      const who = caller(`c${++sequence}`);
      const partitions = [0, 1, 2].filter(() => random() < 0.5);
      if (partitions.length === 0) return;
      waiting.set(who, partitions.length);
      commits.add(
        who,
        partitions.map((partition) => at(sequence, partition)),
      );
    };
    const newestSent = Array.from({ length: PARTITIONS }, () => 0);

    const giveUp = (): void => {
      const who = [...waiting.keys()][pick(waiting.size)];
      if (who !== undefined) take(commits.giveUp(who));
    };

    for (let step = 0; step < 200; step++) {
      const isLast = step > 150;
      if (!isLast) for (let i = pick(3); i > 0; i--) begin();
      if (!isLast && random() < 0.2) giveUp();
      const next = commits.next(nowMs);
      if (next.type === "nothing") continue;
      if (next.type === "wait") {
        nowMs += next.delayMs;
        continue;
      }
      if (!isLast && random() < 0.3) begin();
      const sent = commits.take(next.offsets.map(partitionKey));
      for (const { partition, offset } of sent) {
        must(offset >= (newestSent[partition] ?? 0), `${partition}@${offset} goes after a newer one`);
      }
      if (!isLast && random() < 0.3) begin();
      if (!isLast && random() < 0.3) giveUp();
      const keys = sent.map(partitionKey);
      const fate = isLast ? 1 : random();
      for (const { partition, offset } of sent) newestSent[partition] = Number(offset);
      if (fate < 0.15) {
        for (const offset of sent) apply(offset);
        commits.unanswered(keys, context({ nowMs }));
      } else if (fate < 0.3) {
        late.push(...sent);
        commits.unanswered(keys, context({ nowMs }));
      } else if (fate < 0.35) {
        commits.unanswered(keys, context({ nowMs }));
      } else {
        const answer = new Map<string, number>();
        for (const offset of sent) {
          const code =
            isLast || random() < 0.7 ? NONE : [NOT_COORDINATOR, TOPIC_AUTHORIZATION_FAILED][pick(2)];
          answer.set(partitionKey(offset), code as number);
          if (code !== NONE) continue;
          apply(offset);
        }
        // The worst moment: after what was answered.
        const covered = late.filter((offset) => answer.get(partitionKey(offset)) === NONE);
        for (const offset of covered) {
          late.splice(late.indexOf(offset), 1);
          apply(offset);
        }
        take(commits.answered(answer, context({ nowMs })).settled);
      }
    }
    expect(commits.next(nowMs).type).toBe("nothing");
    expect(waiting.size).toBe(0);
  }

  it("tell each caller what is true, and never undo a later commit", () => {
    for (let i = 0; i < 300; i++) run(seed + i);
  });
});
