/** What a SASL mechanism is on the side of the broker: tokens in, tokens out, and in the end whose connection it is. */

/** Whom an exchange has proved the client to be. */
export interface Authenticated {
  /** Name of the principal, whose type is `User`. */
  readonly name: string;
  /** When what proved it expires, in milliseconds since the epoch; null for never. */
  readonly expiresAtMs: number | null;
  /** Whether a delegation token was the proof. */
  readonly isByToken?: boolean;
}

/** What the broker says to a token. */
export interface ExchangeStep {
  readonly say: Uint8Array;
  /** Null while more is to be said. */
  readonly done: Authenticated | null;
}

/** One exchange; it takes the client's tokens one after another. */
export interface SaslExchange {
  /** @throws SaslFailure, or rejects with it, where the client is refused. */
  evaluate(token: Uint8Array): ExchangeStep | Promise<ExchangeStep>;
}

/** The client is refused. */
export class SaslFailure extends Error {
  override readonly name = "SaslFailure";
  /** Whether the client may be told the message; else it is told no more than that its credentials are wrong. */
  readonly isTold: boolean;

  constructor(message: string, isTold: boolean) {
    super(message);
    this.isTold = isTold;
  }
}

/** A failure that the client is told of as it is. */
export function refused(message: string): SaslFailure {
  return new SaslFailure(message, true);
}

/** A failure of which the client learns nothing but that there was one. */
export function notTold(message: string): SaslFailure {
  return new SaslFailure(message, false);
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
