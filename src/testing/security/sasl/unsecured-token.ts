/**
 * Tokens that nobody has signed: what Kafka takes by OAUTHBEARER unless it is told how to look into others. A JWT of
 * algorithm `none` that names its subject (`sub`), has not expired (`exp`) and was not issued in times to come (`iat`).
 */

import { textOf } from "./exchange.ts";
import type { BearerToken } from "./oauthbearer-exchange.ts";

const PARTS = 3;

/** Null where the token is none of these, or is not good at this time. */
export function unsecuredToken(token: string, nowMs: number): BearerToken | null {
  const parts = token.split(".");
  if (parts.length !== PARTS || parts[2] !== "") return null;
  const header = objectOf(parts[0] as string);
  const claims = objectOf(parts[1] as string);
  if (header === null || claims === null || header["alg"] !== "none") return null;
  const { sub, iat, exp } = claims as { sub?: unknown; iat?: unknown; exp?: unknown };
  if (typeof sub !== "string" || sub.trim() === "" || typeof exp !== "number") return null;
  const expiresAtMs = exp * 1000;
  if (nowMs >= expiresAtMs) return null;
  if (iat !== undefined && (typeof iat !== "number" || iat * 1000 > nowMs || exp <= iat)) return null;
  return { principal: sub, expiresAtMs: Math.round(expiresAtMs) };
}

/** The object that a part of a JWT stands for; null where it stands for none. */
function objectOf(part: string): { readonly [claim: string]: unknown } | null {
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (digit) =>
      digit.charCodeAt(0),
    );
    const value: unknown = JSON.parse(textOf(bytes));
    return typeof value === "object" && value !== null ? (value as { [claim: string]: unknown }) : null;
  } catch {
    // No base64, or no JSON: then it is no JWT, which is all there is to say.
    return null;
  }
}
