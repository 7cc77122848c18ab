/** What `autoOffsetReset` says (KIP-1106). */

import type { LookedUpPosition } from "./assignment.ts";

/** Where to go on when an offset is not in the log; a duration is one of ISO 8601, such as `PT1H` or `P1DT30M`. */
export type AutoOffsetReset = "earliest" | "latest" | "none" | `by_duration:${string}`;

const BY_DURATION = "by_duration:";
/** As Java's `Duration` reads it, without signs. */
const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,9}))?S)?)?$/i;

/** Milliseconds of an ISO 8601 duration of days and smaller; null where it is none. */
export function parseDuration(text: string): number | null {
  const parts = DURATION.exec(text);
  if (parts === null || /[PT]$/i.test(text)) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1, 5).map((part) => Number(part ?? 0));
  const fraction = Number(`0.${parts[5] ?? "0"}`);
  const ms = Math.floor((((days * 24 + hours) * 60 + minutes) * 60 + seconds + fraction) * 1000);
  return Number.isSafeInteger(ms) ? ms : null;
}

/** Whether it is one of the forms that {@link AutoOffsetReset} has. */
export function isAutoOffsetReset(value: unknown): value is AutoOffsetReset {
  if (value === "earliest" || value === "latest" || value === "none") return true;
  if (typeof value !== "string" || !value.startsWith(BY_DURATION)) return false;
  return parseDuration(value.slice(BY_DURATION.length)) !== null;
}

/** Where to look; null for an error. */
export function resetPosition(reset: AutoOffsetReset): LookedUpPosition | null {
  if (reset === "none") return null;
  if (reset === "earliest" || reset === "latest") return reset;
  return { durationMs: parseDuration(reset.slice(BY_DURATION.length)) ?? 0 };
}
