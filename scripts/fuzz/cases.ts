import type { Family } from "./family.ts";
import { messageFamilies } from "./message-families.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { recordFamilies } from "./record-families.ts";

export const families: readonly Family[] = [...messageFamilies, ...recordFamilies];

export interface FuzzCase {
  readonly family: Family;
  readonly target: string;
  readonly bytes: Uint8Array;
}

/** One case in eight has nothing to do with what is valid. */
const NOISE = 8;

/** Makes the cases of a seed: each follows from the seed and its number alone. */
export class Cases {
  readonly #seed: number;
  readonly #samples = new Map<string, readonly Uint8Array[]>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  at(index: number): FuzzCase {
    const random = new Random(this.#seed, index);
    const family = families[index % families.length] as Family;
    const target = random.pick(family.targets);
    const bytes =
      random.below(NOISE) === 0 ? random.bytes(random.skewed(300)) : this.#mutated(family, target, random);
    return { family, target, bytes: family.mend?.(target, bytes, random) ?? bytes };
  }

  #mutated(family: Family, target: string, random: Random): Uint8Array {
    const key = `${family.name}|${target}`;
    let samples = this.#samples.get(key);
    if (samples === undefined) {
      // Copies, so that what is kept is no larger than what is used.
      samples = family.samples(target, this.#seed).map((sample) => Uint8Array.from(sample));
      this.#samples.set(key, samples);
    }
    return mutate(random.pick(samples), random.pick(samples), random);
  }
}

/** What `--replay` takes. */
export function formatCase({ family, target, bytes }: FuzzCase): string {
  return `${family.name}|${target}|${Buffer.from(bytes).toString("hex")}`;
}

export function parseCase(text: string): FuzzCase {
  const [familyName, target, hex, ...more] = text.split("|");
  const family = families.find(({ name }) => name === familyName);
  if (family === undefined || hex === undefined || more.length > 0 || !/^([0-9a-f]{2})*$/i.test(hex)) {
    throw new RangeError(`"${text}" is no case: write FAMILY|TARGET|HEX, as a failed run prints it`);
  }
  if (target === undefined || !family.targets.includes(target)) {
    throw new RangeError(`${family.name} has no target "${target}"`);
  }
  return { family, target, bytes: Uint8Array.from(Buffer.from(hex, "hex")) };
}
