import { decodeBase64 } from "./base64.ts";

/** When a token was issued and when it expires, in milliseconds since the epoch. */
export interface JwtTimes {
  readonly issuedAtMs: number | null;
  readonly expiresAtMs: number | null;
}

/** Reads them from a JWT without verifying it, which is the broker's business. Null for what is no JWT. */
export function jwtTimes(token: string): JwtTimes | null {
  const parts = token.split(".");
  if (parts.length !== 3) return null;
  const base64 = (parts[1] as string).replaceAll("-", "+").replaceAll("_", "/");
  const bytes = decodeBase64(base64.padEnd(Math.ceil(base64.length / 4) * 4, "="));
  if (bytes === null) return null;
  try {
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims !== "object" || claims === null) return null;
    const { iat, exp } = claims as { readonly iat?: unknown; readonly exp?: unknown };
    return { issuedAtMs: secondsToMs(iat), expiresAtMs: secondsToMs(exp) };
  } catch {
    // Not JSON, so no JWT: it has no times that we could read.
    return null;
  }
}

function secondsToMs(seconds: unknown): number | null {
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds * 1000 : null;
}
