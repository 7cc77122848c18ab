import type { Clock } from "../../platform/platform.ts";
import type { Connection } from "../connection.ts";
import { abortReason } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { BrokerVersions } from "../version-negotiation.ts";
import { authenticate } from "./authenticate.ts";
import { type Login, loginFrom } from "./login.ts";
import { Reauthentication } from "./reauthentication.ts";
import type { SaslSource } from "./sasl-options.ts";

/** What an authenticator needs beside the settings of SASL. */
export interface AuthenticatorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tells brokers who we are on new connections, and sees to it that they go on believing it. One for a client. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #login: Login;

  constructor(source: SaslSource, options: AuthenticatorOptions) {
    this.#options = options;
    this.#login = loginFrom(source, options);
  }

  /**
   * Does so before anything but ApiVersions is asked on the connection.
   *
   * @param timeoutMs Longest wait for credentials, and then for the broker; for those of later times too.
   * @throws AuthenticationError, ConnectionError or TimeoutError when the connection is not to be used.
   */
  async authenticate(
    connection: Connection,
    versions: BrokerVersions,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, logger } = this.#options;
    const { mechanism } = this.#login;
    const settings = { connection, versions, mechanism, clock, timeoutMs };
    const exchange = await this.#login.begin(connection.name, timeoutMs, signal);
    const session = await authenticate(exchange, { ...settings, signal });
    if (signal.aborted) throw abortReason(signal);

    const closed = new AbortController();
    connection.onClose((cause) => closed.abort(cause));
    Reauthentication.keep(
      connection,
      session,
      {
        prepare: () => this.#login.begin(connection.name, timeoutMs, closed.signal),
        authenticate: (again) => authenticate(again, { ...settings, signal: closed.signal }),
      },
      { clock, logger },
    );
  }
}
