/**
 * The sequence numbers of one partition, by which a broker takes each batch once and in order (KIP-98, KIP-360).
 * Pure: an event and a state give the next state.
 *
 * A broker takes of a producer id and epoch only the batch that follows the last it took, and knows the last five
 * again. So a batch keeps its sequence however often it is sent, until it is proved that the broker does not have
 * it. Sequences are given anew only under a higher epoch, under which a copy of an old request that is still
 * somewhere on its way is refused; and only once no answer is outstanding, so that no answer can be mistaken.
 *
 * | event | what was | what is then |
 * |---|---|---|
 * | assigned | | the batch stands last, on its way |
 * | resent | refused, or in doubt | on its way |
 * | acknowledged | | gone; so every gap before it was none |
 * | in doubt | on its way | kept; there was no answer, or one that does not tell: it may be written |
 * | refused | on its way | kept; not written by this attempt |
 * | out of order | on its way, the first | kept; neither it nor anything behind it is written: a break before it |
 * | out of order | on its way, behind another | kept; not written by this attempt: the other comes first |
 * | split | on its way | its parts stand in its place, with its numbers |
 * | ended, not written | the last, behind no gap | gone; its numbers are free again |
 * | ended, not written | another | gone; what is behind it can never follow: a break |
 * | ended, in doubt | batches behind it | gone, a gap: what becomes of the next tells what became of it |
 * | ended, in doubt | the last | gone; nothing will ever tell: a break |
 * | renumbered | a break before the first, nothing on its way | from 0 under the new identity |
 * | adopted | no batches | from 0 under the new identity |
 */

import type { ProducerIdentity } from "./identity.ts";

/**
 * Brokers know this many batches of a partition again, the last that they took. So none is sent that is this many
 * behind one that is not settled, whatever was acknowledged between them: were the answer to that one lost, it could
 * not be told any more from one that was never written.
 */
export const MOST_UNSETTLED = 5;

/** Sequences go from 0 to 2^31 - 1, and then from 0 again. */
const SEQUENCES = 2 ** 31;

/** A batch that has its numbers and is not settled. */
export interface SequencedBatch<Batch> {
  readonly batch: Batch;
  /** Counts the batches of the partition under this identity. */
  readonly number: number;
  readonly baseSequence: number;
  readonly recordCount: number;
  readonly isOnTheWay: boolean;
  /** Whether an attempt got no answer, so that it may be in the log. */
  readonly mayBeWritten: boolean;
}

/** A partition under one identity. */
export interface PartitionSequences<Batch> {
  readonly identity: ProducerIdentity;
  /** What the next new batch starts with. */
  readonly next: number;
  /** The number of the next new batch. */
  readonly nextNumber: number;
  /**
   * Whether the broker has taken a batch under this identity. One that knows nothing of a producer takes any sequence:
   * until then a second batch on the way could be written though a first was refused.
   */
  readonly isEstablished: boolean;
  /** In the order of their sequences. */
  readonly batches: readonly SequencedBatch<Batch>[];
  /** Place of the first batch behind one that ended in doubt, the last such; null where there is none. */
  readonly gapAt: number | null;
  /** From this place on no broker takes anything under these numbers; null where there is no break. */
  readonly breakAt: number | null;
}

/** What can happen to one of the batches. */
export type SequenceEvent<Batch> =
  | { readonly type: "assigned"; readonly batch: Batch; readonly recordCount: number }
  | { readonly type: "resent"; readonly batch: Batch }
  | { readonly type: "acknowledged"; readonly batch: Batch }
  | { readonly type: "in doubt"; readonly batch: Batch }
  | { readonly type: "refused"; readonly batch: Batch }
  | { readonly type: "out of order"; readonly batch: Batch }
  | { readonly type: "split"; readonly batch: Batch; readonly parts: readonly SequencePart<Batch>[] }
  | { readonly type: "ended"; readonly batch: Batch }
  | { readonly type: "renumbered"; readonly identity: ProducerIdentity }
  | { readonly type: "adopted"; readonly identity: ProducerIdentity };

export interface SequencePart<Batch> {
  readonly batch: Batch;
  readonly recordCount: number;
}

/** A partition to which nothing was written under that identity. */
export function freshSequences<Batch>(identity: ProducerIdentity): PartitionSequences<Batch> {
  return { identity, next: 0, nextNumber: 0, isEstablished: false, batches: [], gapAt: null, breakAt: null };
}

/** The sequence that comes `count` after `sequence`. */
export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) % SEQUENCES;
}

/** What has to be true before a new batch may take the next sequence. */
export function takesNewBatch<Batch>(state: PartitionSequences<Batch>, identity: ProducerIdentity): boolean {
  const { batches, gapAt, breakAt, isEstablished } = state;
  if (gapAt !== null || breakAt !== null) return false;
  if (!isEstablished && batches.length > 0) return false;
  if (!isWithinReach(state, state.nextNumber)) return false;
  // What has to be sent again goes first.
  if (batches.some(({ isOnTheWay }) => !isOnTheWay)) return false;
  return batches.length === 0 || isSameIdentity(state.identity, identity);
}

/**
 * Whether a batch that was sent before may be sent again: behind those before it, which are on their way again. Where
 * one of them may be missing for ever, or the broker might take any, each waits until those before it are settled.
 */
export function takesAgain<Batch>(state: PartitionSequences<Batch>, batch: Batch): boolean {
  const { batches, isEstablished, gapAt, breakAt } = state;
  const at = batches.findIndex(({ isOnTheWay }) => !isOnTheWay);
  const next = batches[at];
  if (next?.batch !== batch || breakAt === 0) return false;
  return (
    at === 0 || (isEstablished && gapAt === null && breakAt === null && isWithinReach(state, next.number))
  );
}

/** Whether the broker knows the first batch again after it has taken the one of that number. */
function isWithinReach<Batch>({ batches }: PartitionSequences<Batch>, number: number): boolean {
  return number - (batches[0]?.number ?? number) < MOST_UNSETTLED;
}

/** Whether the batches can be numbered anew now: what came before the break is settled. */
export function canBeRenumbered<Batch>({ breakAt, batches }: PartitionSequences<Batch>): boolean {
  return breakAt === 0 && batches.every(({ isOnTheWay }) => !isOnTheWay);
}

export function isSameIdentity(a: ProducerIdentity, b: ProducerIdentity): boolean {
  return a.producerId === b.producerId && a.producerEpoch === b.producerEpoch;
}

/** The state after an event. Of a batch that is not there any more nothing is to be learned. */
export function afterSequenceEvent<Batch>(
  state: PartitionSequences<Batch>,
  event: SequenceEvent<Batch>,
): PartitionSequences<Batch> {
  switch (event.type) {
    case "assigned":
      return assigned(state, event.batch, event.recordCount);
    case "renumbered":
      return renumbered(state, event.identity);
    case "adopted":
      return state.batches.length === 0 ? freshSequences(event.identity) : state;
  }
  const at = state.batches.findIndex(({ batch }) => batch === event.batch);
  const found = state.batches[at];
  if (found === undefined) return state;
  switch (event.type) {
    case "resent":
      return replaced(state, at, [{ ...found, isOnTheWay: true }]);
    case "acknowledged": {
      const rest = { ...withoutBatch(state, at), isEstablished: true };
      // It was taken, so all before it were.
      return state.gapAt !== null && at >= state.gapAt ? { ...rest, gapAt: null } : rest;
    }
    case "in doubt":
      return replaced(state, at, [{ ...found, isOnTheWay: false, mayBeWritten: true }]);
    case "refused":
      return replaced(state, at, [{ ...found, isOnTheWay: false }]);
    case "out of order": {
      const answered = { ...found, isOnTheWay: false, mayBeWritten: at > 0 && found.mayBeWritten };
      return { ...replaced(state, at, [answered]), breakAt: at === 0 ? 0 : state.breakAt };
    }
    case "split":
      return split(state, at, found, event.parts);
    case "ended":
      return ended(state, at, found);
  }
}

function assigned<Batch>(
  state: PartitionSequences<Batch>,
  batch: Batch,
  recordCount: number,
): PartitionSequences<Batch> {
  const { nextNumber: number, next: baseSequence } = state;
  const added = { batch, number, baseSequence, recordCount, isOnTheWay: true, mayBeWritten: false };
  return {
    ...state,
    nextNumber: number + 1,
    next: sequenceAfter(state.next, recordCount),
    batches: [...state.batches, added],
  };
}

function ended<Batch>(
  state: PartitionSequences<Batch>,
  at: number,
  { number, baseSequence, mayBeWritten }: SequencedBatch<Batch>,
): PartitionSequences<Batch> {
  const rest = withoutBatch(state, at);
  const isLast = at === rest.batches.length;
  if (mayBeWritten && !isLast) return { ...rest, gapAt: Math.max(at, rest.gapAt ?? 0) };
  if (!mayBeWritten && isLast && state.gapAt === null && state.breakAt === null) {
    return { ...rest, next: baseSequence, nextNumber: number };
  }
  return { ...rest, breakAt: Math.min(at, rest.breakAt ?? at) };
}

function renumbered<Batch>(
  state: PartitionSequences<Batch>,
  identity: ProducerIdentity,
): PartitionSequences<Batch> {
  let next = 0;
  const batches = state.batches.map((each, number) => {
    const baseSequence = next;
    next = sequenceAfter(next, each.recordCount);
    return { ...each, number, baseSequence, mayBeWritten: false };
  });
  return {
    identity,
    next,
    nextNumber: batches.length,
    isEstablished: false,
    batches,
    gapAt: null,
    breakAt: null,
  };
}

function split<Batch>(
  state: PartitionSequences<Batch>,
  at: number,
  { number, baseSequence, mayBeWritten }: SequencedBatch<Batch>,
  parts: readonly SequencePart<Batch>[],
): PartitionSequences<Batch> {
  let next = baseSequence;
  const placed = parts.map(({ batch, recordCount }, i) => {
    const part = {
      batch,
      number: number + i,
      baseSequence: next,
      recordCount,
      isOnTheWay: false,
      mayBeWritten,
    };
    next = sequenceAfter(next, recordCount);
    return part;
  });
  const moved = (place: number | null): number | null =>
    place === null || place <= at ? place : place + parts.length - 1;
  const more = parts.length - 1;
  const behind = state.batches.slice(at + 1).map((each) => ({ ...each, number: each.number + more }));
  return {
    ...state,
    batches: [...state.batches.slice(0, at), ...placed, ...behind],
    nextNumber: state.nextNumber + more,
    gapAt: moved(state.gapAt),
    breakAt: moved(state.breakAt),
  };
}

function withoutBatch<Batch>(state: PartitionSequences<Batch>, at: number): PartitionSequences<Batch> {
  const moved = (place: number | null): number | null => (place === null || place <= at ? place : place - 1);
  return { ...replaced(state, at, []), gapAt: moved(state.gapAt), breakAt: moved(state.breakAt) };
}

function replaced<Batch>(
  state: PartitionSequences<Batch>,
  at: number,
  by: readonly SequencedBatch<Batch>[],
): PartitionSequences<Batch> {
  return { ...state, batches: state.batches.toSpliced(at, 1, ...by) };
}
