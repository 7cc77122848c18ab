import type { Connection } from "../connection.ts";
import type { BrokerVersions } from "../version-negotiation.ts";

/** Tells a broker who we are on a new connection, and sees to it that the broker goes on believing it. */
export interface Authenticator {
  /**
   * Does so before anything but ApiVersions is asked on the connection.
   *
   * @throws AuthenticationError, ConnectionError or TimeoutError when the connection is not to be used.
   */
  authenticate(connection: Connection, versions: BrokerVersions, signal: AbortSignal): Promise<void>;
}
