/** One broker of a cluster as the others see it. What it listens on and whom it serves is in `broker-server.ts`. */

import { FetchSessions } from "./fetch/fetch-sessions.ts";
import { TelemetryClients } from "./telemetry-clients.ts";

export class Broker {
  readonly id: number;
  readonly host: string;
  /** 0 until it listens for the first time; then it stays the same. */
  port = 0;
  readonly rack: string | null;
  /** Where its logs are; a path that does not exist where they are in memory only. */
  logDirectory: string;
  /** Whether it serves clients and counts as alive. */
  isUp = false;
  /** The fetch sessions (KIP-227) of its clients; they do not outlive it. */
  fetchSessions: FetchSessions;
  /** Clients that push metrics, which do not outlive it either. */
  telemetry = new TelemetryClients();
  readonly #maxFetchSessions: number;

  constructor(id: number, host: string, rack: string | null, maxFetchSessions: number) {
    this.id = id;
    this.host = host;
    this.rack = rack;
    this.logDirectory = `/memory/broker-${id}`;
    this.#maxFetchSessions = maxFetchSessions;
    this.fetchSessions = new FetchSessions(maxFetchSessions);
  }

  /** Forgets what a broker has in its memory only. */
  restart(): void {
    this.telemetry = new TelemetryClients();
    this.fetchSessions = new FetchSessions(this.#maxFetchSessions);
  }
}
