/** The features that a cluster has agreed on (KIP-584), and their levels, which may be changed while it runs. */

import type { Feature } from "./releases.ts";

export class FinalizedFeatures {
  /** What the release has, whether on or off. */
  readonly supported: readonly Feature[];
  readonly #levels: Map<string, number>;
  #epoch = 1n;

  constructor(supported: readonly Feature[]) {
    this.supported = supported;
    this.#levels = new Map(supported.map(({ name, finalized }) => [name, finalized]));
  }

  /** Grows with each change; -1 for a release without features. */
  get epoch(): bigint {
    return this.supported.length > 0 ? this.#epoch : -1n;
  }

  /** 0 for a feature that is off, or that the release does not have. */
  level(name: string): number {
    return this.#levels.get(name) ?? 0;
  }

  /** All levels by name, to be kept. */
  get levels(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#levels);
  }

  /** Takes levels that were kept. Those that the release does not have are left. */
  restore(levels: Readonly<Record<string, number>>): void {
    for (const { name, minVersion, maxVersion } of this.supported) {
      const level = levels[name];
      if (level !== undefined && level >= minVersion && level <= maxVersion) this.#levels.set(name, level);
    }
  }

  /** @throws RangeError for a feature or a level that the release does not have. */
  set(name: string, level: number): void {
    const feature = this.supported.find((one) => one.name === name);
    if (feature === undefined) throw new RangeError(`This release has no feature ${name}`);
    const { minVersion, maxVersion } = feature;
    if (!Number.isInteger(level) || level < minVersion || level > maxVersion) {
      throw new RangeError(`${name} goes from ${minVersion} to ${maxVersion}, and not to ${level}`);
    }
    if (this.level(name) === level) return;
    this.#levels.set(name, level);
    this.#epoch++;
  }
}
