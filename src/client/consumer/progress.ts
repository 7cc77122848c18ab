/** How far the application has come in each partition, and how much of that the group knows. */

import type { OffsetToCommit } from "../offset-to-commit.ts";
import type { TopicPartition } from "./assignment.ts";
import type { PartitionState } from "./fetch-state.ts";
import type { Place } from "./hands.ts";
import type { Reading } from "./reading.ts";

/** A place in a partition that is to be committed. */
export interface PartitionPlace extends TopicPartition, Place {}

/** Of one consumer's partitions. */
export class Progress {
  readonly #reading: Pick<Reading<unknown, unknown>, "fetcher" | "hands">;
  readonly #committed = new WeakMap<PartitionState, bigint>();

  constructor(reading: Pick<Reading<unknown, unknown>, "fetcher" | "hands">) {
    this.#reading = reading;
  }

  /** What was processed and is not committed yet. */
  uncommitted(): PartitionPlace[] {
    const { fetcher, hands } = this.#reading;
    return this.#places((state) => hands.placeOf(state) ?? handedOut(state)).filter((place) => {
      const state = fetcher.state(place);
      return state !== undefined && this.#committed.get(state) !== place.offset;
    });
  }

  /** Everything that was handed out, whether the application is done with it or not. */
  handedOut(): PartitionPlace[] {
    return this.#places(handedOut);
  }

  /** The group has these. Where the application has committed what it has in hand, nothing goes back behind that. */
  committed(places: readonly OffsetToCommit[]): void {
    for (const place of places) {
      const state = this.#reading.fetcher.state(place);
      if (state === undefined) continue;
      this.#committed.set(state, place.offset);
      this.#reading.hands.processed(state, { offset: place.offset, leaderEpoch: place.leaderEpoch ?? -1 });
    }
  }

  #places(placeOf: (state: PartitionState) => Place | null): PartitionPlace[] {
    const places: PartitionPlace[] = [];
    for (const state of this.#reading.fetcher.states) {
      const place = placeOf(state);
      if (place === null) continue;
      const { topic, partition } = state;
      places.push({ topic, partition, offset: place.offset, leaderEpoch: place.leaderEpoch });
    }
    return places;
  }
}

/** Where a partition's next record will be; null where that is not known yet. */
export function handedOut({ position, positionEpoch }: PartitionState): Place | null {
  return position === null ? null : { offset: position, leaderEpoch: positionEpoch };
}
