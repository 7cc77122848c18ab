/** Whether the long suites run in full (`npm run test:soak`). */
export const isSoak: boolean = process.env["KAFKAWIRE_SOAK"] === "1";

/** One thing in a default run, another in a full one. */
export function inSoak<T>(full: T, short: T): T {
  return isSoak ? full : short;
}
