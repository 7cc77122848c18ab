/**
 * The seed of a run's random tests: another one each time, printed by who uses it, and KAFKAWIRE_SEED to get a
 * run again. At most 31 bits, which every generator takes.
 */
export const seed: number = readSeed(process.env["KAFKAWIRE_SEED"]);

/** A number in [0, 1), the same ones for the same seed. */
export function chance(from: number): () => number {
  let state = from % 2 ** 31;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function readSeed(text: string | undefined): number {
  if (text === undefined || text === "") return Math.floor(Math.random() * 0x7fff_ffff);
  const given = Number(text);
  if (!Number.isInteger(given) || given < 0 || given > 0x7fff_ffff) {
    throw new RangeError(`KAFKAWIRE_SEED is "${text}": it takes a whole number from 0 to ${0x7fff_ffff}`);
  }
  return given;
}
