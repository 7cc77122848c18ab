/** The client credentials grant of OAuth 2 (RFC 6749, section 4.4), as Kafka's client makes it (KIP-768, KIP-1139). */

import type { Clock } from "../../platform/platform.ts";
import { KafkaError } from "../../protocol/errors.ts";
import { messageOf } from "../errors.ts";
import { backoffMs, Deadline, sleep } from "../retry.ts";
import { encodeBase64 } from "./base64.ts";
import { shown, utf8 } from "./exchange.ts";
import { jwtTimes } from "./jwt.ts";
import type { TokenEndpoint } from "./sasl-options.ts";
import type { FetchedToken } from "./token-cache.ts";

/** Tokens are some thousand bytes at the most. */
const MAX_ANSWER_BYTES = 1024 * 1024;

const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;

/**
 * Asks for a token, again and again where that can help, for `timeoutMs`.
 *
 * @throws KafkaError `SASL_CREDENTIALS_UNAVAILABLE` saying what the endpoint answered. Retriable when it may answer
 * otherwise later.
 */
export async function fetchToken(
  endpoint: TokenEndpoint,
  {
    clock,
    timeoutMs,
    signal,
  }: { readonly clock: Clock; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<FetchedToken> {
  const deadline = new Deadline(clock, timeoutMs);
  let failure: unknown = null;
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptToFetch(endpoint, clock, deadline, signal);
    } catch (error) {
      // An attempt that the deadline cut short tells less than the one before it.
      if (failure !== null && deadline.expired && !signal.aborted) throw failure;
      failure = error;
      const delayMs = backoffMs(endpoint.retryBackoff, attempt, clock.random());
      const isHopeless = !(error instanceof KafkaError && error.retriable) || deadline.remainingMs <= delayMs;
      if (signal.aborted || isHopeless) throw error;
      await sleep(clock, delayMs, signal);
    }
  }
}

async function attemptToFetch(
  endpoint: TokenEndpoint,
  clock: Clock,
  deadline: Deadline,
  outer: AbortSignal,
): Promise<FetchedToken> {
  const abort = new AbortController();
  const timer = clock.setTimer(deadline.remainingMs, () =>
    abort.abort(unavailable(endpoint, `did not answer within ${deadline.timeoutMs} ms`, CHECK_ADDRESS, true)),
  );
  const aborted = (): void => abort.abort(outer.reason);
  outer.addEventListener("abort", aborted);
  if (outer.aborted) aborted();
  try {
    const { status, text } = await post(endpoint, abort.signal);
    return readAnswer(endpoint, status, text, clock.wallMs());
  } catch (error) {
    if (abort.signal.aborted) throw abort.signal.reason;
    if (error instanceof KafkaError) throw error;
    // fetch says "fetch failed", and what failed stands in the cause.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const code = (cause as { readonly code?: unknown } | null)?.code;
    const why = messageOf(cause) || (typeof code === "string" ? code : messageOf(error));
    throw unavailable(endpoint, `cannot be asked (${why})`, CHECK_ADDRESS, true, error);
  } finally {
    timer.cancel();
    outer.removeEventListener("abort", aborted);
  }
}

const CHECK_ADDRESS = "check saslOauthbearerTokenEndpointUrl and the way there";

async function post(
  endpoint: TokenEndpoint,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const { url, clientId, clientSecret, scope, urlencodeHeader } = endpoint;
  const [id, secret] = [clientId, clientSecret()].map((part) => (urlencodeHeader ? formEncoded(part) : part));
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    ...(scope === undefined ? {} : { scope }),
  });
  const response = await fetch(url, {
    method: "POST",
    headers: {
      accept: "application/json",
      authorization: `Basic ${encodeBase64(utf8(`${id}:${secret}`))}`,
      "cache-control": "no-cache",
      "content-type": "application/x-www-form-urlencoded",
    },
    body: body.toString(),
    // The secret goes to the address that was configured, and nowhere else.
    redirect: "manual",
    signal,
  });
  return { status: response.status, text: await limitedText(endpoint, response) };
}

/** As `application/x-www-form-urlencoded` has it, which is what RFC 6749 says of the header. */
function formEncoded(part: string): string {
  return new URLSearchParams({ part }).toString().slice("part=".length);
}

async function limitedText(endpoint: TokenEndpoint, response: Response): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  let length = 0;
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    length += part.value.byteLength;
    if (length > MAX_ANSWER_BYTES) {
      await reader?.cancel();
      throw unavailable(endpoint, `answered with more than ${MAX_ANSWER_BYTES} bytes`, CHECK_ADDRESS, false);
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

function readAnswer(endpoint: TokenEndpoint, status: number, text: string, nowMs: number): FetchedToken {
  const answer = parseObject(text);
  // What a refusal says must not carry our secret on, should the endpoint repeat it.
  const said = shown(text.replaceAll(endpoint.clientSecret(), "[the secret]"));
  if (status !== 200) {
    const error = answer?.["error"];
    const description = answer?.["error_description"];
    const words =
      typeof error === "string"
        ? shown([error, ...(typeof description === "string" ? [description] : [])].join(": "))
        : said || "without a word";
    const retriable = status >= 500 || status === REQUEST_TIMEOUT || status === TOO_MANY_REQUESTS;
    const safeWords = words.replaceAll(endpoint.clientSecret(), "[the secret]");
    throw unavailable(endpoint, `answered HTTP ${status} (${safeWords})`, remedyOf(status), retriable);
  }
  if (answer === null) {
    throw unavailable(
      endpoint,
      `answered something other than a JSON object (${said})`,
      CHECK_ADDRESS,
      false,
    );
  }
  const value = answer["access_token"];
  if (typeof value !== "string" || value.trim() === "") {
    const names = shown(Object.keys(answer).join(", ")) || "nothing";
    const problem = `answered without an access_token (there are: ${names})`;
    throw unavailable(endpoint, problem, "check that it is the endpoint for tokens", false);
  }
  const times = jwtTimes(value.trim());
  const expiresIn = answer["expires_in"];
  const expiresAtMs = typeof expiresIn === "number" && expiresIn > 0 ? nowMs + expiresIn * 1000 : null;
  return {
    value: value.trim(),
    issuedAtMs: Math.min(times?.issuedAtMs ?? nowMs, nowMs),
    expiresAtMs: times?.expiresAtMs ?? expiresAtMs,
  };
}

function remedyOf(status: number): string {
  if (status === 400 || status === 401 || status === 403) {
    return (
      "check saslOauthbearerClientCredentialsClientId, saslOauthbearerClientCredentialsClientSecret, " +
      "saslOauthbearerScope and, for special characters in the first two, saslOauthbearerHeaderUrlencode"
    );
  }
  return status >= 500 ? "look at the log of that endpoint" : CHECK_ADDRESS;
}

function parseObject(text: string): { readonly [name: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as { readonly [name: string]: unknown })
      : null;
  } catch {
    // Not JSON, such as a page for people: the caller says so.
    return null;
  }
}

function unavailable(
  { url }: TokenEndpoint,
  problem: string,
  remedy: string,
  retriable: boolean,
  cause?: unknown,
): KafkaError {
  const { origin, pathname } = new URL(url);
  return new KafkaError("SASL_CREDENTIALS_UNAVAILABLE", `${origin}${pathname} ${problem}: ${remedy}`, {
    retriable,
    ...(cause === undefined ? {} : { cause }),
  });
}
