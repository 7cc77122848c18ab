/** SaslHandshake and SaslAuthenticate over a connection: carries an exchange's messages, and explains refusals. */

import type { Clock } from "../../platform/platform.ts";
import { errorCodeOf } from "../../protocol/error-codes.ts";
import { KafkaError } from "../../protocol/errors.ts";
import type { SaslAuthenticateResponse } from "../../protocol/messages/sasl-authenticate.ts";
import { SaslAuthenticate, SaslHandshake } from "../api.ts";
import type { Connection } from "../connection.ts";
import { AuthenticationError, type AuthenticationErrorCode, BrokerError, messageOf } from "../errors.ts";
import { Deadline } from "../retry.ts";
import { type BrokerVersions, commonVersion } from "../version-negotiation.ts";
import type { SaslMechanism } from "./credentials.ts";
import { ExchangeError, type SaslExchange, shown } from "./exchange.ts";

const UNSUPPORTED_SASL_MECHANISM = 33;
const ILLEGAL_SASL_STATE = 34;
const SASL_AUTHENTICATION_FAILED = 58;

/** How long a broker believes us. */
export interface Session {
  /** On the monotonic clock. */
  readonly beganAtMs: number;
  /** 0 for no end. */
  readonly lifetimeMs: number;
}

/** What it takes to authenticate on a connection. */
export interface AuthenticateOptions {
  readonly connection: Connection;
  readonly versions: BrokerVersions;
  readonly mechanism: SaslMechanism;
  readonly clock: Clock;
  /** Longest time for all of it, behind the answers to what was sent before. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Authenticates, in front of whatever waits on the connection.
 *
 * @throws AuthenticationError when either side refuses the other. ConnectionError or TimeoutError when the broker
 * does not answer.
 */
export async function authenticate(exchange: SaslExchange, options: AuthenticateOptions): Promise<Session> {
  const { connection, versions, mechanism, clock, signal } = options;
  const startedAtMs = clock.monotonicMs();
  const deadline = new Deadline(clock, options.timeoutMs + connection.longestWaitMs);
  const handshakeVersion = commonVersion(connection.name, versions, SaslHandshake);
  const version = commonVersion(connection.name, versions, SaslAuthenticate);
  if (handshakeVersion === 0) throw tooOld(connection.name);
  const sendOptions = () => ({ timeoutMs: deadline.remainingMs, signal, ahead: true });

  const handshake = await connection.send(SaslHandshake, handshakeVersion, { mechanism }, sendOptions());
  if (handshake.errorCode !== 0) throw handshakeRefused(options, handshake.errorCode, handshake.mechanisms);

  const say = (authBytes: Uint8Array): Promise<SaslAuthenticateResponse> =>
    connection.send(SaslAuthenticate, version, { authBytes }, sendOptions());
  let session: Session = { beganAtMs: clock.monotonicMs(), lifetimeMs: 0 };
  try {
    let step = await exchange.next();
    while (step.done !== true) {
      // The broker counts from its answer on. Counting from the question is on the safe side.
      const beganAtMs = clock.monotonicMs();
      const response = await say(step.value);
      const { errorCode } = response;
      step =
        errorCode === 0
          ? await exchange.next(response.authBytes)
          : await exchange.throw(refusal(options, version, errorCode, response.errorMessage));
      session = { beganAtMs, lifetimeMs: Number(response.sessionLifetimeMs) };
    }
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    throw failed(options, "SASL_AUTHENTICATION_FAILED", error.message, error.remedy, error);
  }
  connection.observer.authenticated(mechanism, clock.monotonicMs() - startedAtMs, session.lifetimeMs);
  return session;
}

function failed(
  { connection, mechanism }: Pick<AuthenticateOptions, "connection" | "mechanism">,
  code: AuthenticationErrorCode,
  problem: string,
  remedy: string,
  cause?: unknown,
): AuthenticationError {
  const message = `Authentication with ${connection.name} by ${mechanism} failed: ${problem}: ${remedy}`;
  return new AuthenticationError(
    code,
    connection.name,
    mechanism,
    message,
    cause === undefined ? {} : { cause },
  );
}

function handshakeRefused(
  options: AuthenticateOptions,
  errorCode: number,
  offered: readonly string[],
): KafkaError {
  const { connection, mechanism } = options;
  if (errorCode === UNSUPPORTED_SASL_MECHANISM) {
    const list = shown(offered.join(", ")) || "none";
    return failed(
      options,
      "UNSUPPORTED_SASL_MECHANISM",
      `the listener does not offer ${mechanism}; it offers ${list}`,
      `set saslMechanism to one of those, or enable ${mechanism} in the broker's sasl.enabled.mechanisms`,
    );
  }
  if (errorCode === ILLEGAL_SASL_STATE) return illegalState(options);
  return new BrokerError(errorCode, { broker: connection.name, apiKey: SaslHandshake.apiKey });
}

function illegalState(options: Pick<AuthenticateOptions, "connection" | "mechanism">): AuthenticationError {
  return failed(
    options,
    "ILLEGAL_SASL_STATE",
    "the broker did not expect SASL here, as on a listener without it",
    'set securityProtocol to "SSL" or "PLAINTEXT", or use the address of a listener with SASL',
  );
}

/** What the exchange is told when the broker refuses what it said. */
function refusal(
  options: AuthenticateOptions,
  apiVersion: number,
  errorCode: number,
  brokerMessage: string | null,
): Error {
  if (errorCode === ILLEGAL_SASL_STATE) return illegalState(options);
  if (errorCode === SASL_AUTHENTICATION_FAILED) {
    const words = shown(brokerMessage ?? "");
    const problem = words === "" ? "the broker gives no reason" : `the broker says "${words}"`;
    return new ExchangeError(problem, REMEDIES[options.mechanism]);
  }
  const { name } = options.connection;
  return new BrokerError(errorCode, {
    broker: name,
    apiKey: SaslAuthenticate.apiKey,
    apiVersion,
    brokerMessage,
    retriable: errorCodeOf(errorCode).retriable,
  });
}

const OF_A_USER =
  "check saslUsername and saslPassword, or what saslCredentials gives, and that the user exists for this mechanism";

const REMEDIES: { readonly [M in SaslMechanism]: string } = {
  PLAIN: OF_A_USER,
  "SCRAM-SHA-256": OF_A_USER,
  "SCRAM-SHA-512": OF_A_USER,
  OAUTHBEARER: "check the token's issuer, audience, scope and lifetime against what the broker expects",
};

function tooOld(broker: string): KafkaError {
  return new KafkaError(
    "UNSUPPORTED_VERSION",
    `${broker} serves SaslHandshake in version 0 only, which cannot say why it refuses: use a broker of Kafka 2.1 or later`,
  );
}

/**
 * That there is nothing to prove: whoever should give the credentials did not.
 *
 * @param source The setting by which they were to come.
 */
export function credentialsUnavailable(
  broker: string,
  mechanism: SaslMechanism,
  source: string,
  cause: unknown,
): AuthenticationError {
  const retriable = cause instanceof KafkaError && cause.retriable;
  const message = `There are no ${mechanism} credentials for ${broker}: ${source}: ${messageOf(cause)}`;
  return new AuthenticationError("SASL_CREDENTIALS_UNAVAILABLE", broker, mechanism, message, {
    retriable,
    cause,
  });
}
