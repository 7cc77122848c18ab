/**
 * One run of a SASL mechanism, without the network: it yields what the client says, is given what the server
 * answered, and returns once it is satisfied with the server. A server's refusal is thrown into it, so that a
 * mechanism can add what it knows of the reason.
 */
export type SaslExchange = AsyncGenerator<Uint8Array, void, Uint8Array>;

/** Why a mechanism cannot go on. It says neither broker nor mechanism; who drives the exchange adds them. */
export class ExchangeError extends Error {
  /** What to do about it. */
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    super(problem);
    this.remedy = remedy;
  }
}

/** The UTF-8 of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Text that a server sent, fit to be shown: one line, and not too long. */
export function shown(text: string): string {
  const line = text.replace(/[^\x20-\x7e\u00a0-\uffff]+/g, " ").trim();
  return line.length > 500 ? `${line.slice(0, 500)}...` : line;
}
