/** A closed range of versions; {@link NO_VERSIONS} is the empty one. */
export interface VersionRange {
  readonly lowest: number;
  readonly highest: number;
}

/** The range that holds no version, written "none" in Kafka's schemas. */
export const NO_VERSIONS: VersionRange = { lowest: 0, highest: -1 };

/** Stands for "and every later version" in `3+`: the largest int16, as in Kafka's own generator. */
const UNBOUNDED = 32_767;

/**
 * Reads a range as Kafka's schemas write it: `"3+"`, `"0-12"`, `"4"` or `"none"`.
 *
 * @throws RangeError when the text is none of these.
 */
export function parseVersions(text: string): VersionRange {
  if (text === "none") return NO_VERSIONS;
  const [whole, start, plus, end] = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text) ?? [];
  const lowest = Number(start);
  const highest = plus === "+" ? UNBOUNDED : Number(end ?? lowest);
  if (whole === undefined || highest < lowest) {
    throw new RangeError(`"${text}" is not a range of versions: write "3+", "0-12", "4" or "none"`);
  }
  return { lowest, highest };
}

/** Whether `version` lies in `range`. */
export function containsVersion(range: VersionRange, version: number): boolean {
  return version >= range.lowest && version <= range.highest;
}

/** Writes a range as Kafka's schemas do. */
export function formatVersions(range: VersionRange): string {
  if (range.highest < range.lowest) return "none";
  if (range.highest === UNBOUNDED) return `${range.lowest}+`;
  return range.lowest === range.highest ? `${range.lowest}` : `${range.lowest}-${range.highest}`;
}
